"""HTTP/1.1 as the web server speaks it.

What is no request is refused with a problem document, where the server library has a line of plain text. And
nothing is waited for without end; the library waits for the rest of a request for as long as its sender
likes, even when it has been answered already, and for readers until they have read everything. Nor may any
number of callers be connected at once, or leave any amount unread.
"""

import asyncio
import select
import sys
from enum import Enum, auto
from http import HTTPStatus
from typing import cast

import h11
from fastapi import Response
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from docstage.web.connection_limits import Crowd, shed
from docstage.web.guard import SECURITY_HEADERS
from docstage.web.problems import no_request, too_many

# Of the request line and the headers together.
MAX_HEAD = 65_536
_CLOSE = (b"connection", b"close")


class Awaited(Enum):
    """What a connection waits for."""

    HEAD = auto()
    BODY = auto()
    REST = auto()  # of a request that was answered before it ended
    READER = auto()  # who has not taken what was sent


# For so long at most: for a whole head or rest, between two parts of a body, until a reader has taken some.
SECONDS = {Awaited.HEAD: 30.0, Awaited.BODY: 60.0, Awaited.REST: 10.0, Awaited.READER: 60.0}
_IDLE = frozenset({Awaited.HEAD, Awaited.REST})
# This much is some. What the system holds for a reader comes on top, so that nobody is too slow by chance.
_SOME = 16_384
_FAREWELL_SECONDS = 2.0


class Protocol(H11Protocol):
    """One connection."""

    server_state: Crowd
    _timer: asyncio.TimerHandle | None = None
    _awaited: Awaited | None = None
    _reader: asyncio.TimerHandle | None = None
    _left = 0  # unread when the reader was looked at last
    _left_since = 0.0
    _turned_away = False

    @property
    def is_silent(self) -> bool:
        """Whether nothing has come that has not been read yet."""
        waiting = select.poll()
        waiting.register(self.transport.get_extra_info("socket"), select.POLLIN)
        return not waiting.poll(0)

    @property
    def unread(self) -> int:
        """Bytes that were sent and have not been taken, but for those that the system holds."""
        return self.transport.get_write_buffer_size()

    @property
    def unread_since(self) -> float:
        """When it took some the last time."""
        return self._left_since

    def abandon(self) -> None:
        """Cut it off and forget what it has not taken."""
        self._stop_waiting()
        self.connections.discard(self)
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request, if there is room for one more."""
        super().connection_made(transport)
        crowd = self.server_state
        if len(self.connections) > crowd.most and not crowd.make_room():
            self._turn_away()
        else:
            self._watch()

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        if self._turned_away:
            return
        super().data_received(data)
        self._watch()

    def pause_writing(self) -> None:
        """Wait until the other side has taken some."""
        super().pause_writing()
        self._watch_reader()
        shed(cast("set[Protocol]", self.connections))

    def resume_writing(self) -> None:
        """Go on."""
        super().resume_writing()
        self._stop_watching_reader()

    def on_response_complete(self) -> None:
        """Wait for what is left of the request, or for the next one."""
        super().on_response_complete()
        self._watch()
        self._watch_reader()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._stop_waiting()
        self._stop_watching_reader()
        self.server_state.farewells.discard(self)
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
        self._refuse(no_request(status, _told(status, str(error) if error else msg)))
        self.transport.close()
        self._watch_reader()

    def _turn_away(self) -> None:
        """Tell that there are too many, before anything was asked.

        Who has begun to ask would see no answer if the connection were closed at once, but a broken one.
        """
        self._turned_away = True
        farewells = self.server_state.farewells
        self.connections.discard(self)
        if len(farewells) >= self.server_state.most_farewells:
            self.transport.abort()
            return
        farewells.add(self)
        self._refuse(too_many(self.server_state.most))
        self.transport.write_eof()
        self._timer = self.loop.call_later(_FAREWELL_SECONDS, self.transport.abort)

    def _refuse(self, refusal: Response) -> None:
        status = HTTPStatus(refusal.status_code)
        headers = [*refusal.raw_headers, _CLOSE]
        headers += [(name.encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
        for event in (
            h11.Response(status_code=status, headers=headers, reason=status.phrase),
            h11.Data(data=bytes(refusal.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event))

    def _watch(self) -> None:
        """Begin to wait, or go on waiting; every part of a body that comes gives more time."""
        awaited = self._find_awaited()
        if awaited is self._awaited and awaited is not Awaited.BODY:
            return
        self._stop_waiting()
        self._awaited = awaited
        if awaited in _IDLE:
            self.server_state.idle[self] = None
        if awaited is not None:
            self._timer = self.loop.call_later(SECONDS[awaited], self._give_up)

    def _stop_waiting(self) -> None:
        self._awaited = None
        self.server_state.idle.pop(self, None)
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

    def _watch_reader(self) -> None:
        """Look in a while whether anything was taken, if anything is there to take."""
        if self._reader is None and self.unread:
            self._left, self._left_since = self.unread, self.loop.time()
            self._reader = self.loop.call_later(SECONDS[Awaited.READER], self._look_at_reader)

    def _look_at_reader(self) -> None:
        self._reader = None
        if self.unread and self._left - self.unread < _SOME:
            self.transport.abort()
        else:
            self._watch_reader()

    def _stop_watching_reader(self) -> None:
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None


def _told(status: HTTPStatus, why: str) -> str:
    if status is HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
        return f"Request line and headers may have at most {MAX_HEAD:,} bytes together."
    return f"This is no HTTP request: {why}."
