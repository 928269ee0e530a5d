"""Pictures of Word documents, as a reader sees them: cropped and turned, and none twice."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image

from docstage.domain.content import PICTURE_MARK, ImagePart
from docstage.extraction.extractors.base import Limits, Unreadable
from docstage.extraction.extractors.pictures import PictureExtractor, encode_jpeg
from docstage.extraction.extractors.png import is_whole_png
from docstage.extraction.extractors.remarks import Remarks
from docstage.extraction.known_types import PNG

# An inch has 914,400 units (ECMA-376 part 1, 20.1.2.1). Icons and lines are smaller than a fifth of it.
_SMALL = 914_400 // 5
_SMALL_PIXELS = 24
_MOST_BYTES = 4_000_000  # what every provider takes
_WHOLE = 100_000
_NOTICED = 500  # half a percent of a side
_TURN = 60_000
# A place in the private area tells which picture a mark stands for, until parts are made.
_FIRST = 0xF0000
_MOST = 0xFFFD
_METAFILES = {b"\x01\x00\x00\x00": "EMF", b"\xd7\xcd\xc6\x9a": "WMF", b"\x01\x00\x09\x00": "WMF"}
_SMALL_ONE = "A small picture (an icon, a line) is left out."
_SMALL_MANY = "{} small pictures (icons, lines) are left out."
_MARGIN_ONE = "A picture in a header or footer is left out."
_MARGIN_MANY = "{} pictures in headers and footers are left out."
_LIMIT_ONE = "A picture beyond the limit of pictures is left out."
_LIMIT_MANY = "{} pictures beyond the limit of pictures are left out."
_DAMAGED_ONE = "A picture is left out, because it is damaged or of an unknown kind."
_DAMAGED_MANY = "{} pictures are left out, because they are damaged or of an unknown kind."
_META_ONE = "A drawing (EMF or WMF) is left out, because it cannot be shown. Replace it by a picture."
_META_MANY = "{} drawings (EMF or WMF) are left out, because they cannot be shown. Replace them by pictures."


@dataclass(frozen=True, slots=True)
class Shown:
    """How a picture is shown.

    Attributes:
        size: width and height in 914,400ths of an inch, None where it is not said.
        crop: what is cut off at left, top, right and bottom, in 100,000ths of the side.
        turn: degrees, clockwise.
    """

    size: tuple[int, int] | None = None
    crop: tuple[int, int, int, int] = (0, 0, 0, 0)
    turn: int = 0


class Pictures:
    """Takes pictures in, each once.

    Attributes:
        in_margin: whether what comes now is of a header or footer, whose pictures are left out.
    """

    def __init__(self, limits: Limits, remarks: Remarks) -> None:
        self._limits = limits
        self._remarks = remarks
        self._images: list[ImagePart] = []
        self._taken: dict[tuple[str, Shown], str] = {}
        self.in_margin = False

    def take(self, name: str, data: bytes, shown: Shown) -> str:
        """A mark for a picture, nothing where it is left out, which is told.

        Args:
            name: what tells it from others.
            data: the picture.
            shown: how.
        """
        if self.in_margin:
            self._remarks.count(_MARGIN_ONE, _MARGIN_MANY, missing=False)
            return ""
        key = name.lower(), replace(shown, size=None)
        if key in self._taken:
            return self._taken[key]
        if shown.size is not None and min(map(abs, shown.size)) < _SMALL:
            self._remarks.count(_SMALL_ONE, _SMALL_MANY, missing=False)
            return ""
        self._taken[key] = self._taken_in(data, shown)
        return self._taken[key]

    def keep(self, images: Sequence[ImagePart]) -> list[str]:
        """Marks for pictures that another reader has made."""
        room = max(min(self._limits.images, _MOST) - len(self._images), 0)
        if len(images) > room:
            self._remarks.count(_LIMIT_ONE, _LIMIT_MANY, len(images) - room)
        first = len(self._images)
        self._images += images[:room]
        return [PICTURE_MARK + chr(_FIRST + first + place) for place in range(len(images[:room]))]

    def placed(self, text: str) -> tuple[str, tuple[ImagePart, ...]]:
        """A text with plain marks, and its pictures in their order, each once."""
        pieces = text.split(PICTURE_MARK)
        kept, images = [pieces[0]], []
        seen: set[int] = set()
        for piece in pieces[1:]:
            place = ord(piece[0]) - _FIRST if piece else -1
            if not 0 <= place < len(self._images):
                kept.append(piece)
                continue
            if place not in seen:
                seen.add(place)
                images.append(self._images[place])
                kept.append(PICTURE_MARK)
            kept.append(piece[1:])
        return "".join(kept), tuple(images)

    def _taken_in(self, data: bytes, shown: Shown) -> str:
        if data[:4] in _METAFILES:
            self._remarks.count(_META_ONE, _META_MANY)
            return ""
        if len(self._images) >= min(self._limits.images, _MOST):
            self._remarks.count(_LIMIT_ONE, _LIMIT_MANY)
            return ""
        image = self._as_shown(data, shown)
        return "" if image is None else self.keep([image])[0]

    def _is_fine(self, image: Image.Image, size: int, shown: Shown) -> bool:
        """Whether it is a plain PNG that can be sent unchanged."""
        fits = max(image.size) <= self._limits.image_side and size <= _MOST_BYTES
        return image.format == "PNG" and image.mode in ("RGB", "L", "1") and fits and not _is_changed(shown)

    def _as_shown(self, data: bytes, shown: Shown) -> ImagePart | None:
        try:
            with Image.open(io.BytesIO(data)) as opened:
                if min(opened.size) < _SMALL_PIXELS:
                    self._remarks.count(_SMALL_ONE, _SMALL_MANY, missing=False)
                    return None
                if self._is_fine(opened, len(data), shown):
                    if not is_whole_png(data):
                        opened.load()
                    return ImagePart(PNG, data)
            made = PictureExtractor().extract(data, "", replace(self._limits, images=1))
            image = made.parts[0].images[0]
            return _changed(image, shown) if _is_changed(shown) else image
        except (Unreadable, OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError):
            self._remarks.count(_DAMAGED_ONE, _DAMAGED_MANY)
            return None


def _is_changed(shown: Shown) -> bool:
    return bool(round(shown.turn / 90) % 4) or max(shown.crop) > _NOTICED


def _changed(image: ImagePart, shown: Shown) -> ImagePart:
    """The picture without what is cut off, turned by quarters: a model reads what is slightly askew."""
    with Image.open(io.BytesIO(image.data)) as whole:
        left, top, right, bottom = (max(side, 0) / _WHOLE for side in shown.crop)
        width, height = whole.size
        box = (
            int(left * width),
            int(top * height),
            max(int((1 - right) * width), int(left * width) + 1),
            max(int((1 - bottom) * height), int(top * height) + 1),
        )
        return encode_jpeg(whole.crop(box).rotate(-90 * round(shown.turn / 90), expand=True))


def turn_of(rotation: int) -> int:
    """Degrees of a rotation in 60,000ths of one."""
    return rotation // _TURN % 360
