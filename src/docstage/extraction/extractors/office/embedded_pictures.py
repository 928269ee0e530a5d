"""Pictures that lie inside documents: which of them models get, and what is said about the others."""

import io
import re
import warnings
from dataclasses import dataclass, field
from hashlib import sha256

from PIL import Image

from docstage.domain.content import PICTURE_MARK, ImagePart
from docstage.extraction.extractors.base import Limits, Unreadable
from docstage.extraction.extractors.pictures import MAX_PIXELS, PictureExtractor
from docstage.extraction.media_types import detect

# Lines, dots and bullets of a few pixels show nothing that could be read.
_SMALLEST_SIDE = 24
_QUARTER = 90
_FIRST = 0xF0000
_MARKS = re.compile(f"{PICTURE_MARK}[{chr(_FIRST)}-{chr(0xFFFFD)}]?")
_SVG = "image/svg+xml"
_VECTORS = {
    b"\x01\x00\x00\x00": "EMF",
    b"\xd7\xcd\xc6\x9a": "WMF",
    b"\x01\x00\x09\x00": "WMF",
    b"VCLMTF": "SVM",
    b"\x02\x00\x09\x00": "WMF",
}


@dataclass(frozen=True, slots=True)
class Crop:
    """How a picture is shown: what is cut off from each side, 0 to 1, and quarter turns."""

    left: float = 0.0
    top: float = 0.0
    right: float = 0.0
    bottom: float = 0.0
    turns: int = 0


WHOLE = Crop()


@dataclass(slots=True)
class Pictures:
    """Takes the pictures of one document, as many as the limits allow, each once.

    Attributes:
        small: how many were too small to show anything.
    """

    limits: Limits
    small: int = 0
    _marked: list[ImagePart] = field(default_factory=list)
    _taken: dict[tuple[bytes, Crop], str] = field(default_factory=dict)

    def take(self, data: bytes, where: str, crop: Crop = WHOLE) -> ImagePart | str | None:
        """The picture as models take it; else a sentence about why it is not there, or nothing.

        Args:
            data: the picture as it lies in the document.
            where: words such as `slide 3`, for the next place that shows the same picture.
            crop: how it is shown.

        Returns:
            None for a picture that is too small to show anything, or that was taken at another place.
        """
        key = (sha256(data).digest(), crop)
        if key in self._taken:
            return None
        if vector := vector_kind(data):
            return f"A drawing in the format {vector} is not included: models take no such pictures."
        if len(self._taken) >= self.limits.images:
            return f"A picture is not included: a document has at most {self.limits.images}."
        image = _decoded(data, crop, self.limits)
        if isinstance(image, ImagePart):
            self._taken[key] = where
        elif image is None:
            self.small += 1
        return image

    def shown_at(self, data: bytes, crop: Crop = WHOLE) -> str | None:
        """Where this picture was taken before."""
        return self._taken.get((sha256(data).digest(), crop))

    def mark(self, image: ImagePart) -> str:
        """A mark for a picture, which tells in the private area which one it is."""
        self._marked.append(image)
        return PICTURE_MARK + chr(_FIRST + len(self._marked) - 1)

    def placed(self, text: str) -> tuple[str, tuple[ImagePart, ...]]:
        """A text with plain marks, and its pictures in their order, each once."""
        first, *pieces = text.split(PICTURE_MARK)
        kept, images = [first], []
        seen: set[int] = set()
        for piece in pieces:
            number = ord(piece[:1] or "\0") - _FIRST
            if 0 <= number < len(self._marked) and number not in seen:
                seen.add(number)
                images.append(self._marked[number])
                kept.append(PICTURE_MARK)
            kept.append(piece[1:] if 0 <= number < len(self._marked) else piece)
        return "".join(kept), tuple(images)

    def notes(self) -> tuple[str, ...]:
        """What is worth knowing about those that were not taken."""
        if not self.small:
            return ()
        what = (
            "1 small picture (an icon, a line or a logo) is"
            if self.small == 1
            else (f"{self.small:,} small pictures (icons, lines, logos) are")
        )
        return (f"{what} not included.",)


def unmarked(text: str) -> str:
    """A text without marks for pictures."""
    return _MARKS.sub("", text)


def vector_kind(data: bytes) -> str | None:
    """The name of a format of drawings that cannot be made a picture here."""
    if data[:4] == b"\x01\x00\x00\x00" and data[40:44] != b" EMF":
        return None
    return next((name for magic, name in _VECTORS.items() if data.startswith(magic)), None)


def _decoded(data: bytes, crop: Crop, limits: Limits) -> ImagePart | str | None:
    media_type = detect(data, "")
    if media_type is None or not media_type.startswith("image/"):
        return "A picture of an unknown format is not included."
    if media_type == _SVG:
        return "A drawing in the format SVG is not included: models take no such pictures."
    try:
        shown = data if crop == WHOLE else _cropped(data, crop)
        image = PictureExtractor().extract(shown, media_type, limits).parts[0].images[0]
    except Unreadable as problem:
        return f"A picture is not included: {problem.detail}"
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return "A picture is not included: it is damaged."
    with Image.open(io.BytesIO(image.data)) as decoded:
        return None if min(decoded.size) < _SMALLEST_SIDE else image


def _cropped(data: bytes, crop: Crop) -> bytes:
    with warnings.catch_warnings(), Image.open(io.BytesIO(data)) as image:
        warnings.simplefilter("ignore")  # the extractor of pictures says what is too large
        width, height = image.size
        if width * height > MAX_PIXELS:
            return data
        box = (
            int(width * crop.left),
            int(height * crop.top),
            int(width * (1 - crop.right)),
            int(height * (1 - crop.bottom)),
        )
        if box[0] >= box[2] or box[1] >= box[3]:
            return data
        shown = image.crop(box).rotate(-_QUARTER * crop.turns, expand=True)
        buffer = io.BytesIO()
        lossy = image.format == "JPEG"
        shown.convert("RGB" if lossy else "RGBA").save(buffer, "JPEG" if lossy else "PNG", quality=92)
        return buffer.getvalue()
