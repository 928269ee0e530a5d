"""Laying out the task matrix of a run: documents x connections x prompts, in the database."""

from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    SmallInteger,
    and_,
    case,
    func,
    insert,
    literal,
    select,
    true,
)

from docstage.domain.content import DocumentStatus
from docstage.domain.tasks import FailureKind, TaskStatus
from docstage.store.rows import json_rows, packed
from docstage.store.tables import document, task
from docstage.store.values import ColumnTypes

CANNOT_SEE = "This document is pictures, and the connection takes only text."
_ASKED: ColumnTypes = {"position": Integer(), "number": BigInteger()}
_LANE: ColumnTypes = {**_ASKED, "sees": Integer()}


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
    connections: Sequence[tuple[int, bool]],
    prompts: Sequence[int],
) -> None:
    """Insert the tasks of the documents behind `after` up to and with `up_to`.

    Tasks are ordered by document, then connection, then prompt, and so are their ids. Where a document is
    pictures and the connection cannot see, the task is FAILED from the start: no call would be of use.

    Args:
        connections: the connections' ids, each with whether it takes pictures.
        prompts: the prompts' ids.
    """
    lanes = json_rows(c, _LANE, "lanes")
    asked = json_rows(c, _ASKED, "asked")
    blind = and_(document.c.images > 0, lanes.c.sees == 0)
    matrix = (
        select(
            document.c.run_id,
            document.c.id,
            lanes.c.number,
            asked.c.number,
            case((blind, int(TaskStatus.FAILED)), else_=int(TaskStatus.QUEUED)).cast(SmallInteger),
            literal(0, SmallInteger),
            literal(0, SmallInteger),
            case((blind, str(FailureKind.UNSUPPORTED_INPUT)), else_=None),
            case((blind, CANNOT_SEE), else_=None),
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
    given = packed(
        (
            {"position": n, "number": number, "sees": int(sees)}
            for n, (number, sees) in enumerate(connections)
        ),
        "lanes",
    ) | packed(({"position": n, "number": number} for n, number in enumerate(prompts)), "asked")
    c.execute(insert(task).from_select(columns, matrix), given)
