"""Makes the calls of one lane, and decides what becomes of their tasks.

Whatever becomes of a call that has begun, it ends: by its answer or failure, else as one that was given up.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from functools import partial
from http import HTTPStatus

from docstage.analysis.calls import Call, Stage
from docstage.analysis.gaps import Failed
from docstage.analysis.lane_setup import LanePorts, LaneSetup, LaneState
from docstage.analysis.limits import backoff
from docstage.analysis.shortening import in_words, shorter_for
from docstage.analysis.tcp_probe import can_connect
from docstage.asking.ask import Reach, StoredAnswer, ask
from docstage.asking.beside import is_beside
from docstage.domain.content import Content
from docstage.domain.stretches import Stretch, beginning_of
from docstage.domain.tasks import POLICIES, TIME_HEALS, AttemptOutcome, FailureKind, TaskStatus
from docstage.domain.usage import Cost
from docstage.models.protocol import ModelFailure
from docstage.store.calibrations import CountedCall
from docstage.store.recording import CallEnded

log = logging.getLogger(__name__)

# Of a task whose calls were answered and billed, though for nothing.
BILLED_TRIES = 2
_GIVEN_UP = "docstage gave this call up. It may have been answered and billed."
_NEVER_LEFT = "docstage gave this call up before it left."


class CallRunner:
    """Makes the calls of one lane."""

    def __init__(
        self, setup: LaneSetup, ports: LanePorts, state: LaneState, on_over: Callable[[], None]
    ) -> None:
        """Make a runner.

        Args:
            on_over: called when a call has ended.
        """
        self._setup = setup
        self._ports = ports
        self._state = state
        self._on_over = on_over
        self._reach = Reach.of(setup.config, sees_images=setup.sees_images)
        # When the call had left that left last of all that were answered.
        self._latest_answered = float("-inf")

    def start(self, call: Call, content: Content | None) -> None:
        """Let a call that has begun leave.

        Args:
            content: the document, or None when it is not stored any more.
        """
        call.running = asyncio.create_task(self._carry_out(call, content))
        call.running.add_done_callback(partial(self._over, call))

    def give_up(self, call: Call) -> None:
        """A call that has begun is given up by docstage: its task waits again, and no try is used up."""
        cost = self._setup.pricing.cost(None, billed=call.has_left)
        call.end(
            CallEnded(
                call=call.record,
                task_status=TaskStatus.QUEUED,
                outcome=AttemptOutcome.DROPPED,
                tries=call.task.tries,
                at=self._ports.clock.now(),
                latency_ms=self._latency(call),
                message=_GIVEN_UP if call.has_left else _NEVER_LEFT,
                cost=cost.nanos,
                cost_source=cost.source,
            )
        )

    async def _carry_out(self, call: Call, content: Content | None) -> None:
        call.has_left = True
        outcome = await self._ask(call, content)
        reachable = await self._is_reachable(outcome)
        shorter = await shorter_for(call, content, outcome, sees=self._setup.sees_images)
        if outcome.usage:
            now = self._ports.clock.monotonic()
            self._state.quotas.correct(call.tokens, outcome.usage.input_tokens, now)
        if isinstance(outcome, StoredAnswer):
            self._succeed(call, outcome)
        else:
            self._fail(call, outcome, shorter, reachable=reachable)

    def _over(self, call: Call, running: asyncio.Task[None]) -> None:
        if call.stage is Stage.BEGUN:  # it was cancelled, perhaps before it could leave
            self.give_up(call)
        if not running.cancelled() and (error := running.exception()):
            log.error("A call failed in an unforeseen way", exc_info=error)
        self._on_over()

    async def _ask(self, call: Call, content: Content | None) -> StoredAnswer | ModelFailure:
        if content and call.task.stretch:  # of a long text, beside which others wait for their answers
            content = await asyncio.to_thread(beginning_of, content, call.task.stretch)
        return await ask(
            self._setup.client,
            call.run.questions[call.task.prompt_id],
            call.task.path,
            content,
            self._reach,
            least=call.task.least_tokens,
            cached=call.cached,
            repair=call.task.repair,
        )

    async def _is_reachable(self, outcome: StoredAnswer | ModelFailure) -> bool:
        """Whether anything listens at the address; only asked after a call could not connect."""
        if isinstance(outcome, ModelFailure) and outcome.kind is FailureKind.CONNECTION and not outcome.final:
            if is_beside(self._setup.config):  # what could not be started has not been asked
                return outcome.sent
            return await can_connect(self._setup.config.base_url)
        return True

    def _succeed(self, call: Call, answer: StoredAnswer) -> None:
        now = self._ports.clock.monotonic()
        self._state.health.succeeded(self._state.streams.of(call), call.begun_at)
        self._state.limit.succeeded(call.begun_at, now)
        self._latest_answered = max(self._latest_answered, call.begun_at)
        cost = self._cost(call, answer)
        call.end(
            CallEnded(
                call=call.record,
                task_status=TaskStatus.COMPLETED,
                outcome=AttemptOutcome.COMPLETED,
                tries=call.task.tries,
                at=self._ports.clock.now(),
                latency_ms=self._latency(call),
                message=answer.note,
                usage=answer.usage,
                cost=cost.nanos,
                cost_source=cost.source,
                text=answer.text,
                thoughts=answer.thoughts,
                value=answer.value,
                served=answer.served,
                counted=self._counted(call, answer),
            )
        )

    def _fail(self, call: Call, failure: ModelFailure, shorter: Stretch | None, *, reachable: bool) -> None:
        now = self._ports.clock.monotonic()
        counts = self._judge(call, failure, now, reachable=reachable)
        counts = counts and shorter is None  # it is another question from now on
        tries = call.task.tries + int(counts)
        again = shorter is not None or self._may_try_again(call, failure, tries)
        waits = counts or failure.kind in TIME_HEALS
        due = now + (backoff(max(tries, 1), _jitter()) if waits else 0.0)
        cost = self._cost(call, failure)
        call.end(
            CallEnded(
                call=call.record,
                task_status=TaskStatus.QUEUED if again else TaskStatus.FAILED,
                outcome=AttemptOutcome.FAILED,
                tries=tries,
                at=self._ports.clock.now(),
                latency_ms=self._latency(call),
                failure_kind=failure.kind,
                message=f"{failure.message} {in_words(shorter)}" if shorter else failure.message,
                shorter=shorter,
                status_code=failure.status_code,
                usage=failure.usage,
                cost=cost.nanos,
                cost_source=cost.source,
                text=failure.written.text,
                thoughts=failure.written.thoughts,
                counted=self._counted(call, failure),
            ),
            again_at=due if again else None,
        )

    def _may_try_again(self, call: Call, failure: ModelFailure, tries: int) -> bool:
        """Whether a task is called again after so many tries. An answer is asked to be mended once."""
        if failure.final:
            return _needs_person(failure)
        if failure.kind is FailureKind.BAD_ANSWER and call.task.repair:
            return False
        if failure.kind is FailureKind.BAD_ANSWER and (failure.written.text or "").strip():
            return tries < self._setup.max_attempts
        return tries < self._most_tries(failure)

    def _most_tries(self, failure: ModelFailure) -> int:
        policy = POLICIES[failure.kind]
        if not policy.retried:
            return 0
        billed = BILLED_TRIES if failure.usage else self._setup.max_attempts
        return min(policy.most_tries or billed, self._setup.max_attempts)

    def _judge(self, call: Call, failure: ModelFailure, now: float, *, reachable: bool) -> bool:
        """Learn from a failure; returns whether it counts against the task."""
        health = self._state.health
        if not reachable:
            if health.is_open(now):  # else another call has told it already
                health.unreachable(failure.message, now, _jitter())
            return False
        own = self._is_its_own(call)
        failed = Failed(
            call.task.id,
            failure.kind,
            failure.message,
            begun_at=call.begun_at,
            status_code=failure.status_code,
            retry_after=failure.retry_after,
            blames_task=own or failure.kind is not FailureKind.TIMEOUT,
            needs_person=_needs_person(failure),
            is_billed=failure.usage is not None,
            is_last=not self._may_try_again(call, failure, call.task.tries + 1),
        )
        stream = self._state.streams.of(call)
        counts = health.failed(stream, failed, now, _jitter())
        if self._slows(failure, own=own):
            self._state.limit.slow_down(call.begun_at, len(self._state.calls.in_flight), now)
        if stream.hold and call.task.prompt_id not in call.queue.held:
            call.queue.hold(call.task.prompt_id, stream.hold)
        return counts

    def _is_its_own(self, call: Call) -> bool:
        """Whether others did not keep it waiting: it was alone, or one that had left later was answered."""
        is_alone = call.beside == 1 and len(self._state.calls.in_flight) == 1
        return is_alone or self._latest_answered > call.begun_at

    def _slows(self, failure: ModelFailure, *, own: bool) -> bool:
        """Whether fewer calls at once may help.

        A server that breaks at one request (500) is not too busy, unless it does so at those of several tasks
        in a row; a call that times out while later ones are answered is long itself.
        """
        if not POLICIES[failure.kind].slows:
            return False
        if failure.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
            return self._state.health.is_suspect
        return failure.kind is not FailureKind.TIMEOUT or not own

    def _latency(self, call: Call) -> float:
        return (self._ports.clock.monotonic() - call.begun_at) * 1_000

    def _cost(self, call: Call, outcome: StoredAnswer | ModelFailure) -> Cost:
        pricing, told = self._setup.pricing, outcome.told_cost
        if isinstance(outcome, StoredAnswer):
            cost = pricing.cost(outcome.usage, outcome.served.model, told=told)
        else:
            # Who counts less than there was may have counted it for the bill, or not.
            usage = None if outcome.kind is FailureKind.TRUNCATED else outcome.usage
            cost = pricing.cost(usage, billed=outcome.may_be_billed, told=told)
        pricing.learn(cost, call.record.possible_cost)
        return cost

    def _counted(self, call: Call, outcome: StoredAnswer | ModelFailure) -> CountedCall | None:
        """What the call tells of how the connection counts: nothing where pictures are among its tokens."""
        if outcome.usage is None or call.task.images or not call.tokens:
            return None
        if isinstance(outcome, ModelFailure) and outcome.kind is FailureKind.TRUNCATED:
            return None
        config = self._setup.config
        told = outcome.usage.input_tokens
        return CountedCall(self._setup.connection_id, config.model, call.tokens, told) if told else None


def _needs_person(failure: ModelFailure) -> bool:
    """Whether the connection itself must be mended: its address, or who may be trusted."""
    return failure.final and failure.kind is FailureKind.CONNECTION


def _jitter() -> float:
    return random.random()  # noqa: S311  (spreads calls, keeps no secret)
