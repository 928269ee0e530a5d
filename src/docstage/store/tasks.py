"""Reading tasks: what lanes do next, and the table of results."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, RowMapping, and_, case, func, not_, or_, select

from docstage.domain.content import TOKENS_PER_IMAGE, DocumentReason
from docstage.domain.errors import NotFound
from docstage.domain.rows import AttemptRow, TaskRow
from docstage.domain.snapshot import Names
from docstage.domain.stretches import Stretch
from docstage.domain.tasks import FailureKind, TaskStatus
from docstage.domain.usage import dollars
from docstage.domain.written import Repair
from docstage.store.documents import most_of_text
from docstage.store.paging import Marks, Page, PageRequest, fetch_marks, fetch_page
from docstage.store.records import Run
from docstage.store.stretches import STRETCH, stretch_of
from docstage.store.tables import attempt, document, has_status, result, stretch, task
from docstage.store.values import Expression, Rows


@dataclass(frozen=True, slots=True)
class QueuedTask:
    """A task that waits for its call, with what is needed to plan it.

    Attributes:
        attempts: calls begun for it so far.
        tries: those that count against the cap.
        tokens: tokens of its document as expected.
        least_tokens: of its text, 0 where an earlier version counted them.
        most_tokens: of its text.
        images: its pictures.
        stretch: what is sent of its document, which is too long; the tokens and images are those of it.
        repair: the answer that its next call asks to mend, if it is such a call.
    """

    id: int
    document_id: int
    prompt_id: int
    attempts: int
    tries: int
    content_key: str
    path: str
    tokens: int
    least_tokens: int
    most_tokens: int
    images: int
    repair: Repair | None = None
    stretch: Stretch | None = None

    def without_pictures(self) -> "QueuedTask":
        """The task for a connection that is sent the document's text alone."""
        return replace(self, images=0, tokens=self.tokens - TOKENS_PER_IMAGE * self.images)

    def shortened(self, to: Stretch) -> "QueuedTask":
        """The task with less of its document; without pictures where it was so before."""
        images, count = min(self.images, to.pictures), to.tokens
        return replace(
            self,
            stretch=to,
            images=images,
            tokens=count.expected + TOKENS_PER_IMAGE * images,
            least_tokens=count.least,
            most_tokens=count.most,
        )


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks of a run are wanted. Empty means all.

    Attributes:
        search: a part of the document's path, the answer or the failure message.
        unsendable: of the FAILED tasks only those that cannot be sent, or only the others; None means all.
        whole_documents: wanted are all tasks of the documents of which one task has such a status, kind of
            failure or text.
    """

    statuses: Sequence[TaskStatus] = ()
    failure_kinds: Sequence[str] = ()
    connection_ids: Sequence[int] = ()
    prompt_ids: Sequence[int] = ()
    document_id: int | None = None
    search: str | None = None
    whole_documents: bool = False
    unsendable: bool | None = None

    @property
    def is_empty(self) -> bool:
        """Whether all tasks are wanted."""
        places = self.connection_ids or self.prompt_ids or self.document_id
        return not (self.chooses or places)

    @property
    def chooses(self) -> bool:
        """Whether it asks for more than places in the matrix."""
        ends = self.statuses or self.failure_kinds or self.unsendable is not None
        return bool(ends or self.search)


def next_queued(
    c: Connection, run_id: int, connection_id: int, after: int, limit: int, *, sees: bool = True
) -> list[QueuedTask]:
    """QUEUED tasks of a lane behind the id `after`, in order: by document, then prompt.

    Args:
        sees: the connection takes pictures; one that does not is sent the texts alone.
    """
    last, broken = attempt.alias(), attempt.alias()
    # An answer is mended within the tries in which it came. A call for that which failed is repeated.
    number = case(
        (last.c.repairs.is_not(None), last.c.repairs),
        (last.c.failure_kind == str(FailureKind.BAD_ANSWER), last.c.number),
    )
    statement = (
        select(
            task.c.id,
            task.c.document_id,
            task.c.prompt_id,
            task.c.attempts,
            task.c.tries,
            document.c.content_key,
            document.c.path,
            func.coalesce(stretch.c.tokens + TOKENS_PER_IMAGE * stretch.c.pictures, document.c.tokens),
            func.coalesce(stretch.c.least_tokens, document.c.least_tokens, 0),
            func.coalesce(stretch.c.most_tokens, most_of_text()),
            func.coalesce(stretch.c.pictures, document.c.images),
            broken.c.number,
            broken.c.text,
            broken.c.message,
            *STRETCH,
        )
        .join(document, document.c.id == task.c.document_id)
        .outerjoin(stretch, stretch.c.task_id == task.c.id)
        .outerjoin(
            last, and_(last.c.task_id == task.c.id, last.c.number == task.c.attempts, task.c.tries > 0)
        )
        .outerjoin(broken, and_(broken.c.task_id == task.c.id, broken.c.number == number))
        .where(
            task.c.run_id == run_id,
            task.c.connection_id == connection_id,
            has_status(TaskStatus.QUEUED),
            task.c.id > after,
        )
        .order_by(task.c.id)
        .limit(limit)
    )
    own = -len(STRETCH)
    queued = [
        replace(
            QueuedTask(*row[: own - 3]),
            repair=Repair.of(*row[own - 3 : own]),
            stretch=stretch_of(row._mapping),
        )
        for row in c.execute(statement)
    ]
    return queued if sees else [one.without_pictures() for one in queued]


def list_tasks(c: Connection, run: Run, request: PageRequest, wanted: TaskFilter) -> Page[TaskRow]:
    """The results table: tasks of a run with their documents and, where there are any, results.

    Which tasks are on the page is found out first, among narrow rows; answers are read of those alone.
    """
    keys = fetch_page(
        c, _keys(run.id, request.sort, wanted), request, sorts=_SORTS, default="id", key=task.c.id
    )
    rows = _rows(c, run, [row["id"] for row in keys.items])
    return Page(rows, keys.next)


def _rows(c: Connection, run: Run, ids: Sequence[int]) -> list[TaskRow]:
    """The rows of these tasks of a run, in this order."""
    names = run.snapshot.names()
    found = {row["id"]: row for row in c.execute(_TABLE.where(task.c.id.in_(ids))).mappings()}
    return [_row(found[number], run.number, names) for number in ids]


def _row(found: RowMapping, number: int, names: Names) -> TaskRow:
    members = dict(found)
    members["run"] = number
    members["connection"] = names.connections[found["connection_id"]]
    members["prompt"] = names.prompts[found["prompt_id"]]
    members["status"] = TaskStatus(found["status"]).name
    members["failure_kind"] = _kind(found["failure_kind"])
    members["cost"] = dollars(found["cost"])
    members["possible_cost"] = dollars(
        None if found["possible_cost"] is None else int(found["possible_cost"])
    )
    members["finished_at"] = _time(found["finished_at"])
    members["purged"] = bool(found["purged"])
    return TaskRow(**members)


def _kind(stored: str | None) -> FailureKind | None:
    return None if stored is None else FailureKind(stored)


def _time(stored: float | None) -> datetime | None:
    return None if stored is None else datetime.fromtimestamp(stored, UTC)


def page_marks(
    c: Connection, run_id: int, request: PageRequest, wanted: TaskFilter, task_id: int | None = None
) -> Marks:
    """Where the pages of the results table begin, and where in it a task is."""
    statement = _keys(run_id, request.sort, wanted)
    return fetch_marks(c, statement, request, sorts=_SORTS, default="id", key=task.c.id, wanted=task_id)


def get_task(c: Connection, task_id: int, among: Sequence[Run]) -> TaskRow:
    """One row of the results table. Raises NotFound unless it belongs to one of these runs."""
    run_id = c.execute(select(task.c.run_id).where(task.c.id == task_id)).scalar()
    run = next((one for one in among if one.id == run_id), None)
    if run is None:
        raise NotFound(f"This batch has no task {task_id}.")
    return _rows(c, run, [task_id])[0]


def attempts_of(c: Connection, task_id: int) -> list[AttemptRow]:
    """The calls made for a task, in order."""
    statement = select(*_CALL).where(attempt.c.task_id == task_id).order_by(attempt.c.number)
    return [_attempt(row) for row in c.execute(statement).mappings()]


def _attempt(found: RowMapping) -> AttemptRow:
    members = dict(found)
    members["failure_kind"] = _kind(found["failure_kind"])
    members["started_at"] = _time(found["started_at"])
    members["finished_at"] = _time(found["finished_at"])
    members["cost"] = dollars(found["cost"])
    members["possible_cost"] = dollars(found["possible_cost"])
    return AttemptRow(**members)


def served_models(c: Connection, run_id: int) -> list[tuple[int, str, int]]:
    """Which models answered in a run: ids of connections, names as served, and how many answers."""
    statement = (
        select(task.c.connection_id, result.c.model, func.count())
        .join(result, result.c.task_id == task.c.id)
        .where(task.c.run_id == run_id, has_status(TaskStatus.COMPLETED), result.c.model.is_not(None))
        .group_by(task.c.connection_id, result.c.model)
        .order_by(task.c.connection_id, func.count().desc())
    )
    return [(row[0], row[1], row[2]) for row in c.execute(statement)]


def unsendable_tasks(c: Connection, run_ids: Sequence[int]) -> dict[int, int]:
    """How many tasks of each of these runs are FAILED because the connection cannot take such a document."""
    if not run_ids:
        return {}
    statement = (  # counted within the index of failures
        select(task.c.run_id, func.count().label("number"))
        .where(
            task.c.run_id.in_(run_ids),
            task.c.failure_kind == str(FailureKind.UNSUPPORTED_INPUT),
            has_status(TaskStatus.FAILED),
        )
        .group_by(task.c.run_id)
    )
    return {row.run_id: row.number for row in c.execute(statement)}


def uncalled_failures(c: Connection, run_id: int) -> int:
    """How many tasks of a run are FAILED without a call: a connection cannot take the document."""
    statement = select(func.count()).where(
        task.c.run_id == run_id, has_status(TaskStatus.FAILED), task.c.attempts == 0
    )
    return int(c.execute(statement).scalar_one())


def unsendable_cells(c: Connection, run_id: int) -> dict[tuple[int, int], int]:
    """How many tasks of a run cannot be sent, by the ids of connection and prompt."""
    cell = (task.c.connection_id, task.c.prompt_id)
    statement = (
        select(*cell, func.count())
        .where(
            task.c.run_id == run_id,
            task.c.failure_kind == str(FailureKind.UNSUPPORTED_INPUT),
            has_status(TaskStatus.FAILED),
        )
        .group_by(*cell)
    )
    return {(connection, prompt): number for connection, prompt, number in c.execute(statement)}


def failures_by_kind(c: Connection, run_id: int) -> list[tuple[str, int, str | None]]:
    """Kind, number and one example message of the FAILED tasks of a run, the most frequent first."""
    count = func.count().label("number")
    # Counted within the index; the message is that of the first task, however many there are.
    groups = (
        select(task.c.failure_kind, count)
        .where(task.c.run_id == run_id, has_status(TaskStatus.FAILED), task.c.failure_kind.is_not(None))
        .group_by(task.c.failure_kind)
        .subquery()
    )
    one = task.alias()
    example = (
        select(one.c.message)
        .where(
            one.c.run_id == run_id,
            one.c.failure_kind == groups.c.failure_kind,
            one.c.status == int(TaskStatus.FAILED),
        )
        .order_by(one.c.id)
        .limit(1)
        .scalar_subquery()
    )
    statement = select(groups, example).order_by(groups.c.number.desc(), groups.c.failure_kind)
    return [(str(kind), int(number), message) for kind, number, message in c.execute(statement)]


@dataclass(frozen=True, slots=True)
class FailedCell:
    """How many tasks of a connection and prompt failed in a way."""

    kind: str
    connection_id: int
    prompt_id: int
    tasks: int


def failures_by_cell(c: Connection, run_id: int) -> list[FailedCell]:
    """How many FAILED tasks of a run there are of each kind, connection and prompt, the most first."""
    count = func.count()
    cell = (task.c.failure_kind, task.c.connection_id, task.c.prompt_id)
    statement = (
        select(*cell, count)
        .where(task.c.run_id == run_id, has_status(TaskStatus.FAILED), task.c.failure_kind.is_not(None))
        .group_by(*cell)
        .order_by(count.desc(), task.c.connection_id, task.c.prompt_id)
    )
    return [FailedCell(*row) for row in c.execute(statement)]


@dataclass(frozen=True, slots=True)
class FailedTask:
    """A task that failed, as an example."""

    task_id: int
    document_id: int
    document: str
    message: str | None


def failed_tasks(c: Connection, run_id: int, kind: str, limit: int) -> list[FailedTask]:
    """The first FAILED tasks of a kind, each of another document: their ids, documents and messages.

    Looked for among the first hundred: the tasks of a document stand together.
    """
    first = (
        select(task.c.id)
        .where(task.c.run_id == run_id, has_status(TaskStatus.FAILED), task.c.failure_kind == kind)
        .order_by(task.c.id)
        .limit(100)
    )
    one = select(func.min(task.c.id)).where(task.c.id.in_(first)).group_by(task.c.document_id)
    statement = (
        select(task.c.id, task.c.document_id, document.c.path, task.c.message)
        .join(document, document.c.id == task.c.document_id)
        .where(task.c.id.in_(one))
        .order_by(task.c.id)
        .limit(limit)
    )
    return [FailedTask(*row) for row in c.execute(statement)]


# The members of rows as they are stored. Those of answers and calls have the names of their columns.
_TABLE = (
    select(
        task.c.id,
        task.c.document_id,
        document.c.path.label("document"),
        document.c.folder_id,
        document.c.parts,
        document.c.losses,
        case((document.c.losses > 0, document.c.detail)).label("left_out"),
        document.c.reason.is_not_distinct_from(str(DocumentReason.PURGED)).label("purged"),
        task.c.connection_id,
        task.c.prompt_id,
        task.c.status,
        task.c.attempts,
        task.c.failure_kind,
        task.c.message,
        stretch.c.covers.label("sent_part"),
        select(func.sum(attempt.c.possible_cost))
        .where(attempt.c.task_id == task.c.id, attempt.c.cost.is_(None))
        .correlate(task)
        .scalar_subquery()
        .label("possible_cost"),
        *(column for column in result.c if column is not result.c.task_id),
    )
    .join(document, document.c.id == task.c.document_id)
    .outerjoin(result, result.c.task_id == task.c.id)
    .outerjoin(stretch, stretch.c.task_id == task.c.id)
)
_CALL = [column for column in attempt.c if column is not attempt.c.task_id]


def _keys(run_id: int, sort: str | None, wanted: TaskFilter) -> Rows:
    """The ids of the wanted tasks, joined with what they are sorted by."""
    statement = select(task.c.id).where(task.c.run_id == run_id)
    if wanted.whole_documents and wanted.chooses:
        chosen = _chosen(select(task.c.document_id).where(task.c.run_id == run_id), wanted)
        statement = statement.where(task.c.document_id.in_(_placed(chosen, wanted)))
    else:
        statement = _chosen(statement, wanted)
    column = (sort or "").removeprefix("-")
    searched = bool(wanted.search) and not wanted.whole_documents
    if column == "document" and not searched:
        # The run is said of both: documents can then be walked in order, and only as many as the page has.
        statement = statement.join(document, document.c.id == task.c.document_id)
        statement = statement.where(document.c.run_id == run_id)
    if column in _RESULT_SORTS and not searched:
        statement = statement.outerjoin(result, result.c.task_id == task.c.id)
    return _placed(statement, wanted)


def matching(statement: Rows, wanted: TaskFilter) -> Rows:
    """A statement over tasks, only of those that are wanted, each by itself."""
    return _placed(_chosen(statement, wanted), wanted)


def _placed(statement: Rows, wanted: TaskFilter) -> Rows:
    """Only tasks of the wanted connections, prompts and document."""
    if wanted.connection_ids:
        statement = statement.where(task.c.connection_id.in_(wanted.connection_ids))
    if wanted.prompt_ids:
        statement = statement.where(task.c.prompt_id.in_(wanted.prompt_ids))
    if wanted.document_id is not None:
        statement = statement.where(task.c.document_id == wanted.document_id)
    return statement


def _chosen(statement: Rows, wanted: TaskFilter) -> Rows:
    """Only tasks that have come to the wanted end, and contain the wanted text."""
    if wanted.statuses:
        statement = statement.where(or_(*(has_status(status) for status in wanted.statuses)))
    if wanted.unsendable is not None:
        unsent = task.c.failure_kind.is_not_distinct_from(str(FailureKind.UNSUPPORTED_INPUT))
        statement = statement.where(
            or_(task.c.status != int(TaskStatus.FAILED), unsent if wanted.unsendable else not_(unsent))
        )
    if wanted.failure_kinds:
        statement = statement.where(task.c.failure_kind.in_(wanted.failure_kinds))
    if wanted.search:
        columns = (document.c.path, result.c.text, task.c.message)
        statement = (
            statement.join(document, document.c.id == task.c.document_id)
            .outerjoin(result, result.c.task_id == task.c.id)
            .where(or_(*(column.icontains(wanted.search, autoescape=True) for column in columns)))
        )
    return statement


_RESULT_SORTS: dict[str, Expression] = {
    "latency_ms": func.coalesce(result.c.latency_ms, -1.0),
    "cost": func.coalesce(result.c.cost, -1),
    "output_tokens": func.coalesce(result.c.output_tokens, -1),
    "finished_at": func.coalesce(result.c.finished_at, 0.0),
}
_SORTS: dict[str, Expression] = {
    "id": task.c.id,
    "document": document.c.path,
    "attempts": task.c.attempts,
    **_RESULT_SORTS,
}
