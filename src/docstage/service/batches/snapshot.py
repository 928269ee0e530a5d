"""Freezing what a run is made of."""

from dataclasses import fields
from typing import TypeVar

from sqlalchemy import Connection

from docstage import __version__
from docstage.domain.snapshot import FrozenBatch, FrozenConnection, FrozenFolder, FrozenPrompt, RunSnapshot
from docstage.domain.usage import dollars
from docstage.store import library
from docstage.store.records import Batch, ConnectionRecord, Folder, Prompt

P = TypeVar("P", FrozenFolder, FrozenConnection, FrozenPrompt)


def freeze(c: Connection, batch: Batch) -> RunSnapshot:
    """The batch's folders, connections and prompts as they are now, in the batch's order."""
    members = library.members_of(c, batch.id)
    return RunSnapshot(
        docstage=__version__,
        batch=FrozenBatch(batch.name, dollars(batch.budget), batch.failure_limit, batch.metadata),
        folders=tuple(_frozen(FrozenFolder, library.get_folder(c, n)) for n in members["folder"]),
        connections=tuple(
            _frozen(FrozenConnection, library.get_connection(c, n)) for n in members["connection"]
        ),
        prompts=tuple(_frozen(FrozenPrompt, library.get_prompt(c, n)) for n in members["prompt"]),
    )


def _frozen(kind: type[P], record: Folder | ConnectionRecord | Prompt) -> P:
    """The part of a snapshot with the values that the record has under the same names."""
    return kind(**{one.name: getattr(record, one.name) for one in fields(kind)})
