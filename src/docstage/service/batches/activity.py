"""What happens to batches, for those who watch."""

from dataclasses import dataclass

from sqlalchemy import Connection

from docstage.service.batches.presentation import view_batches
from docstage.service.batches.views import BatchView, EventView
from docstage.service.context import Services
from docstage.store import batches
from docstage.store.records import Batch, Event
from docstage.store.summaries import find_batches


@dataclass(frozen=True, slots=True)
class Activity:
    """What is new: entries of the audit log, and batches that look different from before."""

    events: list[EventView]
    batches: list[BatchView]


class Watcher:
    """Tells what has happened since it looked last. The first look tells of nothing but active batches."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._last: int | None = None
        self._shown: dict[int, BatchView] = {}

    def look(self) -> Activity:
        """What is new. Raises Unavailable when the database cannot be read."""
        with self._services.database.read() as c:
            events = self._new_events(c)
            views = view_batches(self._services, c, self._changed(c, events))
        fresh = [view for view in views if self._shown.get(view.id) != view]
        self._shown = {view.id: view for view in views}
        return Activity([EventView.model_validate(event) for event in events], fresh)

    def _new_events(self, c: Connection) -> list[Event]:
        if self._last is None:
            self._last = batches.last_event_id(c)
            return []
        new = batches.events_after(c, self._last)  # ids are in the order in which events became visible
        self._last = max([self._last, *(event.id for event in new)])
        return new

    @staticmethod
    def _changed(c: Connection, events: list[Event]) -> list[Batch]:
        """Batches that are active, and those that something has just happened to."""
        active = {batch.id: batch for batch in batches.active_batches(c)}
        touched = {event.batch_id for event in events} - active.keys()
        return [*active.values(), *find_batches(c, touched)]


def last_event(services: Services) -> int:
    """The id of the latest entry of the audit log, 0 when there is none."""
    with services.database.read() as c:
        return batches.last_event_id(c)


def events_since(services: Services, event_id: int) -> list[EventView]:
    """The next entries of the audit log behind the given one, in order; at most 500."""
    with services.database.read() as c:
        return [EventView.model_validate(event) for event in batches.events_after(c, event_id)]
