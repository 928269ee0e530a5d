"""A run that is being analysed: what it asks, what it may spend, how it stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from docstage.analysis.feeder import Feeder
from docstage.domain.content import estimate_tokens
from docstage.domain.json_values import JsonObject
from docstage.domain.snapshot import FrozenPrompt
from docstage.store.records import Batch

# What the delimiters around a document and the roles of a chat add to a request.
OVERHEAD_TOKENS = 30


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt of the run.

    Attributes:
        tokens: estimated input tokens that it adds to a document's.
    """

    text: str
    system: str | None
    schema: JsonObject | None
    tokens: int


def question_of(prompt: FrozenPrompt) -> Question:
    """The question of a prompt as a snapshot has it."""
    return make_question(prompt.text, prompt.system, prompt.schema)


def make_question(text: str, system: str | None, schema: JsonObject | None) -> Question:
    """The question, with its tokens estimated."""
    tokens = estimate_tokens(text) + estimate_tokens(system or "") + OVERHEAD_TOKENS
    return Question(text, system, schema, tokens)


@dataclass(slots=True)
class RunWork:
    """One ANALYZING run.

    Attributes:
        version: the batch's, which counts its changes of status.
        questions: the run's prompts by id.
        feeders: its tasks by connection id.
        budget: nano-dollars that it may cost in all, None for no limit.
        spent: nano-dollars that its calls have cost, those of unknown cost at their most.
        possible: those of `spent` that calls of unknown cost have cost at most.
        reserved: nano-dollars that the calls in flight may cost at most.
        failure_limit: share of the tasks that may fail, or None.
        tasks: how many tasks it has.
        failed: how many have failed after a call.
        batch_failed_at: when its batch was FAILED last, as of when it was taken up.
        finished: tasks that were recorded as done since it was taken up.
        is_dropped: its calls in flight are given up: it was cancelled, reset or deleted.
        held_back: what the next call to a connection (by id) may cost, where that was too much when it was
            looked at; None when nobody knows.
        unrecorded: calls that ended and are not committed yet, by task and attempt. Those of an earlier
            work of the same run, which was cancelled and tried again, are none of them.
    """

    run_id: int
    batch_id: int
    version: int
    questions: Mapping[int, Question]
    budget: int | None
    failure_limit: float | None
    tasks: int
    spent: int = 0
    possible: int = 0
    failed: int = 0
    batch_failed_at: float | None = None
    feeders: dict[int, Feeder] = field(default_factory=dict)
    reserved: int = 0
    finished: int = 0
    held_back: dict[int, int | None] = field(default_factory=dict)
    unrecorded: set[tuple[int, int]] = field(default_factory=set)
    is_dropped: bool = False

    @property
    def is_done(self) -> bool:
        """Whether every task has come to an end and is recorded."""
        return not self.unrecorded and all(feeder.is_done for feeder in self.feeders.values())

    def retries(self, now: float) -> tuple[int, float]:
        """Tasks that wait for their next try, and seconds until the first is due."""
        return retries_of(self.feeders.values(), now)

    @property
    def outstanding(self) -> int:
        """Calls that are under way or not recorded yet."""
        return len(self.unrecorded) + sum(feeder.outstanding for feeder in self.feeders.values())

    @property
    def has_failed_too_often(self) -> bool:
        """Whether more tasks have failed than the batch allows."""
        return self.failure_limit is not None and self.failed > self.failure_limit * self.tasks

    def spend(self, cost: int | None, most: int) -> None:
        """Count what a call cost, in nano-dollars; None: nobody knows, but no more than `most`."""
        self.spent += most if cost is None else cost
        self.possible += most if cost is None else 0

    def was_ended(self, batch: Batch) -> bool:
        """Whether it was cancelled, reset or closed since it was taken up, even if it is analysed again."""
        return batch.run_id != self.run_id or batch.failed_at != self.batch_failed_at

    def is_over_budget(self, connection_id: int) -> bool:
        """Whether the next call to a connection was held back, and still does not fit.

        It may fit by now: a call that has ended meanwhile may have cost less than was reserved for it.
        """
        return connection_id in self.held_back and not self.may_spend(self.held_back[connection_id])

    def may_spend(self, cost: int | None) -> bool:
        """Whether a call that costs this much at most (None: nobody knows) still fits into the budget."""
        if self.budget is None:
            return True
        return cost is not None and self.spent + self.reserved + cost <= self.budget


def retries_of(feeders: Iterable[Feeder], now: float) -> tuple[int, float]:
    """Tasks of these that wait for their next try, and seconds until the first is due."""
    waiting = [feeder for feeder in feeders if feeder.retries]
    delays = [delay for feeder in waiting if (delay := feeder.next_delay(now)) is not None]
    return sum(feeder.retries for feeder in waiting), min(delays, default=0.0)
