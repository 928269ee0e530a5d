"""Batches, runs and calls for tests of the store, in few lines."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Connection, func, select
from tests.support.steps import step

from docstage.domain.content import DocumentStatus
from docstage.domain.lifecycle import BatchStatus
from docstage.domain.rows import TaskRow
from docstage.domain.served import Served
from docstage.domain.snapshot import FrozenBatch, FrozenConnection, FrozenPrompt, RunSnapshot
from docstage.domain.tasks import AttemptOutcome, FailureKind, TaskStatus
from docstage.domain.usage import TOKENS, Usage, tokens_of
from docstage.store import batches, documents, layout, library, recording, runs, tasks
from docstage.store.batches import Change
from docstage.store.database import Database
from docstage.store.layout import Asked, Taker
from docstage.store.paging import Page, PageRequest
from docstage.store.recording import CallBegun, CallEnded
from docstage.store.records import Batch
from docstage.store.runs import Tally
from docstage.store.tables import attempt, task
from docstage.store.tasks import TaskFilter

NOW = 1_700_000_000.0


@dataclass(frozen=True, slots=True)
class Staged:
    """A batch with a run whose tasks are laid out.

    Attributes:
        batch: as it was when it was made.
        connections: ids, in order.
        prompts: ids, in order.
    """

    batch: Batch
    run_id: int
    connections: tuple[int, ...]
    prompts: tuple[int, ...]


def folder_values(name: str = "Letters", **changes: Any) -> dict[str, Any]:
    """Columns of a folder."""
    values = {"name": name, "path": f"/data/{name}", "recursive": True, "hidden": False}
    return values | {"include": [], "exclude": [], "created_at": NOW, "updated_at": NOW} | changes


def connection_values(name: str = "Model", **changes: Any) -> dict[str, Any]:
    """Columns of a connection."""
    values: dict[str, Any] = {"name": name, "provider": "simulated", "model": "small", "timeout": 60.0}
    values |= {"max_output_tokens": 100, "concurrency": 4, "headers": {}, "extra": {}}
    return values | {"created_at": NOW, "updated_at": NOW} | changes


def prompt_values(text: str = "What is it?", **changes: Any) -> dict[str, Any]:
    """Columns of a version of a prompt."""
    return {"text": text, "system": None, "schema": None} | changes


def batch_values(name: str = "Letters of May", **changes: Any) -> dict[str, Any]:
    """Columns of a batch."""
    values: dict[str, Any] = {"name": name, "description": None, "metadata": {}}
    return values | {"budget": None, "failure_limit": None} | changes


def document_values(run_id: int, path: str, **changes: Any) -> dict[str, Any]:
    """Columns of a document that is ENCODED."""
    values: dict[str, Any] = {"run_id": run_id, "folder_id": 1, "path": path, "size": 10, "mtime_ns": 1}
    values |= {"status": DocumentStatus.ENCODED, "content_key": f"key of {path}", "media_type": "text/plain"}
    return (
        values
        | {"images": 0, "characters": 40, "tokens": 10, "least_tokens": None, "most_tokens": None}
        | {"parts": None, "pictured_parts": None, "losses": None}
        | changes
    )


def make_batch(c: Connection, name: str = "Letters of May", lanes: int = 2, questions: int = 2) -> Batch:
    """A SAVED batch of one folder and so many connections and prompts, all with names of their own."""
    members = {
        "folder": [library.insert_folder(c, folder_values(f"{name}, folder"))],
        "connection": [
            library.insert_connection(c, connection_values(f"{name}, connection {n}")) for n in range(lanes)
        ],
        "prompt": [
            library.insert_prompt(c, f"{name}, prompt {n}", prompt_values(), NOW) for n in range(questions)
        ],
    }
    batch = batches.insert_batch(c, batch_values(name), "user", NOW)
    library.set_members(c, batch.id, members)
    return batch


def move(c: Connection, batch: Batch, to: BatchStatus, **changes: Any) -> Batch:
    """Change the batch's status, as some action or outcome would."""
    action, actor = step(batch.status, to)
    return batches.change_status(c, batch, Change(to, action, actor, None, NOW), **changes)


def begin(c: Connection, batch: Batch, paths: Iterable[str]) -> tuple[Batch, int]:
    """Begin the batch's next run, with an ENCODED document at each path."""
    run_id = runs.begin_run(c, batch.id, batch.runs + 1, _snapshot(c, batch), analyze=False, at=NOW)
    staging = move(c, batch, BatchStatus.STAGING, run_id=run_id, runs=batch.runs + 1)
    documents.insert_documents(c, [document_values(run_id, path) for path in paths])
    return staging, run_id


def _snapshot(c: Connection, batch: Batch) -> RunSnapshot:
    members = library.members_of(c, batch.id)
    lanes = (
        FrozenConnection(id=number, name=f"Connection {number}", provider="simulated", model="small")
        for number in members["connection"]
    )
    questions = (FrozenPrompt(number, f"Prompt {number}", 1, "What is it?") for number in members["prompt"])
    return RunSnapshot(batch=FrozenBatch(batch.name), connections=tuple(lanes), prompts=tuple(questions))


def table(
    c: Connection, run_id: int, request: PageRequest | None = None, wanted: TaskFilter | None = None
) -> Page[TaskRow]:
    """A page of the results table of a run."""
    return tasks.list_tasks(c, runs.get_run(c, run_id), request or PageRequest(), wanted or TaskFilter())


def lay_out_all(c: Connection, run_id: int, connections: Sequence[int], prompts: Sequence[int]) -> None:
    """Lay out the tasks of every document of the run that has none yet, and count them."""
    after = layout.laid_out_to(c, run_id)
    while (up_to := layout.next_documents(c, run_id, after, 500)) is not None:
        seeing = [Taker(number, sees=True) for number in connections]
        asked = [Asked(number) for number in prompts]
        layout.lay_out(c, run_id, after=after, up_to=up_to, connections=seeing, prompts=asked)
        after = up_to
    runs.count_tasks(c, run_id)


def stage(c: Connection, count: int = 3, name: str = "Letters of May", **sizes: int) -> Staged:
    """A STAGED batch with so many documents laid out for two connections and two prompts."""
    batch, run_id = begin(c, make_batch(c, name, **sizes), (f"{n:06}.txt" for n in range(count)))
    members = library.members_of(c, batch.id)
    lay_out_all(c, run_id, members["connection"], members["prompt"])
    staged = move(c, batch, BatchStatus.STAGED)
    return Staged(staged, run_id, tuple(members["connection"]), tuple(members["prompt"]))


def analyze(database: Database, count: int = 3, name: str = "Letters of May", **sizes: int) -> Staged:
    """Likewise, with the batch ANALYZING."""
    with database.write() as c:
        staged = stage(c, count, name, **sizes)
        return replace(staged, batch=move(c, staged.batch, BatchStatus.ANALYZING))


def calls_for(database: Database, staged: Staged, limit: int = 100) -> list[CallBegun]:
    """The calls that the queued tasks of all lanes ask for next."""
    with database.read() as c:
        return [
            CallBegun(queued.id, staged.run_id, lane, queued.prompt_id, queued.attempts + 1, NOW)
            for lane in staged.connections
            for queued in tasks.next_queued(c, staged.run_id, lane, 0, limit)
        ]


def record_begun(database: Database, calls: Sequence[CallBegun]) -> set[int]:
    """Record calls before they leave, as the engine does."""
    with database.write() as c:
        open_runs = recording.lock_runs(c, {call.run_id for call in calls})
        return recording.record_begun(c, calls, open_runs)


def record_ended(database: Database, calls: Sequence[CallEnded]) -> set[int]:
    """Record calls that ended, as the engine does."""
    with database.write() as c:
        recording.lock_runs(c, {call.call.run_id for call in calls})
        return recording.record_ended(c, calls)


def answered(call: CallBegun, text: str = "Yes.", **changes: Any) -> CallEnded:
    """The call, answered after 250 ms for 7 nano-dollars."""
    ended = CallEnded(call, TaskStatus.COMPLETED, AttemptOutcome.COMPLETED, 1, NOW + 1, 250.0, text=text)
    priced = replace(ended, usage=Usage(100, 60, 5, 20, 2), cost=7, served=Served("small-1", "stop"))
    return replace(priced, **changes)


def failed(call: CallBegun, status: TaskStatus = TaskStatus.FAILED, **changes: Any) -> CallEnded:
    """The call, failed by the provider."""
    ended = CallEnded(call, status, AttemptOutcome.FAILED, call.attempt, NOW + 1, 30.0, cost=0)
    overloaded = replace(ended, failure_kind=FailureKind.OVERLOADED, message="Busy.", status_code=503)
    return replace(overloaded, **changes)


def assert_tallies_hold(database: Database) -> None:
    """Every tally says what counting the tasks and the calls of its cell says."""
    with database.read() as c:
        recounted = _recount(c)
        kept = {
            (run_id, cell.connection_id, cell.prompt_id): _flat(cell.tally)
            for run_id in {run_id for run_id, _connection, _prompt in recounted}
            for cell in runs.cells(c, run_id)
        }
    assert kept == recounted


def _flat(one: Tally) -> dict[str, Any]:
    """Its members, tokens beside the others."""
    return {name: value for name, value in asdict(one).items() if name != "usage"} | tokens_of(one.usage)


def _recount(c: Connection) -> dict[tuple[int, int, int], dict[str, Any]]:
    cell = (task.c.run_id, task.c.connection_id, task.c.prompt_id)
    statuses = [func.count().filter(task.c.status == int(one)).label(one.name.lower()) for one in TaskStatus]
    counts = c.execute(select(*cell, *statuses).group_by(*cell)).mappings()
    zeros = _flat(Tally())
    recounted = {tuple(row[column.name] for column in cell): zeros | _without(row, cell) for row in counts}
    sums = c.execute(
        select(*cell, *_call_sums()).join(attempt, attempt.c.task_id == task.c.id).group_by(*cell)
    ).mappings()
    for row in sums:
        recounted[tuple(row[column.name] for column in cell)] |= _without(row, cell)
    return recounted


def _without(row: Any, cell: Sequence[Any]) -> dict[str, Any]:
    kept = {name: value for name, value in row.items() if name not in {column.name for column in cell}}
    return {name: float(value) if name == "latency_ms" else int(value) for name, value in kept.items()}


def _call_sums() -> list[Any]:
    names = (*TOKENS, "cost", "latency_ms", "possible_cost")
    over = attempt.c.outcome != AttemptOutcome.IN_FLIGHT
    return [
        func.count().filter(over, attempt.c.outcome != AttemptOutcome.UNKNOWN).label("calls"),
        *(func.coalesce(func.sum(attempt.c[name]), 0).label(name) for name in names),
        func.count().filter(over, attempt.c.cost.is_(None)).label("unpriced_calls"),
    ]
