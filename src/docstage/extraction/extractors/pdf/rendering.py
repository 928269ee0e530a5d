"""Pictures of PDF pages."""

import math

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # it ships no types
from PIL import Image

from docstage.domain.content import ImagePart
from docstage.extraction.extractors.base import Limits
from docstage.extraction.extractors.pictures import encode_jpeg

# PDF's unit is 1/72 inch: a scale of 2 makes 144 dots an inch, enough to read 8 point print. Pages smaller
# than a postcard are scans whose size in inches nobody has set: their longer side has at least so many dots.
_SCALE = 2.0
_LEAST_SIDE = 1_000.0
_MOST_SCALE = 40.0
# A long receipt or a whole web page on one sheet is cut into pieces, of which one can read each.
_LONG = 3.0
_PIECE = 1.5
_MOST_PIECES = 20
# What differs less than this on a page that is scaled down to a quarter are shades of empty paper.
_LEAST_CONTRAST = 14


def render(page: pdfium.PdfPage, limits: Limits) -> tuple[ImagePart, ...]:
    """The page upright, in one picture, or in several from its beginning to its end if it is very long.

    Returns:
        its pictures; none when it is blank.
    """
    width, height = (max(side, 0.01) for side in page.get_size())
    pieces = _pieces(width, height)
    longest = max(width, height) / len(pieces)
    scale = max(_SCALE, min(_LEAST_SIDE / longest, _MOST_SCALE))
    scale = min(scale, limits.image_side / longest)
    drawn = (_draw(page, scale, crop) for crop in pieces)
    return tuple(encode_jpeg(image) for image in drawn if not _is_blank(image))


def _pieces(width: float, height: float) -> list[tuple[float, float, float, float]]:
    """What is cut off on the left, below, on the right and above for each piece, in points."""
    long, short = max(width, height), min(width, height)
    # A page as thin as a line is one, too, and nothing can be read on it.
    count = math.ceil(long / (short * _PIECE)) if long > _LONG * short and short > 1.0 else 1
    count = min(count, _MOST_PIECES)
    step = long / count
    starts = [step * number for number in range(count)]
    if height >= width:
        return [(0.0, max(height - start - step, 0.0), 0.0, start) for start in starts]
    return [(start, 0.0, max(width - start - step, 0.0), 0.0) for start in starts]


def _draw(page: pdfium.PdfPage, scale: float, crop: tuple[float, float, float, float]) -> Image.Image:
    bitmap = page.render(scale=scale, crop=crop)
    try:
        image: Image.Image = bitmap.to_pil()
        return image.copy()  # the bitmap's own memory goes with it
    finally:
        bitmap.close()


def _is_blank(image: Image.Image) -> bool:
    """Whether nothing is on it; most pages show at a glance that something is."""
    sample = image.resize((max(image.width // 8, 1), max(image.height // 8, 1)), Image.Resampling.NEAREST)
    return (
        _contrast(sample) < _LEAST_CONTRAST and _contrast(image.reduce(min(4, *image.size))) < _LEAST_CONTRAST
    )


def _contrast(image: Image.Image) -> float:
    low, high = image.convert("L").getextrema()
    return float(high) - float(low)  # type: ignore[arg-type]
