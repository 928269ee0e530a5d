"""How many tasks of a run each further choice of a filter would show.

Without a search, counters tell: only tasks with a kind of failure are counted, which their index finds. With
one, the tasks that contain the text are counted once, by all that can be chosen of them.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from sqlalchemy import Connection, func, select

from docstage.domain.tasks import FailureKind, TaskStatus
from docstage.store import runs
from docstage.store.tables import task
from docstage.store.tasks import TaskFilter, matching
from docstage.store.values import Rows

T = TypeVar("T")
_End = tuple[TaskStatus, bool]  # and whether it cannot be sent
_Chosen: TypeAlias = Mapping[str, Collection[_End] | Collection[int] | Collection[str]]
"""What was chosen of each member of a group; nothing: all."""
_UNSENDABLE = str(FailureKind.UNSUPPORTED_INPUT)


@dataclass(frozen=True, slots=True)
class Facets:
    """Tasks by what can be chosen of them, each under the other choices.

    Attributes:
        total: all tasks of the run.
        shown: those that the whole filter leaves.
        unsendable: of the FAILED ones those that cannot be sent.
    """

    total: int
    shown: int
    statuses: dict[TaskStatus, int]
    unsendable: int
    failure_kinds: dict[str, int]
    connections: dict[int, int]
    prompts: dict[int, int]


@dataclass(frozen=True, slots=True)
class _Group:
    """So many tasks that are alike in all that can be chosen."""

    status: TaskStatus
    failure_kind: str | None
    connection: int
    prompt: int
    number: int

    @property
    def end(self) -> _End:
        """What became of them."""
        return self.status, self.status is TaskStatus.FAILED and self.failure_kind == _UNSENDABLE


def count_facets(c: Connection, run_id: int, wanted: TaskFilter) -> Facets:
    """The facets of a run's tasks. Whether whole documents are wanted makes no difference."""
    narrow = bool(wanted.search) or wanted.document_id is not None
    groups = _found(c, run_id, wanted) if narrow else _counted(c, run_id)
    chosen: _Chosen = {
        "end": _ends(wanted),
        "failure_kind": wanted.failure_kinds,
        "connection": wanted.connection_ids,
        "prompt": wanted.prompt_ids,
    }
    total = runs.totals(c, [run_id]).get(run_id)
    ends = _facet(groups, lambda one: one.end, _but("end", chosen))
    statuses: Counter[TaskStatus] = Counter()
    for (status, _unsendable), number in ends.items():
        statuses[status] += number
    return Facets(
        total=total.tasks if total else 0,
        shown=sum(group.number for group in groups if _fits(group, chosen)),
        statuses=dict(statuses),
        unsendable=ends.get((TaskStatus.FAILED, True), 0),
        failure_kinds=_facet(groups, lambda one: one.failure_kind, _but("failure_kind", chosen)),
        connections=_facet(groups, lambda one: one.connection, _but("connection", chosen)),
        prompts=_facet(groups, lambda one: one.prompt, _but("prompt", chosen)),
    )


def _ends(wanted: TaskFilter) -> list[_End]:
    """What may have become of the wanted tasks; empty: anything."""
    if not wanted.statuses and wanted.unsendable is None:
        return []
    some = wanted.statuses or list(TaskStatus)
    ends = [(status, False) for status in some] + [(TaskStatus.FAILED, True)] * (TaskStatus.FAILED in some)
    if wanted.unsendable is None:
        return ends
    return [end for end in ends if end[0] is not TaskStatus.FAILED or end[1] == wanted.unsendable]


def _counted(c: Connection, run_id: int) -> list[_Group]:
    """Groups of all tasks, from the counters; those with a kind of failure are counted apart."""
    failed = _grouped(c, select(*_COLUMNS).where(task.c.run_id == run_id, task.c.failure_kind.is_not(None)))
    apart: Counter[tuple[TaskStatus, int, int]] = Counter()
    for group in failed:
        apart[group.status, group.connection, group.prompt] += group.number
    plain = (
        _Group(
            status,
            None,
            cell.connection_id,
            cell.prompt_id,
            getattr(cell.tally, status.name.lower()) - apart[status, cell.connection_id, cell.prompt_id],
        )
        for cell in runs.cells(c, run_id)
        for status in TaskStatus
    )
    return [*failed, *(group for group in plain if group.number > 0)]


def _found(c: Connection, run_id: int, wanted: TaskFilter) -> list[_Group]:
    """Groups of the tasks that contain the text and are of the document."""
    text = TaskFilter(document_id=wanted.document_id, search=wanted.search)
    return _grouped(c, matching(select(*_COLUMNS).where(task.c.run_id == run_id), text))


def _grouped(c: Connection, statement: Rows) -> list[_Group]:
    counted = statement.add_columns(func.count()).group_by(*_COLUMNS)
    return [
        _Group(TaskStatus(status), kind, connection, prompt, number)
        for status, kind, connection, prompt, number in c.execute(counted)
    ]


def _but(name: str, chosen: _Chosen) -> _Chosen:
    return {other: values for other, values in chosen.items() if other != name}


def _facet(groups: Iterable[_Group], of: Callable[[_Group], T | None], chosen: _Chosen) -> dict[T, int]:
    """How many there are of each value, under these choices."""
    counts: Counter[T] = Counter()
    for group in groups:
        value = of(group)
        if value is not None and _fits(group, chosen):
            counts[value] += group.number
    return dict(counts)


def _fits(group: _Group, chosen: _Chosen) -> bool:
    return all(not values or getattr(group, name) in values for name, values in chosen.items())


_COLUMNS = (task.c.status, task.c.failure_kind, task.c.connection_id, task.c.prompt_id)
