"""Workbooks of Office Open XML: what their cells show, and what lies around them."""

import io
import zipfile

import pytest
from tests.staging.samples import PACKAGE, docx, relationships, zipped
from tests.staging.word_samples import png
from tests.staging.workbooks import DRAWING, row, sheet, value, workbook

from docstage.domain.content import PICTURE_MARK, DocumentReason, PartKind
from docstage.extraction.extractors import Extracted, Limits, Unreadable, extract


def read(data: bytes, name: str = "a.xlsx") -> Extracted:
    """A workbook as models get it."""
    return extract(data, name, Limits())


def shown(
    *rows: str, after: str = "", before: str = "", formats: tuple[str, ...] = (), book: str = ""
) -> str:
    """What the one sheet with these rows shows."""
    return read(workbook(sheet("".join(rows), after, before), formats=formats, book=book)).parts[0].text


def test_sheets_are_parts() -> None:
    """Each sheet is a part with its name, in the workbook's order; hidden ones are read and told."""
    document = read(workbook(sheet(row(1, "a")), (sheet(row(1, "b")), 'state="veryHidden"')))
    assert [(part.kind, part.number, part.name) for part in document.parts] == [
        (PartKind.SHEET, 1, "S1"),
        (PartKind.SHEET, 2, "S2"),
    ]
    assert document.parts[1].text == "(This sheet is hidden.)\n\nb"
    assert document.notes == ("Sheet 'S2' (hidden) is included.",)


def test_numbers_as_they_are_shown() -> None:
    """Cells show their numbers by their formats, dates in ISO form."""
    formats = ("#,##0.00 &quot;USD&quot;", "0.0%", "000000", "d/m/yy h:mm", "0;-0;;@")
    cells = [value(1234.5, 1), value(0.125, 2), value(42, 3), value(45356.6041666667, 4), value(0, 5)]
    assert shown(row(1, *cells, value(0.30000000000000004)), formats=formats) == (
        "| 1,234.50 USD | 12.5% | 000042 | 2024-03-05 14:30 |  | 0.3 |\n| --- | --- | --- | --- | --- | --- |"
    )
    date1904 = '<workbookPr date1904="1"/>'
    assert shown(row(1, value(1, 1)), formats=("yyyy-mm-dd",), book=date1904) == "1904-01-02"


def test_kinds_of_cells() -> None:
    """Truth values, errors, dates, rich and inline texts; what says how to pronounce them is no text."""
    strings = "<si><t>plain</t></si><si><r><t>ri</t></r><r><t>ch</t></r><rPh><t>xxx</t></rPh></si>"
    cells = [
        '<c t="b"><v>1</v></c>',
        '<c t="e"><v>#N/A</v></c>',
        '<c t="d"><v>2024-03-05T00:00:00</v></c>',
        '<c t="s"><v>0</v></c>',
        '<c t="s"><v>1</v></c>',
        '<c t="s"><v>99</v></c>',
        '<c t="str"><f>A1</f><v>a_x000A_b | c</v></c>',
    ]
    data = workbook(sheet(row(1, *cells)), strings=strings)
    assert read(data).parts[0].text.partition("\n")[0] == (
        "| TRUE | #N/A | 2024-03-05 | plain | rich |  | a<br>b \\| c |"
    )


def test_formulas_without_a_value() -> None:
    """A formula that was never computed is shown as it is typed, a shared one as it is in its cell."""
    master = '<c><f t="shared" si="0" ref="C1:C3">SUM($A1:B1)*A$9+LOG10(2)&amp;"A1"</f></c>'
    rows = (
        row(1, value(1), value(2), master),
        row(2, value(3), value(4), '<c><f t="shared" si="0"/></c>'),
        row(3, value(5), '<c t="str"><f>x</f><v></v></c>', "<c><f>_xlfn.XLOOKUP(1,A:A,B:B)</f><v></v></c>"),
    )
    document = read(workbook(sheet("".join(rows))))
    text = document.parts[0].text
    assert '| 1 | 2 | =SUM($A1:B1)*A$9+LOG10(2)&"A1" |' in text
    assert '| 3 | 4 | =SUM($A2:B2)*A$9+LOG10(2)&"A1" |' in text
    assert "| 5 |  | =XLOOKUP(1,A:A,B:B) |" in text
    assert document.notes == (
        "The file keeps no value of 3 formulas on sheet 'S1': what is typed there is shown.",
    )


def test_zeros_of_programs_that_compute_nothing() -> None:
    """Where a workbook asks to be computed when it is opened, a formula's zero is no value."""
    cells = row(1, value(0, formula="SUM(A2:A3)"), value(7, formula="6+1"))
    assert "| =SUM(A2:A3) | 7 |" in shown(cells, book='<calcPr fullCalcOnLoad="1"/>')
    assert "| 0 | 7 |" in shown(cells)


def test_far_apart_cells() -> None:
    """Cells that lie far apart cost what they hold, with their addresses."""
    far = '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    assert shown(row(1, "a"), far) == "A1: a\n\nXFD1048576: 2"
    diagonal = [f'<row r="{n}"><c r="{chr(64 + n)}{n}"><v>{n}</v></c></row>' for n in range(1, 27)]
    text = shown(*diagonal)
    assert len(text) < 26 * 60
    assert all(f"{number} " in text for number in range(1, 27))


def test_empty_formatted_cells_cost_nothing() -> None:
    """Rows and columns that only have formats are not there."""
    blank = "".join(f'<row r="{n}"><c r="ZZ{n}" s="1"/></row>' for n in range(2, 500))
    assert shown(row(1, "a", "b"), blank, formats=("0.00",)) == "| a | b |\n| --- | --- |"


def test_tables_below_each_other() -> None:
    """A title, a table and another with a head of its own are three; an empty row alone divides none."""
    text = shown(
        row(1, "Report"),
        row(3, "Item", "Price"), row(4, "Pen", value(2)), row(6, "Ink", value(3)),
        row(8, "City", "2024"), row(9, "Rome", value(5)),
    )  # fmt: skip
    assert text == (
        "A1: Report\n\nA3:B6\n\n| Item | Price |\n| --- | --- |\n| Pen | 2 |\n| Ink | 3 |\n\n"
        "A8:B9\n\n| City | 2024 |\n| --- | --- |\n| Rome | 5 |"
    )


def test_merged_cells() -> None:
    """A merged head stands above each of its columns; a title over all of them stands above the table."""
    merged = (
        '<mergeCells><mergeCell ref="A1:C1"/><mergeCell ref="B2:C2"/><mergeCell ref="A3:A4"/></mergeCells>'
    )
    rows = (
        row(1, "Sales"),
        row(2, "City", "2024"),
        row(3, "Rome", "Q1", "Q2"),
        row(4, "", value(1), value(2)),
    )
    assert shown(*rows, after=merged) == (
        "Sales\n\n| City | 2024 | 2024 |\n| --- | --- | --- |\n| Rome | Q1 | Q2 |\n| Rome | 1 | 2 |"
    )


def test_hidden_rows_and_columns() -> None:
    """Hidden rows and columns, and values that their format hides, are read and told."""
    document = read(
        workbook(
            sheet(
                row(1, "a", "b", "c")
                + row(2, value(1), value(2), value(3, 1), attributes='hidden="1"')
                + row(3, "d", attributes='hidden="true"'),
                before='<cols><col min="2" max="3" hidden="1"/></cols>',
            ),
            formats=(";;;",),
        )
    )
    assert "| 1 | 2 | 3 |" in document.parts[0].text
    assert "(Hidden rows: 2-3. Hidden columns: B-C. Hidden by their format: C2.)" in document.parts[0].text
    assert document.notes == ("Hidden rows or columns of sheet 'S1' are included.",)


def test_printed_margins() -> None:
    """Headers and footers that say something are told without their codes."""
    codes = '&amp;L&amp;"Arial,Bold"&amp;12Secret &amp;&amp; safe&amp;RPage &amp;P'
    margins = f"<headerFooter><oddHeader>{codes}</oddHeader></headerFooter>"
    assert "(Printed header: Secret & safe | Page)" in shown(row(1, "a"), after=margins)


def annotated(
    cells: str, after: str, parts: dict[str, str | bytes], links: dict[str, tuple[str, str]]
) -> Extracted:
    """A workbook whose sheet refers to parts by ids, with their kinds."""
    entries = "".join(
        f'<Relationship Id="{name}" Type="x/{kind}" Target="{target}"'
        + (' TargetMode="External"/>' if "://" in target else "/>")
        for name, (kind, target) in links.items()
    )
    relations = f'<Relationships xmlns="{PACKAGE}/relationships">{entries}</Relationships>'
    persons = {"persons/person.xml": "person"}
    return read(
        workbook(
            sheet(cells, after),
            more={"xl/worksheets/_rels/sheet1.xml.rels": relations, **parts},
            links=persons,
        )
    )


def test_comments_and_threads() -> None:
    """Notes and threads stand below the table with cells and authors; what repeats a thread does not."""
    notes = (
        "<comments><authors><author>Ann</author></authors><commentList>"
        '<comment ref="B2" authorId="0"><text><r><t>Ann:\n</t></r><r><t>before rebate</t></r></text>'
        '</comment><comment ref="A1" authorId="0"><text><t>[Threaded comment]</t></text></comment>'
        "</commentList></comments>"
    )
    threads = (
        '<ThreadedComments><threadedComment ref="A1" dT="2024-03-05T10:00:00" personId="p" done="1">'
        '<text>Why?</text></threadedComment><threadedComment ref="A1" personId="q"><text>So.</text>'
        "</threadedComment></ThreadedComments>"
    )
    persons = '<personList><person id="p" displayName="Bob"/><person id="q" displayName="Eve"/></personList>'
    document = annotated(
        row(1, "a"),
        "",
        {"xl/comments1.xml": notes, "xl/threads.xml": threads, "xl/persons/person.xml": persons},
        {"c": ("comments", "../comments1.xml"), "t": ("threadedComment", "../threads.xml")},
    )
    assert document.parts[0].text == (
        "a\n\nComments:\n- A1, Bob, 2024-03-05, resolved: Why?\n- A1, Eve: So.\n- B2, Ann: before rebate"
    )


def test_links() -> None:
    """Cells tell where they lead, by a link or by the formula of one."""
    links = '<hyperlinks><hyperlink ref="A1" r:id="h"/><hyperlink ref="B1" location="S1!A9"/></hyperlinks>'
    formula = '<c t="str"><f>HYPERLINK("https://b.example/x","here")</f><v>here</v></c>'
    document = annotated(
        row(1, "site", "below", formula), links, {}, {"h": ("hyperlink", "https://a.example/")}
    )
    assert document.parts[0].text.partition("\n")[0] == (
        "| [site](https://a.example/) | [below](#S1!A9) | [here](https://b.example/x) |"
    )


def test_what_lies_above_the_cells() -> None:
    """Text boxes, those in groups too, and charts, with data of the cells where no copy is kept."""
    box = "<xdr:sp><xdr:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
    held = '<a:graphic><a:graphicData><c:chart r:id="k"/></a:graphicData></a:graphic>'
    frame = f"<xdr:graphicFrame>{held}</xdr:graphicFrame>"
    place = "<xdr:from><xdr:col>1</xdr:col><xdr:row>4</xdr:row></xdr:from>"
    drawing = (
        f'<xdr:wsDr xmlns:xdr="{DRAWING}/spreadsheetDrawing" xmlns:a="{DRAWING}/main" '
        f'xmlns:c="{DRAWING}/chart" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        f"<xdr:twoCellAnchor>{place}<xdr:grpSp>{box.format('first')}{box.format('second')}</xdr:grpSp>"
        f"</xdr:twoCellAnchor><xdr:oneCellAnchor>{place}{frame}</xdr:oneCellAnchor></xdr:wsDr>"
    )
    chart = (
        f'<c:chartSpace xmlns:c="{DRAWING}/chart"><c:chart><c:plotArea><c:pieChart><c:ser>'
        "<c:cat><c:strRef><c:f>'S1'!$A$1:$A$2</c:f></c:strRef></c:cat>"
        "<c:val><c:numRef><c:f>'S1'!$B$1:$B$2</c:f></c:numRef></c:val></c:ser></c:pieChart></c:plotArea>"
        "</c:chart></c:chartSpace>"
    )
    relations = (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        '<Relationship Id="k" Type="x/chart" Target="../charts/chart1.xml"/></Relationships>'
    )
    document = annotated(
        row(1, "x", value(4)) + row(2, "y", value(5)),
        '<drawing r:id="d"/>',
        {
            "xl/drawings/drawing1.xml": drawing,
            "xl/drawings/_rels/drawing1.xml.rels": relations,
            "xl/charts/chart1.xml": chart,
        },
        {"d": ("drawing", "../drawings/drawing1.xml")},
    )
    assert document.parts[0].text.partition("\n\n")[2] == (
        "At B5: first\n\nAt B5: second\n\nAt B5: Chart (pie)\n\n|  |  |\n| --- | --- |\n| x | 4 |\n| y | 5 |"
    )


def test_values_that_are_more_than_a_text() -> None:
    """Pictures in cells are pictures there, linked data types show their names; errors stay errors."""
    rich = "{http://schemas.microsoft.com/office/spreadsheetml/2017/richdata}"
    blocks = "".join(f'<bk><x:rvb xmlns:x="{rich[1:-1]}" i="{number}"/></bk>' for number in range(3))
    cells = "".join(f'<bk><rc t="1" v="{number}"/></bk>' for number in range(4))
    spaces = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
    parts: dict[str, str | bytes] = {
        "xl/metadata.xml": (
            '<metadata><metadataTypes><metadataType name="XLRICHVALUE"/></metadataTypes>'
            f'<futureMetadata name="XLRICHVALUE">{blocks}</futureMetadata>'
            f"<valueMetadata>{cells}</valueMetadata></metadata>"
        ),
        "xl/structures.xml": (
            '<rvStructures><s t="_localImage"><k n="_rvRel:LocalImageIdentifier"/><k n="Text"/></s>'
            '<s t="_linkedentity2"><k n="%EntityId"/><k n="_DisplayString"/></s></rvStructures>'
        ),
        "xl/values.xml": (
            '<rvData><rv s="0"><v>0</v><v>A map</v></rv><rv s="1"><v>x</v><v>Contoso Ltd</v></rv>'
            '<rv s="7"><v>1</v></rv></rvData>'
        ),
        "xl/pictures.xml": f'<richValueRels {spaces}><rel r:id="r0"/></richValueRels>',
        "xl/_rels/pictures.xml.rels": relationships({"media/a.png": "image"}),
        "xl/media/a.png": png(),
    }
    links = {
        "metadata.xml": "sheetMetadata",
        "structures.xml": "rdRichValueStructure",
        "values.xml": "rdRichValue",
        "pictures.xml": "richValueRel",
    }
    valued = [f'<c t="e" vm="{number}"><v>#VALUE!</v></c>' for number in range(1, 6)]
    body = sheet(row(1, "Firm", *valued) + row(2, valued[0]))
    (part,) = read(workbook(body, more=parts, links=links)).parts
    table = "| Firm |  | Contoso Ltd | #VALUE! | #VALUE! | #VALUE! |"
    assert part.text.splitlines()[0] == table
    assert part.text.endswith(f"At B1: {PICTURE_MARK} (A map)\n\nAt A2: (the picture of S1, B1 again)")
    assert [image.data for image in part.images] == [png()]


def test_form_controls() -> None:
    """Check boxes show whether they are ticked; notes, which lie beside them, are no controls."""
    shape = (
        '<v:shape id="s"><v:textbox><div><font>{}</font><br></div></v:textbox><x:ClientData ObjectType="{}">'
        "<x:Anchor>1, 15, 2, 0, 3, 4, 5, 6</x:Anchor>{}</x:ClientData></v:shape>"
    )
    controls = [
        ("Agreed", "Checkbox", "<x:Checked>1</x:Checked>"),
        ("Paid", "Checkbox", ""),
        ("x", "Note", ""),
    ]
    vml = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel">'
        f"{''.join(shape.format(*control) for control in controls)}</xml>"
    )
    document = annotated(
        row(1, "a"), "", {"xl/drawings/v.vml": vml}, {"v": ("vmlDrawing", "../drawings/v.vml")}
    )
    assert document.parts[0].text == "a\n\nAt B3: ☒ Agreed\n\nAt B3: ☐ Paid"


def test_embedded_files() -> None:
    """Files that lie on a sheet as objects are attachments; what is no file is told as left out."""
    document = annotated(
        row(1, "a"),
        "",
        {"xl/embeddings/Offer.docx": docx("Words of the offer"), "xl/embeddings/oleObject1.bin": b"drawing"},
        {"p": ("package", "../embeddings/Offer.docx"), "o": ("oleObject", "../embeddings/oleObject1.bin")},
    )
    assert document.parts[0].left_out == ("An embedded object is not read: it is of no known kind.",)
    told = [one.name for one in document.attachments] or [part.within or "" for part in document.parts[1:]]
    assert told == ["Offer.docx"]


def test_names_and_places_of_other_programs() -> None:
    """Prefixes of namespaces, cells without places, rows in disorder: all are read."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    prefixed = (
        f'<x:worksheet xmlns:x="{space}"><x:sheetData><x:row r="2">'
        "<x:c><x:v>3</x:v></x:c><x:c><x:v>4</x:v></x:c>"
        '</x:row><x:row r="1"><x:c r="B1"><x:v>2</x:v></x:c><x:c r="A1"><x:v>1</x:v></x:c></x:row>'
        "</x:sheetData></x:worksheet>"
    )
    assert read(workbook(prefixed)).parts[0].text == "| 1 | 2 |\n| --- | --- |\n| 3 | 4 |"


def test_sheets_that_are_not_there() -> None:
    """A sheet that is missing is told as left out, others are read; without a workbook all is damaged."""
    data = workbook(sheet(row(1, "a")), sheet(row(1, "b")))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    del members["xl/worksheets/sheet2.xml"]
    document = read(zipped(members))
    assert document.parts[1].left_out == ("The sheet is not included: it does not lie in the file.",)
    del members["xl/workbook.xml"]
    with pytest.raises(Unreadable) as caught:
        read(zipped(members))
    assert caught.value.reason is DocumentReason.DAMAGED


def test_hostile_sheets() -> None:
    """Merged cells and links over everything, numbers beyond all, texts that repeat: all is bounded."""
    merged = '<mergeCell ref="A1:XFD1048576"/>' * 5_000
    links = '<hyperlink ref="A1:XFD1048576" location="x"/>' * 5_000
    rows = "".join(row(number, "a", "b") for number in range(1, 200))
    text = shown(rows, after=f"<mergeCells>{merged}</mergeCells><hyperlinks>{links}</hyperlinks>")
    assert len(text) < 10_000
    odd = '<row r="99999999999"><c r="ZZZZ1" s="-7" t="s"><v>-1</v></c><c r="A0"><v>1e999</v></c></row>'
    assert shown(row(1, "a"), odd)
    long = workbook(sheet(row(1, *[f'<c t="str"><v>{"x" * 30_000}</v></c>'] * 20)))
    with pytest.raises(Unreadable) as caught:
        extract(long, "a.xlsx", Limits(text_characters=100_000))
    assert caught.value.reason is DocumentReason.TOO_LARGE
