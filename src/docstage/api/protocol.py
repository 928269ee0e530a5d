"""HTTP/1.1 as the web server speaks it.

What is no request is refused with a problem document, where the server library has a line of plain text. And
nothing is waited for without end; the library waits for the rest of a request for as long as its sender
likes, even when it has been answered already.
"""

import asyncio
import sys
from enum import Enum, auto
from http import HTTPStatus

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from docstage.api.guard import SECURITY_HEADERS
from docstage.api.problems import no_request

# Of the request line and the headers together.
MAX_HEAD = 65_536
_CLOSE = (b"connection", b"close")


class Awaited(Enum):
    """What a connection waits for."""

    HEAD = auto()
    BODY = auto()
    REST = auto()  # of a request that was answered before it ended


# For so long at most: for a whole head or rest, and between two parts of a body.
SECONDS = {Awaited.HEAD: 30.0, Awaited.BODY: 60.0, Awaited.REST: 10.0}


class Protocol(H11Protocol):
    """One connection."""

    _timer: asyncio.TimerHandle | None = None
    _awaited: Awaited | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait for what is left of the request, or for the next one."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request; called while the error is handled."""
        error = sys.exception()
        hint = error.error_status_hint if isinstance(error, h11.ProtocolError) else 400
        if cycle := self._unanswered():
            cycle.disconnected = True  # what it may still say comes too late
            cycle.message_event.set()
        if self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}:
            self.transport.abort()  # an answer has begun
            return
        status = HTTPStatus(hint)
        refusal = no_request(status, _told(status, str(error) if error else msg))
        headers = [*refusal.raw_headers, _CLOSE]
        headers += [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
        for event in (
            h11.Response(status_code=status, headers=headers, reason=status.phrase),
            h11.Data(data=bytes(refusal.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event))
        self.transport.close()

    def _watch(self) -> None:
        """Begin to wait, or go on waiting; every part of a body that comes gives more time."""
        awaited = self._find_awaited()
        if awaited is self._awaited and awaited is not Awaited.BODY:
            return
        self._stop_waiting()
        self._awaited = awaited
        if awaited is not None:
            self._timer = self.loop.call_later(SECONDS[awaited], self._give_up)

    def _stop_waiting(self) -> None:
        self._awaited = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _find_awaited(self) -> Awaited | None:
        if self.transport.is_closing():
            return None
        if self.conn.their_state is h11.SEND_BODY:
            return Awaited.BODY if self._unanswered() else Awaited.REST
        return Awaited.HEAD if self.conn.their_state is h11.IDLE and not self._unanswered() else None

    def _unanswered(self) -> RequestResponseCycle | None:
        """The request that is being answered, or read."""
        cycle: RequestResponseCycle | None = self.cycle  # None before the first, whatever its type says
        return None if cycle is None or cycle.response_complete else cycle

    def _give_up(self) -> None:
        if self._awaited is Awaited.BODY and self.flow.read_paused:  # it is us who do not read on
            self._awaited = None
            self._watch()
        else:
            self.transport.abort()


def _told(status: HTTPStatus, why: str) -> str:
    if status is HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
        return f"Request line and headers may have at most {MAX_HEAD:,} bytes together."
    return f"This is no HTTP request: {why}."
