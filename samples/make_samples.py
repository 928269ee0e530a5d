"""Writes the binary sample documents: Office files, PDFs and a picture, each as small as its format allows.

Usage: python samples/make_samples.py     (needs Pillow; the outputs are kept in the repository)
"""

import random
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFilter, ImageFont

HERE = Path(__file__).parent
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SLIDE = "http://schemas.openxmlformats.org/presentationml/2006/main"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
# All members of an archive get this time, so that the same contents give the same bytes.
EPOCH = (2026, 1, 1, 0, 0, 0)

LEASE = (
    "#Lease of business premises",
    "Between Harbour Yard Properties, 1 Quay Street, Alderbury (the landlord) and Larkfield Cycles, "
    "represented by its director Mara Quill (the tenant). Signed on 2 March 2026.",
    "#1. Premises",
    "The landlord lets the workshop at 4 Harbour Yard, Alderbury, of 210 square metres, with the yard "
    "in front of it.",
    "#2. Term",
    "The lease begins on 1 April 2026 and ends on 31 March 2031. Notice must be given in writing six months "
    "before its end; otherwise it is renewed for two years.",
    "#3. Rent and deposit",
    "The rent is EUR 1,850.00 a month, due on the third working day. The tenant must pay a deposit of "
    "EUR 5,550.00 by 25 March 2026. The rent may be raised once a year, by no more than 3 %, first on "
    "1 April 2027.",
    "#4. Obligations of the tenant",
    "The tenant must insure the workshop against fire and water and show the policy by 30 June each year. "
    "The tenant must have the electrical installation inspected every two years, first by 31 March 2028. "
    "Changes to the building need the landlord's consent in writing.",
    "#5. Obligations of the landlord",
    "The landlord must repair the roof gutter by 30 April 2026 and keeps the heating in working order. "
    "The landlord must announce a visit 48 hours ahead.",
    "For the landlord: Edmund Vale. For the tenant: Mara Quill.",
)
INVOICE = (
    "Northgate Bearings",
    "88 Foundry Road, Northgate",
    "",
    "To: Larkfield Cycles, 4 Harbour Yard, Alderbury",
    "",
    "INVOICE 2026-014",
    "Date: 15 May 2026",
    "Your order of 11 May 2026, Tobias Renn",
    "",
    "Item                          Pieces    Price    Amount",
    "Bearing 6902-2RS                  80     6.90    552.00",
    "Bearing 6802-2RS                  80     5.85    468.00",
    "Axle seal 15 mm                   30     1.65     49.50",
    "Carriage                           1     1.00      1.00",
    "",
    "Net                                             1,070.50",
    "VAT 20 %                                          214.10",
    "Total EUR 1,284.60",
    "",
    "Please pay EUR 1,284.60 without deduction by 14 June 2026.",
    "Delivery is announced for 29 May 2026.",
    "Questions: hanna.brandt@northgate-bearings.example",
)
INSURANCE = (
    (
        "Meridian Mutual Insurance",
        "30 Castle Square, Alderbury",
        "",
        "Larkfield Cycles",
        "Ms Mara Quill",
        "4 Harbour Yard, Alderbury",
        "",
        "4 May 2026",
        "",
        "Renewal of your business insurance, policy MM-77120",
        "",
        "Dear Ms Quill,",
        "",
        "your cover against fire, water and theft ends on 30 June 2026. We offer to renew it",
        "for one year from 1 July 2026. The premium is EUR 742.50 a year (until now EUR 705.00),",
        "because the sum insured rises from EUR 80,000.00 to EUR 95,000.00.",
        "",
        "If you accept, please sign the enclosed form and return it by 15 June 2026.",
        "The premium is due on 1 July 2026. Without your signature the cover ends.",
        "",
        "Kind regards",
        "Paul Ferris, Meridian Mutual",
    ),
    (
        "Policy MM-77120: what we ask of you",
        "",
        "1. Keep the fire doors closed outside working hours.",
        "2. Have the extinguishers inspected every year, next by 30 September 2026.",
        "3. Store lithium batteries in the steel cabinet and charge them under supervision only.",
        "4. Report damage within three days. Report theft to the police within 24 hours.",
        "5. Tell us within one month when stock is worth more than EUR 95,000.00.",
        "",
        "The excess is EUR 250.00 for each claim.",
    ),
)
OPEN_INVOICES: tuple[tuple[str | float, ...], ...] = (
    ("Number", "Company", "Kind", "Date", "Due", "Amount EUR"),
    ("2026-014", "Northgate Bearings", "to pay", "2026-05-15", "2026-06-14", 1284.60),
    ("HY-2026-06", "Harbour Yard Properties", "to pay", "2026-05-26", "2026-06-03", 1850.00),
    ("LC-2026-088", "Old Mill Bakery", "to receive", "2026-04-10", "2026-05-10", 415.00),
    ("LC-2026-097", "Green Crate Deliveries", "to receive", "2026-05-19", "2026-06-18", 378.00),
    ("LC-2026-101", "Riverside Florists", "to receive", "2026-05-27", "2026-06-26", 92.00),
    ("", "Total", "", "2026-05-31", "", 4019.60),
)
PLAN = (
    ("Plan for 2026", ("Larkfield Cycles, 12 January 2026", "Mara Quill, director")),
    (
        "Goals",
        (
            "Move to 4 Harbour Yard by 1 April 2026",
            "Win one fleet customer by 30 June 2026",
            "Sell 120 LC-40 hubs by the end of the year",
            "Answer every request within two working days",
        ),
    ),
    (
        "Budget: EUR 18,000.00",
        (
            "Move and deposit: EUR 9,500.00",
            "Tools and lifting stand: EUR 5,000.00",
            "Courses for customers: EUR 1,500.00",
            "Reserve: EUR 2,000.00",
        ),
    ),
)
RECEIPT = (
    "ALDERBURY HARDWARE",
    "9 Market Place",
    "",
    "22 May 2026   10:14",
    "",
    "2 x Cable ties 100       7.60",
    "1 x Thread lock 50 ml   12.20",
    "3 x Shop towel          18.00",
    "",
    "TOTAL EUR               37.80",
    "Paid by card",
    "",
    "Exchange within 14 days",
)


def write_archive(path: Path, members: Mapping[str, str]) -> None:
    """Write a ZIP archive of XML members."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, XML + text)


def content_types(kinds: Mapping[str, str]) -> str:
    """The member that names the media type of each part."""
    prefix = "application/vnd.openxmlformats-officedocument."
    parts = "".join(
        f'<Override PartName="/{name}" ContentType="{prefix}{kind}+xml"/>' for name, kind in kinds.items()
    )
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    return (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="{rels}"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{parts}</Types>'
    )


def relationships(targets: Sequence[tuple[str, str]]) -> str:
    """A member of relationships: kind and target of each, numbered from rId1 on."""
    items = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{items}</Relationships>'


def write_docx(path: Path, paragraphs: Sequence[str]) -> None:
    """Write a Word document; a paragraph that begins with # is a bold heading."""
    body = "".join(
        f"<w:p><w:r>{'<w:rPr><w:b/></w:rPr>' if text.startswith('#') else ''}"
        f'<w:t xml:space="preserve">{escape(text.removeprefix("#"))}</w:t></w:r></w:p>'
        for text in paragraphs
    )
    main = "word/document.xml"
    write_archive(
        path,
        {
            "[Content_Types].xml": content_types({main: "wordprocessingml.document.main"}),
            "_rels/.rels": relationships([("officeDocument", main)]),
            main: f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
        },
    )


def write_xlsx(path: Path, name: str, rows: Sequence[Sequence[str | float]]) -> None:
    """Write a workbook of one sheet."""
    lines = "".join(
        f'<row r="{number}">{"".join(cell(value, column, number) for column, value in enumerate(row))}</row>'
        for number, row in enumerate(rows, 1)
    )
    book, sheet = "xl/workbook.xml", "xl/worksheets/sheet1.xml"
    write_archive(
        path,
        {
            "[Content_Types].xml": content_types(
                {book: "spreadsheetml.sheet.main", sheet: "spreadsheetml.worksheet"}
            ),
            "_rels/.rels": relationships([("officeDocument", book)]),
            "xl/_rels/workbook.xml.rels": relationships([("worksheet", "worksheets/sheet1.xml")]),
            book: f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets>'
            f'<sheet name="{escape(name)}" sheetId="1" r:id="rId1"/></sheets></workbook>',
            sheet: f'<worksheet xmlns="{SHEET}"><sheetData>{lines}</sheetData></worksheet>',
        },
    )


def cell(value: str | float, column: int, row: int) -> str:
    """A cell of a sheet: a number, or text written in place."""
    place = f"{chr(ord('A') + column)}{row}"
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value:.2f}</v></c>'


def write_pptx(path: Path, slides: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Write a presentation with a title and lines on each slide."""
    numbers = range(1, len(slides) + 1)
    main = "ppt/presentation.xml"
    kinds = {main: "presentationml.presentation.main"}
    kinds |= {f"ppt/slides/slide{number}.xml": "presentationml.slide" for number in numbers}
    listed = "".join(f'<p:sldId id="{255 + number}" r:id="rId{number}"/>' for number in numbers)
    members = {
        "[Content_Types].xml": content_types(kinds),
        "_rels/.rels": relationships([("officeDocument", main)]),
        "ppt/_rels/presentation.xml.rels": relationships(
            [("slide", f"slides/slide{number}.xml") for number in numbers]
        ),
        main: f'<p:presentation xmlns:p="{SLIDE}" xmlns:r="{OFFICE}"><p:sldIdLst>{listed}</p:sldIdLst>'
        '<p:sldSz cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>',
    }
    for number, (title, lines) in enumerate(slides, 1):
        members[f"ppt/slides/slide{number}.xml"] = slide(title, lines)
    write_archive(path, members)


def slide(title: str, lines: Sequence[str]) -> str:
    """One slide: a shape for the title and one for the lines."""
    shapes = shape(2, "Title", [title], 300_000, 1_200_000) + shape(3, "Text", lines, 1_700_000, 4_500_000)
    return (
        f'<p:sld xmlns:p="{SLIDE}" xmlns:a="{DRAWING}"><p:cSld><p:spTree><p:nvGrpSpPr>'
        f'<p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
        f"{shapes}</p:spTree></p:cSld></p:sld>"
    )


def shape(number: int, name: str, lines: Sequence[str], top: int, height: int) -> str:
    """A shape with a paragraph for each line; sizes in English Metric Units (914,400 an inch)."""
    text = "".join(f"<a:p><a:r><a:t>{escape(line)}</a:t></a:r></a:p>" for line in lines)
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr/><p:nvPr/></p:nvSpPr><p:spPr>'
        f'<a:xfrm><a:off x="600000" y="{top}"/><a:ext cx="7900000" cy="{height}"/></a:xfrm>'
        f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>'
        f"<p:txBody><a:bodyPr/>{text}</p:txBody></p:sp>"
    )


def pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """A PDF with lines of Courier on A4 pages."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        marked = (line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in lines)
        shown = "\n".join(f"({line}) Tj T*" for line in marked)
        stream = f"BT /F1 10 Tf 14 TL 56 780 Td\n{shown}\nET"
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            f"/Contents {5 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    return assembled(objects)


def assembled(objects: Sequence[str]) -> bytes:
    """The objects one after the other, with the table of where each begins."""
    data = b"%PDF-1.4\n"
    places = []
    for number, text in enumerate(objects, 1):
        places.append(f"{len(data):010d} 00000 n \n")
        data += f"{number} 0 obj\n{text}\nendobj\n".encode("latin-1")
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{''.join(places)}"
    end = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF\n"
    return data + (table + end).encode("latin-1")


def write_scan(path: Path, lines: Sequence[str]) -> None:
    """Draw the lines as a scanner would see them: askew, a little blurred, on paper with specks."""
    page = Image.new("L", (620, 760), 236)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(26)
    for number, line in enumerate(lines):
        left, _, right = line.partition("  ")
        top = 60 + 48 * number
        draw.text((60, top), left, fill=40, font=font)
        draw.text((560, top), right.strip(), fill=40, font=font, anchor="ra")
    page = page.rotate(1.4, resample=Image.Resampling.BICUBIC, fillcolor=225).filter(
        ImageFilter.GaussianBlur(0.7)
    )
    dust = random.Random(7)  # noqa: S311  (specks on paper, nothing secret)
    for _ in range(150):
        page.putpixel((dust.randrange(page.width), dust.randrange(page.height)), dust.randrange(90, 200))
    page.quantize(16).save(path, optimize=True)


def main() -> None:
    """Write all binary samples beside this script."""
    write_docx(HERE / "contracts" / "lease-harbour-yard.docx", LEASE)
    write_xlsx(HERE / "invoices" / "open-invoices.xlsx", "Open invoices", OPEN_INVOICES)
    write_pptx(HERE / "meetings" / "plan-2026.pptx", PLAN)
    invoice = pdf([INVOICE])
    (HERE / "invoices" / "northgate-2026-014.pdf").write_bytes(invoice)
    (HERE / "broken" / "damaged.pdf").write_bytes(invoice[: len(invoice) // 3])
    (HERE / "letters" / "insurance-renewal.pdf").write_bytes(pdf(INSURANCE))
    write_scan(HERE / "scans" / "receipt.png", RECEIPT)


if __name__ == "__main__":
    main()
