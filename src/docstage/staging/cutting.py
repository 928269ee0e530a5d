"""What is sent of documents that are too long for a model, where their beginning will do."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

from sqlalchemy import Connection

from docstage.domain.content import Content
from docstage.domain.room import Room
from docstage.domain.snapshot import FrozenConnection, FrozenPrompt, RunSnapshot
from docstage.domain.stretches import LEAST_ROOM, Stretch, TooLong, first_stretch
from docstage.domain.token_counts import expected_tokens
from docstage.models.catalogue import sees_images
from docstage.store import calibrations, library
from docstage.store.contents import load_contents
from docstage.store.database import Database
from docstage.store.stretches import Cut, long_documents

# What the roles of a chat, the delimiters around a document and its name add to a request, rounded up.
_OVERHEAD = 200


@dataclass(frozen=True, slots=True)
class Pair:
    """A connection and a prompt.

    Attributes:
        expected: tokens that a document may have as expected, lest it is too long.
        safe: tokens that are sent of one that is.
    """

    connection_id: int
    prompt_id: int
    sees: bool
    expected: int
    safe: int


@dataclass(slots=True)
class Cutter:
    """Cuts documents for the pairs of a run that want it; none where no context is known."""

    database: Database
    run_id: int
    pairs: tuple[Pair, ...]
    _known: dict[tuple[str, int, bool], Stretch | None] = field(default_factory=dict)

    @classmethod
    def of(cls, database: Database, run_id: int, snapshot: RunSnapshot) -> "Cutter":
        """That of a run."""
        with database.read() as c:
            cells = product(snapshot.connections, snapshot.prompts)
            pairs = (_pair(c, connection, prompt) for connection, prompt in cells)
            return cls(database, run_id, tuple(pair for pair in pairs if pair))

    def cut(self, after: int, up_to: int) -> list[Cut]:
        """What is sent of the documents behind `after` up to and with `up_to` that are too long."""
        self._known.clear()
        return [cut for pair in self.pairs for cut in self._for(pair, after, up_to)]

    def _for(self, pair: Pair, after: int, up_to: int) -> Iterator[Cut]:
        with self.database.read() as c:
            found = long_documents(
                c, self.run_id, after=after, up_to=up_to, expected=pair.expected, sees=pair.sees
            )
        for document_id, key in found:
            if stretch := self._stretch(key, pair):
                yield Cut(document_id, pair.connection_id, pair.prompt_id, stretch)

    def _stretch(self, key: str, pair: Pair) -> Stretch | None:
        place = key, pair.safe, pair.sees
        if place not in self._known:
            content = self._content(key)
            found = first_stretch(content, pair.safe, sees=pair.sees) if content else None
            self._known[place] = found
        return self._known[place]

    def _content(self, key: str) -> Content | None:
        with self.database.read() as c:
            return load_contents(c, [key]).get(key)


def _pair(c: Connection, connection: FrozenConnection, prompt: FrozenPrompt) -> Pair | None:
    """A connection and a prompt that wants documents cut for it; None where none are."""
    if prompt.too_long == TooLong.REFUSE:
        return None
    room: Room = library.get_connection(c, connection.id).room(connection)
    known = calibrations.calibration(c, connection.id, connection.model)
    asked = _asked(prompt)
    expected, safe = room.expected(asked, known), room.safe(asked, known)
    if expected is None or safe is None or safe < LEAST_ROOM:
        return None
    return Pair(connection.id, prompt.id, sees_images(connection), expected, safe)


def _asked(prompt: FrozenPrompt) -> int:
    """Tokens that a prompt adds to a document, as expected."""
    schema = 0 if prompt.schema is None else expected_tokens(json.dumps(prompt.schema, ensure_ascii=False))
    return prompt.tokens.expected + schema + _OVERHEAD
