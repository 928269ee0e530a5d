"""Rich Text Format: numbers, tables, notes, margins, fields, code pages, what is hidden, pictures, files."""

import struct

import pytest
from tests.staging.word_samples import png

from docstage.domain.content import PICTURE_MARK, DocumentReason
from docstage.extraction.extractors import Extracted, Limits, Unreadable, extract


def read(body: bytes) -> Extracted:
    """What becomes of a document."""
    return extract(b"{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 Times;}}" + body + b"}", "a.rtf", Limits())


def test_numbers_of_lists() -> None:
    """Numbers that the file keeps for readers that do not count are there."""
    body = rb"\pard{\listtext\tab 1.2\tab}First\par{\pntext\f0 (b)\tab}Second\par{\listtext 3.\tab}Third\par"
    assert read(body).text == "1.2 First\n(b) Second\n3. Third"


def test_numbers_that_the_file_does_not_keep() -> None:
    """Where no paragraph has its number beside it, numbers are computed from the table of lists."""
    levels = (
        rb"{\listlevel\levelnfc0\levelstartat3\levelfollow0{\leveltext\'02\'00.;}{\levelnumbers\'01;}}"
        rb"{\listlevel\levelnfc4\levelstartat1\levelfollow0{\leveltext\'05(\'00.\'01);}{\levelnumbers;}}"
    )
    bullets = rb"{\listlevel\levelnfc23\levelstartat1\levelfollow0{\leveltext\'01\u8226 ?;}{\levelnumbers;}}"
    tables = (
        rb"{\*\listtable{\list" + levels + rb"{\listname ;}\listid7}{\list" + bullets + rb"\listid8}}"
        rb"{\*\listoverridetable{\listoverride\listid7\listoverridecount0\ls1}"
        rb"{\listoverride\listid8\listoverridecount0\ls2}}"
    )
    body = (
        rb"\pard\ls1 One\par\pard\ls1\ilvl1 Two\par\ilvl1 Three\par\pard\ls1 Four\par\pard plain\par"
        rb"\pard\ls2 dot\par\pard\ls9 none\par"
    )
    assert read(tables + body).text == (
        "3. One\n  (3.a) Two\n  (3.b) Three\n4. Four\n\nplain\n\n- dot\n\nnone"
    )


def test_bullets_and_levels() -> None:
    """Bullets of any font are dashes; items stand as deep as their level says."""
    fonts = rb"{\fonttbl{\f0 Times;}{\f3\fcharset2 Symbol;}}"
    body = rb"\pard\ls1{\listtext\f3\'b7\tab}One\par\pard\ilvl1{\listtext\f0 a.\tab}Two\par"
    assert read(fonts + body).text == "- One\n  a. Two"


def test_tables_by_the_edges_of_their_cells() -> None:
    """Cells stand below their heads, merged ones wherever they reach, empty ones keep their place."""
    cells = rb"\pard\intbl %s\cell %s\cell %s\cell\row"
    body = (
        rb"\trowd\trleft0\cellx1000\clvmgf\cellx2000\cellx3000" + cells % (b"h1", b"tall", b"h3")
        + rb"\trowd\trleft0\cellx1000\clvmrg\cellx2000\cellx3000" + cells % (b"a", b"", b"c")
        + rb"\trowd\trleft0\cellx2000\cellx3000\pard\intbl wide\cell"
        + rb"\pard\intbl x\par y\cell\row\pard after\par"
    )  # fmt: skip
    assert read(body).text == (
        "| h1 | tall | h3 |\n| --- | --- | --- |\n| a | tall | c |\n| wide | wide | x<br>y |\n\nafter"
    )


def test_tables_in_tables() -> None:
    """A table in a cell stands below its table, and what is there for older readers is not read."""
    body = (
        rb"\trowd\cellx1000\cellx2000\pard\intbl left\cell\pard\intbl\itap2 a\nestcell b\nestcell"
        rb"{\*\nesttableprops\trowd\cellx500\cellx900\nestrow}{\nonesttables\par OLD}"
        rb"\pard\intbl\itap2 c\nestcell d\nestcell{\*\nesttableprops\trowd\cellx500\cellx900\nestrow}"
        rb"\pard\intbl right\cell\row"
    )
    shown = read(body).text
    assert shown.startswith("| left | [Inner table 1, below]<br>right |")
    assert shown.endswith("| a | b |\n| --- | --- |\n| c | d |")
    assert "OLD" not in shown


def test_headings_are_parts() -> None:
    """Styles and paragraphs say which paragraphs are headings."""
    styles = rb"{\stylesheet{\ql Normal;}{\s1\outlinelevel0 Titre 1;}{\s7 heading 1;}}"
    body = rb"\pard\s1 One\par\pard text\par\pard\s7 Two\par\pard\outlinelevel1 Three\par"
    assert [(part.name, part.text) for part in read(styles + body).parts] == [
        ("One", "# One\n\ntext"),
        ("Two", "# Two\n\n## Three"),
    ]


def test_margins_notes_and_comments() -> None:
    """Headers stand above, footers at the end, notes below, comments at their place, boxes below."""
    body = (
        rb"{\header\pard Top\par}{\headerf\pard Top\par}{\footer\pard Bottom \chpgn\par}\pard Word"
        rb"{\super\chftn}{\footnote\pard{\super\chftn} A note.\par}{\footnote\ftnalt The end.} and"
        rb"{\*\atnid x}{\*\atnauthor Ann}\chatn{\*\annotation{\*\atnref 1}\pard Why?} more"
        rb"{\shp{\*\shpinst{\sp{\sn shapeType}{\sv 202}}{\shptxt\pard In a box\par}}{\shprslt OLD}}\par"
    )
    assert read(body).text == (
        "Header: Top\n\nWord[^1][^e1] and [Comment by Ann: Why?] more\n\nIn a box\n\nFooter: Bottom\n\n"
        "[^1]: A note.\n\n[^e1]: The end."
    )


def test_fields_and_forms() -> None:
    """Of fields the result is read, of links the address too, of forms what is chosen."""
    link = rb'{\field{\*\fldinst HYPERLINK "https://a.example/x"}{\fldrslt here}} '
    inner = rb'{\field{\*\fldinst HYPERLINK "#place"}{\fldrslt below}} '
    page = rb"{\field{\*\fldinst PAGE}{\fldrslt 7}} "
    box = rb"{\field{\*\fldinst FORMCHECKBOX {\*\formfield{\fftype1\ffres25\ffdefres1}}}{\fldrslt}} "
    choice = (
        rb"{\field{\*\fldinst FORMDROPDOWN{\*\formfield{\fftype2\ffres1{\*\ffl one}{\*\ffl two}}}}{\fldrslt}}"
    )
    over = rb'{\field{\*\fldinst HYPERLINK "https://b.example"}{\fldrslt two\par lines}}\par'
    assert read(rb"\pard word " + over).text == "word two\n\nlines (https://b.example)"
    assert read(rb"\pard " + inner).text == "below"
    assert read(rb"\pard " + link + page + box + choice).text == "here (https://a.example/x) 7 ☒ two"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (rb"{\fonttbl{\f0\fcharset204 Arial;}}\f0 \'c4\'ee\'e3\'ee\'e2\'ee\'f0", "Договор"),
        (rb"{\fonttbl{\f0\fcharset128 Mincho;}}\f0 \'93\'fa\'96\'7b", "日本"),
        (rb"{\fonttbl{\f0\fcharset0 Arial CE;}}\f0 p\'f8ed", "před"),
        (rb"\ansicpg1250 p\'f8ed", "před"),
        (rb"\mac l\'d5\'8et\'8e", "l’été"),
        (rb"\uc1\u8364 ?5 \u-10187?\u-8782?", "€5 \U0001d5b2"),
        (rb"\uc0 half \u-10240 here", "half ?here"),
        (rb"{\list{\listlevel{\leveltext\'02\'00.}{\levelnumbers\'01}}{\listname L;}}words", "words"),
        (rb"\uc2\u1044\'c4\'c4\uc0\u1045 x", "ДЕx"),
        (rb"{\upr{OLD}{\*\ud\u1044 ?}}", "Д"),
        (rb"caf\'e9\~no\-break\_hyphen \ldblquote x\rdblquote", "café nobreak-hyphen “x”"),
        (b"one\r\n two\\par\r\n\\'e9t\\'e9", "one two\n\nété"),
        (rb"{\fonttbl{\f0 Wingdings;}}\f0 \'fe", "☑"),
        (rb"5 km{\super 2} and H{\sub 2}O", "5 km^2 and H2O"),
        (rb"{\strike old}{\strike0 new}", "~~old~~new"),
        (rb"{\mmath{\*\moMath{\mf{\*\mfPr x}{\mnum{\mr 1}}{\mden{\mr 2}}}}}", "(1)/(2)"),
    ],
)
def test_letters(body: bytes, words: str) -> None:
    """Bytes are what fonts and code pages say, signs what they look like."""
    assert read(body).text == words


def test_numbers_of_fields_are_told() -> None:
    """Numbers that Word computes each time, and does not keep, are told as missing."""
    document = read(rb"\pard{\field{\*\fldinst LISTNUM}} Term of lease\par")
    assert document.left_out == ("A number of a field (LISTNUM, AUTONUM) is not computed.",)


def test_hidden_and_changed_words() -> None:
    """Hidden words are told as missing, deleted ones are gone as if that was accepted."""
    document = read(rb"\pard a{\v secret}b{\deleted gone}{\revised new}\par")
    assert document.text == "abnew"
    assert document.left_out == ("Hidden text is left out: 6 characters.",)
    assert document.notes == ("It has tracked changes: read as if all were accepted.",)


def test_embedded_files() -> None:
    """A file that was put into the document is attached in the place of its picture."""
    native = b"\2\0note.txt\0C:\\note.txt\0" + struct.pack("<II", 3, 2) + b"t\0"
    native += struct.pack("<I", 5) + b"inner"
    data = struct.pack("<II", 0x501, 2) + struct.pack("<I", 8) + b"Package\0" + struct.pack("<II", 0, 0)
    data += struct.pack("<I", len(native)) + native
    shown = b"{\\object\\objemb{\\*\\objclass Package}{\\*\\objdata " + data.hex().encode() + b"}"
    document = read(b"\\pard See " + shown + rb"{\result OLD}} there\par")
    assert document.parts[0].text == "See [Attached file: note.txt] there"
    assert document.parts[1].within == "note.txt"
    assert document.parts[1].text == "inner"


def test_endless_groups() -> None:
    """Groups without end are told, and files that stop in the middle are read as far as they go."""
    with pytest.raises(Unreadable) as caught:
        read(b"{" * 5_000)
    assert caught.value.reason is DocumentReason.TOO_COMPLEX
    assert extract(rb"{\rtf1 words\trowd\cellx9\intbl cell", "a.rtf", Limits()).text == "wordscell"


def test_pictures_where_they_stand() -> None:
    """A picture is a picture at its place, once, though the file has it for older programs too."""
    shown = b"{\\pict{\\*\\blipuid 00112233445566778899aabbccddeeff}\\pngblip\\picwgoal2000\\pichgoal1000\n"
    shown += png().hex().encode() + b"}"
    body = b"\\pard Before {\\*\\shppict" + shown + b"}{\\nonshppict" + shown + b"} after\\par"
    document = read(body)
    assert " ".join(document.text.split()) == "Before after"
    (part,) = document.parts
    assert part.text.index("Before") < part.text.index(PICTURE_MARK) < part.text.index("after")
    assert [image.data for image in document.images] == [png()]


def test_pictures_that_are_left_out() -> None:
    """Drawings that cannot be shown, and damaged pictures, are told; groups that never end do no harm."""
    body = (
        b"\\pard x{\\pict\\emfblip "
        + b"00" * 60
        + b"}{\\pict\\pngblip "
        + b"89" * 60
        + b"}{\\pict\\pngblip 00"
    )
    kinds = [sentence.partition(" left out")[0] for sentence in read(body).left_out]
    assert kinds == ["A drawing (EMF or WMF) is", "2 pictures are"]
