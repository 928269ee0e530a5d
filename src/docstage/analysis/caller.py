"""The caller: makes one call of a lane, and settles what becomes of its task.

Between the end of a call and its record there is no waiting, so that nothing can be cancelled half-way; and
every call that was opened is closed, so that none is forgotten.
"""

import random
from dataclasses import dataclass

from docstage.analysis.call import Answer, call_model
from docstage.analysis.health import Health
from docstage.analysis.lane_parts import LanePorts, LaneSetup, Picked
from docstage.analysis.limits import Concurrency, Quotas, backoff
from docstage.analysis.reach import can_connect
from docstage.domain.content import Content
from docstage.domain.tasks import POLICIES, AttemptOutcome, FailureKind, TaskStatus
from docstage.domain.usage import Usage, cost_of
from docstage.models.protocol import ModelFailure
from docstage.store.recording import CallBegun, CallEnded

_GIVEN_UP = "docstage gave this call up. It may have been answered and billed."
_NEVER_LEFT = "docstage gave this call up before it left."


@dataclass(slots=True)
class Call:
    """A call under way.

    Attributes:
        begun_at: by the monotonic clock.
        has_left: it may have reached the model.
        is_settled: its end was recorded.
    """

    one: Picked
    begun: CallBegun
    begun_at: float
    has_left: bool = False
    is_settled: bool = False


class Caller:
    """Makes the calls of one lane."""

    def __init__(
        self, setup: LaneSetup, ports: LanePorts, health: Health, limit: Concurrency, quotas: Quotas
    ) -> None:
        self._setup = setup
        self._ports = ports
        self._health = health
        self._limit = limit
        self._quotas = quotas
        self.in_flight = 0

    def open(self, one: Picked, begun: CallBegun) -> Call:
        """A call that was recorded as begun. It must be closed, whatever becomes of it."""
        self.in_flight += 1
        return Call(one, begun, self._ports.clock.monotonic())

    async def carry_out(self, call: Call, content: Content | None) -> None:
        """Make the call and have its end recorded.

        Args:
            content: the document, or None when it is not stored any more.

        Raises:
            asyncio.CancelledError: the call was given up; closing it records that.
        """
        call.has_left = True
        outcome = await self._ask(call.one, content)
        reachable = await self._is_reachable(outcome)
        if outcome.usage:
            now = self._ports.clock.monotonic()
            self._quotas.correct(call.one.tokens, outcome.usage.input_tokens, now)
        if isinstance(outcome, Answer):
            self._succeed(call, outcome)
        else:
            self._fail(call, outcome, reachable=reachable)

    def close(self, call: Call) -> None:
        """The call is over. If it was given up, perhaps before it could leave, that is recorded."""
        self.in_flight -= 1
        call.one.work.reserved -= call.one.reserved
        if not call.is_settled:
            self._drop(call)

    async def _ask(self, one: Picked, content: Content | None) -> Answer | ModelFailure:
        return await call_model(
            self._setup.client,
            one.work.questions[one.task.prompt_id],
            one.task.path,
            content,
            sees_images=self._setup.sees_images,
            patience=self._setup.config.timeout,
        )

    async def _is_reachable(self, outcome: Answer | ModelFailure) -> bool:
        """Whether anything listens at the address; only asked after a call could not connect."""
        if isinstance(outcome, ModelFailure) and outcome.kind is FailureKind.CONNECTION:
            return await can_connect(self._setup.config.base_url)
        return True

    def _succeed(self, call: Call, answer: Answer) -> None:
        self._health.succeeded()
        self._limit.succeeded()
        call.one.feeder.settled(call.one.task)
        self._record(
            call,
            CallEnded(
                call=call.begun,
                task_status=TaskStatus.COMPLETED,
                outcome=AttemptOutcome.COMPLETED,
                tries=call.one.task.tries,
                at=self._ports.clock.now(),
                latency_ms=self._latency(call),
                message=answer.note,
                usage=answer.usage,
                cost=self._cost(answer.usage, billed=True),
                text=answer.text,
                value=answer.value,
                model=answer.model,
                finish_reason=answer.finish_reason,
            ),
        )

    def _fail(self, call: Call, failure: ModelFailure, *, reachable: bool) -> None:
        now = self._ports.clock.monotonic()
        if POLICIES[failure.kind].slows:
            self._limit.slow_down(call.begun_at, self.in_flight, now)
        task = call.one.task
        counts = self._judge(task.id, failure, now, reachable=reachable)
        tries = task.tries + int(counts)
        again = not failure.final and tries < self._most_tries(failure.kind)
        if again:
            due = now + (backoff(tries, _jitter()) if counts else 0.0)
            call.one.feeder.again(task, tries=tries, attempts=call.begun.attempt, at=due)
        else:
            call.one.feeder.settled(task)
            call.one.work.failed += 1
        self._record(
            call,
            CallEnded(
                call=call.begun,
                task_status=TaskStatus.QUEUED if again else TaskStatus.FAILED,
                outcome=AttemptOutcome.FAILED,
                tries=tries,
                at=self._ports.clock.now(),
                latency_ms=self._latency(call),
                failure_kind=failure.kind,
                message=failure.message,
                status_code=failure.status_code,
                usage=failure.usage,
                cost=self._cost(failure.usage, billed=failure.may_be_billed),
            ),
        )

    def _most_tries(self, kind: FailureKind) -> int:
        policy = POLICIES[kind]
        if not policy.retried:
            return 0
        return min(policy.most_tries or self._setup.max_attempts, self._setup.max_attempts)

    def _judge(self, task_id: int, failure: ModelFailure, now: float, *, reachable: bool) -> bool:
        """Tell the lane's health of the failure; returns whether it counts against the task."""
        if reachable:
            return self._health.failed(
                task_id, failure.kind, failure.message, failure.retry_after, now, _jitter()
            )
        if self._health.is_open(now):  # else another call has told it already
            self._health.unreachable(failure.message, now, _jitter())
        return False

    def _drop(self, call: Call) -> None:
        """The call was given up by docstage itself: its task waits again, and no try is used up."""
        call.one.feeder.settled(call.one.task)
        self._record(
            call,
            CallEnded(
                call=call.begun,
                task_status=TaskStatus.QUEUED,
                outcome=AttemptOutcome.DROPPED,
                tries=call.one.task.tries,
                at=self._ports.clock.now(),
                latency_ms=self._latency(call),
                message=_GIVEN_UP if call.has_left else _NEVER_LEFT,
                cost=self._cost(None, billed=call.has_left),
            ),
        )

    def _record(self, call: Call, ended: CallEnded) -> None:
        call.is_settled = True
        # What nobody knows counts at its most, or a budget would not hold.
        call.one.work.spend(ended.cost, call.one.reserved)
        call.one.work.unrecorded.add((call.begun.task_id, call.begun.attempt))
        self._ports.recorder.end(ended)

    def _latency(self, call: Call) -> float:
        return (self._ports.clock.monotonic() - call.begun_at) * 1_000

    def _cost(self, usage: Usage | None, *, billed: bool) -> int | None:
        return cost_of(self._setup.price, usage, billed=billed)


def _jitter() -> float:
    return random.random()  # noqa: S311  (spreads calls, keeps no secret)
