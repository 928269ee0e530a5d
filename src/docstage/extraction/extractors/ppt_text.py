"""Words of old PowerPoint files ([MS-PPT] 2.9), by what they are: a title, notes, a body."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from docstage.domain.content import PICTURE_MARK
from docstage.extraction.extractors.ppt_records import Record

_HEADER, _CHARS, _BYTES, _REFERENCE, _STRING = 0x0F9F, 0x0FA0, 0x0FA8, 0x0F9E, 0x0FBA
# Stand for a number, a date, a header or a footer, which have an asterisk in the text.
_FIELDS = frozenset({0x0FD8, 0x0FF7, 0x0FF8, 0x0FF9, 0x0FFA, 0x1015})
_TITLES = frozenset({0, 6})
_OTHER = 4


@dataclass(frozen=True, slots=True)
class Words:
    """A text.

    Attributes:
        kind: `TextTypeEnum`, 2.13.33.
    """

    kind: int
    text: str

    @property
    def is_title(self) -> bool:
        """Whether it is the title of a slide."""
        return self.kind in _TITLES


def texts(atoms: Iterable[Record], outline: Sequence[Words] = ()) -> list[Words]:
    """The texts in records that follow each other; `outline` are those that they may refer to."""
    return list(_texts(atoms, outline))


def _texts(atoms: Iterable[Record], outline: Sequence[Words]) -> Iterator[Words]:
    kind = _OTHER
    text: str | None = None
    fields: list[int] = []
    for atom in atoms:
        if atom.kind == _HEADER:
            if text is not None:
                yield Words(kind, _plain(text, fields))
            kind, text, fields = atom.number(0), "", []
        elif atom.kind == _REFERENCE:
            if (number := atom.number(0)) < len(outline):
                yield outline[number]
        elif atom.kind == _CHARS:
            text = (text or "") + atom.body.decode("utf-16-le", "replace")
        elif atom.kind == _BYTES:
            text = (text or "") + atom.body.decode("latin-1")
        elif atom.kind in _FIELDS:
            fields.append(atom.number(0))
    if text is not None:
        yield Words(kind, _plain(text, fields))


def _plain(text: str, fields: Sequence[int]) -> str:
    """Lines of text, without the asterisks that stand for something."""
    if fields:
        unshown = set(fields)
        text = "".join(sign for place, sign in enumerate(text) if sign != "*" or place not in unshown)
    return text.replace("\r", "\n").replace("\v", "\n").replace(PICTURE_MARK, "").strip("\n\0")


def string(holder: Record, instance: int) -> str:
    """A string by its number in what holds it (`CString`, 2.2.22)."""
    found = holder.first(_STRING, instance)
    return "" if found is None else found.body.decode("utf-16-le", "replace").strip("\0")
