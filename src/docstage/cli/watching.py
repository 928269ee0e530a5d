"""Live progress of a batch, until it rests."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from docstage.cli.client import ApiClient, Json
from docstage.cli.lookup import BATCH
from docstage.cli.output import (
    console,
    cost_of,
    cost_so_far,
    counted,
    duration,
    failures_in_words,
    plain,
    say,
)
from docstage.domain.lifecycle import ACTIVE, BatchStatus

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

# Between looks: a tenth of the time that has been waited. Short work is told of at once, and waiting for long
# work costs nothing.
_LEAST_SECONDS = {True: 0.1, False: 0.5}  # by whether it is local
_MOST_SECONDS = 2.0
_LINE_SECONDS = 2.0


class Display(Protocol):
    """Something that shows how far a batch is."""

    def update(self, progress: Json) -> None:
        """Show the progress, as the API tells it."""
        ...


def is_active(status: str) -> bool:
    """Whether the engine has work to do."""
    return BatchStatus(status) in ACTIVE


def watch(api: ApiClient, batch_id: int, seconds: float | None = None) -> Json:
    """Show progress until the batch rests, or so many seconds are over, and return it then."""
    begun = time.monotonic()
    least = _LEAST_SECONDS[api.settings is not None]
    with _display() as display:
        while True:
            progress = api.get(f"{BATCH.path}/{batch_id}/progress")
            display.update(progress)
            waited = time.monotonic() - begun
            if not is_active(progress["status"]) or (seconds is not None and waited > seconds):
                break
            api.sleep(min(max(least, waited / 10), _MOST_SECONDS))
    batch: Json = api.get(f"{BATCH.path}/{batch_id}")
    return batch


@contextmanager
def _display() -> Iterator[Display]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    screen = console(errors=True)
    if not screen.is_terminal:
        yield _Lines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
    )
    # It is drawn after every look; drawing ten times a second took 5 % of a core.
    with Progress(*columns, console=screen, auto_refresh=False) as progress:
        yield _Bars(progress)


def _amounts(progress: Json) -> tuple[str, int, int]:
    """What is counted, how much of it is done, and of how much."""
    counts = progress["counts"]
    if progress["status"] in {BatchStatus.STAGING, BatchStatus.FAILED_STAGING}:
        return "documents", counts["documents"] - counts["pending"], counts["documents"]
    return "tasks", counts["completed"] + counts["failed"] + counts["cancelled"], counts["tasks"]


def note_of(progress: Json) -> str:
    """How fast it goes and until when, what waits, what it cost, what failed."""
    parts = []
    if is_active(progress["status"]) and progress["rate"]:
        parts.append(f"{progress['rate']:.1f}/s, ready in {duration(progress['eta_seconds'])}")
    if waits := progress.get("waits"):
        parts.append(plain(f"{waits['connection']}: {waits['words']}").rstrip("."))
    elif is_active(progress["status"]) and progress["retries"]:
        parts.append(_retries(progress["retries"], progress["retry_seconds"]))
    if held := progress.get("held"):
        parts.append(f"{counted(len(held), 'prompt')} held")
    if cost := cost_so_far(progress):
        parts.append(cost)
    if failures := failures_in_words(progress["counts"]):
        parts.append(failures)
    return ", ".join(parts)


def held_reasons(progress: Json) -> list[str]:
    """Why prompts are asked no more over a connection, while others go on."""
    return [plain(one["reason"]) for one in progress.get("held", [])]


def _retries(number: int, seconds: float) -> str:
    """How many tasks wait for their next try, and when the first is due by the local clock."""
    due = datetime.now(UTC).astimezone() + timedelta(seconds=seconds)
    return f"{number:,} to be tried again at {due:%H:%M:%S}"


def _lanes(progress: Json) -> dict[str, tuple[int, int, str]]:
    """Done, all, and what else there is to say of each connection."""
    lanes: dict[str, list[Json]] = {}
    for cell in progress["cells"]:
        lanes.setdefault(cell["connection"], []).append(cell)
    return {name: _lane(cells) for name, cells in lanes.items()}


def _lane(cells: list[Json]) -> tuple[int, int, str]:
    def sum_of(*names: str) -> Any:
        return sum(cell[name] or 0 for cell in cells for name in names)

    cost = cost_of({name: sum_of(name) for name in ("cost", "unpriced_calls", "possible_cost")})
    failures = failures_in_words({name: sum_of(name) for name in ("failed", "unsendable")})
    note = f"{cost}, {failures}" if failures else cost
    return sum_of("completed", "failed", "cancelled"), sum_of("tasks"), note


class _Bars:
    """A bar for the batch, and one for each connection while it is analysed."""

    def __init__(self, progress: "Progress") -> None:
        self._progress = progress
        self._bars: dict[str, TaskID] = {}

    def update(self, progress: Json) -> None:
        """Show the progress."""
        noun, done, whole = _amounts(progress)
        title = {"documents": "Staging", "tasks": "Analyzing"}[noun]
        self._set(title, done, whole, f"{noun}  {note_of(progress)}")
        if noun == "tasks" and progress["status"] != BatchStatus.STAGED:
            for name, (finished, tasks, note) in _lanes(progress).items():
                self._set(f"  {plain(name)}", finished, tasks, note)
        self._progress.refresh()

    def _set(self, title: str, done: int, whole: int, note: str) -> None:
        if title not in self._bars:
            self._bars[title] = self._progress.add_task(title, total=None, note="")
        self._progress.update(self._bars[title], completed=done, total=whole or None, note=note)


class _Lines:
    """A line now and then, where there is no terminal."""

    def __init__(self) -> None:
        self._status = self._said = ""
        self._said_at = 0.0
        self._held: set[str] = set()

    def update(self, progress: Json) -> None:
        """Say how far it is, if that is new and not too often."""
        now = time.monotonic()
        if progress["status"] == self._status and now - self._said_at < _LINE_SECONDS:
            return
        self._status, self._said_at = progress["status"], now
        for reason in held_reasons(progress):
            if reason not in self._held:
                self._held.add(reason)
                say(f"Held: {reason}")
        noun, done, whole = _amounts(progress)
        note = note_of(progress)
        amount = f"{done:,} of {counted(whole, noun[:-1])}"
        line = f"{self._status}: {amount}" + (f", {note}" if note else "")
        if line != self._said:  # it may wait for hours
            self._said = line
            say(line)
