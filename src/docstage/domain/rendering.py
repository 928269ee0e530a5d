"""The parts of a document as models read them: between tags with numbers that answers can cite.

The same parts always make the same text, whatever is asked about them: providers cache it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from docstage.domain.content import PICTURE_MARK, Content, ImagePart, Part, PartKind
from docstage.domain.receipt import Receipt, ReceivedPart

_TAGS = "|".join([*PartKind, "attachment"])
# A tag inside a text could pose as the beginning or end of a part: its `<` is written `&lt;`.
_FORGED = re.compile(rf"<(?=/(?:{_TAGS})\s*>|(?:{_TAGS})\s+(?:n|name)\s*=)", re.IGNORECASE)
_MOST_OF_NAME = 200  # characters


@dataclass(slots=True)
class _Writer:
    """Text that grows, and the pictures that stand in it."""

    pieces: list[str]
    images: list[ImagePart]
    length: int = 0

    def write(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)

    def place(self, image: ImagePart) -> int:
        """Take a picture; returns its number."""
        self.images.append(image)
        return len(self.images)


def render(
    parts: Sequence[Part], notes: Sequence[str] = (), left_out: Sequence[str] = ()
) -> tuple[Content, Receipt]:
    """Write the parts one after the other.

    A document in one piece is its bare text: there is nothing to cite but itself.

    Args:
        notes: sentences for the receipt.
        left_out: likewise.
    """
    writer = _Writer([], [])
    if len(parts) == 1 and _is_bare(parts[0]):
        received = [_bare(writer, parts[0])]
    else:
        received = list(_tagged(writer, parts))
    receipt = Receipt(tuple(received), tuple(notes), tuple(left_out))
    content = Content("".join(writer.pieces), tuple(writer.images), receipt.needs_sight)
    return content, receipt


def escaped(text: str) -> str:
    """The text unable to pose as the beginning or end of a part."""
    return _FORGED.sub("&lt;", text)


def picture_reference(number: int) -> str:
    """What stands in a text in the place of a picture."""
    return f"[picture {number}]"


def _is_bare(part: Part) -> bool:
    return part.kind is PartKind.SECTION and part.name is None and part.within is None


def _bare(writer: _Writer, part: Part) -> ReceivedPart:
    if len(part.images) == 1 and not part.text.replace(PICTURE_MARK, "").strip():
        return _received(part, 0, 0, (writer.place(part.images[0]),))
    return _write_text(writer, part, part.text)


def _tagged(writer: _Writer, parts: Iterable[Part]) -> Iterator[ReceivedPart]:
    for within, group in groupby(parts, key=lambda part: part.within):
        if within is not None:
            writer.write(f'{_gap(writer)}<attachment name="{_attribute(within)}">')
        for part in group:
            writer.write(f"{_gap(writer)}{_opening(part)}\n")
            yield _write_text(writer, part, escaped(part.text))
            writer.write(f"\n</{part.kind}>")
        if within is not None:
            writer.write("\n</attachment>")


def _gap(writer: _Writer) -> str:
    return "\n" if writer.length else ""


def _opening(part: Part) -> str:
    name = f' name="{_attribute(part.name)}"' if part.name else ""
    return f'<{part.kind} n="{part.number}"{name}>'


def _write_text(writer: _Writer, part: Part, text: str) -> ReceivedPart:
    start = writer.length
    placed: list[int] = []
    pieces = text.split(PICTURE_MARK)
    for index, piece in enumerate(pieces):
        if index and len(placed) < len(part.images):
            placed.append(writer.place(part.images[len(placed)]))
            writer.write(picture_reference(placed[-1]))
        writer.write(piece)
    for image in part.images[len(placed) :]:
        placed.append(writer.place(image))
        gap = "\n" if writer.length > start else ""
        writer.write(f"{gap}{picture_reference(placed[-1])}")
    return _received(part, start, writer.length - start, tuple(placed))


def _received(part: Part, start: int, characters: int, pictures: tuple[int, ...]) -> ReceivedPart:
    return ReceivedPart(
        kind=part.kind,
        number=part.number,
        start=start,
        characters=characters,
        name=part.name,
        within=part.within,
        pictures=pictures,
        pictured=part.pictured,
        left_out=part.left_out,
    )


def _attribute(name: str) -> str:
    """A name as the value of an attribute: on one line, and unable to end it."""
    escaped = name.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
    return " ".join(escaped.split())[:_MOST_OF_NAME]
