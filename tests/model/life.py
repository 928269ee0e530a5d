"""What the life of a batch should be: a pure model, written from the design and not from the code.

It knows nothing of databases, engines or clocks. Users' actions are carried out or refused here as the table
of the design says; what an engine does by itself is told to it, and it says whether that was legal.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from tests.model.calls import MOST_TRIES, SHARED, Attempt, End, Fee, Key, Run, Task

# The seed and section 3 of the design, by hand: what each status allows, and the status at once.
ACTIONS: dict[str, dict[str, str]] = {
    "SAVED": {"stage": "STAGING"},
    "STAGING": {"cancel": "FAILED_STAGING"},
    "STAGED": {"run": "ANALYZING", "restage": "STAGING", "reset": "SAVED"},
    "ANALYZING": {"pause": "PAUSED", "cancel": "FAILED"},
    "PAUSED": {"resume": "ANALYZING", "cancel": "FAILED", "reset": "SAVED"},
    "COMPLETED": {"restage": "STAGING", "rerun": "STAGING", "retry": "ANALYZING", "reset": "SAVED"},
    "FAILED": {"restage": "STAGING", "rerun": "STAGING", "retry": "ANALYZING", "reset": "SAVED"},
    "FAILED_STAGING": {"stage": "STAGING", "restage": "STAGING", "reset": "SAVED"},
}
EVERY_ACTION = ("stage", "run", "pause", "resume", "cancel", "reset", "restage", "rerun", "retry")

NANO = 1_000_000_000  # nano-dollars in a dollar


class Refused(Exception):
    """The status does not allow the action."""


class Blocked(Exception):
    """It is allowed, but cannot be carried out: a budget could not be kept, or there is nothing to do."""


class Illegal(AssertionError):
    """Something was observed that must not be."""


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the audit log; an edit has no statuses."""

    actor: str
    action: str | None  # None: whatever the engine calls it
    before: str | None
    after: str | None


@dataclass(slots=True)
class Batch:
    """A batch."""

    connections: tuple[str, ...]
    prompts: tuple[str, ...]
    budget: float | None
    failure_limit: float | None = None
    fees: Mapping[str, Fee] = field(default_factory=dict)  # of connections whose prices are known
    status: str = "SAVED"
    runs: list[Run] = field(default_factory=list)
    has_run: bool = False  # whether the last run is the current one
    events: list[Event] = field(default_factory=lambda: [Event("user", "save", None, "SAVED")])

    @property
    def run(self) -> Run | None:
        """The current run."""
        return self.runs[-1] if self.has_run else None

    @property
    def allowed(self) -> set[str]:
        """What a user may do."""
        return set(ACTIONS[self.status])

    @property
    def failed_too_often(self) -> bool:
        """Whether more has failed than the batch allows."""
        run = self.run
        if run is None or self.failure_limit is None:
            return False
        return run.count("FAILED") > self.failure_limit * len(run.tasks)

    @property
    def is_finished(self) -> bool:
        """Whether every task of the current run has come to an end."""
        return self.run is not None and not self.run.count("QUEUED", "RUNNING")

    # What users do

    def act(self, action: str, kinds: Iterable[str] = (), actor: str = "user") -> None:
        """Carry out an action.

        Raises:
            Refused: the status does not allow it.
            Blocked: with a budget and unknown prices nothing is analysed, a paused run does not go on
                whose budget leaves no room, and no task failed in the ways that are to be retried.
        """
        target = ACTIONS[self.status].get(action)
        if target is None:
            raise Refused
        if (target == "ANALYZING" or action == "rerun") and not self._could_keep(self.budget):
            raise Blocked
        if action == "resume" and self._is_spent:
            raise Blocked
        wanted = set(kinds)
        run = self.run
        if action == "retry" and wanted and (run is None or not self._to_retry(run, wanted)):
            raise Blocked
        if target in {"STAGING", "SAVED"} and run is not None:
            run.cancel()
            self.has_run = False
        if target == "STAGING":
            self.runs.append(Run(len(self.runs) + 1, self.connections, self.prompts, action == "rerun"))
            self.has_run = True
        elif action == "cancel" and run is not None:
            run.cancel()
        elif action == "retry" and run is not None:
            for task in self._to_retry(run, wanted):
                task.status, task.tries, task.kind = "QUEUED", 0, None
        self._move(actor, action, target)

    def edit(self, **changes: object) -> None:
        """Change members or limits.

        Raises:
            Refused: members are changed, and it is not SAVED.
            Blocked: it is analysed, now or once it is staged, and the new budget could not be kept.
        """
        if {"connections", "prompts"} & changes.keys() and self.status != "SAVED":
            raise Refused
        budget = changes.get("budget", self.budget)
        if budget != self.budget and self._calls_models and not self._could_keep(budget):
            raise Blocked
        for name, value in changes.items():
            setattr(self, name, value)
        self.events.append(Event("user", "edit", None, None))

    @property
    def may_be_deleted(self) -> bool:
        """Not while an engine is at it."""
        return self.status not in {"STAGING", "ANALYZING"}

    @property
    def _calls_models(self) -> bool:
        """Whether its run does, now or by itself once it is staged."""
        run = self.run
        return self.status == "ANALYZING" or (self.status == "STAGING" and run is not None and run.analyzes)

    def _could_keep(self, budget: object) -> bool:
        run = self.run
        return budget is None or run is None or set(run.connections) <= self.fees.keys()

    def fits(self, connection: str) -> bool:
        """Whether the budget leaves room for a call of the connection, beside those in flight."""
        if self.budget is None or self.run is None:
            return True
        fee = self.fees.get(connection)
        return fee is not None and self.run.booked + fee.most <= round(self.budget * NANO)

    @property
    def _is_spent(self) -> bool:
        """Whether no connection could make its next call; those in flight may still make room."""
        run = self.run
        if run is None or run.count("RUNNING"):
            return False
        left = [name for name in run.connections if run.waiting(name)]
        return bool(left) and not any(self.fits(name) for name in left)

    @staticmethod
    def _to_retry(run: Run, kinds: set[str]) -> list[Task]:
        wanted = {"FAILED", "CANCELLED"} if not kinds else {"FAILED"}
        return [
            task for task in run.tasks.values() if task.status in wanted and (not kinds or task.kind in kinds)
        ]

    def _move(self, actor: str, action: str | None, target: str) -> None:
        self.events.append(Event(actor, action, self.status, target))
        self.status = target

    # What an engine was seen to do

    def engine_moved(self, target: str, documents: set[str], *, is_stuck: bool) -> None:
        """The engine changed the status by itself.

        Args:
            documents: those that it staged, for STAGED.
            is_stuck: whether everything that is left waits for somebody to mend a connection or budget.

        Raises:
            Illegal: it must not.
        """
        run = self.run
        move = (self.status, target)
        legal = run is not None and {
            ("STAGING", "STAGED"): bool(documents),
            ("STAGING", "FAILED_STAGING"): not documents,
            ("STAGED", "ANALYZING"): run.analyzes,
            ("ANALYZING", "COMPLETED"): self.is_finished and run.count("COMPLETED") > 0,
            ("ANALYZING", "FAILED"): self.failed_too_often
            or (self.is_finished and not run.count("COMPLETED")),
            ("ANALYZING", "PAUSED"): is_stuck and not self.is_finished,
        }.get(move, False)
        if not legal or run is None:
            raise Illegal(f"the engine moved from {self.status} to {target}: {self}")
        if target == "STAGED":
            run.tasks = {
                (document, connection, prompt): Task()
                for document in documents
                for connection in run.connections
                for prompt in run.prompts
            }
        if target == "FAILED":
            run.cancel()
        self._move("engine", None, target)

    def call_began(self, key: Key, number: int) -> None:
        """The engine recorded a call. Raises Illegal when it must not leave."""
        run = self.run
        task = run.tasks.get(key) if run else None
        if self.status != "ANALYZING" or task is None or task.status != "QUEUED":
            raise Illegal(f"call {number} of {key} began while {self.status}: {task}")
        if number != len(task.attempts) + 1:
            raise Illegal(f"call {number} of {key} is not the next of {len(task.attempts)}")
        if not self.fits(key[1]):
            raise Illegal(f"call {number} of {key} exceeds the budget of {self.budget}: {run}")
        task.attempts.append(Attempt(self.fees.get(key[1])))
        task.status = "RUNNING"

    def call_ended(self, run: Run, key: Key, number: int, end: End) -> None:
        """The engine recorded the end of a call.

        Raises:
            Illegal: it is another end than the call came to.
        """
        outcome = end.outcome
        task = run.tasks[key]
        attempt = task.attempts[number - 1]
        counts = task.status == "RUNNING" and number == len(task.attempts)
        given = attempt.given
        legal = {
            "completed": counts and given is not None and given.text is not None,
            "discarded": not counts and given is not None and given.text is not None,
            "failed": given is not None and given.failure is not None,
            "dropped": attempt.given_up,
            "unknown": attempt.lost,
        }.get(outcome, False)
        if not legal:
            raise Illegal(f"call {number} of {key}, {given}, ended as {outcome}: {task}")
        if end.cost not in attempt.costs(outcome):
            raise Illegal(f"call {number} of {key}, {given}, cost {end.cost} as {outcome}: {attempt}")
        attempt.outcome, attempt.cost = outcome, end.cost
        if not counts:
            return
        task.status = "QUEUED"
        if outcome == "completed" and given is not None:
            task.status, task.text = "COMPLETED", given.text
            task.kind = None
        elif outcome == "failed" and given is not None and given.failure is not None:
            self._failed(task, given.failure, end.tries)

    @staticmethod
    def _failed(task: Task, kind: str, tries: int) -> None:
        most = MOST_TRIES[kind]
        counted = {task.tries} if most is None else {task.tries + 1}
        if kind in SHARED:
            counted.add(task.tries)
        if tries not in counted:
            raise Illegal(f"{tries} tries after {kind}, not {counted}: {task}")
        task.tries, task.kind = tries, kind
        task.status = "FAILED" if most is not None and tries >= most else "QUEUED"

    def copy(self) -> "Batch":
        """A batch that can be tried on."""
        return deepcopy(self)
