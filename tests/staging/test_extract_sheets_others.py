"""Workbooks of Excel 2 to 2003, of binary parts, and of OpenDocument."""

import struct

import pytest
from tests.hostile.compound import Storage, Stream, compound_file
from tests.staging.samples import content_types, relationships, zipped
from tests.staging.word_samples import png
from tests.staging.workbooks import brief, old_workbook, open_sheets, record, wide

from docstage.domain.content import PICTURE_MARK, DocumentReason
from docstage.extraction.extractors import Extracted, Limits, Unreadable, extract


def read(data: bytes, name: str) -> Extracted:
    """A workbook as models get it."""
    return extract(data, name, Limits())


def text_of(text: str) -> bytes:
    """A text of Excel 97 whose length has two bytes."""
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def format_record(number: int, code: str) -> bytes:
    """A number format."""
    return record(0x41E, struct.pack("<H", number) + text_of(code))


def style(number: int) -> bytes:
    """A style of this format."""
    return record(0xE0, struct.pack("<HH", 0, number) + bytes(16))


def number(row: int, column: int, value: float, look: int = 0) -> bytes:
    """A cell with a number."""
    return record(0x203, struct.pack("<HHHd", row, column, look, value))


def label(row: int, column: int, text: str) -> bytes:
    """A cell with a text of its own."""
    return record(0x204, struct.pack("<HHH", row, column, 0) + text_of(text))


def drawn(kind: int, data: bytes, *, container: bool = False) -> bytes:
    """A record of a drawing."""
    return struct.pack("<HHI", 15 if container else 0, kind, len(data)) + data


def shape(picture: int, row: int, column: int) -> bytes:
    """A shape that shows a picture."""
    options = drawn(0xF00B, struct.pack("<HIHI", 0x007F, 0, 0x4104, picture))
    anchor = drawn(0xF010, struct.pack("<9H", 0, column, 0, row, 0, 9, 0, 9, 0))
    return drawn(0xF004, drawn(0xF00A, bytes(8)) + options + anchor, container=True)


def test_pictures_of_excel_97() -> None:
    """Pictures stand at their cells, each once; metafiles and what is not in the file are told."""
    blips = [drawn(0xF01E, bytes(17) + png()), drawn(0xF01A, bytes(50))]
    stored = [drawn(0xF007, bytes(36) + blip) for blip in blips] + [drawn(0xF007, bytes(36))]
    group = drawn(0xF000, drawn(0xF001, b"".join(stored), container=True), container=True)
    shapes = shape(1, 2, 1) + shape(2, 4, 0) + shape(3, 5, 0) + shape(1, 9, 0) + shape(9, 0, 0)
    drawing = record(0xEC, drawn(0xF002, drawn(0xF003, shapes, container=True), container=True))
    shared = record(0xEB, group[:900]) + record(0x3C, group[900:])
    data = old_workbook(("S", 0, label(0, 0, "a") + drawing), shared=shared)
    (part,) = read(data, "a.xls").parts
    assert part.text == f"a\n\nAt B3: {PICTURE_MARK}"
    assert [image.data for image in part.images] == [png()]
    assert [sentence.partition(" not included")[0] for sentence in part.left_out] == [
        "A drawing in the format EMF is",
        "A picture is",
        "A picture is",
    ]


def test_excel_97() -> None:
    """Numbers as they are shown, texts over the ends of records, formulas, comments, text boxes, links."""
    long = "ж" * 5_000
    packed = long.encode("utf-16-le")
    strings = (
        record(0xFC, struct.pack("<IIHB", 2, 2, 5_000, 1) + packed[:8_000])
        + record(0x3C, b"\x01" + packed[8_000:] + struct.pack("<HB", 2, 8) + struct.pack("<H", 1) + b"ok")
        + record(0x3C, b"\0\0\0\0")
    )
    shared = format_record(200, '0.00 "USD"') + style(0) + style(200) + style(14) + strings
    formula = struct.pack("<HHH", 2, 1, 0)
    note = struct.pack("<HHHH", 0, 0, 0, 7) + text_of("Ann")
    comment_object = record(0x5D, struct.pack("<HHHH", 0x15, 18, 0x19, 7) + bytes(14))
    box = record(0x5D, struct.pack("<HHHH", 0x15, 18, 6, 8) + bytes(14))
    words = record(0x1B6, struct.pack("<HHHHHHHI", 0, 0, 0, 0, 0, 15, 16, 0)) + record(
        0x3C, b"\0Ann:\nsee page 9"
    )
    url = "https://a.example/x\0".encode("utf-16-le")
    moniker = bytes.fromhex("e0c9ea79f9bace118c8200aa004ba90b") + struct.pack("<I", len(url)) + url
    link = struct.pack("<HHHH", 1, 1, 1, 1) + bytes(16) + struct.pack("<II", 2, 3) + moniker
    cells = (
        record(0xFD, struct.pack("<HHHI", 0, 0, 0, 0))
        + record(0xFD, struct.pack("<HHHI", 0, 1, 0, 1))
        + number(1, 0, 1234.5, 1)
        + label(1, 1, "x|y")
        + record(0x27E, struct.pack("<HHHI", 2, 0, 2, 45_356 << 2 | 2))
        + record(0x06, formula + b"\0\0\0\0\0\0\xff\xff" + bytes(8))
        + record(0x207, text_of("result"))
        + record(0x205, struct.pack("<HHHBB", 3, 0, 0, 0x2A, 1))
        + record(0x208, struct.pack("<HHHHHHI", 3, 0, 9, 0, 0, 0, 0x20))
        + record(0x7D, struct.pack("<HHHHH", 1, 1, 2_000, 0, 1))
        + comment_object + words + box + words + record(0x1C, note) + record(0x1B8, link)
    )  # fmt: skip
    document = read(old_workbook(("Data", 0, cells), ("Away", 1, label(0, 0, "b")), shared=shared), "a.xls")
    text = document.parts[0].text
    assert f"| {long} | ok |" in text
    assert "| 1234.50 USD | [x\\|y](https://a.example/x) |\n| 2024-03-05 | result |\n| #N/A |  |" in text
    assert "Text box: Ann:\nsee page 9\n\nComments:\n- A1, Ann: see page 9\n" in text
    assert "(Hidden rows: 4. Hidden columns: B.)" in text
    assert document.parts[1].name == "Away"
    assert document.parts[1].text == "(This sheet is hidden.)\n\nb"


def formula(row: int, column: int, tokens: bytes, result: bytes = b"\x03\0\0\0\0\0\xff\xff") -> bytes:
    """A formula of these tokens; its result is nothing."""
    return record(
        0x06,
        struct.pack("<HHH", row, column, 0) + result + bytes(6) + struct.pack("<H", len(tokens)) + tokens,
    )


def test_formulas_that_an_old_workbook_never_computed() -> None:
    """They are shown as they are typed; what cannot be told is left out, and told as such."""
    reference = struct.pack("<BHH", 0x44, 1, 0xC001)
    other = struct.pack("<BHHH", 0x5A, 0, 2, 0x0000)
    area = struct.pack("<BHHHH", 0x25, 0, 1, 0xC000, 0xC001)
    called = area + struct.pack("<BBH", 0x42, 1, 5)
    text = b"\x17\x02\0" + b'a"'
    cells = (
        formula(0, 0, reference + struct.pack("<BH", 0x1E, 3) + b"\x05")
        + formula(1, 0, other + b"\x14" + text + b"\x08")
        + formula(2, 0, called + struct.pack("<BHBHH", 0x1E, 2, 0x41, 27, 0)[:6])
        + formula(3, 0, b"\x3f")
    )
    referred = record(0x17, struct.pack("<HHHH", 1, 0, 0, 0))
    document = read(old_workbook(("My sheet", 0, cells), shared=referred), "a.xls")
    assert document.parts[0].text == (
        '| =B2*3 |\n| --- |\n| =\'My sheet\'!$A$3%&"a""" |\n| =ROUND(AVERAGE(A1:B2),2) |'
    )
    assert document.parts[0].left_out == (
        "Values of formulas are not included, which the file does not keep: A4.",
    )
    computed = formula(0, 0, reference, struct.pack("<d", 5)) + formula(1, 0, reference)
    assert read(old_workbook(("S", 0, computed)), "a.xls").parts[0].text == "5"


def test_chart_of_excel_97() -> None:
    """A chart is a table of the figures that it keeps; one without figures is told as left out."""

    def named(text: str) -> bytes:
        return record(0x100D, struct.pack("<HBB", 0, len(text), 0) + text.encode())

    begin, end = record(0x1033), record(0x1034)
    data = record(0x1051, struct.pack("<BBHHH", 1, 2, 0, 10, 0))
    series = record(0x1003, bytes(12)) + begin + named("EMEA") + data + end
    title = (
        record(0x1025, bytes(32))
        + begin
        + named("Margin")
        + record(0x1027, struct.pack("<HHH", 1, 0, 0))
        + end
    )
    figures = (
        record(0x1065, struct.pack("<H", 1)) + number(0, 0, 0.25) + number(1, 0, 0.5)
        + record(0x1065, struct.pack("<H", 2)) + label(0, 0, "Q1") + label(1, 0, "Q2")
    )  # fmt: skip
    start = record(0x809, struct.pack("<HHHHII", 0x600, 0x20, 0, 0x7CC, 0, 6))
    bars = record(0x1017, bytes(6))
    charts = start + series + title + bars + figures + record(0x0A) + start + series + record(0x0A)
    part = read(old_workbook(("S", 0, label(0, 0, "a") + charts + label(1, 0, "b"))), "a.xls").parts[0]
    assert part.text == (
        "| a |\n| --- |\n| b |\n\nChart (bar): Margin\n\n"
        "|  | EMEA |\n| --- | --- |\n| Q1 | 25.00% |\n| Q2 | 50.00% |"
    )
    assert part.left_out == ("1 chart is not included: the file keeps no copy of the figures.",)


def test_excel_2() -> None:
    """A file of Excel 2 is one sheet of records, whose cells name their formats themselves."""
    formats = b"".join(
        record(0x1E, bytes([len(code)]) + code) for code in (b"General", b"0.00", b"yyyy-mm-dd")
    )
    cells = (
        record(0x04, struct.pack("<HH", 0, 0) + b"\0\0\0\x06Stra\xdfe")
        + record(0x03, struct.pack("<HH", 1, 0) + b"\0\x01\0" + struct.pack("<d", 1.5))
        + record(0x02, struct.pack("<HH", 2, 0) + b"\0\x00\0" + struct.pack("<H", 77))
        + record(0x03, struct.pack("<HH", 3, 0) + b"\0\x02\0" + struct.pack("<d", 45_356))
        + record(0x1C, struct.pack("<HHH", 1, 0, 4) + b"note")
    )
    data = record(0x09, struct.pack("<HH", 2, 0x10)) + formats + cells
    document = read(data + record(0x0A), "old")
    assert document.parts[0].text.startswith("| Straße |\n| --- |\n| 1.50 |\n| 77 |\n| 2024-03-05 |")
    assert "- A2: note" in document.parts[0].text


@pytest.mark.parametrize(("begin", "version"), [(0x209, 3), (0x409, 4)])
def test_excel_3_and_4(begin: int, version: int) -> None:
    """Files of Excel 3 and 4 look alike but for their formats and styles."""
    gap = b"" if version == 3 else b"\0\0"
    kind = 0x1E if version == 3 else 0x41E
    formats = b"".join(record(kind, gap + bytes([len(code)]) + code) for code in (b"General", b"0.0%"))
    looks = record(0x243 if version == 3 else 0x443, bytes([0, 1]) + bytes(10))
    cells = record(0x204, struct.pack("<HHHH", 0, 0, 0, 3) + b"abc") + number(1, 0, 0.125)
    data = record(begin, struct.pack("<HHH", 0, 0x10, 0)) + formats + looks + cells + record(0x0A)
    assert read(data, "a.xls").parts[0].text == "| abc |\n| --- |\n| 12.5% |"


def test_workbook_of_excel_4() -> None:
    """Several sheets lie one behind the other, each below its name."""
    sheets = b"".join(
        record(0x8F, struct.pack("<I", 0) + bytes([len(name)]) + name)
        + record(0x409, struct.pack("<HHH", 0, 0x10, 0))
        + record(0x204, struct.pack("<HHHH", 0, 0, 0, 1) + name[:1])
        + record(0x0A)
        for name in (b"First", b"Second")
    )
    document = read(record(0x409, struct.pack("<HHH", 0, 0x100, 0)) + sheets + record(0x0A), "a.xlw")
    assert [(part.name, part.text) for part in document.parts] == [("First", "F"), ("Second", "S")]


def test_excel_5() -> None:
    """Workbooks of Excel 5 and 95 have texts in the code page of their makers."""
    begin = struct.pack("<HHHH", 0x500, 5, 0, 0)
    head = record(0x809, begin) + record(0x42, struct.pack("<H", 1_251))
    name = "Лист".encode("cp1251")
    at = len(head) + len(record(0x85, bytes(7) + name)) + 4
    bound = record(0x85, struct.pack("<IBBB", at, 0, 0, len(name)) + name)
    cell = record(0x204, struct.pack("<HHHH", 0, 0, 0, 4) + "Цена".encode("cp1251"))
    stream = (
        head
        + bound
        + record(0x0A)
        + record(0x809, struct.pack("<HHHH", 0x500, 0x10, 0, 0))
        + cell
        + record(0x0A)
    )
    data = compound_file(Storage({"Book": Stream(stream.ljust(4_096, b"\0"))}))
    assert [(part.name, part.text) for part in read(data, "a.xls").parts] == [("Лист", "Цена")]


def test_locked_and_damaged_old_workbooks() -> None:
    """A password is told as such; a workbook that is cut off says so, with what is there."""
    with pytest.raises(Unreadable) as caught:
        read(old_workbook(("S", 0, b""), shared=record(0x2F, bytes(6))), "a.xls")
    assert caught.value.reason is DocumentReason.PASSWORD
    with pytest.raises(Unreadable) as caught:
        read(old_workbook(("S", 0, record(0x203, b"\0"))), "a.xls")
    assert caught.value.reason is DocumentReason.DAMAGED
    begin = record(0x409, struct.pack("<HHH", 0, 0x10, 0))
    cut = begin + record(0x204, struct.pack("<HHHH", 0, 0, 0, 1) + b"a") + b"\x04\x02\xff\xff"
    assert read(cut, "a.xls").parts[0].left_out == ("The sheet is cut off: what follows is not in the file.",)


def test_binary_workbook() -> None:
    """A workbook of binary parts shows its numbers by their formats, and tells what is hidden."""
    cell = struct.Struct("<II")
    styles = (
        brief(44, struct.pack("<H", 200) + wide("0.0%")) + brief(617) + brief(47, struct.pack("<HH", 0, 0))
    )
    styles += brief(47, struct.pack("<HH", 0, 200)) + brief(618)
    sheet = (
        brief(60, struct.pack("<IIIIH", 1, 1, 2_000, 0, 1))
        + brief(0, struct.pack("<IIHBBBI", 0, 0, 300, 0, 0, 0, 0))
        + brief(7, cell.pack(0, 0) + struct.pack("<I", 0))
        + brief(5, cell.pack(1, 1) + struct.pack("<d", 0.125))
        + brief(6, cell.pack(2, 0) + wide("own"))
        + brief(0, struct.pack("<IIHBBBI", 1, 0, 300, 0, 0x10, 0, 0))
        + brief(2, cell.pack(0, 0) + struct.pack("<I", 7 << 2 | 2))
        + brief(10, cell.pack(1, 0) + b"\x01")
        + brief(3, cell.pack(2, 0) + b"\x07")
    )
    book = brief(156, struct.pack("<II", 0, 1) + wide("r0") + wide("Only"))
    data = zipped(
        {
            "[Content_Types].xml": content_types({}),
            "_rels/.rels": relationships({"xl/workbook.bin": "officeDocument"}),
            "xl/_rels/workbook.bin.rels": relationships(
                {
                    "worksheets/sheet1.bin": "worksheet",
                    "sharedStrings.bin": "sharedStrings",
                    "styles.bin": "styles",
                }
            ),
            "xl/workbook.bin": book,
            "xl/worksheets/sheet1.bin": sheet,
            "xl/sharedStrings.bin": brief(19, b"\0" + wide("shared")),
            "xl/styles.bin": styles,
        }
    )
    for name in ("a.xlsb", "without"):
        part = read(data, name).parts[0]
        assert part.name == "Only"
        assert part.text == (
            "| shared | 12.5% | own |\n| --- | --- | --- |\n| 7 | TRUE | #DIV/0! |\n\n"
            "(Hidden rows: 2. Hidden columns: B.)"
        )


def test_open_document() -> None:
    """Cells show their words, dates in ISO form; merged heads are repeated; comments and shapes are told."""
    body = (
        '<table:table table:name="Kosten"><table:table-column/>'
        '<table:table-column table:visibility="collapse"/>'
        '<table:table-row><table:table-cell table:number-columns-spanned="2" office:value-type="string">'
        "<text:p>Kopf</text:p></table:table-cell><table:covered-table-cell/>"
        '<table:table-cell office:value-type="date" office:date-value="2024-03-05"><office:annotation>'
        "<dc:creator>Ann</dc:creator><text:p>vor Rabatt</text:p></office:annotation><text:p>05.03.24</text:p>"
        '</table:table-cell></table:table-row><table:table-row table:number-rows-repeated="2">'
        '<table:table-cell table:number-columns-repeated="2" office:value-type="percentage" '
        'office:value="0.125"/>'
        '<table:table-cell table:formula="of:=SUM([.A1:.A2])"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="1048570"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row>'
        "<table:shapes><draw:custom-shape><text:p>In a shape</text:p></draw:custom-shape></table:shapes>"
        '</table:table><table:table table:name="weg" table:style-name="h"><table:table-row><table:table-cell>'
        "<text:p>x</text:p></table:table-cell></table:table-row></table:table>"
    )
    undisplayed = '<style:table-properties table:display="false"/>'
    hidden = f'<style:style style:name="h" style:family="table">{undisplayed}</style:style>'
    document = read(open_sheets(body, hidden), "a.ods")
    assert document.parts[0].text == (
        "| Kopf | Kopf | 2024-03-05 |\n| --- | --- | --- |\n| 12.5% | 12.5% | =SUM(A1:A2) |\n"
        "| 12.5% | 12.5% | =SUM(A1:A2) |\n\nIn a shape\n\nComments:\n- C1, Ann: vor Rabatt\n\n"
        "(Hidden columns: B.)"
    )
    assert document.parts[1].text == "(This sheet is hidden.)\n\nx"


def test_endless_open_document() -> None:
    """Cells that are repeated a million times by a million have a reason at once."""
    cell = '<table:table-cell table:number-columns-repeated="16384"><text:p>words</text:p></table:table-cell>'
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    with pytest.raises(Unreadable) as caught:
        read(open_sheets(f'<table:table table:name="a">{row}</table:table>'), "a.ods")
    assert caught.value.reason is DocumentReason.TOO_LARGE
