"""A picture as an engine takes it: upright, in grey or colour, of a size that can be read."""

import io
import math
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors import Unreadable
from docstage.extraction.extractors.pictures import MAX_PIXELS, flat

_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP")
# An A4 page has 210 dpi then; finer ones are not read better. Long and narrow ones keep their width.
_MOST_PIXELS = 4_200_000
_LEAST_SIDE = 8
# Noise of a scanner and of JPEG on an empty page.
_LEAST_CONTRAST = 24


def decoded(data: bytes) -> Image.Image:
    """The picture in RGB, on white where it is transparent, upright as its file says.

    Raises:
        Unreadable: DAMAGED, or TOO_COMPLEX when it has more pixels than are decoded.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of broken metadata, which is not needed
            return _decoded(data)
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
        raise Unreadable(DocumentReason.DAMAGED, "The picture is damaged or cut off.") from error


def is_blank(image: Image.Image) -> bool:
    """Whether there is nothing on it that could be a word."""
    if min(image.size) < _LEAST_SIDE:
        return True
    counts = ImageOps.grayscale(image).histogram()
    found = [value for value, count in enumerate(counts) if count]
    return found[-1] - found[0] < _LEAST_CONTRAST


def _decoded(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
        if image.width * image.height > MAX_PIXELS:
            raise _too_large()
        # A JPEG is decoded at half its size or less where that is enough, which is quicker.
        image.draft("RGB", _fitting(image.size))
        image.load()
        upright = ImageOps.exif_transpose(flat(image)).convert("RGB")
    upright.thumbnail(_fitting(upright.size), Image.Resampling.LANCZOS)
    return upright


def _fitting(size: tuple[int, int]) -> tuple[int, int]:
    """The size in which a picture is read."""
    width, height = size
    scale = min(1.0, math.sqrt(_MOST_PIXELS / max(width * height, 1)))
    return max(round(width * scale), 1), max(round(height * scale), 1)


def _too_large() -> Unreadable:
    return Unreadable(DocumentReason.TOO_COMPLEX, f"The picture has more than {MAX_PIXELS:,} pixels.")
