"""OpenDocument: texts and presentations."""

import base64
import io
from xml.etree import ElementTree

import pytest
from PIL import Image
from tests.hostile.compound import Storage, Stream, compound_file
from tests.staging.open_documents import (
    COVERED,
    at,
    box,
    cell,
    content,
    frame,
    h,
    item,
    listed,
    open_document,
    p,
    page,
    table,
)

from docstage.domain.content import PICTURE_MARK, DocumentReason, Part, PartKind
from docstage.extraction.extractors import Extracted, Limits, Unreadable, extract
from docstage.extraction.extractors.office.mathml import math_text
from docstage.extraction.extractors.open_document.extractor import OpenDocumentExtractor

ODT = "application/vnd.oasis.opendocument.text"
OLD_BOOK = compound_file(Storage({"Workbook": Stream(b"book" * 2_000)}))
NUMBERED = (
    '<text:list-style style:name="L">'
    '<text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>'
    '<text:list-level-style-number text:level="2" style:num-format="1" text:display-levels="2"/>'
    '<text:list-level-style-number text:level="3" style:num-format="a" style:num-prefix="(" '
    'style:num-suffix=")"/>'
    "</text:list-style>"
)
BULLETS = '<text:list-style style:name="B"><text:list-level-style-bullet text:level="1"/></text:list-style>'
OUTLINE = (
    '<text:outline-style><text:outline-level-style text:level="1" style:num-format="I" style:num-suffix="."/>'
    '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/>'
    "</text:outline-style>"
)


def odt(body: str, **more: str) -> Extracted:
    """What a text document is turned into."""
    return extract(open_document("text", body, **more), "a.odt", Limits())  # type: ignore[arg-type]


def text(body: str, **more: str) -> str:
    """The words of a text document of one part."""
    (part,) = odt(body, **more).parts
    return part.text


def odp(*pages: str, **more: str) -> tuple[Part, ...]:
    """The slides of a presentation."""
    return extract(open_document("presentation", "".join(pages), **more), "a.odp", Limits()).parts  # type: ignore[arg-type]


def png() -> bytes:
    """A picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), "red").save(buffer, "PNG")
    return buffer.getvalue()


def test_blanks_tabs_and_breaks() -> None:
    """Blanks in a row are one unless they are counted, and counts beyond reason are cut."""
    assert text(p("a  b<text:s text:c='2'/>c<text:tab/>d<text:line-break/>e")) == "a b  c\td\ne"
    assert len(text(p('x<text:s text:c="2000000000"/>x'))) < 200


def test_computed_numbers_of_lists() -> None:
    """Items have the numbers that their list computes, level by level."""
    body = listed(
        item(p("Terms"), listed(item(p("first"), listed(item(p("x")), item(p("y")))), item(p("second")))),
        item(p("Payment"), p("more of it"), listed(item(p("third")))),
    )
    assert text(body, automatic=NUMBERED).split("\n") == [
        "1. Terms", "  1.1 first", "    (a) x", "    (b) y", "  1.2 second",
        "2. Payment", "  more of it", "  2.1 third",
    ]  # fmt: skip


def test_lists_that_go_on_and_begin_anew() -> None:
    """A list begins anew, unless it says that it goes on; an item may say its number."""
    body = (
        listed(item(p("a")), item(p("b")), more='xml:id="one"')
        + listed(item(p("anew")))
        + listed(item(p("c")), more='text:continue-list="one"')
        + listed(
            item(p("d")), item(p("e"), more='text:start-value="9"'), more='text:continue-numbering="true"'
        )
    )
    assert text(body, automatic=NUMBERED).split("\n") == [
        "1. a", "2. b", "1. anew", "3. c", "4. d", "9. e",
    ]  # fmt: skip


def test_items_that_only_hold_deeper_ones() -> None:
    """An item without words of its own is not counted, as where a list goes on at a deeper level."""
    deeper = listed(item(listed(item(p("x")))), more='text:continue-numbering="true"')
    assert text(listed(item(p("a"))) + p("between") + deeper, automatic=NUMBERED).split("\n")[-1] == "  1.1 x"


def test_bullets_and_lists_without_numbers() -> None:
    """Bullets are dashes; a list whose style is unknown too."""
    body = listed(item(p("a"), listed(item(p("b")), style="")), style="B")
    assert text(body, automatic=BULLETS) == "- a\n  - b"


def test_headings_have_their_numbers_and_divide() -> None:
    """Headings of the top level begin parts, named with their computed numbers."""
    body = p("Before") + h("Scope") + h("Detail", 2) + p("x") + h("Price") + h("Sum", 2) + p("y")
    parts = odt(body, styles=OUTLINE).parts
    assert [(part.kind, part.number, part.name) for part in parts] == [
        (PartKind.SECTION, 1, None), (PartKind.SECTION, 2, "I. Scope"), (PartKind.SECTION, 3, "II. Price"),
    ]  # fmt: skip
    assert parts[1].text == "# I. Scope\n\n## I.1 Detail\n\nx"
    assert parts[2].text == "# II. Price\n\n## II.1 Sum\n\ny"


def test_title_above_headings_does_not_stand_for_all() -> None:
    """Where the top level has a title alone, the level below it divides the document."""
    names = [part.name for part in odt(h("Title") + h("One", 2) + p("x") + h("Two", 2) + p("y")).parts]
    assert names == ["Title", "One", "Two"]


def test_headings_without_numbers() -> None:
    """A heading whose style takes it out of all lists has no number and is not counted."""
    plain = '<style:style style:name="P" style:family="paragraph" style:list-style-name=""/>'
    body = h("Preface", more='text:style-name="P"') + h("Scope")
    assert "I. Scope" in text_of_all(odt(body, styles=OUTLINE, automatic=plain))
    assert "# Preface" in text_of_all(odt(body, styles=OUTLINE, automatic=plain))


def text_of_all(document: Extracted) -> str:
    """The words of all parts."""
    return "\n".join(part.text for part in document.parts)


def test_margins_of_the_pages_that_are_used() -> None:
    """Headers and footers of used master pages are read once, others never, and no lone page numbers."""
    masters = (
        '<style:master-page style:name="Standard"><style:header><text:p>Secret</text:p></style:header>'
        "<style:footer><text:p>v1</text:p></style:footer></style:master-page>"
        '<style:master-page style:name="Wide"><style:header><text:p>Secret</text:p></style:header>'
        "<style:footer><text:p><text:page-number>7</text:page-number></text:p></style:footer></style:master-page>"
        '<style:master-page style:name="Unused"><style:header><text:p>Nowhere</text:p></style:header>'
        "</style:master-page>"
    )
    wide = '<style:style style:name="W" style:family="paragraph" style:master-page-name="Wide"/>'
    assert (
        text(p("a") + p("b", "W"), masters=masters, automatic=wide)
        == "Header: Secret\n\na\n\nb\n\nFooter: v1"
    )


def test_merged_cells() -> None:
    """Merged cells stand in every column and row that they span."""
    body = table(
        cell("Head", 'table:number-columns-spanned="2"') + COVERED + cell("Last"),
        cell("Row", 'table:number-rows-spanned="2"') + cell("b1") + cell("c1"),
        COVERED + cell("b2") + cell("c2"),
    )
    assert text(body).split("\n") == [
        "| Head | Head | Last |", "| --- | --- | --- |", "| Row | b1 | c1 |", "| Row | b2 | c2 |",
    ]  # fmt: skip


def test_tables_in_tables() -> None:
    """A table inside a cell is a table of its own below; one of a single cell is a frame."""
    inner = f"<table:table-cell>{table(cell('i1') + cell('i2'), cell('j1') + cell('j2'))}</table:table-cell>"
    assert text(table(cell("a") + inner)).split("\n\n") == [
        "| a | (table 1 inside this one) |\n| --- | --- |",
        "Table 1 inside the one above:",
        "| i1 | i2 |\n| --- | --- |\n| j1 | j2 |",
    ]
    assert text(table(inner)) == "| i1 | i2 |\n| --- | --- |\n| j1 | j2 |"


def test_repeated_rows_and_columns_are_bounded() -> None:
    """Empty rows and columns cost nothing, filled ones no more than a table may have."""
    far = '<table:table-row table:number-rows-repeated="1048576"><table:table-cell/></table:table-row>'
    wide = cell("", 'table:number-columns-repeated="16384"')
    body = table(cell("a") + wide, cell("b") + cell("c"))
    body = body.replace("</table:table-row><table:table-row>", f"</table:table-row>{far}<table:table-row>")
    assert len(text(body)) < 1_000
    filled = cell("x", 'table:number-columns-repeated="16384"')
    row = f'<table:table-row table:number-rows-repeated="1048576">{filled}</table:table-row>'
    assert len(text(f"<table:table>{row}</table:table>")) < 10_000_000


def test_notes_comments_and_links() -> None:
    """Footnotes follow with their marks, comments stand at their place, addresses behind their words."""
    note = (
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>See annex.</text:p>"
        "</text:note-body></text:note>"
    )
    comment = (
        "<office:annotation><dc:creator>Ann</dc:creator><dc:date>2026</dc:date><text:p>Why?</text:p>"
        "</office:annotation>"
    )
    link = '<text:a xlink:href="https://example.com/x">terms</text:a>'
    assert text(p(f"A{note} b{comment} {link}") + p("End")) == (
        "A[^1] b[Comment by Ann: Why?] terms (https://example.com/x)\n\nEnd\n\n[^1]: See annex."
    )


def test_changes_are_read_as_accepted() -> None:
    """Deleted words are not read, inserted ones are, and that there are changes is told."""
    changes = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
    )
    document = odt(changes + p("a<text:change-start/> new<text:change-end/><text:change/>"))
    assert document.parts[0].text == "a new"
    assert document.notes == ("It has tracked changes, which are read as if they were accepted.",)


def test_hidden_words_are_told() -> None:
    """Hidden sections, paragraphs and words are not read, which is said."""
    hiding = '<style:text-properties text:display="none"/>'
    style = f'<style:style style:name="X" style:family="{{}}">{hiding}</style:style>'
    body = (
        '<text:section text:name="Draft" text:display="none"><text:p>secret</text:p></text:section>'
        + p("open<text:span text:style-name='X'>closed</text:span>")
        + p("closed too", "X")
    )
    document = odt(body, automatic=style.format("text") + style.format("paragraph"))
    assert document.parts[0].text == "open"
    assert document.left_out == ("The hidden section “Draft” is not read.", "Hidden text is not read.")


def test_indexes_show_what_they_show() -> None:
    """A table of contents is read as it stands, without the pattern it is made by."""
    body = (
        "<text:table-of-content><text:table-of-content-source><text:index-title-template>Pattern"
        "</text:index-title-template></text:table-of-content-source><text:index-body><text:index-title>"
        f"{p('Contents')}</text:index-title>{p('Scope<text:tab/>3')}</text:index-body></text:table-of-content>"
    )
    assert text(body) == "Contents\n\nScope\t3"


def test_shapes_follow_their_paragraph() -> None:
    """Words of text boxes, shapes and groups stand after the paragraph that holds them."""
    shape = f"<draw:custom-shape>{p('In a shape')}<draw:enhanced-geometry/></draw:custom-shape>"
    group = f"<draw:g>{shape.replace('a shape', 'a group')}</draw:g>"
    assert text(p(f"a{box('In a box')} b{shape}{group}")) == "a b\n\nIn a box\n\nIn a shape\n\nIn a group"


def test_filled_forms() -> None:
    """What is entered into a form stands where its field stands."""
    forms = (
        '<office:forms><form:form><form:text form:id="c1" form:name="Name" form:current-value="Maria"/>'
        '<form:checkbox form:id="c2" form:label="Paid" form:current-state="checked"/></form:form>'
        "</office:forms>"
    )
    assert text(forms + p('<draw:control draw:control="c1"/>') + p('<draw:control draw:control="c2"/>')) == (
        "Name: Maria\n\n☒ Paid"
    )


FORMULA = (
    "<math:math><math:semantics><math:mrow><math:msup><math:mi>x</math:mi><math:mn>2</math:mn></math:msup>"
    "<math:mo>+</math:mo><math:mn>1</math:mn></math:mrow><math:annotation>x^2+1</math:annotation>"
    "</math:semantics></math:math>"
)


def test_formulas_in_their_sentence() -> None:
    """A formula stands where its object stands in the line."""
    held = frame('<draw:object xlink:href="./Object 1"/>')
    more = {
        "Object 1/content.xml": FORMULA.replace(
            "<math:math>", '<math:math xmlns:math="http://www.w3.org/1998/Math/MathML">'
        )
    }
    data = open_document("text", p(f"Take {held} of it"), more=more)
    assert extract(data, "a.odt", Limits()).parts[0].text == "Take x^2 + 1 of it"


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        ("<mfrac><mrow><mi>a</mi><mo>+</mo><mi>b</mi></mrow><mi>c</mi></mfrac>", "(a + b)/c"),
        ("<msqrt><mi>x</mi></msqrt>", "sqrt(x)"),
        ("<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>", "x_1^2"),
        ("<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr></mtable>", "[1, 2]"),
        ("<mrow><mn>2</mn><mi>sin</mi><mi>x</mi></mrow>", "2 sin x"),
        ("<msup><mn>10</mn><mrow><mo>−</mo><mn>4</mn></mrow></msup>", "10^(−4)"),
        ("<mfenced><mi>a</mi><mi>b</mi></mfenced>", "(a, b)"),
        (
            "<mfrac><mrow><mo>(</mo><mi>a</mi><mo>)</mo><mo>+</mo><mo>(</mo><mi>b</mi><mo>)</mo></mrow><mi>c</mi></mfrac>",
            "((a) + (b))/c",
        ),
    ],
)
def test_formulas_on_one_line(markup: str, shown: str) -> None:
    """Formulas are typed as people type them."""
    assert math_text(ElementTree.fromstring(f"<math>{markup}</math>")) == shown


def test_charts_are_tables() -> None:
    """A chart is the table of its data below its title."""
    chart = content(
        "chart",
        f"<chart:chart><chart:title>{p('Sales')}</chart:title><chart:plot-area/>"
        f"{table(cell('') + cell('EMEA') + cell('APAC'), cell('Q1') + cell('1.5') + cell('3.5'))}"
        "</chart:chart>",
    )
    held = frame(
        '<draw:object xlink:href="./Object 1"/><draw:image xlink:href="./ObjectReplacements/Object 1"/>'
    )
    data = open_document("text", p(held), more={"Object 1/content.xml": chart})
    (part,) = extract(data, "a.odt", Limits()).parts
    assert part.text == "Chart: Sales\n\n|  | EMEA | APAC |\n| --- | --- | --- |\n| Q1 | 1.5 | 3.5 |"


def test_objects_in_objects_end() -> None:
    """Objects that hold each other twice, level by level, or themselves, cost little."""
    inner = '<draw:object xlink:href="./O{}"/>'.format
    twice = [p(frame(inner(n)) * 2 + f"level {n}") for n in range(40)]
    more = {f"O{n}/content.xml": content("text", twice[n + 1]) for n in range(39)}
    itself = content("text", p(frame('<draw:object xlink:href="./O"/>') + "x"))
    document = extract(open_document("text", twice[0], more=more), "a.odt", Limits())
    assert document.left_out
    assert len(document.parts[0].text) < 1_000
    held = open_document("text", p(frame('<draw:object xlink:href="./O"/>')), more={"O/content.xml": itself})
    assert "x" in extract(held, "a.odt", Limits()).parts[0].text


def test_pictures_and_objects() -> None:
    """A picture stands in its line with what is said about it; files inside are handed out."""
    image = frame('<draw:image xlink:href="Pictures/1.png"/><svg:desc>A wall</svg:desc>', at(0, 0, 8, 6))
    ole = frame('<draw:object-ole xlink:href="./Object 2"/>')
    body = p(f"See {image} here{ole}")
    data = open_document("text", body, more={"Pictures/1.png": png(), "Object 2": OLD_BOOK})
    document = OpenDocumentExtractor().extract(data, ODT, Limits())
    assert document.parts[0].text == f"See {PICTURE_MARK} (A wall) here"
    assert len(document.parts[0].images) == 1
    assert [(one.name, one.data) for one in document.attachments] == [("Object 2.xls", OLD_BOOK)]


def test_document_that_is_a_picture() -> None:
    """A document of one picture is told to be one."""
    image = frame('<draw:image xlink:href="Pictures/1.png"/>', at(0, 0, 8, 6))
    (part,) = extract(
        open_document("text", p(image), more={"Pictures/1.png": png()}), "a.odt", Limits()
    ).parts
    assert part.pictured


def test_pictures_stay_with_their_section() -> None:
    """Each part has the pictures that stand in it."""
    image = frame('<draw:image xlink:href="Pictures/{}.png"/>', at(0, 0, 8, 6)).format
    body = h("A") + p("x" + image(1)) + h("B") + p("y" + image(2))
    second = io.BytesIO()
    Image.new("RGB", (300, 200), "blue").save(second, "PNG")
    data = open_document("text", body, more={"Pictures/1.png": png(), "Pictures/2.png": second.getvalue()})
    assert [len(part.images) for part in extract(data, "a.odt", Limits()).parts] == [1, 1]


def test_pictures_keep_their_words_where_tables_change_the_order() -> None:
    """Each picture stands at its own mark, though a table inside a cell is told below the outer one."""
    image = frame('<draw:image xlink:href="Pictures/{}.png"/><svg:desc>{}</svg:desc>', at(0, 0, 8, 6)).format
    inner = table(cell(image(1, "inner")) + cell("i"))
    outer = table(f"<table:table-cell>{inner}</table:table-cell>" + cell(image(2, "outer")))
    second = io.BytesIO()
    Image.new("RGB", (200, 100), "blue").save(second, "PNG")
    data = open_document("text", outer, more={"Pictures/1.png": png(), "Pictures/2.png": second.getvalue()})
    (part,) = extract(data, "a.odt", Limits()).parts
    assert part.text.index("(outer)") < part.text.index("(inner)")
    assert [image.data for image in part.images] == [second.getvalue(), png()]


def test_slides_with_title_shapes_and_notes() -> None:
    """A slide has its title first, its words by position and its own notes, but no prompts."""
    masters = (
        '<style:master-page style:name="M"><draw:frame presentation:class="title"><draw:text-box>'
        "<text:p>Click to edit</text:p></draw:text-box></draw:frame><draw:custom-shape><text:p>ACME</text:p>"
        "</draw:custom-shape></style:master-page>"
    )
    notes = box("Say hello", more='presentation:class="notes"')
    notes = f"<presentation:notes>{notes}</presentation:notes>"
    prompt = box("Click to add", at(1, 1), 'presentation:class="outline" presentation:placeholder="true"')
    first = page(box("Below", at(1, 9)) + box("Above", at(1, 3)) + prompt + notes)
    second = page(box("Body", at(1, 3)) + box("Costs", at(1, 12), 'presentation:class="title"'))
    parts = odp(first, second, masters=masters)
    assert [(part.number, part.name) for part in parts] == [(1, None), (2, "Costs")]
    assert parts[0].text == "Above\n\nBelow\n\nACME\n\nNotes: Say hello"
    assert parts[1].text == "# Costs\n\nBody"


def test_many_slides_and_footers_in_time() -> None:
    """What slides share is looked up, not searched for by each of them."""
    decls = "".join(
        f'<presentation:footer-decl presentation:name="f{n}">Foot {n}</presentation:footer-decl>'
        for n in range(3_000)
    )
    pages = (page(box(f"Words {n}"), f'presentation:use-footer-name="f{n}"') for n in range(3_000))
    parts = odp(decls, *pages)
    assert parts[2_999].text == "Words 2999\n\nFoot 2999"


def test_slides_that_are_hidden_or_commented() -> None:
    """A hidden slide is read and told, comments stand below their slide, a footer is read once."""
    style = (
        '<style:style style:name="H" style:family="drawing-page">'
        '<style:drawing-page-properties presentation:visibility="hidden"/></style:style>'
    )
    decl = '<presentation:footer-decl presentation:name="f">Draft</presentation:footer-decl>'
    comment = "<office:annotation><dc:creator>Bo</dc:creator><text:p>Check</text:p></office:annotation>"
    uses = 'presentation:use-footer-name="f"'
    body = decl + page(box("a") + comment, uses) + page(box("b"), f'{uses} draw:style-name="H"')
    document = extract(open_document("presentation", body, automatic=style), "a.odp", Limits())
    assert [part.text for part in document.parts] == [
        "a\n\nDraft\n\n[Comment by Bo: Check]",
        "(This slide is hidden.)\n\nb",
    ]
    assert document.notes == ("Slide 2 is hidden in the presentation.",)


def test_slides_with_tables_groups_and_pictures() -> None:
    """Tables keep merged cells, groups stay together, a slide of one picture is told to be one."""
    merged = table(cell("Head", 'table:number-columns-spanned="2"') + COVERED, cell("1") + cell("2"))
    group = f"<draw:g>{box('G2', at(1, 6))}{box('G1', at(1, 5))}</draw:g>"
    preview = '<draw:image xlink:href="Pictures/1.svm"/>'
    full = frame('<draw:image xlink:href="Pictures/1.png"/>', at(0, 0, 28, 15))
    body = page(group + frame(merged + preview, at(1, 1))) + page(full)
    data = open_document("presentation", body, more={"Pictures/1.png": png()})
    first, second = extract(data, "a.odp", Limits()).parts
    assert first.text == "| Head | Head |\n| --- | --- |\n| 1 | 2 |\n\nG1\n\nG2"
    assert first.left_out == ()
    assert (second.text, second.pictured, len(second.images)) == (PICTURE_MARK, True, 1)


@pytest.mark.parametrize("name", ["a.fodt", "a.xml", "a"])
def test_flat_documents(name: str) -> None:
    """A document in one file of markup is what it says that it is, whatever its name, pictures included."""
    data = base64.b64encode(png()).decode()
    image = f"<draw:image><office:binary-data>{data}</office:binary-data></draw:image>"
    markup = content("text", p("Flat " + frame(image, at(0, 0, 8, 6))), root="document")
    said = 'office:mimetype="application/vnd.oasis.opendocument.text"'
    flat = '<?xml version="1.0"?>' + markup.replace("<office:document ", f"<office:document {said} ", 1)
    document = extract(flat.encode(), name, Limits())
    assert document.media_type == "application/vnd.oasis.opendocument.text"
    assert document.parts[0].text == f"Flat {PICTURE_MARK}"
    assert document.parts[0].images


@pytest.mark.parametrize("name", ["a.ott", "a.otp"])
def test_templates(name: str) -> None:
    """Templates are documents."""
    kind, body = ("text", p("x")) if name == "a.ott" else ("presentation", page(box("x")))
    data = open_document(kind, body, more={"mimetype": f"application/vnd.oasis.opendocument.{kind}-template"})
    assert extract(data, name, Limits()).parts[0].text == "x"


def test_locked_and_damaged() -> None:
    """A locked document asks for a copy without a password, one without a body is damaged."""
    for more, reason in (
        ({"META-INF/manifest.xml": "<m:encryption-data/>"}, DocumentReason.PASSWORD),
        ({"content.xml": "<office"}, DocumentReason.DAMAGED),
        ({"content.xml": "<x/>"}, DocumentReason.DAMAGED),
    ):
        with pytest.raises(Unreadable) as caught:
            extract(open_document("text", "", more=more), "a.odt", Limits())
        assert caught.value.reason is reason
