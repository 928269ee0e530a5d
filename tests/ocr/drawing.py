"""Pictures of pages, drawn with the font that Pillow brings."""

import io
from collections.abc import Iterable

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # it ships no types
from PIL import Image, ImageDraw, ImageFont
from pypdfium2 import raw

from docstage.domain.content import ImagePart

LETTER = (
    "The lease begins on 1 March 2024 and ends",
    "on 28 February 2027, unless the tenant",
    "gives notice in writing before 30 June.",
    "The rent is 1,234.50 EUR a month.",
)


def sheet(width: int = 700, height: int = 400) -> Image.Image:
    """An empty page."""
    return Image.new("RGB", (width, height), "white")


def write(image: Image.Image, lines: Iterable[str], x: int = 40, y: int = 40, size: int = 24) -> Image.Image:
    """The page with lines on it, the first one at that place."""
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size)
    for number, line in enumerate(lines):
        draw.text((x, y + number * round(size * 1.5)), line, fill="black", font=font)
    return image


def letter() -> Image.Image:
    """A page with `LETTER`."""
    return write(sheet(), LETTER)


def png(image: Image.Image) -> ImagePart:
    """The page as a document holds it."""
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return ImagePart("image/png", buffer.getvalue())


def printed(
    lines: Iterable[str], size: int = 14, width: int = 400, height: int = 200, dpi: int = 144
) -> Image.Image:
    """A page in Helvetica, which has the letters of western languages, as pdfium draws it, in points."""
    document = pdfium.PdfDocument.new()
    page = document.new_page(width, height)
    for number, line in enumerate(lines):
        text = raw.FPDFPageObj_NewTextObj(document.raw, b"Helvetica", size)
        encoded = (raw.FPDF_WCHAR * (len(line) + 1))(*map(ord, line), 0)
        raw.FPDFText_SetText(text, encoded)
        raw.FPDFPageObj_Transform(text, 1, 0, 0, 1, size * 1.5, height - (number + 2) * size * 1.5)
        raw.FPDFPage_InsertObject(page.raw, text)
    page.gen_content()
    image: Image.Image = page.render(scale=dpi / 72).to_pil().convert("RGB")
    document.close()
    return image
