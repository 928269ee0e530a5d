"""Tasks of a run and their calls, as they should be: the part of the model that users see in the results.

What ends a call, what it costs then and what becomes of its task.
"""

from dataclasses import dataclass, field

# How often a task may fail in each way before it is FAILED: 1 means at once, None that it is never its fault.
MOST_TRIES: dict[str, int | None] = {
    "overloaded": 3,
    "timeout": 3,
    "bad_answer": 2,
    "cut_off": 1,
    "bad_request": 1,
    "refusal": 1,
    "context_overflow": 1,
    "truncated": 1,
    "internal": 1,
    "rate_limited": None,
    "auth": None,
    "quota": None,
}
HOLDS = frozenset({"auth", "quota"})  # nobody can be called until the connection is mended
# What a server refuses costs nothing. Of all other ends without an answer nobody knows: the server may have
# worked, and bills it.
REFUSED = frozenset({"overloaded", "bad_request", "context_overflow", "rate_limited", "auth", "quota"})
# These may be the connection's fault, and then do not count against the task.
SHARED = frozenset({"overloaded", "timeout"})
OPEN = "in_flight"
Key = tuple[str, str, str]  # document, connection, prompt


@dataclass(slots=True)
class Reply:
    """What the model server answers: a text, or a kind of failure."""

    text: str | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Fee:
    """What a call of a connection comes to, in nano-dollars.

    Attributes:
        most: no call costs more; it is booked before the call leaves.
        answer: what one costs that was answered.
    """

    most: int
    answer: int


@dataclass(slots=True)
class Attempt:
    """One call.

    Attributes:
        fee: None where the connection's prices are unknown.
        cost: nano-dollars, where they are known.
        given: what the server answered, if it did.
        given_up: docstage may drop it: its task was cancelled, or its engine was stopped.
        lost: its engine has died.
    """

    fee: Fee | None
    outcome: str = OPEN
    cost: int | None = None
    given: Reply | None = None
    given_up: bool = False
    lost: bool = False

    @property
    def possible(self) -> int | None:
        """Nano-dollars that it costs at most, while nobody knows what it costs."""
        return self.fee.most if self.fee and self.cost is None else None

    @property
    def booked(self) -> int:
        """Nano-dollars of the budget that it takes."""
        return self.cost or self.possible or 0

    def costs(self, outcome: str) -> set[int | None]:
        """What it may cost if it comes to this end; None: nobody knows."""
        if outcome in {"completed", "discarded"}:
            return {self.fee.answer if self.fee else None}
        if outcome == "dropped":
            return {None, 0}  # 0 where it had not left
        is_refused = outcome == "failed" and self.given is not None and self.given.failure in REFUSED
        return {0} if is_refused else {None}


@dataclass(slots=True)
class Task:
    """One document, connection and prompt of a run."""

    status: str = "QUEUED"
    tries: int = 0
    kind: str | None = None
    text: str | None = None
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it waits or is being called."""
        return self.status in {"QUEUED", "RUNNING"}


@dataclass(slots=True)
class Run:
    """One generation of a batch."""

    number: int
    connections: tuple[str, ...]
    prompts: tuple[str, ...]
    analyzes: bool
    tasks: dict[Key, Task] = field(default_factory=dict)

    @property
    def booked(self) -> int:
        """Nano-dollars that its calls have cost, those of unknown cost at their most."""
        return sum(attempt.booked for task in self.tasks.values() for attempt in task.attempts)

    def waiting(self, connection: str) -> bool:
        """Whether any of its tasks waits for a call of the connection."""
        return any(task.status == "QUEUED" and key[1] == connection for key, task in self.tasks.items())

    def count(self, *statuses: str) -> int:
        """How many of its tasks have one of the statuses."""
        return sum(task.status in statuses for task in self.tasks.values())

    def open_calls(self, connection: str | None = None) -> list[tuple[Key, int]]:
        """Calls in flight, as key and number."""
        return [
            (key, number)
            for key, task in self.tasks.items()
            for number, attempt in enumerate(task.attempts, 1)
            if attempt.outcome == OPEN and connection in {None, key[1]}
        ]

    def cancel(self) -> None:
        """What is not done is CANCELLED, and calls in flight are given up."""
        for task in self.tasks.values():
            for attempt in task.attempts:
                attempt.given_up = True
            if task.is_open:
                task.status = "CANCELLED"


@dataclass(frozen=True, slots=True)
class End:
    """How a call ended, as it is recorded.

    Attributes:
        outcome: `unknown` when its engine had died.
        cost: nano-dollars, None where nobody knows.
        tries: failures that count against its task.
    """

    outcome: str
    cost: int | None
    tries: int
