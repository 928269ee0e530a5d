"""Failed tasks by their cause: where they stand, what helps, and whether another try can."""

from collections import defaultdict
from collections.abc import Mapping

from sqlalchemy import Connection

from docstage.domain.snapshot import Names
from docstage.domain.tasks import FUTILE, UNTIL_EDITED, FailureKind, way_forward
from docstage.service.results.views import FailureExample, FailureGroup, FailurePlace
from docstage.store import library, tasks
from docstage.store.records import Batch, Run
from docstage.store.tasks import FailedCell

_MOST_PLACES = 20
_EXAMPLES = 5


def failure_groups(c: Connection, batch: Batch, run: Run) -> list[FailureGroup]:
    """The kinds of failure of a run, the most frequent first."""
    names = run.snapshot.names()
    places: dict[str, list[FailurePlace]] = defaultdict(list)
    for cell in tasks.failures_by_cell(c, run.id):
        places[cell.kind].append(_place(cell, names))
    kinds = [(FailureKind(kind), number) for kind, number, _ in tasks.failures_by_kind(c, run.id)]
    return [_group(c, batch, kind, number, places[kind], _examples(c, run, kind)) for kind, number in kinds]


def _examples(c: Connection, run: Run, kind: FailureKind) -> list[FailureExample]:
    return [FailureExample.model_validate(one) for one in tasks.failed_tasks(c, run.id, kind, _EXAMPLES)]


def _group(
    c: Connection,
    batch: Batch,
    kind: FailureKind,
    number: int,
    places: list[FailurePlace],
    examples: list[FailureExample],
) -> FailureGroup:
    hint = _hint(c, batch, kind, {place.connection_id: place.connection for place in places})
    example = next((one.message for one in examples), None)
    return FailureGroup(
        kind=kind,
        tasks=number,
        example=example,
        way_forward=way_forward(kind, example),
        retry_helps=hint is None,
        retry_hint=hint,
        places=places[:_MOST_PLACES],
        documents=examples,
    )


def _place(cell: FailedCell, names: Names) -> FailurePlace:
    return FailurePlace(
        connection_id=cell.connection_id,
        connection=names.connections[cell.connection_id],
        prompt_id=cell.prompt_id,
        prompt=names.prompts[cell.prompt_id],
        tasks=cell.tasks,
    )


def _hint(c: Connection, batch: Batch, kind: FailureKind, connections: Mapping[int, str]) -> str | None:
    """Why another try of this run would end in the same way, None where it may not."""
    if kind in FUTILE:
        return FUTILE[kind]
    if kind not in UNTIL_EDITED:
        return None
    ended = max(batch.completed_at or 0.0, batch.failed_at or 0.0)
    if ended and library.last_edit(c, connections) > ended:
        return None
    listed = ", ".join(list(connections.values())[:3]) + (" and others" if len(connections) > 3 else "")
    return f"{UNTIL_EDITED[kind]} Edit the connection {listed} first, then retry."
