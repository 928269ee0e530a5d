"""Deleting runs in steps, and documents out of runs that stay.

A run that is deleted is taken from its batch at once, in a short transaction, and given to a batch that is
never shown; its rows go in steps, however many there are. A document that is deleted out of a run that stays
keeps its place in it, its counters and what it cost, but neither its name nor anything that was in it.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, delete, func, null, or_, select, update

from docstage.domain.content import DocumentReason, DocumentStatus
from docstage.domain.lifecycle import BatchStatus
from docstage.domain.tasks import TaskStatus
from docstage.store.content_tables import content_members
from docstage.store.documents import upsert
from docstage.store.erasures import Erasure, owe, owe_space
from docstage.store.runs import count_tasks
from docstage.store.tables import (
    GRAVEYARD,
    attempt,
    batch,
    document,
    has_status,
    result,
    run,
    stretch,
    tally,
    task,
)
from docstage.store.values import ColumnValue, ColumnValues

PURGED = "The document was deleted everywhere, with its answers."


@dataclass(frozen=True, slots=True)
class DeletedDocument:
    """What has to be known of a document that was deleted, to erase what it leaves behind."""

    path: str
    sha256: str | None
    content_key: str | None


@dataclass(frozen=True, slots=True)
class OldRun:
    """A run that may be deleted."""

    id: int
    batch_id: int
    number: int


def earlier_runs(
    c: Connection, *, beyond: int = 0, closed_before: float | None = None, batch_id: int | None = None
) -> list[OldRun]:
    """Closed runs, the oldest of each batch first; never the current run of a batch.

    Args:
        beyond: not the last so many of a batch, its current run among them.
        closed_before: only those that became history before this time.
        batch_id: only those of this batch.
    """
    rank = func.row_number().over(partition_by=run.c.batch_id, order_by=run.c.number.desc())
    ranked = select(run.c.id, run.c.batch_id, run.c.number, run.c.closed_at, rank.label("rank")).where(
        run.c.batch_id != GRAVEYARD if batch_id is None else run.c.batch_id == batch_id
    )
    one = ranked.subquery().c
    statement = select(one.id, one.batch_id, one.number).where(
        one.closed_at.is_not(None), one["rank"] > beyond
    )
    if closed_before is not None:
        statement = statement.where(one.closed_at < closed_before)
    return [OldRun(*row) for row in c.execute(statement.order_by(one.batch_id, one.number))]


def doom_runs(c: Connection, run_ids: Collection[int], at: float) -> None:
    """Take runs from their batches, which must be locked, so that they can be deleted in steps."""
    if not run_ids:
        return
    mine = task.c.run_id.in_(run_ids)
    c.execute(upsert(c, batch).values(**_GRAVEYARD, created_at=at, updated_at=at).on_conflict_do_nothing())
    # An answer that is on its way finds nothing that waits for it.
    c.execute(
        update(task).where(mine, has_status(TaskStatus.RUNNING)).values(status=int(TaskStatus.CANCELLED))
    )
    c.execute(delete(tally).where(tally.c.run_id.in_(run_ids)))
    closed = func.coalesce(run.c.closed_at, at)
    doomed = {"batch_id": GRAVEYARD, "number": -run.c.id, "snapshot": {}, "staged_at": None}
    c.execute(update(run).where(run.c.id.in_(run_ids)).values(**doomed, closed_at=closed))
    owe(c, Erasure.RUN, map(str, run_ids), at)
    owe_space(c, at)


_GRAVEYARD: ColumnValues = {
    "id": GRAVEYARD,
    "name": "",
    "metadata": {},
    "status": str(BatchStatus.SAVED),
    "version": 0,
    "runs": 0,
}


def runs_of(c: Connection, batch_id: int) -> list[int]:
    """The ids of all runs of a batch."""
    return list(c.execute(select(run.c.id).where(run.c.batch_id == batch_id)).scalars())


def delete_documents(c: Connection, run_id: int, limit: int) -> list[DeletedDocument]:
    """Delete the next documents of a doomed run, with their tasks, calls and answers."""
    some = select(document.c.id).where(document.c.run_id == run_id).order_by(document.c.id).limit(limit)
    columns = (document.c.path, document.c.sha256, document.c.content_key, document.c.status)
    rows = c.execute(delete(document).where(document.c.id.in_(some)).returning(*columns)).all()
    fewer = Counter(str(row.status).lower() for row in rows)
    if fewer:
        counters = {name: run.c[name] - number for name, number in fewer.items()}
        c.execute(update(run).where(run.c.id == run_id).values(**counters))
    return [DeletedDocument(row.path, row.sha256, row.content_key) for row in rows]


def delete_doomed_run(c: Connection, run_id: int) -> None:
    """Delete a doomed run that has no documents any more."""
    c.execute(delete(run).where(run.c.id == run_id, run.c.batch_id == GRAVEYARD))


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """A document of a run that is to be deleted everywhere."""

    id: int
    run_id: int
    folder_id: int
    path: str
    size: int
    sha256: str | None
    content_key: str | None


def documents_like(
    c: Connection, *, sha256: Collection[str] = (), paths: Collection[str] = (), limit: int = 10_000
) -> list[FoundDocument]:
    """Documents of all runs with these bytes or at one of these paths below their folders."""
    columns = [document.c[name] for name in FoundDocument.__slots__]
    # One statement for each, because each has an index of its own.
    found: dict[int, FoundDocument] = {}
    for column, values in ((document.c.sha256, sha256), (document.c.path, paths)):
        if values:
            statement = (
                select(*columns)
                .join(run, run.c.id == document.c.run_id)
                .where(run.c.batch_id != GRAVEYARD, column.in_(values))
                .order_by(document.c.run_id, document.c.id)
                .limit(limit)
            )
            found |= {row.id: FoundDocument(*row) for row in c.execute(statement)}
    return sorted(found.values(), key=lambda one: (one.run_id, one.id))


def document_of(c: Connection, run_ids: Collection[int], document_id: int) -> FoundDocument | None:
    """A document of one of these runs."""
    columns = [document.c[name] for name in FoundDocument.__slots__]
    row = c.execute(
        select(*columns).where(document.c.id == document_id, document.c.run_id.in_(run_ids))
    ).one_or_none()
    return FoundDocument(*row) if row else None


def documents_inside(c: Connection, found: Collection[FoundDocument]) -> list[FoundDocument]:
    """Documents that lie in these: in archives and mailboxes, or attached to them."""
    columns = [document.c[name] for name in FoundDocument.__slots__]
    outer = document.alias("outer")
    holds = or_(
        outer.c.reason == DocumentReason.CONTAINER,
        outer.c.content_key.in_(select(content_members.c.content_key)),
    )
    below = outer.c.path + "/"
    statement = (
        select(*columns)
        .join(outer, and_(outer.c.run_id == document.c.run_id, outer.c.folder_id == document.c.folder_id))
        .where(
            outer.c.id.in_([one.id for one in found]),
            holds,
            func.substr(document.c.path, 1, func.length(below)) == below,
        )
    )
    return [FoundDocument(*row) for row in c.execute(statement)]


def hashes_around(c: Connection, found: Collection[FoundDocument]) -> set[str]:
    """What the files held that these documents lie in."""
    around: dict[tuple[int, int], set[str]] = {}
    for one in found:
        parts = one.path.split("/")
        above = {"/".join(parts[:number]) for number in range(1, len(parts))}
        around.setdefault((one.run_id, one.folder_id), set()).update(above)
    hashes: set[str] = set()
    for (run_id, folder_id), paths in around.items():
        same = (document.c.run_id == run_id, document.c.folder_id == folder_id, document.c.path.in_(paths))
        hashes |= set(c.execute(select(document.c.sha256).where(*same)).scalars())
    return hashes - {None}


def forget_documents(c: Connection, run_id: int, document_ids: Sequence[int], at: float) -> None:
    """Take all that was in documents, and what they are called, out of a run that stays.

    The batch must be locked and neither be staged nor analysed. Tasks that waited are CANCELLED.
    """
    mine = select(task.c.id).where(task.c.document_id.in_(document_ids))
    waiting = task.c.status.in_([int(TaskStatus.QUEUED), int(TaskStatus.RUNNING)])
    chosen = task.c.document_id.in_(document_ids)
    cancelled = c.execute(
        update(task).where(chosen, waiting).values(status=int(TaskStatus.CANCELLED))
    ).rowcount
    c.execute(update(task).where(chosen).values(message=PURGED))
    c.execute(update(result).where(result.c.task_id.in_(mine)).values(text="", value=null()))
    silent = {"message": None, "text": None, "thoughts": None}
    c.execute(update(attempt).where(attempt.c.task_id.in_(mine)).values(**silent))
    c.execute(delete(stretch).where(stretch.c.task_id.in_(mine)))
    for number in document_ids:
        named = _NAMELESS | {"path": purged_name(number)}
        c.execute(update(document).where(document.c.id == number).values(**named))
    if cancelled:
        count_tasks(c, run_id)
    owe_space(c, at)


def purged_name(document_id: int) -> str:
    """What a document is called that was deleted everywhere."""
    return f"purged document {document_id}"


_NAMELESS: dict[str, ColumnValue] = {
    "reason": str(DocumentReason.PURGED),
    "detail": PURGED,
    "sha256": None,
    "content_key": None,
    "media_type": None,
    "size": 0,
    "mtime_ns": 0,
    "pages": None,
    "parts": None,
    "pictured_parts": None,
    "losses": None,
    "images": 0,
    "characters": 0,
    "tokens": 0,
    "milliseconds": None,
}


@dataclass(frozen=True, slots=True)
class Extent:
    """How much goes: documents, answers and calls of runs, or of single documents."""

    documents: int = 0
    answers: int = 0
    calls: int = 0


def extent_of_runs(c: Connection, run_ids: Collection[int]) -> Extent:
    """What runs have; counted by their counters."""
    counters = [func.coalesce(func.sum(run.c[status.lower()]), 0) for status in DocumentStatus]
    documents = sum(c.execute(select(*counters).where(run.c.id.in_(run_ids))).one())
    row = c.execute(
        select(func.sum(tally.c.completed), func.sum(tally.c.calls)).where(tally.c.run_id.in_(run_ids))
    ).one()
    return Extent(int(documents), int(row[0] or 0), int(row[1] or 0))


def extent_of_documents(c: Connection, document_ids: Iterable[int]) -> Extent:
    """What documents have."""
    ids = list(document_ids)
    mine = task.c.document_id.in_(ids)
    answers = c.execute(select(func.count()).where(mine, has_status(TaskStatus.COMPLETED))).scalar_one()
    calls = c.execute(select(func.coalesce(func.sum(task.c.attempts), 0)).where(mine)).scalar_one()
    return Extent(len(ids), int(answers), int(calls))
