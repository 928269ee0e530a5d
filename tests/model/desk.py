"""The model server of the lives: it holds every call until the test answers it."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.model.calls import Reply

from docstage.domain.served import Served
from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Usage
from docstage.models.protocol import ConnectionConfig, ModelFailure, ModelReply, ModelRequest, OfferedModel

if TYPE_CHECKING:
    from tests.model.one_engine import Engine

USED = Usage(20, 0, 50)


@dataclass(slots=True, eq=False)
class Call:
    """A call that has reached the model server."""

    document: str
    connection: str
    prompt: str
    engine: "Engine"
    reply: "asyncio.Future[Reply]"
    state: str = "open"  # then `answered` or `gone`

    def answer(self, reply: Reply) -> None:
        """Answer it; if it is gone, nobody hears that."""
        self.engine.soon(lambda: None if self.reply.done() else self.reply.set_result(reply))


@dataclass(slots=True)
class Desk:
    """The model server: holds every call until the test answers it."""

    calls: list[Call] = field(default_factory=list)

    def open(self) -> list[Call]:
        """Calls that wait for their answer, in the order of their keys."""
        waiting = [call for call in list(self.calls) if call.state == "open"]
        return sorted(waiting, key=lambda call: (call.prompt, call.document, call.connection))


class Client:
    """A model client whose server is the desk."""

    def __init__(self, config: ConnectionConfig, desk: Desk, engine: "Engine") -> None:
        self._config, self._desk, self._engine = config, desk, engine

    async def complete(self, request: ModelRequest) -> ModelReply:
        future: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        name = str(request.document_name)
        call = Call(name, self._config.model, request.prompt, self._engine, future)
        self._desk.calls.append(call)
        try:
            reply = await future
            call.state = "answered"
        except asyncio.CancelledError:
            call.state = "gone"
            raise
        if reply.text is not None:
            return ModelReply(reply.text, usage=USED, served=Served("m", "stop"))
        if reply.failure == "internal":
            raise ZeroDivisionError("a defect of the client")
        wait = 7.0 if reply.failure == "rate_limited" else None
        raise ModelFailure(FailureKind(reply.failure or ""), "as the test says", retry_after=wait)

    async def context_tokens(self) -> int | None:
        """Nobody knows."""
        return None

    async def models(self) -> list[OfferedModel]:
        return []

    async def close(self) -> None:
        return
