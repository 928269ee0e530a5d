"""What all callers together may take of the web server: connections, and memory for what they do not read."""

import logging
import resource
from asyncio import AbstractEventLoop
from collections.abc import Iterable
from errno import EMFILE, ENFILE
from itertools import islice
from math import inf
from typing import Any, Protocol

from uvicorn.server import ServerState

MOST_CONNECTIONS = 1_000
MOST_UNREAD = 64 * 1024 * 1024
# Open files that databases, documents and uploads may need besides.
_OTHER_FILES = 200
_FEWEST = 16
_TRIES = 20
_TELL_SECONDS = 60.0
_log = logging.getLogger(__name__)


class ClientConnection(Protocol):
    """A connection, as far as it takes room."""

    @property
    def is_silent(self) -> bool:
        """Whether nothing has come that has not been read yet."""

    @property
    def unread(self) -> int:
        """Bytes that were sent and have not been taken."""

    @property
    def unread_since(self) -> float:
        """When it took some the last time."""

    def abandon(self) -> None:
        """Cut it off and forget what it has not taken."""


class Crowd(ServerState):
    """All connections of a server.

    Attributes:
        most: how many there may be; fewer than usual where the process may have few files open.
        idle: those that wait for a request, the longest first; a dictionary since a set has no order.
        farewells: those that were turned away and have not gone yet.
        most_farewells: how many there may be of these; further ones are cut off without a word.
    """

    def __init__(self) -> None:
        super().__init__()
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self.idle: dict[ClientConnection, None] = {}
        self.farewells: set[ClientConnection] = set()
        self.most_farewells = min(4 * MOST_CONNECTIONS, files // 8)
        others = min(_OTHER_FILES, files // 2)
        self.most = max(_FEWEST, min(MOST_CONNECTIONS, files - self.most_farewells - others))

    def make_room(self) -> bool:
        """Cut off the one that has been idle for longest; False where all are busy.

        A request that has just come counts too, although it has not been read yet.
        """
        for caller in islice(self.idle, _TRIES):
            if caller.is_silent:
                caller.abandon()
                return True
        return False


class NoFiles:
    """Handles errors of an event loop: those of a process that may open no more files in a line a minute.

    asyncio logs each with a traceback, dozens for one connection that waits, and may fill a disk with them.
    """

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._told = -inf

    def __call__(self, loop: AbstractEventLoop, context: dict[str, Any]) -> None:
        """Handle an error."""
        error = context.get("exception")
        if "_start_serving" in str(context.get("handle")):
            return  # the server has ended before it could accept again
        if not isinstance(error, OSError) or error.errno not in {EMFILE, ENFILE}:
            loop.default_exception_handler(context)
            return
        self._crowd.make_room()
        if loop.time() - self._told >= _TELL_SECONDS:
            self._told = loop.time()
            _log.warning("No connection can be accepted: %s.", error.strerror)


def shed(callers: Iterable[ClientConnection]) -> None:
    """Cut off the slowest readers, until all leave no more unread than may be."""
    waiting = sorted((one for one in callers if one.unread), key=lambda one: one.unread_since)
    total = sum(one.unread for one in waiting)
    for one in waiting:
        if total <= MOST_UNREAD:
            return
        total -= one.unread
        one.abandon()
