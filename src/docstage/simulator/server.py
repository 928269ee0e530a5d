"""The simulated provider as an HTTP server."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

from docstage.domain.content import estimate_tokens
from docstage.simulator import replies
from docstage.simulator.answers import light_answer, text_answer
from docstage.simulator.cache import PrefixCache
from docstage.simulator.faults import Fate, Fates
from docstage.simulator.limits import Limits
from docstage.simulator.profile import Fault, Profile
from docstage.simulator.replies import Completion, ErrorReply
from docstage.simulator.request import BadRequest, ChatRequest, parse
from docstage.simulator.schema_answers import (
    UnsupportedSchema,
    light_schema_answer,
    schema_answer,
    wrong_answer,
)

MAX_BODY_BYTES = 512 * 1024 * 1024
REFUSAL = "I cannot help with this document."


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """One line of `/requests`.

    Attributes:
        at: seconds of the server's clock when it was answered.
        model: which model was asked.
        status: the HTTP status that it got.
        fault: what went wrong on purpose, or None.
        input_tokens, cached_tokens, output_tokens: the usage that was reported.
    """

    at: float
    model: str
    status: int
    fault: str | None = None
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0


class Simulator:
    """A simulated provider that serves as long as it is started."""

    def __init__(self, profile: Profile, clock: Callable[[], float] = time.monotonic) -> None:
        self._profile = profile
        self._clock = clock
        self._fates = Fates(profile)
        self._cache = PrefixCache(profile.cache_minimum, profile.cache_step)
        self._limits = {
            model: Limits(profile.requests_per_minute, profile.tokens_per_minute, profile.concurrency, clock)
            for model in profile.models
        }
        self._log: deque[LoggedCall] = deque(maxlen=profile.log)
        self._in_flight = 0
        self._most_in_flight = 0
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    def app(self) -> web.Application:
        """The application with all its addresses."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/health", self._health)
        app.router.add_get("/requests", self._requests)
        app.router.add_get("/", self._about)
        return app

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> str:
        """Listen (on any free port for port 0) and return the base URL, which ends in `/v1`.

        Raises:
            OSError: the address is in use or cannot be used.
        """
        self._runner = web.AppRunner(
            self.app(), access_log=None, handler_cancellation=True, shutdown_timeout=0.5
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        bound: int = self._runner.addresses[0][1]
        return f"http://{f'[{host}]' if ':' in host else host}:{bound}/v1"

    async def stop(self) -> None:
        """Stop listening and drop the calls that are still waiting."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _about(self, _: web.Request) -> web.Response:
        return web.Response(text=replies.ABOUT, headers=replies.HEADERS)

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"}, headers=replies.HEADERS)

    async def _models(self, request: web.Request) -> web.Response:
        if denied := self._key_error(request):
            return denied.response()
        return web.json_response(
            replies.models(self._profile.models, self._profile.context_tokens), headers=replies.HEADERS
        )

    async def _requests(self, _: web.Request) -> web.Response:
        if not self._profile.log:
            raise web.HTTPNotFound(text="The log of calls is turned off.")
        calls = [asdict(call) for call in self._log]
        shown = {"in_flight": self._in_flight, "most_in_flight": self._most_in_flight, "requests": calls}
        return web.json_response(shown, headers=replies.HEADERS)

    async def _chat(self, http: web.Request) -> web.StreamResponse:
        body = await http.read()
        self._in_flight += 1
        self._most_in_flight = max(self._most_in_flight, self._in_flight)
        try:
            return await self._answer_chat(http, body)
        except BadRequest as error:
            return ErrorReply(400, str(error), "invalid_request_error", None).response()
        except UnsupportedSchema as error:
            message = f"The simulator cannot fulfil this schema: {error}"
            return ErrorReply(400, message, "invalid_request_error", "unsupported_schema").response()
        finally:
            self._in_flight -= 1

    async def _answer_chat(self, http: web.Request, body: bytes) -> web.StreamResponse:
        request = parse(body)
        tokens = estimate_tokens(request.text)
        if rejected := self._key_error(http) or self._rejection(request, tokens):
            return self._logged(request, None, rejected.response(self._headers(request.model)))
        limits = self._limits[request.model]
        if denial := limits.admit(tokens):
            reply = replies.limit_reached(denial.limit, denial.retry_after)
            return self._logged(request, None, reply.response(limits.headers()))
        with limits.in_flight():
            fate = self._fates.draw(body)
            prefixes = self._cache.prefixes(request.model, request.text) if self._profile.cache else []
            cached = self._cache.cached_tokens(request.text, prefixes)
            return await self._meet(http, request, fate, _Input(tokens, cached, prefixes))

    async def _meet(
        self, http: web.Request, request: ChatRequest, fate: Fate, read: "_Input"
    ) -> web.StreamResponse:
        """Let the call's fate come true, after its latency."""
        if fate.fault is Fault.TIMEOUT:
            await self._stopping.wait()
            raise ConnectionAbortedError("The simulator stops.")
        if fate.seconds:
            await asyncio.sleep(fate.seconds)
        if fate.fault is not None and (error := replies.FAULT_REPLIES.get(fate.fault)):
            return self._logged(request, fate.fault, error.response(self._headers(request.model)))
        completion = self._completion(request, fate, read)
        self._cache.add(read.prefixes)
        if self._profile.latency.per_output_token and not request.stream:
            await asyncio.sleep(completion.output_tokens * self._profile.latency.per_output_token)
        headers = self._headers(request.model)
        self._note(request, fate.fault, 200, completion)
        if fate.fault in {Fault.CUT, Fault.BROKEN_JSON}:
            return await replies.send_damaged(http, completion, cut=fate.fault is Fault.CUT)
        if request.stream:
            pace = self._profile.latency.per_output_token
            return await replies.send_stream(http, completion, headers, pace, request.include_usage)
        return completion.response(headers)

    def _completion(self, request: ChatRequest, fate: Fate, read: "_Input") -> Completion:
        refused = fate.fault is Fault.REFUSAL
        text = "" if refused or fate.fault is Fault.EMPTY else self._text(request, fate)
        finish_reason = "stop"
        if request.max_tokens is not None and estimate_tokens(text) > request.max_tokens:
            text = replies.cut_to(text, request.max_tokens)
            finish_reason = "length"
        return Completion(
            key=fate.key,
            model=request.model,
            text=text,
            refusal=REFUSAL if refused else None,
            finish_reason=finish_reason,
            input_tokens=read.tokens,
            cached_tokens=read.cached,
            output_tokens=estimate_tokens(text or (REFUSAL if refused else "")),
        )

    def _text(self, request: ChatRequest, fate: Fate) -> str:
        if request.schema is not None:
            if fate.fault is Fault.WRONG_SCHEMA:
                return wrong_answer(request.schema)
            answer = light_schema_answer if self._profile.light else schema_answer
            return answer(request, request.schema, self._profile.seed)
        return light_answer(fate.key) if self._profile.light else text_answer(request, self._profile.seed)

    def _key_error(self, http: web.Request) -> ErrorReply | None:
        key = self._profile.api_key
        if key is None or http.headers.get("Authorization") == f"Bearer {key}":
            return None
        return replies.FAULT_REPLIES[Fault.AUTH]

    def _rejection(self, request: ChatRequest, tokens: int) -> ErrorReply | None:
        """Why a request can never be answered, or None."""
        if request.model not in self._limits:
            message = f"The model `{request.model}` does not exist."
            return ErrorReply(404, message, "invalid_request_error", "model_not_found")
        if tokens > self._profile.context_tokens:
            return replies.context_overflow(tokens, self._profile.context_tokens)
        return None

    def _headers(self, model: str) -> dict[str, str]:
        limits = self._limits.get(model)
        return limits.headers() if limits else {}

    def _logged(self, request: ChatRequest, fault: Fault | None, response: web.Response) -> web.Response:
        self._note(request, fault, response.status)
        return response

    def _note(
        self, request: ChatRequest, fault: Fault | None, status: int, done: Completion | None = None
    ) -> None:
        if not self._profile.log:
            return
        usage: dict[str, Any] = (
            {
                "input_tokens": done.input_tokens,
                "cached_tokens": done.cached_tokens,
                "output_tokens": done.output_tokens,
            }
            if done
            else {}
        )
        self._log.append(LoggedCall(self._clock(), request.model, status, fault, **usage))


@dataclass(frozen=True, slots=True)
class _Input:
    """The input of a call as the server counts it."""

    tokens: int
    cached: int
    prefixes: list[bytes]


async def serve(profile: Profile, host: str, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve until cancelled; `on_ready` is called with the base URL once the server listens.

    Raises:
        OSError: the address is in use or cannot be used.
    """
    simulator = Simulator(profile)
    try:
        on_ready(await simulator.start(host, port))
        await asyncio.Event().wait()
    finally:
        await simulator.stop()
