"""Documents that tests build themselves, part by part."""

import io
import zipfile
from collections.abc import Mapping

PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
TYPES = "application/vnd.openxmlformats-officedocument"


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP file with these members."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def relationships(targets: Mapping[str, str]) -> str:
    """A .rels part: targets by the last part of their relationship type."""
    entries = "".join(
        f'<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (target, kind) in enumerate(targets.items())
    )
    return f'<?xml version="1.0"?><Relationships xmlns="{PACKAGE}/relationships">{entries}</Relationships>'


def content_types(overrides: Mapping[str, str]) -> str:
    """The [Content_Types].xml part."""
    entries = "".join(
        f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in overrides.items()
    )
    return (
        f'<?xml version="1.0"?><Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{entries}</Types>'
    )


def docx(body: str, header: str = "", footer: str = "") -> bytes:
    """A Word document of one paragraph with a running header and footer."""
    main = f"{TYPES}.wordprocessingml"
    paragraph = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>".format
    margins = '<w:sectPr><w:headerReference r:id="r0"/><w:footerReference r:id="r1"/></w:sectPr>'
    spaces = f'xmlns:w="{WORD}" xmlns:r="{OFFICE}"'
    return zipped(
        {
            "[Content_Types].xml": content_types(
                {
                    "/word/document.xml": f"{main}.document.main+xml",
                    "/word/header1.xml": f"{main}.header+xml",
                    "/word/footer1.xml": f"{main}.footer+xml",
                }
            ),
            "_rels/.rels": relationships({"word/document.xml": "officeDocument"}),
            "word/_rels/document.xml.rels": relationships({"header1.xml": "header", "footer1.xml": "footer"}),
            "word/document.xml": (
                f"<w:document {spaces}><w:body>{paragraph(body)}{margins}</w:body></w:document>"
            ),
            "word/header1.xml": f"<w:hdr {spaces}>{paragraph(header)}</w:hdr>",
            "word/footer1.xml": f"<w:ftr {spaces}>{paragraph(footer)}</w:ftr>",
        }
    )


def xlsx(rows: int, columns: int) -> bytes:
    """A workbook of one sheet; the cell in row r and column c, counted from 0, holds `r.c`."""
    cells = "".join(
        "<row>"
        + "".join(f'<c t="inlineStr"><is><t>{row}.{column}</t></is></c>' for column in range(columns))
        + "</row>"
        for row in range(rows)
    )
    return zipped(
        {
            "[Content_Types].xml": content_types(
                {
                    "/xl/workbook.xml": f"{TYPES}.spreadsheetml.sheet.main+xml",
                    "/xl/worksheets/sheet1.xml": f"{TYPES}.spreadsheetml.worksheet+xml",
                }
            ),
            "_rels/.rels": relationships({"xl/workbook.xml": "officeDocument"}),
            "xl/_rels/workbook.xml.rels": relationships({"worksheets/sheet1.xml": "worksheet"}),
            "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets>'
            '<sheet name="Only" sheetId="1" r:id="r0"/></sheets></workbook>',
            "xl/worksheets/sheet1.xml": (
                f'<worksheet xmlns="{SHEET}"><sheetData>{cells}</sheetData></worksheet>'
            ),
        }
    )


def pdf(*pages: str) -> bytes:
    """A PDF with one drawing program (PDF operators) for each page and the font /F."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, program in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents {5 + 2 * number} 0 R "
            "/Resources << /Font << /F 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(program)} >>\nstream\n{program}\nendstream")
    return _pdf_file(objects)


def text_page(text: str) -> str:
    """The drawing program of a page with one line of text."""
    return f"BT /F 12 Tf 20 200 Td ({text}) Tj ET"


def _pdf_file(objects: list[str]) -> bytes:
    file = "%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(file))
        file += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(file)}\n%%EOF\n"
    return f"{file}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode("latin-1")


def filled_form() -> bytes:
    """A PDF with one text field, `City`, filled in with `Reykjavik`."""
    return _pdf_file(
        [
            "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [5 0 R] >> >>",
            "<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 6 0 R /Annots [5 0 R] "
            "/Resources << /Font << /F 3 0 R >> >> >>",
            "<< /Type /Annot /Subtype /Widget /FT /Tx /T (City) /V (Reykjavik) "
            "/Rect [20 20 200 40] /P 4 0 R >>",
            "<< /Length 53 >>\nstream\nBT /F 12 Tf 20 200 Td (Where do you live, please?) Tj ET\nendstream",
        ]
    )
