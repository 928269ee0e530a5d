"""Binary Word documents: tables, numbers, notes, headers, fields, hidden words, what is damaged."""

import struct
from collections.abc import Sequence
from contextlib import suppress

import pytest
from tests.hostile.compound import Storage, Stream, compound_file
from tests.staging.word_old_samples import (
    IN_TABLE,
    OldDocument,
    depth,
    item,
    level,
    places,
    row,
)
from tests.staging.word_samples import png

from docstage.domain.content import PICTURE_MARK, DocumentReason
from docstage.extraction.extractors.base import Extracted, Limits, Unreadable
from docstage.extraction.extractors.word_old.extractor import OldWordExtractor
from docstage.extraction.known_types import DOC

SPECIAL = struct.pack("<HB", 0x0855, 1)
HIDDEN = struct.pack("<HB", 0x083C, 1)
DELETED = struct.pack("<HB", 0x0800, 1)


def read(document: OldDocument) -> Extracted:
    """What becomes of a document."""
    return OldWordExtractor().extract(bytes(document), DOC, Limits())


def text(*paragraphs: tuple[str, bytes], **more: bytes) -> str:
    """The text of a document of these paragraphs."""
    return read(OldDocument({"text": list(paragraphs)})).parts[0].text


def test_paragraphs_in_one_byte_and_in_two() -> None:
    """Text is read whether its characters have one byte or two, those beyond the first plane too."""
    plain = OldDocument({"text": [("Café\r", b""), ("– Ende\r", b"")]}, narrow=True)
    assert read(plain).parts[0].text == "Café\n\n– Ende"
    assert text(("日本 \U0001f600 x\r", b"")) == "日本 \U0001f600 x"


def test_tables_by_the_edges_of_their_cells() -> None:
    """Cells stand below their heads by where they lie, merged ones where they reach."""
    cell = IN_TABLE
    shown = text(
        ("h1\x07", cell), ("h2\x07", cell), ("h3\x07", cell), ("\x07", row(0, 1_000, 2_000, 3_000)),
        ("b\x07", cell), ("c\x07", cell), ("\x07", row(1_010, 2_000, 3_010)),
        ("wide\x07", cell), ("d\x07", cell), ("\x07", row(0, 2_000, 3_000, merges=(0, 0x60))),
        ("a\x07", cell), ("b\x07", cell), ("\x07", cell),
        ("\x07", row(0, 1_000, 2_000, 3_000, merges=(0, 0, 0x20))),
        ("after\r", b""),
    )  # fmt: skip
    assert shown == (
        "| h1 | h2 | h3 |\n| --- | --- | --- |\n|  | b | c |\n| wide | wide | d |\n| a | b | d |\n\nafter"
    )


def test_tables_in_tables() -> None:
    """A table in a cell is a table of its own below."""
    inner, ends = depth(2), struct.pack("<HB", 0x244B, 1)
    shown = text(
        ("outer\x07", IN_TABLE),
        ("x\r", inner + ends), ("y\r", inner + ends), ("\r", inner + struct.pack("<HB", 0x244C, 1)),
        ("with\x07", IN_TABLE), ("\x07", row(0, 1_000, 2_000)),
    )  # fmt: skip
    assert shown == (
        "| outer | [Inner table 1, below]<br>with |\n| --- | --- |\n\n"
        "Inner table 1:\n\n| x | y |\n| --- | --- |"
    )


def test_computed_numbers() -> None:
    """Lists count by levels; a list that overrides its beginning begins anew."""
    kinds = struct.pack("<H", 1) + struct.pack("<iI18sBB", 7, 0, b"", 0, 0)
    levels = level(0, "0.") + level(0, "0.1") + level(4, "(2)") + level(255, "") * 6
    lists = struct.pack("<I", 2) + struct.pack("<i8xB3x", 7, 0) + struct.pack("<i8xB3x", 7, 1)
    lists += struct.pack("<I", 0) + struct.pack("<IiI", 0, 5, 0x10)
    paragraphs = [
        ("a\r", item(1)), ("b\r", item(1, 1)), ("c\r", item(1, 2)), ("d\r", item(1, 2)), ("plain\r", b""),
        ("e\r", item(1, 1)), ("f\r", item(1)), ("g\r", item(2)), ("h\r", item(2, 1)),
    ]  # fmt: skip
    document = OldDocument({"text": paragraphs}, structures={73: kinds, 74: lists}, behind=levels)
    lines = [line.strip() for line in read(document).parts[0].text.splitlines() if line]
    assert lines == ["1. a", "1.1 b", "(a) c", "(b) d", "plain", "1.2 e", "2. f", "5. g", "5.1 h"]


def test_headings_are_parts() -> None:
    """What lies between headings is a part, named by its heading."""
    heading = struct.pack("<HB", 0x2640, 0)
    document = OldDocument({"text": [("One\r", heading), ("x\r", b""), ("Two\r", heading)]})
    assert [(part.name, part.text) for part in read(document).parts] == [
        ("One", "# One\n\nx"),
        ("Two", "# Two"),
    ]


def test_headers_and_footers_once() -> None:
    """Those that are shown are told, once; others are not."""
    texts = (
        ["\r"] * 6
        + ["even\r", "Header\r", "", "Footer 7\r", "first\r", ""]
        + ["", "Header\r", "", "", "", ""]
    )
    edges = [sum(map(len, texts[:n])) for n in range(len(texts) + 1)]
    stories = {"text": [("a\x0c", b""), ("b\r", b"")], "margins": [(one, b"") for one in texts if one]}
    sections = places([0, 2, 4], [struct.pack("<HIHI", 0, 0, 0, 0)] * 2)
    document = OldDocument(stories, structures={11: places([*edges, edges[-1]]), 6: sections})
    assert read(document).parts[0].text == "Header: Header\n\na\n\nFooter: Footer 7\n\nb"
    document.structures[31] = b"\x01"
    assert "Header: even" in read(document).parts[0].text


def test_notes_and_comments() -> None:
    """Notes have marks and stand below; comments stand at their place with their author."""
    stories = {
        "text": [("See\x02 here\x05.\r", b"")],
        "footnotes": [("\x02 The note\r", b"")],
        "comments": [("\x05Why?\r", b"")],
    }
    author = struct.pack("<H", 3) + "Ann".encode("utf-16-le")
    structures = {
        2: places([3, 11], [b"\1\0"]),
        3: places([0, 11, 11]),
        4: places([9, 11], [bytes(20) + bytes(10)]),
        5: places([0, 6, 6]),
        36: author,
    }
    looks = [(3, 4, SPECIAL), (9, 10, SPECIAL), (12, 13, SPECIAL), (23, 24, SPECIAL)]
    document = OldDocument(stories, looks, structures)
    assert read(document).parts[0].text == "See[^1] here [Comment by Ann: Why?].\n\n[^1]: The note"


def test_fields_and_links() -> None:
    """Results are shown, instructions are not; links say where they lead."""
    link = '\x13 HYPERLINK "https://a.example" \x14site\x15'
    assert text((f"On \x13 DATE \x141 May\x15, {link}.\r", b"")) == "On 1 May, site (https://a.example)."
    assert text(("\x13 PAGE with no end\r", b""), ("x\r", b"")) == "PAGE with no end\n\nx"
    assert text(("\x13MACROBUTTON No [Name]\x15\x15 y\r", b"")) == "[Name] y"


def test_numbers_of_fields_are_told() -> None:
    """Numbers that Word computes each time, and does not keep, are told as missing."""
    document = read(OldDocument({"text": [("\x13 LISTNUM \x15Term of lease\r", b"")]}))
    assert document.parts[0].text == "Term of lease"
    assert document.left_out == ("A number of a field (LISTNUM, AUTONUM) is not computed.",)


def test_hidden_and_deleted_words() -> None:
    """Hidden words are told and not read, deleted ones are noted."""
    document = OldDocument({"text": [("seen hidden gone\r", b"")]}, [(4, 11, HIDDEN), (11, 16, DELETED)])
    extracted = read(document)
    assert extracted.parts[0].text == "seen"
    assert extracted.left_out == ("Hidden text is left out: 6 characters.",)
    assert extracted.notes == ("It has tracked changes: read as if all were accepted.",)


def test_pictures_and_check_boxes() -> None:
    """A picture in the line is a picture; a check box shows whether it is checked."""
    blip = struct.pack("<HHI", 0x6E00, 0xF01E, 17 + len(png())) + bytes(17) + png()
    head = struct.pack("<IH22xHHHH", 68 + len(blip), 68, 2_000, 2_000, 1_000, 1_000).ljust(68, b"\0")
    form = struct.pack("<IHHH", 0xFFFFFFFF, 1 | 1 << 2, 0, 0) + struct.pack("<HHH", 0, 0, 0)
    data = head + blip + struct.pack("<IH", 68 + len(form), 68).ljust(68, b"\0") + form
    picture = struct.pack("<HIHB", 0x6A03, 0, 0x0855, 1)
    control = struct.pack("<HIHBHB", 0x6A03, len(head + blip), 0x0855, 1, 0x0806, 1)
    document = OldDocument(
        {"text": [("A \x01 B \x01\r", b"")]}, [(2, 3, picture), (6, 7, control)], data=data
    )
    (part,) = read(document).parts
    assert part.text == f"A {PICTURE_MARK} B ☒"
    assert [image.data for image in part.images] == [png()]


def test_boxes_stand_with_their_paragraph() -> None:
    """The words of a box follow the paragraph that it is fixed to."""
    stories = {"text": [("a\x08\r", b""), ("b\r", b"")], "boxes": [("boxed\r", b""), ("\r", b"")]}
    structures = {
        40: places([1, 5], [struct.pack("<I22x", 1_026)]),
        56: places([0, 6, 7], [struct.pack("<14xI4x", 1_026), bytes(22)]),
    }
    assert read(OldDocument(stories, [(1, 2, SPECIAL)], structures)).parts[0].text == "a\n\nboxed\n\nb"


def test_embedded_files() -> None:
    """A file that was put in is attached; a document that Word has taken apart is told as missing."""
    body = b"a.txt\0C:\\x\\a.txt\0" + bytes(4) + struct.pack("<I", 0) + struct.pack("<I", 5) + b"words"
    native = struct.pack("<IH", len(body) + 2, 2) + body
    objects = {
        "_1": Storage({"\x01Ole10Native": Stream(native)}),
        "_2": Storage({"Package": Stream(b"PK\3\4 xl/workbook.xml")}),
        "_3": Storage({"Workbook": Stream(b"rows")}),
        "_4": Storage({"Equation Native": Stream(b"x")}),
    }
    extracted = read(OldDocument({"text": [("x\r", b"")]}, objects=dict(objects)))
    assert [(one.name, one.data) for one in extracted.attachments] == [
        ("a.txt", b"words"),
        ("object 2.xlsx", b"PK\3\4 xl/workbook.xml"),
    ]
    assert extracted.left_out == ("An embedded document is left out. Save the file anew as .docx.",)


def word_6(
    words: bytes, fonts: Sequence[tuple[int, str]] = (), *, language: int = 0x409, mac: bool = False
) -> bytes:
    """A file of Word 6 with the character sets and names of its fonts."""
    head = bytearray(768)
    struct.pack_into("<HHHHHH", head, 0, 0xA5DC, 0x65, 0, language, 0, 0)
    struct.pack_into("<H2xII", head, 20, 256 * mac, 768, 768 + len(words))
    struct.pack_into("<I", head, 52, len(words))
    names = [struct.pack("<B3xBx", 6 + len(name), chars) + name.encode() + b"\0" for chars, name in fonts]
    table = struct.pack("<H", 2 + len(b"".join(names))) + b"".join(names)
    struct.pack_into("<II", head, 0xD0, 768 + len(words), len(table))
    streams = {"WordDocument": Stream((bytes(head) + words + table).ljust(4_096, b"\0"))}
    return compound_file(Storage(dict(streams)))


def words_of(data: bytes) -> str:
    """The text of a file."""
    return OldWordExtractor().extract(data, DOC, Limits()).parts[0].text


def test_words_of_word_6() -> None:
    """Of files of Word 6 the words are read, and it is told that the rest is not."""
    words = "Caf\xe9\rx\x07y\x07\x07\x13PAGE\x147\x15\r".encode("cp1252")
    extracted = OldWordExtractor().extract(word_6(words), DOC, Limits())
    assert extracted.parts[0].text == "Café\n\nx | y\n\n7"
    assert "Word 6 or 95" in extracted.left_out[0]


@pytest.mark.parametrize(
    ("words", "page", "fonts", "language"),
    [
        ("Четыре балла и семь", "cp1251", [(0, "Times"), (204, "Roboto")], 0x409),
        ("Договор № 5", "cp1251", [(0, "Times New Roman Cyr")], 0x409),
        ("4 skóre a před 7 lety", "cp1250", [(0, "Arial"), (238, "inherit")], 0x409),
        ("Überraschung im Café", "cp1252", [(204, "Arial"), (0, "Arial")], 0x409),
        ("le café d'été", "cp1252", [(238, "Arial CE"), (128, "Mincho")], 0x40C),
        ("日本語の文書", "cp932", [(128, "Mincho"), (0, "Times")], 0x409),
        ("Привет", "cp1251", [(0, "Times")], 0x419),
    ],
)
def test_code_pages_of_word_6(words: str, page: str, fonts: list[tuple[int, str]], language: int) -> None:
    """Old files say by language and fonts what their bytes stand for."""
    assert words_of(word_6(words.encode(page) + b"\r", fonts, language=language)) == words


def test_macintosh_files_of_word_6() -> None:
    """Files of a Macintosh have its characters."""
    assert words_of(word_6("l’été — 5 €\r".encode("mac_roman"), mac=True)) == "l’été — 5 €"


def test_wide_files_of_word_95() -> None:
    """Far eastern editions have two bytes a character, in pieces too."""
    words = "it\x92s 日本\r".encode("utf-16-le")
    data = bytearray(word_6(words))
    at = data.index(struct.pack("<HHHHHH", 0xA5DC, 0x65, 0, 0x409, 0, 0))
    struct.pack_into("<H", data, at + 10, 0x1000)
    assert words_of(bytes(data)) == "it’s 日本"
    pieces = places([0, 5, 8], [struct.pack("<HIH", 0, offset, 0) for offset in (768, 768 + 10)])
    clx = b"\x02" + struct.pack("<I", len(pieces)) + pieces
    data[at + 2_000 : at + 2_000 + len(clx)] = clx
    struct.pack_into("<H", data, at + 10, 0x1004)
    struct.pack_into("<II", data, at + 0x160, 2_000, len(clx))
    assert words_of(bytes(data)) == "it’s 日本"


@pytest.mark.parametrize("number", [1, 2, 5, 6, 11, 12, 13, 15, 33, 36, 40, 50, 56, 73, 74])
def test_structures_of_noise(number: int) -> None:
    """Whatever a structure holds, the words are read or the file is told to be damaged."""
    for noise in (b"\xff" * 999, bytes(range(256)) * 4, b"\x01" * 7):
        stories = {"text": [("words\r", b""), ("more \x02\r", IN_TABLE)], "comments": [("c\r", b"")]}
        document = OldDocument(stories, [(2, 3, SPECIAL)], replaced={number: noise}, behind=noise)
        if number == 33:
            with suppress(Unreadable):
                read(document)
        else:
            assert "words" in read(document).text.replace("\n", "").replace("~", "")


def test_refusals() -> None:
    """Locked, ancient and endless files are told as such."""
    locked = OldDocument({"text": [("x\r", b"")]}, flags=0x1300)
    with pytest.raises(Unreadable) as caught:
        read(locked)
    assert caught.value.reason is DocumentReason.PASSWORD
    with pytest.raises(Unreadable, match="Word 2"):
        OldWordExtractor().extract(b"\xdb\xa5\x2d\0" + bytes(600), DOC, Limits())
    document = OldDocument({"text": [("x" * 2_000 + "\r", b"")]})
    with pytest.raises(Unreadable, match="more than 1,000 characters"):
        OldWordExtractor().extract(bytes(document), DOC, Limits(text_characters=1_000))
