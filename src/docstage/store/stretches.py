"""Tasks that are sent the beginning of a document, because it is too long for the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    RowMapping,
    Text,
    and_,
    exists,
    func,
    insert,
    not_,
    or_,
    select,
    update,
)

from docstage.domain.content import TOKENS_PER_IMAGE, DocumentStatus
from docstage.domain.json_values import JsonObject
from docstage.domain.stretches import Stretch
from docstage.domain.tasks import FailureKind, TaskStatus
from docstage.domain.token_counts import TokenCount
from docstage.store.documents import Sums, UsableSums, needs_sight, upsert
from docstage.store.rows import json_rows, packed
from docstage.store.tables import document, has_status, stretch, task
from docstage.store.values import ColumnTypes

_PLACE: ColumnTypes = {name: BigInteger() for name in ("document_id", "connection_id", "prompt_id")}
_KEPT: ColumnTypes = {
    "characters": Integer(),
    "pictures": Integer(),
    "covers": Text(),
    "tokens": Integer(),
    "least_tokens": Integer(),
    "most_tokens": Integer(),
}


@dataclass(frozen=True, slots=True)
class Cut:
    """What a connection is sent of a document for a prompt."""

    document_id: int
    connection_id: int
    prompt_id: int
    stretch: Stretch


def long_documents(
    c: Connection, run_id: int, *, after: int, up_to: int, expected: int, sees: bool
) -> list[tuple[int, str]]:
    """The documents behind `after` up to and with `up_to` of more tokens than expected, with their contents.

    Args:
        sees: with the tokens of their pictures.
    """
    tokens = document.c.tokens if sees else document.c.tokens - TOKENS_PER_IMAGE * document.c.images
    statement = select(document.c.id, document.c.content_key).where(
        document.c.run_id == run_id,
        document.c.status == DocumentStatus.ENCODED,
        document.c.content_key.is_not(None),
        document.c.id > after,
        document.c.id <= up_to,
        tokens > expected,
    )
    return [(row.id, row.content_key) for row in c.execute(statement)]


def insert_cuts(c: Connection, run_id: int, cuts: Sequence[Cut]) -> None:
    """Store what is sent of their documents with tasks that are laid out: which can be called then."""
    is_long = task.c.failure_kind == str(FailureKind.CONTEXT_OVERFLOW)
    rows = json_rows(c, {**_PLACE, **_KEPT})
    # As a value, each is looked up by its place; as a join, SQLite may go through all rows for every task.
    mine = (
        select(task.c.id)
        .where(task.c.run_id == run_id, *(task.c[name] == rows.c[name] for name in _PLACE))
        .where(or_(has_status(TaskStatus.QUEUED), is_long))
        .scalar_subquery()
    )
    found = select(mine.label("task_id"), *(rows.c[name] for name in _KEPT)).subquery()
    statement = select(found).where(found.c.task_id.is_not(None))
    c.execute(insert(stretch).from_select(["task_id", *_KEPT], statement), packed(map(_row, cuts)))
    documents = {one.document_id for one in cuts}
    refused = task.c.run_id == run_id, task.c.document_id.between(min(documents), max(documents)), is_long
    waits = {"status": int(TaskStatus.QUEUED), "failure_kind": None, "message": None}
    c.execute(update(task).where(*refused, exists().where(stretch.c.task_id == task.c.id)).values(waits))


def shorten(c: Connection, to: Mapping[int, Stretch]) -> None:
    """Store what is sent of their documents from now on, by the ids of tasks."""
    for task_id, shorter in to.items():
        kept = _members(shorter)
        statement = upsert(c, stretch).values(task_id=task_id, **kept)
        c.execute(statement.on_conflict_do_update(index_elements=["task_id"], set_=kept))


def stretch_of(row: RowMapping) -> Stretch | None:
    """That of a row with the columns of `STRETCH`, if it has one."""
    if row["stretch_characters"] is None:
        return None
    count = TokenCount(row["stretch_tokens"], row["stretch_least_tokens"], row["stretch_most_tokens"])
    return Stretch(row["stretch_characters"], row["stretch_pictures"], row["stretch_covers"], count)


def cut_tasks(c: Connection, run_id: int) -> dict[tuple[int, int], int]:
    """How many tasks of a run are sent the beginning of a document, by the ids of connection and prompt."""
    cell = (task.c.connection_id, task.c.prompt_id)
    statement = (
        select(*cell, func.count())
        .join(stretch, stretch.c.task_id == task.c.id)
        .where(task.c.run_id == run_id)
        .group_by(*cell)
    )
    return {(connection, prompt): number for connection, prompt, number in c.execute(statement)}


def cut_sums(c: Connection, run_id: int, connection_id: int, prompt_id: int) -> UsableSums:
    """Numbers for the estimate of what a connection is sent of documents that are cut for a prompt."""
    tokens = stretch.c.tokens + TOKENS_PER_IMAGE * stretch.c.pictures
    summed = tokens, stretch.c.most_tokens, stretch.c.pictures, func.length(document.c.path)
    sight = needs_sight(document)
    kinds = sight, and_(stretch.c.pictures > 0, not_(sight)), and_(stretch.c.pictures == 0, not_(sight))
    columns = [
        column
        for kind in kinds
        for column in (func.count().filter(kind), *(func.sum(one).filter(kind) for one in summed))
    ]
    longest = func.max(stretch.c.least_tokens), func.max(stretch.c.most_tokens)
    statement = (
        select(*columns, *longest)
        .select_from(stretch)
        .join(task, task.c.id == stretch.c.task_id)
        .join(document, document.c.id == task.c.document_id)
        .where(task.c.run_id == run_id, task.c.connection_id == connection_id, task.c.prompt_id == prompt_id)
    )
    row = [int(value or 0) for value in c.execute(statement).one()]
    width = len(summed) + 1
    pictured, mixed, texts = (Sums(*row[first : first + width]) for first in range(0, 3 * width, width))
    return UsableSums(pictured, mixed, texts, *row[-2:])


def is_cut(run_id: int, connection_id: int, prompt_id: int) -> ColumnElement[bool]:
    """The condition that a connection is sent the beginning of a document for a prompt."""
    return exists().where(
        task.c.document_id == document.c.id,
        task.c.run_id == run_id,
        task.c.connection_id == connection_id,
        task.c.prompt_id == prompt_id,
        stretch.c.task_id == task.c.id,
    )


STRETCH = [stretch.c[name].label(f"stretch_{name}") for name in _KEPT]


def _row(cut: Cut) -> JsonObject:
    return {**{name: getattr(cut, name) for name in _PLACE}, **_members(cut.stretch)}


def _members(kept: Stretch) -> dict[str, int | str]:
    count = kept.tokens
    return {
        "characters": kept.characters,
        "pictures": kept.pictures,
        "covers": kept.covers,
        "tokens": count.expected,
        "least_tokens": count.least,
        "most_tokens": count.most,
    }
