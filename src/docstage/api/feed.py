"""What happens to batches, watched once for all listeners of this process.

One task looks at the database while anybody listens. Every listener has a queue of its own; one that does not
keep up is sent away and comes back with the id of the last event it got.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Collection, Iterator
from dataclasses import dataclass, field
from weakref import WeakSet

from docstage.domain.errors import DocstageError, Unavailable
from docstage.service.batches.activity import Activity, Watcher, events_since, last_event
from docstage.service.batches.views import BatchView, EventView
from docstage.service.context import Services

POLL_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0
_QUEUE = 1_000
MOST_STREAMS = 250  # each costs some time whenever something happens
_HEARTBEAT = b": heartbeat\n\n"
_log = logging.getLogger(__name__)


class TooManyStreams(Unavailable):
    """There are as many streams as can be."""

    kind = "too-many-streams"
    title = "Too many streams are open"


@dataclass(eq=False, slots=True, weakref_slot=True)
class _Listener:
    """One open stream. None in its queue means that it ends."""

    queue: asyncio.Queue[Activity | None] = field(default_factory=lambda: asyncio.Queue(_QUEUE))

    def offer(self, activity: Activity | None) -> None:
        if self.queue.full():  # too slow: it ends, and resumes by itself
            while not self.queue.empty():
                self.queue.get_nowait()
            activity = None
        self.queue.put_nowait(activity)


class Feed:
    """Streams of events and progress.

    Attributes:
        most: how many there may be.
    """

    def __init__(self, services: Services) -> None:
        self.most = MOST_STREAMS
        self._services = services
        # Weak, since an answer whose caller has gone may be given up before its first message.
        self._listeners: WeakSet[_Listener] = WeakSet()
        self._poller: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._closed = False

    def close(self) -> None:
        """End every stream, and let no new one stay open."""
        self._closed = True
        if self._poller is not None:
            self._poller.cancel()
        self._dismiss()

    def _dismiss(self) -> None:
        self._ready.set()  # nobody may wait for a look that never comes
        for listener in list(self._listeners):
            listener.offer(None)

    async def open(self, last_id: int | None) -> AsyncIterator[bytes]:
        """The server-sent events of a new listener: all that happens after this has returned.

        `event` carries a line of the audit log and its id; `batch` carries a batch that looks different now.

        Args:
            last_id: the last event that the listener got; None means that it wants only what is new.

        Raises:
            TooManyStreams: there are as many as can be.
        """
        if len(self._listeners) >= self.most:
            raise TooManyStreams(
                f"{self.most:,} streams are open already. Ask for the progress of batches instead."
            )
        listener = _Listener()
        self._listeners.add(listener)  # at once, so that it counts
        base = await asyncio.to_thread(last_event, self._services) if last_id is None else last_id
        if self._poller is None or self._poller.done():
            self._ready = asyncio.Event()
            self._poller = asyncio.create_task(self._poll(), name="feed")
        await self._ready.wait()
        return self._messages(listener, base)

    async def _messages(self, listener: _Listener, base: int) -> AsyncIterator[bytes]:
        try:
            yield f"id: {base}\n: connected\n\n".encode()
            # Only what was logged after the poller's first look is in the queue: fetch what came before it.
            sent: deque[int] = deque([base], _QUEUE)
            while missed := await asyncio.to_thread(events_since, self._services, sent[-1]):
                for event in missed:
                    sent.append(event.id)
                    yield _event(event)
            while not self._closed:
                try:
                    async with asyncio.timeout(HEARTBEAT_SECONDS):
                        activity = await listener.queue.get()
                except TimeoutError:
                    yield _HEARTBEAT
                    continue
                if activity is None:
                    return
                for chunk in _chunks(activity, sent):
                    yield chunk
        finally:
            self._listeners.discard(listener)

    async def _poll(self) -> None:
        try:
            await self._watch()
        finally:
            self._dismiss()  # whoever is left comes back and finds a new poller

    async def _watch(self) -> None:
        watcher = Watcher(self._services)
        while self._listeners and not self._closed:
            try:
                activity = await asyncio.to_thread(watcher.look)
            except DocstageError as error:  # the database is away for a while
                _log.warning("The feed cannot read the database: %s", error.detail)
            else:
                self._ready.set()
                if activity.events or activity.batches:
                    for listener in list(self._listeners):
                        listener.offer(activity)
            await asyncio.sleep(POLL_SECONDS)


def _chunks(activity: Activity, sent: Collection[int]) -> Iterator[bytes]:
    """What is new, but for events that were sent already."""
    yield from (_event(event) for event in activity.events if event.id not in sent)
    yield from (_progress(batch) for batch in activity.batches)


def _event(event: EventView) -> bytes:
    return f"id: {event.id}\nevent: event\ndata: {event.model_dump_json()}\n\n".encode()


def _progress(batch: BatchView) -> bytes:
    return f"event: batch\ndata: {batch.model_dump_json()}\n\n".encode()
