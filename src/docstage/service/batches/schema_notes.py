"""What the connections of a run cannot take of its prompts' schemas, told before the run."""

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from docstage.domain.snapshot import FrozenConnection, RunSnapshot
from docstage.models.schemas.choosing import dialect_of
from docstage.models.schemas.fitting import fit, is_possible
from docstage.models.schemas.telling import in_words
from docstage.store import library


def schema_notes(c: Connection, snapshot: RunSnapshot) -> list[str]:
    """What providers leave to docstage: at most one sentence for each connection and prompt."""
    return [note for frozen in snapshot.connections for note in _of_connection(c, frozen, snapshot)]


def _of_connection(c: Connection, frozen: FrozenConnection, snapshot: RunSnapshot) -> Iterator[str]:
    dialect = dialect_of(frozen.provider, frozen.model, library.get_connection(c, frozen.id).extra)
    for prompt in snapshot.prompts:
        if prompt.schema is not None:
            note = in_words(fit(prompt.schema, dialect), frozen.name, prompt.name)
            if note is not None:
                yield note


def impossible_schemas(snapshot: RunSnapshot) -> Iterable[str]:
    """Warnings of schemas that no answer can fulfil."""
    return [
        f"No answer can fulfil the schema of {prompt.name}: calls would be wasted. Correct it and restage."
        for prompt in snapshot.prompts
        if prompt.schema is not None and not is_possible(prompt.schema)
    ]
