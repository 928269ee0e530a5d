"""Numbers that Word computes for clauses, headings and lists."""

import pytest
from tests.staging.word_samples import lvl, numbering, p, read, style, styles

from docstage.extraction.extractors.office.number_forms import number_form

LEGAL = lvl(0, "decimal", "%1.") + lvl(1, "decimal", "%1.%2") + lvl(2, "lowerLetter", "(%3)")


def lines(body: str, lists: str, more: dict[str, str] | None = None) -> list[str]:
    """The lines of a document, without indents and marks of headings."""
    parts = read(body, {"numbering.xml": lists, **(more or {})}).parts
    shown = "\n".join(part.text for part in parts)
    return [line.strip("# ") for line in shown.splitlines() if line.strip()]


def test_levels_restart_and_go_on() -> None:
    """A level begins anew below each higher one, and goes on after what lies deeper or is no list."""
    body = "".join(
        p(words, number=(1, level)) for words, level in (("a", 0), ("b", 1), ("c", 2), ("d", 2), ("e", 1))
    )
    body += p("a remark") + p("f", number=(1, 2)) + p("g", number=(1, 0)) + p("h", number=(1, 1))
    shown = lines(body, numbering({5: LEGAL}, {1: (5, "")}))
    assert shown == ["1. a", "1.1 b", "(a) c", "(b) d", "1.2 e", "a remark", "(a) f", "2. g", "2.1 h"]


def test_lists_of_a_kind_go_on_from_each_other_unless_they_say_so() -> None:
    """Two lists of one kind are one; an override begins anew, once, with the number that it says."""
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    body = "".join(p("x", number=(one, 0)) for one in (1, 2, 3, 3, 1))
    shown = lines(body, numbering({5: LEGAL}, {1: (5, ""), 2: (5, ""), 3: (5, override)}))
    assert shown == ["1. x", "2. x", "5. x", "6. x", "7. x"]


def test_override_of_a_deeper_level_holds_each_time() -> None:
    """Where a level is overridden, it begins with that number below each higher one."""
    override = '<w:lvlOverride w:ilvl="1"><w:startOverride w:val="4"/></w:lvlOverride>'
    body = "".join(p("x", number=(1, level)) for level in (0, 1, 0, 1))
    shown = lines(body, numbering({5: LEGAL}, {1: (5, override)}))
    assert shown == ["1. x", "1.4 x", "2. x", "2.4 x"]


def test_level_that_another_one_overrides() -> None:
    """A list may have a look of its own for a level of its kind."""
    own = f'<w:lvlOverride w:ilvl="0">{lvl(0, "upperRoman", "Article %1", start=3)}</w:lvlOverride>'
    assert lines(p("x", number=(1, 0)), numbering({5: LEGAL}, {1: (5, own)})) == ["Article III x"]


@pytest.mark.parametrize(("restart", "last"), [("0", "(c) x"), ("1", "(a) x"), ("2", "(a) x")])
def test_restart_only_where_it_is_said(restart: str, last: str) -> None:
    """`lvlRestart` 0 never begins anew, 1 only below a new first level."""
    levels = lvl(0, "decimal", "%1.") + lvl(1, "decimal", "%1.%2")
    levels += lvl(2, "lowerLetter", "(%3)", f'<w:lvlRestart w:val="{restart}"/>')
    body = "".join(p("x", number=(1, level)) for level in (0, 1, 2, 2, 0, 1, 2))
    assert lines(body, numbering({5: levels}, {1: (5, "")}))[-1] == last
    body = "".join(p("x", number=(1, level)) for level in (0, 1, 2, 2, 1, 2))
    assert lines(body, numbering({5: levels}, {1: (5, "")}))[-1] == {"0": "(c) x", "1": "(c) x"}.get(
        restart, "(a) x"
    )


def test_numbers_of_styles() -> None:
    """Headings have numbers by their styles, by those they are based on, and by the level that names them."""
    levels = lvl(0, "upperRoman", "%1.", '<w:pStyle w:val="H1"/>')
    levels += lvl(1, "decimal", "%1.%2", '<w:isLgl/><w:pStyle w:val="H2"/>')
    said = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr><w:outlineLvl w:val="{}"/></w:pPr>'
    sheet = styles(
        style("H1", said.format(0)),
        style("H2", said.format(1)),
        style("Own", '<w:basedOn w:val="H2"/>'),
        style("Bare", '<w:basedOn w:val="H1"/><w:pPr><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr>'),
    )
    body = p("a", "H1") + p("b", "H2") + p("c", "Own") + p("d", "Bare") + p("e", "H1", (0, 0)) + p("f", "H2")
    shown = lines(body, numbering({5: levels}, {1: (5, "")}), {"styles.xml": sheet})
    assert shown == ["I. a", "1.1 b", "1.2 c", "d", "e", "1.3 f"]


def test_lists_that_are_styles() -> None:
    """A kind that only names a style of lists looks and counts as that one does."""
    kinds = {5: '<w:numStyleLink w:val="Clauses"/>', 6: f'<w:styleLink w:val="Clauses"/>{LEGAL}'}
    link = '<w:pPr><w:numPr><w:numId w:val="2"/></w:numPr></w:pPr>'
    sheet = styles(style("Clauses", link, kind="numbering"))
    body = p("x", number=(1, 0)) + p("x", number=(2, 1))
    shown = lines(body, numbering(kinds, {1: (5, ""), 2: (6, "")}), {"styles.xml": sheet})
    assert shown == ["1. x", "1.1 x"]


def test_links_in_a_circle() -> None:
    """Kinds and styles that refer to each other in a circle end."""
    kinds = {5: '<w:numStyleLink w:val="A"/>'}
    link = '<w:basedOn w:val="A"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
    sheet = styles(style("A", link, kind="numbering"))
    assert lines(p("x", "A", (1, 0)), numbering(kinds, {1: (5, "")}), {"styles.xml": sheet}) == ["x"]


def test_a_level_that_is_jumped_over_counts_as_begun() -> None:
    """A clause without one above it is the first of the first."""
    body = p("x", number=(1, 1)) + p("x", number=(1, 1)) + p("x", number=(1, 0))
    assert lines(body, numbering({5: LEGAL}, {1: (5, "")}))[:2] == ["1.1 x", "1.2 x"]


def test_bullets() -> None:
    """Bullets are dashes, whatever their font; signs that say something and words stay."""
    fonts = '<w:rPr><w:rFonts w:ascii="{}" w:hAnsi="{}"/></w:rPr>'
    levels = [
        lvl(0, "bullet", "\uf0b7").replace("</w:lvl>", fonts.replace("{}", "Symbol") + "</w:lvl>"),
        lvl(1, "bullet", "o"),
        lvl(2, "bullet", "\uf0fc").replace("</w:lvl>", fonts.replace("{}", "Wingdings") + "</w:lvl>"),
        lvl(3, "bullet", "Note:"),
        lvl(4, "none", ""),
    ]
    body = "".join(p("x", number=(1, level)) for level in range(5))
    shown = lines(body, numbering({5: "".join(levels)}, {1: (5, "")}))
    assert shown == ["- x", "- x", "- ✓ x", "Note: x", "x"]


def test_numbers_without_words() -> None:
    """A number that stands alone, as in a table's first column, is there; a bullet without words is not."""
    levels = lvl(0, "decimal", "%1.") + lvl(1, "bullet", "-")
    body = p("", number=(1, 0)) + p("", number=(1, 1)) + p("x", number=(1, 0))
    assert lines(body, numbering({5: levels}, {1: (5, "")})) == ["1.", "2. x"]


def test_number_directly_before_its_words() -> None:
    """What nothing separates in the file is told apart where letters would touch."""
    levels = lvl(0, "decimal", "(%1)", '<w:suff w:val="nothing"/>')
    levels += lvl(1, "decimal", "§%2", '<w:suff w:val="nothing"/>')
    body = p("x", number=(1, 0)) + p("x", number=(1, 1))
    assert lines(body, numbering({5: levels}, {1: (5, "")})) == ["(1)x", "§1 x"]


def test_list_that_is_not_there() -> None:
    """A paragraph of a list that the file does not have is a paragraph."""
    assert lines(p("x", number=(9, 0)) + p("y", number=(1, 7)), numbering({5: LEGAL}, {1: (5, "")})) == [
        "x",
        "y",
    ]


@pytest.mark.parametrize(
    ("form", "number", "shown"),
    [
        ("decimal", 12, "12"),
        ("decimalZero", 7, "07"),
        ("upperRoman", 1994, "MCMXCIV"),
        ("lowerRoman", 4, "iv"),
        ("upperLetter", 28, "BB"),
        ("lowerLetter", 3, "c"),
        ("ordinal", 112, "112th"),
        ("ordinal", 23, "23rd"),
        ("cardinalText", 121, "One hundred twenty-one"),
        ("ordinalText", 30, "Thirtieth"),
        ("ordinalText", 45, "Forty-fifth"),
        ("hex", 26, "1A"),
        ("chineseCounting", 12, "十二"),
        ("chineseCountingThousand", 1_020, "一千〇二十"),
        ("chineseLegalSimplified", 10, "壹拾"),
        ("decimalEnclosedCircle", 3, "③"),
        ("decimalEnclosedCircle", 21, "21"),
        ("russianLower", 2, "б"),
        ("hebrew1", 16, "טז"),
        ("thaiNumbers", 10, "๑๐"),
        ("chicago", 5, "**"),
        ("numberInDash", 2, "- 2 -"),
        ("none", 2, ""),
        ("unheard of", 2, "2"),
        ("lowerRoman", 10**9, "1000000000"),
        ("lowerLetter", 10**9, "1000000000"),
        ("ganada", 10**9, "1000000000"),
    ],
)
def test_forms(form: str, number: int, shown: str) -> None:
    """Each form of numbers, in digits where it ends."""
    assert number_form(number, form) == shown


def test_form_of_ones_own() -> None:
    """A custom form says how many digits there are; it stands in a choice beside one to fall back to."""
    choice = (
        '<w:lvl w:ilvl="0"><w:start w:val="9"/><mc:AlternateContent><mc:Choice Requires="w14"><w:numFmt '
        'w:val="custom" w:format="001, 002, 003, ..."/></mc:Choice><mc:Fallback><w:numFmt w:val="decimal"/>'
        '</mc:Fallback></mc:AlternateContent><w:lvlText w:val="%1"/></w:lvl>'
    )
    body = p("x", number=(1, 0)) * 2
    assert lines(body, numbering({5: choice}, {1: (5, "")})) == ["009 x", "010 x"]
