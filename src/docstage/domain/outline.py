"""Where the parts and pictures of a content stand in its text, as `rendering` writes it.

Read from the text alone, so that it holds for whatever text is sent of a document. A text that forges a tag
has it escaped; one that is no sequence of parts is one part without a tag.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from docstage.domain.content import PartKind

_KINDS = "|".join(PartKind)
_TAG = re.compile(
    rf'<(?P<kind>{_KINDS}) n="(?P<number>\d+)"(?: name="[^"]*")?>\n'
    rf'|<attachment name="[^"]*">\n|\n</(?P<ends>{_KINDS}|attachment)>'
)
_PICTURE = re.compile(r"\[picture (\d+)")
_MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Place:
    """A part in a text.

    Attributes:
        kind: None for a text without tags.
        start: where it begins with its tags, those of an attachment that it is the first part of included.
        inner: where its own text begins.
        end: where its own text ends.
        before: what is open in front of it and stays open, as words of tags; an attachment, or nothing.
        within: what is open inside it, the outer first.
    """

    kind: str | None
    number: int
    start: int
    inner: int
    end: int
    before: tuple[str, ...] = ()
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """What stands where in a text.

    Attributes:
        pictures: where each picture stands, in order.
    """

    places: tuple[Place, ...]
    pictures: tuple[int, ...]

    def index_at(self, position: int) -> int:
        """Which place a position is in."""
        return max(0, bisect_right(self.places, position, key=lambda place: place.start) - 1)

    def pictures_before(self, position: int) -> int:
        """How many pictures stand before a position."""
        return bisect_right(self.pictures, position - 1)


def outline_of(text: str, pictures: int) -> Outline:
    """The outline of a text with so many pictures."""
    places = _places(text) or (Place(None, 1, 0, 0, len(text)),)
    return Outline(places, tuple(_pictures(text, pictures)))


def _pictures(text: str, wanted: int) -> Iterator[int]:
    """Where the pictures stand: one that is nowhere named stands with the one before."""
    number, last = 1, 0
    for found in _PICTURE.finditer(text):
        if number <= wanted and int(found[1][:_MOST_DIGITS]) == number:
            yield (last := found.start())
            number += 1
    yield from (last for _ in range(number, wanted + 1))


def _places(text: str) -> tuple[Place, ...]:
    """The parts of a text; none where it is not a sequence of them from its beginning to its end."""
    places: list[Place] = []
    opened: list[tuple[str, re.Match[str]]] = []
    begins = behind = 0
    for tag in _TAG.finditer(text):
        ends = tag["ends"]
        if ends:
            if not opened or opened[-1][0] != ends:
                return ()
            if ends != "attachment":
                places.append(_place(begins, tag.start(), opened))
            opened.pop()
        else:
            is_within = bool(opened) and opened[-1][0] != "attachment"
            if is_within or text[behind : tag.start()].strip("\n"):
                return ()
            if not opened or opened[-1][1].end() < tag.start():
                begins = tag.start()
            opened.append((tag["kind"] or "attachment", tag))
        behind = tag.end()
    return tuple(places) if not opened and behind == len(text) else ()


def _place(begins: int, end: int, opened: list[tuple[str, re.Match[str]]]) -> Place:
    kinds = tuple(kind for kind, _ in opened)
    tag = opened[-1][1]
    number = int(tag["number"][:_MOST_DIGITS])
    before = kinds[:-1] if begins == tag.start() else ()
    return Place(kinds[-1], number, begins, min(tag.end(), end), end, before, kinds)
