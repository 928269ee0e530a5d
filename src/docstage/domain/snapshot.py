"""What a run is made of, frozen when it begins. It holds no secrets.

Snapshots outlive the versions that wrote them. Each says its format; older ones are brought to the present
format when they are read, one format after another, and are never written again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import TypeVar, cast

from docstage.domain.connection import ConnectionSettings
from docstage.domain.errors import Conflict
from docstage.domain.handling import Archives, Attachments, Ocr
from docstage.domain.json_values import JsonObject, JsonValue
from docstage.domain.stretches import TooLong
from docstage.domain.token_counts import TokenCount, count_tokens

FORMAT = 1


class UnreadableSnapshot(Conflict):
    """A run's snapshot is of a later version's format, or damaged."""

    kind = "unreadable-snapshot"
    title = "What the run is made of cannot be read"


@dataclass(frozen=True, slots=True)
class FrozenBatch:
    """What the batch said of itself.

    Attributes:
        budget: USD that the run may cost, None for no limit.
        failure_limit: share of the tasks that may fail, 0 to 1, or None.
    """

    name: str = ""
    budget: float | None = None
    failure_limit: float | None = None
    metadata: JsonObject = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FrozenFolder:
    """A folder that documents came from.

    Attributes:
        archives: see `handling.Archives`.
        attachments: see `handling.Attachments`.
        ocr: see `handling.Ocr`.
    """

    id: int
    name: str
    path: str
    recursive: bool = True
    hidden: bool = False
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    archives: str = Archives.OPEN
    attachments: str = Attachments.IN_PLACE
    ocr: str = Ocr.WHEN_NEEDED

    def __post_init__(self) -> None:
        object.__setattr__(self, "include", tuple(self.include))
        object.__setattr__(self, "exclude", tuple(self.exclude))


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenConnection(ConnectionSettings):
    """A connection. Its `DECISIVE` members decide the answers; the rest tells how it was."""

    concurrency: int = 1


@dataclass(frozen=True, slots=True)
class FrozenPrompt:
    """A prompt at the version that is asked.

    Attributes:
        too_long: see `stretches.TooLong`.
    """

    id: int
    name: str
    version: int
    text: str
    system: str | None = None
    schema: JsonObject | None = None
    too_long: str = TooLong.REFUSE

    @property
    def tokens(self) -> TokenCount:
        """Of its words, without what a request adds to them."""
        return count_tokens(self.text) + count_tokens(self.system or "")


@dataclass(frozen=True, slots=True)
class Names:
    """Names of a run's connections and prompts by their ids, as they were when it began."""

    connections: Mapping[int, str] = field(default_factory=dict)
    prompts: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunSnapshot:
    """Everything that a run is made of, in the batch's order.

    Attributes:
        docstage: the version that began the run.
    """

    docstage: str = ""
    batch: FrozenBatch = field(default_factory=FrozenBatch)
    folders: tuple[FrozenFolder, ...] = ()
    connections: tuple[FrozenConnection, ...] = ()
    prompts: tuple[FrozenPrompt, ...] = ()

    @classmethod
    def read(cls, stored: JsonObject) -> "RunSnapshot":
        """The snapshot that was stored, by this version or an earlier one.

        Raises:
            UnreadableSnapshot: a later version wrote it, or it is damaged.
        """
        present = _upcast(stored)
        return cls(
            docstage=str(present["docstage"]),
            batch=_part(FrozenBatch, present["batch"]),
            folders=_parts(FrozenFolder, present["folders"]),
            connections=_parts(FrozenConnection, present["connections"]),
            prompts=_parts(FrozenPrompt, present["prompts"]),
        )

    def names(self) -> Names:
        """What its parts are called."""
        return Names(
            {one.id: one.name for one in self.connections}, {one.id: one.name for one in self.prompts}
        )

    def stored(self) -> dict[str, JsonValue]:
        """What is stored of it, and shown: JSON values with the number of their format."""
        return {"format": FORMAT, **asdict(self)}


def _unnumbered(stored: JsonObject) -> JsonObject:
    """Format 1 of what was written before there were numbers: the same members, but for those of erased runs.

    Of a run that is being deleted in steps nothing is left but its row.
    """
    parts: dict[str, JsonValue] = {"batch": {}, "folders": [], "connections": [], "prompts": []}
    return {"docstage": "", **parts, **stored, "format": 1}


_UPCASTS: Mapping[int, Callable[[JsonObject], JsonObject]] = {0: _unnumbered}
"""From each earlier format to the next."""


def _upcast(stored: JsonObject) -> JsonObject:
    number = stored.get("format", 0)
    if type(number) is not int or not 0 <= number <= FORMAT:
        raise UnreadableSnapshot(
            f"This run was begun by docstage {stored.get('docstage')}, which writes down what it is made of "
            f"in format {number}. This version reads formats up to {FORMAT}: use that one or a later one."
        )
    for earlier in range(number, FORMAT):
        stored = _UPCASTS[earlier](stored)
    return stored


P = TypeVar("P", FrozenBatch, FrozenFolder, FrozenConnection, FrozenPrompt)


def _parts(kind: type[P], stored: JsonValue) -> tuple[P, ...]:
    if not isinstance(stored, list):
        raise _damaged(kind)
    return tuple(_part(kind, one) for one in stored)


def _part(kind: type[P], stored: JsonValue) -> P:
    """A part with the members that were stored of it; those that are unknown here are left out."""
    if not isinstance(stored, Mapping):
        raise _damaged(kind)
    known = {one.name: stored[one.name] for one in fields(kind) if one.name in stored}
    try:
        return cast("Callable[..., P]", kind)(**known)
    except TypeError as error:
        raise _damaged(kind) from error


def _damaged(kind: type[P]) -> UnreadableSnapshot:
    part = kind.__name__.removeprefix("Frozen").lower()
    return UnreadableSnapshot(
        f"What this run is made of is damaged: of its {part} not all can be read. Begin a new run."
    )
