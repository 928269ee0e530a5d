"""Laying out the task matrix of a run: documents x connections x prompts, in the database."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    SmallInteger,
    Text,
    and_,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    true,
)

from docstage.domain.content import DocumentStatus
from docstage.domain.json_values import JsonObject
from docstage.domain.room import ANY_LENGTH, Room
from docstage.domain.tasks import FailureKind, TaskStatus
from docstage.store.documents import needs_sight
from docstage.store.rows import json_rows, packed
from docstage.store.stretches import Cut, insert_cuts
from docstage.store.tables import document, task
from docstage.store.values import ColumnTypes

CANNOT_SEE = "Most of this document is pictures, and the connection takes only text."
_ASKED: ColumnTypes = {"position": Integer(), "number": BigInteger(), "least": BigInteger()}
_LANE: ColumnTypes = {
    "position": Integer(),
    "number": BigInteger(),
    "sees": Integer(),
    "room": BigInteger(),
    "too_long": Text(),
}


@dataclass(frozen=True, slots=True)
class Taker:
    """A connection, and which documents it takes.

    Attributes:
        sees: whether it takes pictures.
        room: what its model takes.
    """

    id: int
    sees: bool
    room: Room = ANY_LENGTH


@dataclass(frozen=True, slots=True)
class Asked:
    """A prompt, and how many tokens it has at least."""

    id: int
    least: int = 0


def laid_out_to(c: Connection, run_id: int) -> int:
    """The last document whose tasks are laid out, 0 at the beginning."""
    statement = select(func.coalesce(func.max(task.c.document_id), 0)).where(task.c.run_id == run_id)
    return int(c.execute(statement).scalar_one())


def next_documents(c: Connection, run_id: int, after: int, count: int) -> int | None:
    """The last of the next `count` ENCODED documents behind `after`, or None when there are no more."""
    ids = (
        select(document.c.id)
        .where(
            document.c.run_id == run_id, document.c.status == DocumentStatus.ENCODED, document.c.id > after
        )
        .order_by(document.c.id)
        .limit(count)
        .subquery()
    )
    return c.execute(select(func.max(ids.c.id))).scalar()


def lay_out(
    c: Connection,
    run_id: int,
    *,
    after: int,
    up_to: int,
    connections: Sequence[Taker],
    prompts: Sequence[Asked],
    cuts: Sequence[Cut] = (),
) -> None:
    """Insert the tasks of the documents behind `after` up to and with `up_to`.

    Tasks are ordered by document, then connection, then prompt, and so are their ids. Where a document is
    pictures and the connection cannot see, or is surely too long for its model, the task is FAILED from the
    start: no call would be of use.

    Args:
        cuts: tasks that are sent the beginning of a document, because it is too long.
    """
    lanes = json_rows(c, _LANE, "lanes")
    asked = json_rows(c, _ASKED, "asked")
    blind = and_(needs_sight(document), lanes.c.sees == 0)
    least = func.coalesce(document.c.least_tokens, 0) + asked.c.least
    long = and_(lanes.c.room.is_not(None), least > lanes.c.room)
    matrix = (
        select(
            document.c.run_id,
            document.c.id,
            lanes.c.number,
            asked.c.number,
            case((or_(blind, long), int(TaskStatus.FAILED)), else_=int(TaskStatus.QUEUED)).cast(SmallInteger),
            literal(0, SmallInteger),
            literal(0, SmallInteger),
            case(
                (blind, str(FailureKind.UNSUPPORTED_INPUT)),
                (long, str(FailureKind.CONTEXT_OVERFLOW)),
                else_=None,
            ),
            case((blind, CANNOT_SEE), (long, lanes.c.too_long), else_=None),
        )
        .select_from(document)
        .join(lanes, true())
        .join(asked, true())
        .where(
            document.c.run_id == run_id,
            document.c.status == DocumentStatus.ENCODED,
            document.c.id > after,
            document.c.id <= up_to,
        )
        .order_by(document.c.id, lanes.c.position, asked.c.position)
    )
    columns = [name for name in task.columns.keys() if name != "id"]  # noqa: SIM118  (no mapping: iterates columns)
    given = packed((_lane(n, one) for n, one in enumerate(connections)), "lanes") | packed(
        ({"position": n, "number": one.id, "least": one.least} for n, one in enumerate(prompts)), "asked"
    )
    c.execute(insert(task).from_select(columns, matrix), given)
    if cuts:
        insert_cuts(c, run_id, cuts)


def _lane(position: int, taker: Taker) -> JsonObject:
    return {
        "position": position,
        "number": taker.id,
        "sees": int(taker.sees),
        "room": taker.room.for_text(0),
        "too_long": taker.room.too_long,
    }
