"""The life of a batch by script: staged, run, paused, resumed, cancelled, retried, restaged, rerun.

The script waits for what it does next, not for time, so that it ends the same however often processes are
killed meanwhile. What it asks for while the web process is away it asks again, unless it was done.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import httpx
from sqlalchemy import func, select
from tests.faults.chat import FLAKY, POISON, ChatServer, Key
from tests.support.rows import tasks_with_results
from tests.support.waiting import PATIENCE, until

from docstage.domain.errors import Unavailable
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import AttemptOutcome, TaskStatus
from docstage.store import batches
from docstage.store.database import Database
from docstage.store.records import Batch
from docstage.store.tables import attempt, batch, document, event, result, run, task

P = ParamSpec("P")
T = TypeVar("T")
NAME = "Under fire"
DOCUMENTS = 14
PROMPTS = 2
TASKS = DOCUMENTS * PROMPTS
CONCURRENCY = 4
_STUCK_SECONDS = 1.0
RESTING = (BatchStatus.COMPLETED, BatchStatus.FAILED, BatchStatus.PAUSED)


def patient(look: Callable[P, T]) -> Callable[P, T]:
    """The same look at the database, taken again until the database is there."""

    @wraps(look)
    def again(*args: P.args, **options: P.kwargs) -> T:
        while True:
            try:
                return look(*args, **options)
            except Unavailable:
                time.sleep(0.05)

    return again


def write_documents(folder: Path) -> None:
    """Documents of two formats, one that no call can answer and one that needs two."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(DOCUMENTS):
        told = {3: POISON, 5: FLAKY}.get(number, "Ordinary")
        text = f"DOC-{number} {told}. " + f"Sentence of document {number} about invoices. " * 200
        name, body = (f"{number:02}.txt", text)
        if number % 2:
            name, body = f"{number:02}.html", f"<html><body><p>{text}</p></body></html>"
        (folder / name).write_text(body)
    (folder / "empty.txt").touch()


@dataclass(slots=True)
class Life:
    """One life of one batch.

    Attributes:
        address: where the API is.
        step: what the script does or waits for.
        asked: the action that it asked for last; `make` before the first.
        steps: all steps so far, for whoever asks why it stands still.
    """

    database: Database
    chat: ChatServer
    folder: Path
    address: str
    step: str = "begins"
    asked: str = "make"
    steps: list[str] = field(default_factory=list)

    def live(self) -> None:
        """From nothing to the end of the third run."""
        self._make()
        self._at(BatchStatus.STAGED)
        self._first_run()
        self._second_run()
        self.chat.run = 3
        self._act(Action.RERUN)
        self._at(*RESTING)

    def _first_run(self) -> None:
        self.chat.let_through(TASKS // 4)
        self._act(Action.RUN)
        self._done(TASKS // 4)
        self._act(Action.PAUSE)  # with calls in flight, which count
        self.chat.let_through(TASKS)
        until(lambda: not self._count(TaskStatus.RUNNING), "no call in flight while paused")
        self.chat.let_through(TASKS // 2)
        self._act(Action.RESUME)
        self._done(TASKS // 2)
        self._act(Action.CANCEL)
        self.chat.let_through(TASKS)
        self._act(Action.RETRY)
        self._at(*RESTING)

    def _second_run(self) -> None:
        (self.folder / "02.txt").write_text("DOC-102 A letter that was written anew.")
        (self.folder / "04.txt").unlink()
        self.chat.run = 2
        self._act(Action.RESTAGE)
        self._at(BatchStatus.STAGED)
        self._act(Action.RUN)
        self._at(*RESTING)
        self._act(Action.RETRY)  # the poison, once more
        self._at(*RESTING)

    def _make(self) -> None:
        self._note("making")
        folder = self._created("folders", {"path": str(self.folder), "name": "Letters"})
        limits = {"concurrency": CONCURRENCY}
        model = {"provider": "openai-compatible", "model": "m", "base_url": self.chat.base_url}
        connection = self._created("connections", {"name": "M", "limits": limits, **model})
        prompts = [
            self._created("prompts", {"name": f"P{n}", "text": f"ASK-{n}: what is it?"})
            for n in range(PROMPTS)
        ]
        members = {"folder_ids": [folder], "connection_ids": [connection], "prompt_ids": prompts}
        self._note("save and stage")
        self.asked = Action.STAGE
        self._created("batches", {"name": NAME, **members}, path="batches/stage")

    # What the script does

    def _created(self, kind: str, body: dict[str, Any], path: str | None = None) -> int:
        """Make something, once: after a cut connection it may be there already."""
        while True:
            response = self._send("POST", path or kind, body)
            if response is not None and response.status_code != 409:
                response.raise_for_status()
                return int(response.json()["id"])
            listed = self._send("GET", kind, None)
            for one in listed.json()["items"] if listed is not None else ():
                if one["name"] == body["name"]:
                    return int(one["id"])

    def _act(self, action: Action) -> None:
        self._note(action)
        self.asked = action
        asked = self._asked(action)
        while True:
            number = self.batch().id
            response = self._send("POST", f"batches/{number}/action", {"action": action})
            if self._asked(action) > asked:
                return
            assert response is None, f"{action}: {response.status_code} {response.text}"

    def _send(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response | None:
        """The answer, or None when the web process is away; then it waits a little."""
        try:
            response = httpx.request(method, f"{self.address}/api/{path}", json=body, timeout=PATIENCE)
        except httpx.TransportError:
            time.sleep(0.05)
            return None
        if response.status_code == 503:
            time.sleep(0.05)
            return None
        return response

    def _at(self, *statuses: BatchStatus) -> None:
        self._note(f"until {'/'.join(statuses)}")
        until(lambda: self.batch().status in statuses, lambda: f"{statuses} after {self.steps}")

    def _done(self, tasks: int) -> None:
        """Wait for so many tasks; if those that are let through cannot be called, others are let through."""
        self._note(f"until {tasks} tasks are done")
        let, looked_at, seen = tasks, time.monotonic(), -1

        def are_done() -> bool:
            nonlocal let, looked_at, seen
            done = self._count(TaskStatus.COMPLETED, TaskStatus.FAILED)
            if done != seen:
                looked_at, seen = time.monotonic(), done
            elif time.monotonic() - looked_at > _STUCK_SECONDS:
                looked_at, let = time.monotonic(), let + 1
                self.chat.let_through(let)
            return done >= tasks

        until(are_done, f"{tasks} tasks done")

    def _note(self, step: str) -> None:
        self.step = step
        self.steps.append(step)

    # What it looks at

    @patient
    def batch(self) -> Batch:
        """The batch."""
        with self.database.read() as c:
            number = c.execute(select(batch.c.id).where(batch.c.name == NAME)).scalar_one()
            return batches.get_batch(c, number)

    @patient
    def _asked(self, action: Action) -> int:
        """How often an action was carried out for the user."""
        mine = (event.c.batch_name == NAME, event.c.action == str(action), event.c.actor != "engine")
        with self.database.read() as c:
            return int(c.execute(select(func.count()).select_from(event).where(*mine)).scalar_one())

    @patient
    def _count(self, *statuses: TaskStatus) -> int:
        run_id = self.batch().run_id
        mine = (task.c.run_id == run_id, task.c.status.in_([int(one) for one in statuses]))
        with self.database.read() as c:
            return int(c.execute(select(func.count()).select_from(task).where(*mine)).scalar_one())


@dataclass(frozen=True, slots=True)
class Ending:
    """What must be the same after every life: the batch, its log, and every run.

    Attributes:
        documents: by run and path: status, reason, hash and length.
        tasks: by run, path and prompt: status, answer and kind of failure.
    """

    status: str
    reason: str | None
    events: list[tuple[Any, ...]]
    documents: dict[tuple[int, str], tuple[Any, ...]]
    tasks: dict[tuple[int, str, int], tuple[Any, ...]]


def ending(database: Database) -> Ending:
    """How the life in a database has ended."""
    with database.read() as c:
        status, reason = c.execute(select(batch.c.status, batch.c.status_reason)).one()
        names = ("run", "actor", "action", "from_status", "to_status", "reason")
        log = c.execute(select(*(event.c[name] for name in names)).order_by(event.c.id)).all()
        found = c.execute(
            select(
                run.c.number,
                document.c.path,
                document.c.status,
                document.c.reason,
                document.c.sha256,
                document.c.characters,
            ).join(run, run.c.id == document.c.run_id)
        ).all()
        asked = c.execute(
            tasks_with_results(
                run.c.number,
                document.c.path,
                task.c.prompt_id,
                task.c.status,
                result.c.text,
                task.c.failure_kind,
            )
        ).all()
    return Ending(
        status,
        reason,
        [tuple(one) for one in log],
        {(one[0], one[1]): tuple(one[2:]) for one in found},
        {(one[0], one[1], one[2]): tuple(one[3:]) for one in asked},
    )


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls that were recorded for one task of a run."""

    run: int
    key: Key
    outcomes: tuple[str, ...]

    @property
    def unknown(self) -> int:
        """Calls that were in flight when an engine died."""
        return self.outcomes.count(AttemptOutcome.UNKNOWN)

    @property
    def given_up(self) -> int:
        """Calls that docstage gave up, or whose answer came too late: the cancelled ones."""
        return sum(self.outcomes.count(one) for one in (AttemptOutcome.DROPPED, AttemptOutcome.DISCARDED))


def recorded_calls(database: Database, folder: Path) -> list[Calls]:
    """The calls of every task that were recorded, by the names that the chat server knows them by."""
    statement = (
        select(run.c.number, document.c.path, task.c.prompt_id, task.c.id, attempt.c.outcome)
        .select_from(task)
        .join(run, run.c.id == task.c.run_id)
        .join(document, document.c.id == task.c.document_id)
        .outerjoin(attempt, attempt.c.task_id == task.c.id)
        .order_by(task.c.id, attempt.c.number)
    )
    with database.read() as c:
        rows = c.execute(statement).all()
        first = min(row.prompt_id for row in rows)
    found: dict[int, tuple[int, Key, list[str]]] = {}
    for number, path, prompt_id, task_id, outcome in rows:
        name = f"DOC-{int(path[:2])}" if (number, path) not in _REWRITTEN else "DOC-102"
        one = found.setdefault(task_id, (number, (name, f"ASK-{prompt_id - first}"), []))
        one[2].extend([outcome] if outcome else [])
    return [Calls(number, key, tuple(outcomes)) for number, key, outcomes in found.values()]


_REWRITTEN = {(2, "02.txt"), (3, "02.txt")}
