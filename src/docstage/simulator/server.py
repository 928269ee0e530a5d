"""The simulated provider as an HTTP server."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from aiohttp import web

from docstage.domain.errors import InvalidInput
from docstage.domain.rehearsals import REHEARSALS, SIMULATED_MODELS
from docstage.simulator.errors import FAULT_REPLIES, HEADERS, ErrorReply, bad_request, unknown_model
from docstage.simulator.kinds import Fault
from docstage.simulator.model import Call, SimulatedModel
from docstage.simulator.named import PROFILES
from docstage.simulator.profile import Profile
from docstage.simulator.replies import ABOUT, Completion, Counts
from docstage.simulator.request import BadRequest, ChatRequest, parse
from docstage.simulator.schema_answers import UnsupportedSchema
from docstage.simulator.terms import profile_named

# Models that are kept; beyond that the one that was made first begins anew when it is asked again.
MAX_MODELS = 1_000
MAX_BODY_BYTES = 512 * 1024 * 1024


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
        self._models: dict[str, SimulatedModel] = {}
        self._log: deque[LoggedCall] = deque(maxlen=profile.log)
        self._in_flight = 0
        self._most_in_flight = 0
        self._stopping = asyncio.Event()
        self._runner: web.AppRunner | None = None

    def app(self) -> web.Application:
        """The application with all its addresses."""
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_get("/props", self._props)
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
        return web.Response(text=ABOUT, headers=HEADERS)

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"}, headers=HEADERS)

    async def _list_models(self, request: web.Request) -> web.Response:
        if denied := self._key_error(request):
            return denied.response()
        return web.json_response(offered(self._profile), headers=HEADERS)

    async def _props(self, _: web.Request) -> web.Response:
        """How many calls are worked on at once, as llama.cpp tells it."""
        if self._profile.slots is None:
            raise web.HTTPNotFound
        return web.json_response({"total_slots": self._profile.slots}, headers=HEADERS)

    async def _requests(self, _: web.Request) -> web.Response:
        if not self._profile.log:
            raise web.HTTPNotFound(text="The log of calls is turned off.")
        calls = [asdict(call) for call in self._log]
        shown = {"in_flight": self._in_flight, "most_in_flight": self._most_in_flight, "requests": calls}
        return web.json_response(shown, headers=HEADERS)

    async def _chat(self, http: web.Request) -> web.StreamResponse:
        body = await http.read()
        self._in_flight += 1
        self._most_in_flight = max(self._most_in_flight, self._in_flight)
        try:
            return await self._answer_chat(http, body)
        except BadRequest as error:
            return bad_request(str(error)).response()
        except UnsupportedSchema as error:
            message = f"The simulator cannot fulfil this schema: {error}"
            return bad_request(message, "unsupported_schema").response()
        finally:
            self._in_flight -= 1

    async def _answer_chat(self, http: web.Request, body: bytes) -> web.StreamResponse:
        request = parse(body)
        if denied := self._key_error(http):
            return self._refused(request, denied)
        try:
            model = self._model(request.model)
        except InvalidInput as error:
            return self._refused(request, unknown_model(request.model, error.detail))
        return await model.answer(Call(http, body, request))

    def _refused(self, request: ChatRequest, error: ErrorReply) -> web.Response:
        self._note(request, None, error.status)
        return error.response()

    def _model(self, name: str) -> SimulatedModel:
        """The model of that name, made when it is first asked for.

        Raises:
            InvalidInput: there is none.
        """
        if name not in self._models:
            if len(self._models) >= MAX_MODELS:
                del self._models[next(iter(self._models))]
            profile = _profile_of(self._profile, name)
            self._models[name] = SimulatedModel(profile, self._clock, self._stopping, self._note)
        return self._models[name]

    def _key_error(self, http: web.Request) -> ErrorReply | None:
        key = self._profile.api_key
        if key is None or http.headers.get("Authorization") == f"Bearer {key}":
            return None
        return FAULT_REPLIES[Fault.AUTH]

    def _note(
        self, request: ChatRequest, fault: Fault | None, status: int, done: Completion | None = None
    ) -> None:
        if not self._profile.log:
            return
        counts = done.counts if done else Counts(0)
        self._log.append(
            LoggedCall(
                self._clock(), request.model, status, fault, counts.input, counts.cached, counts.output
            )
        )


def offered(profile: Profile) -> dict[str, Any]:
    """The answer of `/v1/models`: the server's own models, and those that behave like real providers."""
    own = [_offer(name, profile, SIMULATED_MODELS.get(name)) for name in profile.models]
    named = [
        _offer(name, PROFILES[name], REHEARSALS[name]) for name in PROFILES if name not in profile.models
    ]
    return {"object": "list", "data": own + named}


def _offer(name: str, profile: Profile, about: str | None) -> dict[str, Any]:
    offer = {"id": name, "object": "model", "created": 0, "owned_by": "docstage-simulator"}
    told = {"context_window": profile.context_tokens} if profile.tells_context else {}
    return offer | told | ({"description": about} if about else {})


def _profile_of(own: Profile, name: str) -> Profile:
    """How a model of that name behaves on a server with a profile of its own.

    Raises:
        InvalidInput: there is none.
    """
    if name in own.models:
        return own
    first, _, rest = name.partition("+")
    if first in own.models:
        return profile_named(rest, own)
    return profile_named(name, Profile(seed=own.seed, light=own.light, time_scale=own.time_scale))


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
