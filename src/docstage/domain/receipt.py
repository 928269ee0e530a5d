"""What of a document is in its content, part by part, and what is not."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from docstage.domain.content import PartKind, most_are_pictured
from docstage.domain.json_values import JsonObject


@dataclass(frozen=True, slots=True)
class ReceivedPart:
    """A part as it is in a content.

    Attributes:
        kind: as `Part` has it, like `number`, `name`, `within`, `pictured` and `left_out`.
        start: where its text begins in the content's.
        characters: length of its text there.
        pictures: numbers of its pictures among the content's, from 1.
    """

    kind: PartKind
    number: int
    start: int
    characters: int
    name: str | None = None
    within: str | None = None
    pictures: tuple[int, ...] = ()
    pictured: bool = False
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """A content's parts, and what is not among them.

    Attributes:
        notes: sentences worth knowing; nothing is missing because of them.
        left_out: sentences about what of the document is in none of its parts, and why.
    """

    parts: tuple[ReceivedPart, ...] = ()
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def losses(self) -> int:
        """How many sentences tell of something that is left out; 0 for a document that is whole."""
        return len(self.left_out) + sum(len(part.left_out) for part in self.parts)

    @property
    def filled_parts(self) -> int:
        """How many parts have something in them; blank pages have not."""
        return sum(bool(part.characters or part.pictures or part.pictured) for part in self.parts)

    @property
    def pictured_parts(self) -> int:
        """How many parts are pictures."""
        return sum(part.pictured for part in self.parts)

    @property
    def needs_sight(self) -> bool:
        """Whether most of these are pictures."""
        return most_are_pictured(self.filled_parts, self.pictured_parts)

    def to_json(self) -> JsonObject:
        """The receipt as it is stored: what is empty is left out."""
        parts = [_part_to_json(part) for part in self.parts]
        told = {"notes": list(self.notes), "left_out": list(self.left_out)}
        return {"parts": parts, **{name: sentences for name, sentences in told.items() if sentences}}


_MOST_WORDS, _MOST_NUMBERS = 20, 10


def in_words(receipt: Receipt) -> str | None:
    """The sentences of a receipt, those that several parts share told once; None when there are none."""
    shared: dict[tuple[str | None, PartKind, str], list[int]] = {}
    for part in receipt.parts:
        for sentence in part.left_out:
            shared.setdefault((part.within, part.kind, sentence), []).append(part.number)
    of_parts = [
        f"{f'{within}, ' if within else ''}{_numbered(kind, numbers)}: {sentence}"
        for (within, kind, sentence), numbers in shared.items()
    ]
    sentences = [*receipt.notes, *receipt.left_out, *of_parts]
    more = len(sentences) - _MOST_WORDS
    told = sentences[:_MOST_WORDS] + ([f"And {more:,} more."] if more > 0 else [])
    return " ".join(told) or None


def _numbered(kind: PartKind, numbers: list[int]) -> str:
    told = ", ".join(map(str, numbers[:_MOST_NUMBERS]))
    more = f" and {len(numbers) - _MOST_NUMBERS:,} more" if len(numbers) > _MOST_NUMBERS else ""
    return f"{kind}{'s' if len(numbers) > 1 else ''} {told}{more}"


def receipt_from_json(stored: Mapping[str, object]) -> Receipt:
    """The receipt that `Receipt.to_json` made.

    Raises:
        ValueError: when it is none.
    """
    try:
        parts = tuple(_part_from_json(part) for part in _items(stored, "parts"))
        return Receipt(parts, _sentences(stored, "notes"), _sentences(stored, "left_out"))
    except (TypeError, KeyError) as error:
        raise ValueError(f"no receipt: {error}") from error


def _part_to_json(part: ReceivedPart) -> JsonObject:
    told = {name: value for name, value in asdict(part).items() if value not in (None, (), False)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()} | {
        "start": part.start,
        "characters": part.characters,
    }


def _part_from_json(stored: object) -> ReceivedPart:
    if not isinstance(stored, dict):
        raise TypeError("a part that is no object")
    return ReceivedPart(
        kind=PartKind(stored["kind"]),
        number=int(stored["number"]),
        start=int(stored["start"]),
        characters=int(stored["characters"]),
        name=_text(stored, "name"),
        within=_text(stored, "within"),
        pictures=tuple(int(str(number)) for number in _items(stored, "pictures")),
        pictured=stored.get("pictured") is True,
        left_out=_sentences(stored, "left_out"),
    )


def _items(stored: Mapping[str, object], name: str) -> list[object]:
    value = stored.get(name, [])
    if not isinstance(value, list):
        raise TypeError(f"{name} is no list")
    return value


def _sentences(stored: Mapping[str, object], name: str) -> tuple[str, ...]:
    return tuple(str(sentence) for sentence in _items(stored, name))


def _text(stored: Mapping[str, object], name: str) -> str | None:
    value = stored.get(name)
    return None if value is None else str(value)
