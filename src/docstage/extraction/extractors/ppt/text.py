"""Words of old PowerPoint files ([MS-PPT] 2.9), by what they are: a title, notes, a body."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from docstage.domain.content import PICTURE_MARK
from docstage.extraction.extractors.ppt.paragraphs import Run, marked, runs
from docstage.extraction.extractors.ppt.records import Record

_HEADER, _CHARS, _LOOKS, _BYTES = 0x0F9F, 0x0FA0, 0x0FA1, 0x0FA8
_REFERENCE, _STRING = 0x0F9E, 0x0FBA
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


@dataclass(slots=True)
class _Open:
    """A text that is being read."""

    kind: int = _OTHER
    text: str | None = None
    fields: list[int] = field(default_factory=list)
    looks: list[Run] = field(default_factory=list)

    def take(self, atom: Record) -> None:
        """Add what a record says of the text."""
        if atom.kind == _CHARS:
            self.text = (self.text or "") + atom.body.decode("utf-16-le", "replace")
        elif atom.kind == _BYTES:
            self.text = (self.text or "") + atom.body.decode("latin-1")
        elif atom.kind == _LOOKS:
            self.looks += runs(atom, len(self.text or ""))
        elif atom.kind in _FIELDS:
            self.fields.append(atom.number(0))

    def words(self) -> Words:
        """It, without the asterisks that stand for something."""
        unshown, place, paragraphs = set(self.fields), 0, []
        for paragraph in (self.text or "").split("\r"):
            shown = paragraph
            if unshown:
                signs = enumerate(paragraph, place)
                shown = "".join(sign for at, sign in signs if sign != "*" or at not in unshown)
            paragraphs.append((place, shown.replace("\v", "\n").replace(PICTURE_MARK, "").strip("\0")))
            place += len(paragraph) + 1
        looks = [] if self.kind in _TITLES else self.looks
        return Words(self.kind, "\n".join(marked(paragraphs, self.kind, looks)).strip("\n"))


def _texts(atoms: Iterable[Record], outline: Sequence[Words]) -> Iterator[Words]:
    one = _Open()
    for atom in atoms:
        if atom.kind == _HEADER:
            if one.text is not None:
                yield one.words()
            one = _Open(atom.number(0), "")
        elif atom.kind == _REFERENCE:
            if (number := atom.number(0)) < len(outline):
                yield outline[number]
        else:
            one.take(atom)
    if one.text is not None:
        yield one.words()


def string(holder: Record, instance: int) -> str:
    """A string by its number in what holds it (`CString`, 2.2.22)."""
    found = holder.first(_STRING, instance)
    return "" if found is None else found.body.decode("utf-16-le", "replace").strip("\0")
