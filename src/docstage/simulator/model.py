"""One simulated model: what it has seen and spent, and what it does with a call."""

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

from aiohttp import web

from docstage.simulator.cache import PrefixCache
from docstage.simulator.errors import (
    AWAY_REPLIES,
    FAULT_REPLIES,
    ErrorReply,
    context_overflow,
    limit_reached,
    no_room_for_output,
    spent,
)
from docstage.simulator.faults import Fate, Fates
from docstage.simulator.kinds import Away, CostReport, Fault, Overflow
from docstage.simulator.limits import Limits
from docstage.simulator.profile import Profile
from docstage.simulator.replies import Completion
from docstage.simulator.request import ChatRequest
from docstage.simulator.rules import refusal_of
from docstage.simulator.schedule import Clock, DailyCount, Schedule
from docstage.simulator.sending import close, send, send_blank_lines, send_half, send_stream
from docstage.simulator.writing import Read, Writer

Note = Callable[[ChatRequest, Fault | None, int, Completion | None], None]
COST_HEADER = "x-litellm-response-cost"


@dataclass(frozen=True, slots=True)
class Call:
    """A call that has come in.

    Attributes:
        http: the request as HTTP.
        body: its bytes.
        request: what it asks for.
    """

    http: web.Request
    body: bytes
    request: ChatRequest


class SimulatedModel:
    """A model of a provider that behaves as its profile says."""

    def __init__(self, profile: Profile, clock: Clock, stopping: asyncio.Event, note: Note) -> None:
        self.profile = profile
        scale = profile.time_scale
        self._schedule = Schedule(profile, lambda: clock() * scale)
        self._fates = Fates(profile)
        self._cache = PrefixCache(profile.cache_minimum, profile.cache_step)
        daily = DailyCount(profile.requests_per_day, self._schedule) if profile.requests_per_day else None
        self._limits = Limits(
            profile.requests_per_minute,
            profile.tokens_per_minute,
            profile.concurrency,
            lambda: clock() * scale,
            daily,
        )
        limit = profile.spending_limit
        self._spending = None if limit is None else DailyCount(limit, self._schedule)
        self._slots = asyncio.Semaphore(profile.slots) if profile.slots else None
        self._writer = Writer(profile)
        self._stopping = stopping
        self._note = note

    async def answer(self, call: Call) -> web.StreamResponse:
        """What the call gets.

        Raises:
            UnsupportedSchema: no answer can be made that fulfils its schema.
            ConnectionAbortedError: the simulator stops.
        """
        if self._schedule.is_away():
            return await self._away(call)
        tokens = self._writer.tokens(call.request.text)
        if rejected := self._rejection(call.request, tokens):
            return self._failed(call, None, rejected)
        if denial := self._limits.admit(tokens):
            seconds = denial.retry_after / self.profile.time_scale
            return self._failed(call, None, limit_reached(denial.limit, seconds, self.profile.wait))
        with self._limits.in_flight():
            async with self._slots or nullcontext():
                return await self._meet(call, self._fates.draw(call.body, call.request.document), tokens)

    async def _away(self, call: Call) -> web.StreamResponse:
        away = self.profile.away
        if away is Away.SILENT:
            await self._never()
        if away is Away.CLOSED:
            self._note(call.request, None, 0, None)
            return close(call.http)
        return self._failed(call, None, AWAY_REPLIES[away])

    def _rejection(self, request: ChatRequest, tokens: int) -> ErrorReply | None:
        """Why a request is not answered now, however often it is sent, or None."""
        if self._schedule.is_loading():
            return FAULT_REPLIES[Fault.LOADING]
        most = self.profile.context_tokens
        if tokens > most and self.profile.overflow is Overflow.REFUSE:
            return context_overflow(tokens, most)
        output = request.max_tokens or 0
        if self.profile.output_in_context and tokens + output > most:
            return no_room_for_output(tokens, output, most)
        if self._spending is not None and self._spending.wait():
            return spent(self.profile.spending_status, self._spending.used(), self._spending.most)
        return refusal_of(self.profile, request)

    async def _meet(self, call: Call, fate: Fate, tokens: int) -> web.StreamResponse:
        """Let the call's fate come true, after its latency."""
        if fate.fault is Fault.TIMEOUT:
            await self._never()
        if fate.seconds:
            await asyncio.sleep(fate.seconds)
        if fate.fault is Fault.CLOSED:
            self._note(call.request, fate.fault, 0, None)
            return close(call.http)
        if fate.fault is Fault.GATEWAY_TIMEOUT:
            self._complete(call.request, fate, tokens)  # billed, though nobody gets it
        if error := self._error_of(fate.fault, call.request):
            return self._failed(call, fate.fault, error)
        completion = self._complete(call.request, fate, tokens)
        pace = self.profile.latency.per_output_token
        if pace and not call.request.stream:
            await asyncio.sleep(completion.counts.output * pace)
        self._note(call.request, fate.fault, 200, completion)
        return await self._send(call, fate.fault, completion)

    def _error_of(self, fault: Fault | None, request: ChatRequest) -> ErrorReply | None:
        if fault is None or (fault is Fault.JSON_FAILED and request.form is None):
            return None
        if fault is Fault.RATE_LIMITED:
            seconds = self.profile.retry_after / self.profile.time_scale
            return limit_reached("simulated", seconds, self.profile.wait)
        return FAULT_REPLIES.get(fault)

    def _complete(self, request: ChatRequest, fate: Fate, tokens: int) -> Completion:
        prefixes = self._cache.prefixes(request.model, request.text) if self.profile.cache else []
        cached = self._cache.cached_tokens(request.text, prefixes)
        completion = self._writer.write(request, fate, Read(tokens, cached, bool(prefixes)))
        self._cache.add(prefixes)
        if self._spending is not None:
            self._spending.add(completion.cost)
        return completion

    async def _send(self, call: Call, fault: Fault | None, completion: Completion) -> web.StreamResponse:
        """Send the answer, or the part of it that its fault leaves."""
        match fault:
            case Fault.BROKEN_JSON:
                return await send_half(call.http, completion, whole=False)
            case Fault.CUT:
                await send_half(call.http, completion, whole=True)
                return close(call.http)
            case Fault.STALLED:
                await send_half(call.http, completion, whole=True)
                await self._never()
            case Fault.KEEP_ALIVE_CUT:
                await send_blank_lines(call.http)
                return close(call.http)
        headers = self._limits.headers()
        if completion.cost_in is CostReport.HEADER:
            headers[COST_HEADER] = f"{completion.cost:.9f}"
        is_stream = call.request.stream or Fault.STREAMED in completion.told or fault is Fault.STREAM_CUT
        if not is_stream:
            return await send(call.http, completion, headers)
        stream = completion.events(call.request.include_usage or not call.request.stream)
        pace = self.profile.latency.per_output_token if call.request.stream else 0.0
        events = list(stream)[: len(completion.text) // 64] if fault is Fault.STREAM_CUT else stream
        return await send_stream(call.http, completion, headers, pace, events)

    async def _never(self) -> None:
        await self._stopping.wait()
        raise ConnectionAbortedError("The simulator stops.")

    def _failed(self, call: Call, fault: Fault | None, error: ErrorReply) -> web.StreamResponse:
        self._note(call.request, fault, error.status, None)
        return error.response(self._limits.headers())
