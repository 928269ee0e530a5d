"""What an engine finds in a picture, and which module reads with it."""

from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from docstage.extraction.extractors.pdf.text import Box


@dataclass(frozen=True, slots=True)
class ReadLine:
    """Words that stand together in a line.

    Attributes:
        text: the words.
        box: around them in pixels, upwards as in a PDF: what is at the top of the picture has the largest
            `top`, which is 0 or less. It is level, also where the picture is skewed.
    """

    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Found:
    """What an engine found.

    Attributes:
        lines: in no order.
        turned: degrees by which the picture was turned clockwise for that.
    """

    lines: tuple[ReadLine, ...]
    turned: int = 0


class Reader(Protocol):
    """An engine, loaded."""

    def read(self, image: Image.Image, /) -> Found:
        """Read a picture in RGB."""
        ...


def reader_of(name: str, languages: tuple[str, ...]) -> Reader:
    """Load an engine, which takes a second or two.

    Args:
        name: `OcrEngine.name`.
        languages: `OcrEngine.languages`.
    """
    if name == "tesseract":
        from docstage.extraction.ocr.tesseract_reader import TesseractReader

        return TesseractReader(languages)
    from docstage.extraction.ocr.rapid_reader import RapidReader

    return RapidReader()
