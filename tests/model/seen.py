"""What is in the database, in the terms of the model."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, select
from tests.model.calls import Key
from tests.model.life import Event
from tests.support.rows import tasks_with_results

from docstage.store.database import Database
from docstage.store.tables import attempt, batch, document, event, result, run, task

# Made once: putting a statement together takes longer than the database needs for it.
_OF: BindParameter[Any] = bindparam("numbers", expanding=True)
_EVENTS = select(event).where(event.c.batch_id.in_(_OF)).order_by(event.c.id)
_TASKS = tasks_with_results(
    run.c.batch_id,
    run.c.number.label("run"),
    document.c.path,
    task.c.id,
    task.c.connection_id,
    task.c.prompt_id,
    task.c.status,
    task.c.attempts,
    task.c.tries,
    task.c.failure_kind,
    result.c.text,
).where(run.c.batch_id.in_(_OF))
_ATTEMPTS = (
    select(
        run.c.batch_id,
        attempt.c.task_id,
        attempt.c.number,
        attempt.c.outcome,
        attempt.c.cost,
        attempt.c.possible_cost,
    )
    .join(task, task.c.id == attempt.c.task_id)
    .join(run, run.c.id == task.c.run_id)
    .where(run.c.batch_id.in_(_OF))
    .order_by(attempt.c.task_id, attempt.c.number)
)
_ENCODED = (
    select(run.c.batch_id, run.c.number, document.c.path)
    .join(run, run.c.id == document.c.run_id)
    .where(run.c.batch_id.in_(_OF), document.c.status == "ENCODED")
)
_ROW = select(batch).where(batch.c.id.in_(_OF))


@dataclass(frozen=True, slots=True)
class SeenCall:
    """A call as it is recorded; money is in nano-dollars."""

    outcome: str
    cost: int | None
    possible: int | None


@dataclass(slots=True)
class Seen:
    """A batch as it is in the database at one moment.

    Attributes:
        events: the log; what the engine did is without its name there, which the model does not know.
        tasks: rows of every run, by its number and the task's key.
        attempts: calls, in their order.
        documents: encoded ones, by the run's number.
    """

    events: list[Event] = field(default_factory=list)
    tasks: dict[tuple[int, Key], Any] = field(default_factory=dict)
    attempts: dict[tuple[int, Key], list[SeenCall]] = field(default_factory=dict)
    documents: dict[int, set[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Observer:
    """Reads batches.

    Attributes:
        connections: names, by id.
        prompts: texts, by id.
    """

    database: Database
    connections: Mapping[int, str]
    prompts: Mapping[int, str]

    def look(self, numbers: Iterable[int]) -> dict[int, Seen]:
        """These batches, all at the same moment.

        Raises:
            AssertionError: a task was laid out or answered twice, or an attempt is missing.
        """
        found = {number: Seen() for number in numbers}
        if found:
            with self.database.read() as c:
                self._fill(c, found)
        return found

    def raw(self, number: int) -> tuple[Any, ...]:
        """All that a refused action must leave as it is."""
        asked = {"numbers": [number]}
        with self.database.read() as c:
            return tuple(c.execute(_ROW, asked).one()), [tuple(one) for one in c.execute(_EVENTS, asked)]

    def _fill(self, c: Connection, found: dict[int, Seen]) -> None:
        asked = {"numbers": list(found)}
        for one in c.execute(_EVENTS, asked):
            action = None if one.actor == "engine" else one.action
            found[one.batch_id].events.append(Event(one.actor, action, one.from_status, one.to_status))
        keys: dict[int, tuple[int, Key]] = {}
        for one in c.execute(_TASKS, asked):
            seen = found[one.batch_id]
            key = (one.run, (one.path, self.connections[one.connection_id], self.prompts[one.prompt_id]))
            assert key not in seen.tasks, f"{key} was laid out, or answered, twice"
            keys[one.id], seen.tasks[key], seen.attempts[key] = key, one, []
        for one in c.execute(_ATTEMPTS, asked):
            attempts = found[one.batch_id].attempts[keys[one.task_id]]
            attempts.append(SeenCall(one.outcome, one.cost, one.possible_cost))
            assert one.number == len(attempts), f"attempts of {keys[one.task_id]} have gaps"
        for one in c.execute(_ENCODED, asked):
            found[one.batch_id].documents.setdefault(one.number, set()).add(one.path)
