"""A running engine over a database of its own, with folders, connections and batches in few lines."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from tests.support.stores import table
from tests.support.templates import place_database
from tests.support.waiting import PATIENCE, until_true

from docstage.clock import Clock
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.rows import AttemptRow, TaskRow
from docstage.domain.stretches import TooLong
from docstage.engine.engine import EngineParts, run_engine
from docstage.service.batches.actions import act
from docstage.service.context import Services
from docstage.service.session import Session
from docstage.settings import Settings
from docstage.store import batches, library, runs, tasks
from docstage.store.migrate import upgrade
from docstage.store.paging import PageRequest
from docstage.store.records import Batch, Event
from docstage.store.runs import Tally
from docstage.store.tasks import TaskFilter

T = TypeVar("T")
# For tests of what the database has a part in.
on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
RESTING = (BatchStatus.COMPLETED, BatchStatus.FAILED, BatchStatus.PAUSED)


def open_services(home: Path, database: str = "", clock: Clock | None = None, **settings: Any) -> Services:
    """Services over a migrated database; on SQLite a new one comes from the template."""
    if not database and not (home / "docstage.db").exists():
        place_database(home)
    services = Services.open(Settings(home=home, database=database, workers=1, **settings), clock)
    upgrade(services.database)
    return services


@dataclass
class Laboratory:
    """What a test does with batches while an engine may run.

    Attributes:
        folder: where `write` puts documents.
        ocr: what folders say of the words in pictures.
    """

    services: Services
    folder: Path
    _names: int = field(default=0)
    ocr: str = "never"

    def write(self, documents: dict[str, str]) -> None:
        """Write documents into the folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, text in documents.items():
            (self.folder / name).write_text(text, encoding="utf-8")

    def connection(self, base_url: str | None, **changes: Any) -> int:
        """A connection to an OpenAI-compatible server."""
        values: dict[str, Any] = {
            "provider": "openai-compatible",
            "model": "simulated-small",
            "timeout": PATIENCE,
        }
        values |= {"base_url": base_url, "max_output_tokens": 200, "concurrency": 8, "images": True}
        values |= {"headers": {}, "extra": {}, "created_at": 0.0, "updated_at": 0.0}
        with self.services.database.write() as c:
            return library.insert_connection(c, values | {"name": self._name("connection")} | changes)

    def prompt(
        self,
        text: str = "What is this about?",
        schema: dict[str, Any] | None = None,
        too_long: TooLong = TooLong.REFUSE,
    ) -> int:
        """A prompt."""
        with self.services.database.write() as c:
            version = {"text": text, "system": None, "schema": schema, "too_long": str(too_long)}
            return library.insert_prompt(c, self._name("prompt"), version, 0.0)

    def batch(self, connections: Iterable[int], prompts: Iterable[int], **values: Any) -> int:
        """A SAVED batch over the folder."""
        row: dict[str, Any] = {"name": "batch", "description": None, "metadata": {}}
        row |= {"budget": None, "failure_limit": None}
        place: dict[str, Any] = {"name": self._name("folder"), "path": str(self.folder)}
        place |= {"recursive": True, "hidden": False, "ocr": self.ocr}
        place |= {"include": [], "exclude": [], "created_at": 0.0, "updated_at": 0.0}
        with self.services.database.write() as c:
            folder_id = library.insert_folder(c, place)
            saved = batches.insert_batch(c, row | values, "user", self.services.clock.now())
            members = {"folder": [folder_id], "connection": list(connections), "prompt": list(prompts)}
            library.set_members(c, saved.id, members)
        return saved.id

    async def act(self, batch_id: int, action: Action, **options: Any) -> Batch:
        """Carry out an action as a user would."""
        return await asyncio.to_thread(lambda: act(Session(self.services), batch_id, action, **options))

    def get(self, batch_id: int) -> Batch:
        """The batch as it is now."""
        with self.services.database.read() as c:
            return batches.get_batch(c, batch_id)

    def tally(self, batch_id: int) -> Tally:
        """The counters of the batch's current run."""
        run_id = self.get(batch_id).run_id
        assert run_id is not None
        with self.services.database.read() as c:
            return runs.totals(c, [run_id]).get(run_id, Tally())

    def rows(self, batch_id: int, wanted: TaskFilter | None = None) -> list[TaskRow]:
        """The results table of the batch's current run."""
        run_id = self.get(batch_id).run_id
        assert run_id is not None
        with self.services.database.read() as c:
            return list(table(c, run_id, PageRequest(limit=1_000), wanted).items)

    def attempts(self, task_id: int) -> list[AttemptRow]:
        """The calls made for a task."""
        with self.services.database.read() as c:
            return tasks.attempts_of(c, task_id)

    def events(self, batch_id: int) -> list[Event]:
        """The batch's audit log, in order."""
        with self.services.database.read() as c:
            return [event for event in batches.events_after(c, 0) if event.batch_id == batch_id]

    async def until(self, batch_id: int, *statuses: BatchStatus) -> Batch:
        """Wait until the batch has one of the statuses."""
        return await self.until_true(
            lambda: found if (found := self.get(batch_id)).status in statuses else None
        )

    async def until_true(self, condition: Callable[[], T | None]) -> T:
        """Wait until the condition gives something true, and return that."""
        return await until_true(condition)

    async def staged(self, connections: Iterable[int], prompts: Iterable[int], **values: Any) -> int:
        """A batch that the running engine has staged."""
        batch_id = self.batch(connections, prompts, **values)
        await self.act(batch_id, Action.STAGE)
        staged = await self.until(batch_id, BatchStatus.STAGED, BatchStatus.FAILED_STAGING)
        assert staged.status is BatchStatus.STAGED, staged.status_reason
        return batch_id

    async def run(self, batch_id: int) -> Batch:
        """Run a staged batch until it rests."""
        await self.act(batch_id, Action.RUN)
        return await self.until(batch_id, *RESTING)

    def _name(self, kind: str) -> str:
        self._names += 1
        return f"{kind} {self._names}"


@asynccontextmanager
async def running_engine(services: Services) -> AsyncIterator[None]:
    """An engine that is at work while the context lasts."""
    parts = EngineParts(services.database, services.settings, services.secrets, services.clock)
    stop = asyncio.Event()
    engine = asyncio.create_task(run_engine(parts, stop))
    try:
        yield
    finally:
        stop.set()
        await engine
