"""Pictures that a page or a mail brings along, as far as they show something that could be read."""

import base64
import binascii
import io
import re
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

from docstage.domain.content import PICTURE_MARK, ImagePart
from docstage.extraction.extractors.base import Limits, Unreadable
from docstage.extraction.media_types import detect

# Logos, signs of telephones and social networks, lines and spacers are smaller.
_SMALLEST_SIDE, _SMALLEST_AREA = 50, 30_000
_MOST_SENTENCES = 20
_DATA_URI = re.compile(r"data:([^,;]*)((?:;[^,;]*)*),", re.IGNORECASE)
_PLACE = re.compile(f"{PICTURE_MARK}(\\d+){PICTURE_MARK}")
_PIXELS = re.compile(r"\s*(\d{1,6})(?:px)?\s*$")

Find = Callable[[str], bytes | None]
"""Gives the file that a page means by an address, None when it is not at hand."""


class PagePictures:
    """Takes the pictures of a page, as many as the limits allow, each once."""

    def __init__(self, limits: Limits, find: Find | None = None) -> None:
        self._limits = limits
        self._find = find
        self._images: list[ImagePart] = []
        self._taken: set[bytes] = set()
        self._small = 0
        self.left_out: list[str] = []
        self.used: set[str] = set()

    def __call__(self, source: str, found: dict[str, str]) -> str | None:
        """Take a picture, given its address and the attributes it is shown with; the mark of its place."""
        data = self._data(source)
        if data is None or data in self._taken:
            return None
        self._taken.add(data)
        if len(self._images) >= self._limits.images:
            self._tell(f"A picture is not included: a document has at most {self._limits.images}.")
            return None
        image = self._image(data, _shown_area(found))
        if image is None:
            return None
        self._images.append(image)
        return f"{PICTURE_MARK}{len(self._images) - 1}{PICTURE_MARK}"

    def placed(self, text: str) -> tuple[str, tuple[ImagePart, ...]]:
        """The text with one mark for each picture, and the pictures in its order."""
        order: list[int] = []

        def mark(found: re.Match[str]) -> str:
            number = int(found[1])
            if number in order:
                return ""
            order.append(number)
            return PICTURE_MARK

        text = _PLACE.sub(mark, text)
        return text, tuple(self._images[number] for number in order)

    def notes(self) -> tuple[str, ...]:
        """What is worth knowing about those that were not taken."""
        count = self._small
        what = "1 small picture is" if count == 1 else f"{count:,} small pictures are"
        return (f"{what} not included: logos, icons and the like.",) if count else ()

    def _data(self, source: str) -> bytes | None:
        if source[:5].lower() == "data:":
            return _from_uri(source)
        data = self._find(source) if self._find and source else None
        if data is not None:
            self.used.add(source)
        return data

    def _image(self, data: bytes, shown_area: int | None) -> ImagePart | None:
        from PIL import Image

        from docstage.extraction.extractors.pictures import PictureExtractor

        media_type = detect(data, "")
        if media_type is None or not media_type.startswith("image/"):
            self._tell("A picture is not included: it is of no known format.")
            return None
        try:
            with Image.open(io.BytesIO(data)) as image:
                width, height = image.size
            if min(width, height) < _SMALLEST_SIDE or min(width * height, shown_area or width * height) < (
                _SMALLEST_AREA
            ):
                self._small += 1
                return None
            return PictureExtractor().extract(data, media_type, self._limits).images[0]
        except Unreadable as problem:
            self._tell(f"A picture is not included: {problem.detail}")
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
            self._tell("A picture is not included: it is damaged.")
        return None

    def _tell(self, sentence: str) -> None:
        if len(self.left_out) < _MOST_SENTENCES:
            self.left_out.append(sentence)


def _from_uri(source: str) -> bytes | None:
    """The bytes of a picture that stands in its own address (RFC 2397); drawings are not taken."""
    found = _DATA_URI.match(source)
    if found is None or "svg" in found[1].lower():
        return None
    written = source[found.end() :]
    if ";base64" not in found[2].lower():
        return unquote_to_bytes(written)
    try:
        text = re.sub(r"\s+", "", unquote_to_bytes(written).decode("ascii", "replace"))
        return base64.b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None


def _shown_area(found: dict[str, str]) -> int | None:
    """How large the page shows it, in pixels."""
    width, height = (_PIXELS.match(found.get(name, "")) for name in ("width", "height"))
    return int(width[1]) * int(height[1]) if width and height else None
