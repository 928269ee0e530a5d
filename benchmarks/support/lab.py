"""Databases prepared for benchmarks."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, insert, select

from benchmarks.support.texts import letter
from docstage.domain.content import DocumentStatus
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import TaskStatus
from docstage.domain.token_counts import count_tokens
from docstage.service.batches import batches as service
from docstage.service.batches.inputs import BatchInput
from docstage.service.connections import connections
from docstage.service.connections.inputs import ConnectionInput
from docstage.service.context import Services
from docstage.service.folders import folders
from docstage.service.folders.inputs import FolderInput
from docstage.service.prompts import prompts
from docstage.service.prompts.inputs import PromptInput
from docstage.service.session import Session
from docstage.settings import PREFIX, Settings
from docstage.store import batches, contents, documents, layout, runs
from docstage.store.batches import Change
from docstage.store.contents import NewContent
from docstage.store.documents import Verdict
from docstage.store.layout import Asked, Taker
from docstage.store.migrate import upgrade
from docstage.store.tables import result, task
from docstage.stored_text import compress

_GROUP = 5_000


@dataclass(frozen=True, slots=True)
class Lab:
    """A home of docstage with an empty, migrated SQLite database.

    Attributes:
        documents: a folder for documents.
    """

    services: Services
    documents: Path

    @property
    def home(self) -> Path:
        """Where docstage keeps all it has."""
        return self.services.settings.home

    @property
    def environment(self) -> dict[str, str]:
        """What makes another process use this home."""
        return {PREFIX + "HOME": str(self.home), PREFIX + "LOG_LEVEL": "WARNING"}

    def save_batch(
        self,
        base_url: str,
        *,
        lanes: int = 1,
        asked: int = 1,
        concurrency: int = 64,
        model: str = "mock",
        max_output_tokens: int = 1_024,
    ) -> "Prepared":
        """A SAVED batch over the folder of documents.

        Args:
            base_url: where the model's server is, for all lanes.
            lanes: number of connections.
            asked: number of prompts.
        """
        limits: Any = {"concurrency": concurrency}
        made = [
            ConnectionInput(
                name=f"Model {n}",
                provider="openai-compatible",
                model=model,
                base_url=base_url,
                max_output_tokens=max_output_tokens,
                limits=limits,
            )
            for n in range(lanes)
        ]
        return self.save_with(made, asked)

    def save_with(
        self, made: Sequence[ConnectionInput], asked: int = 1, name: str = "Benchmark"
    ) -> "Prepared":
        """A SAVED batch over the folder of documents with these new connections."""
        place = folders.create_folder(self.services, FolderInput(path=str(self.documents), name=name))
        asks = [PromptInput(name=f"{name} {n}", text=f"Question {n}: who wrote it?") for n in range(asked)]
        wanted = BatchInput(
            name=name,
            folder_ids=[place.id],
            connection_ids=[connections.create_connection(self.services, one).id for one in made],
            prompt_ids=[prompts.create_prompt(self.services, one).id for one in asks],
        )
        return Prepared(self.services, service.save(Session(self.services), wanted).id, wanted)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch, and what brings it into the state that is to be measured."""

    services: Services
    batch_id: int
    wanted: BatchInput

    @property
    def run_id(self) -> int:
        """The current run."""
        with self.services.database.read() as c:
            run_id = batches.get_batch(c, self.batch_id).run_id
        assert run_id is not None
        return run_id

    def act(self, action: Action) -> None:
        """Carry out an action as a user would."""
        service.act(Session(self.services), self.batch_id, action)

    def stage_with(self, count: int, *, with_contents: bool) -> None:
        """Make the batch STAGING, with so many documents scanned and encoded and no task laid out.

        Args:
            with_contents: store what encoding would have made of them.
        """
        self.act(Action.STAGE)
        run_id = self.run_id
        numbers = iter(range(count))
        while group := list(islice(numbers, _GROUP)):
            with self.services.database.write() as c:
                rows = [_document(run_id, self.wanted.folder_ids[0], n) for n in group]
                documents.insert_documents(c, rows)
                if with_contents:
                    contents.insert_contents(c, [_content(n) for n in group], [])
        with self.services.database.write() as c:
            runs.mark_scanned(c, run_id)

    def lay_out(self, *, begun: bool = True) -> None:
        """Lay out all tasks and let the batch be ANALYZING, or STAGED if it is not begun."""
        with self.services.database.write() as c:
            up_to = layout.next_documents(c, self.run_id, 0, 10_000_000)
            assert up_to is not None
            layout.lay_out(
                c,
                self.run_id,
                after=0,
                up_to=up_to,
                connections=[Taker(number, sees=True) for number in self.wanted.connection_ids],
                prompts=[Asked(number) for number in self.wanted.prompt_ids],
            )
            runs.count_tasks(c, self.run_id)
            for status in (BatchStatus.STAGED, BatchStatus.ANALYZING) if begun else (BatchStatus.STAGED,):
                change = Change(status, "prepared", "engine", None, self.services.clock.now())
                batches.change_status(c, batches.get_batch(c, self.batch_id), change)

    def complete(self) -> None:
        """Give every task a result."""
        run_id = self.run_id
        with self.services.database.write() as c:
            ids = c.execute(select(task.c.id).where(task.c.run_id == run_id)).scalars().all()
            c.execute(task.update().where(task.c.run_id == run_id).values(status=int(TaskStatus.COMPLETED)))
            _insert_results(c, ids)
            runs.count_tasks(c, run_id)


@contextmanager
def lab() -> Iterator[Lab]:
    """A lab in a folder that is deleted in the end."""
    with TemporaryDirectory(prefix="docstage-bench-") as folder:
        place = Path(folder) / "documents"
        place.mkdir()
        services = Services.open(Settings(home=Path(folder) / "home", workers=2))
        try:
            upgrade(services.database)
            yield Lab(services, place)
        finally:
            services.database.close()


def _key(number: int) -> str:
    return f"{number:064x}-1-.txt"


def _document(run_id: int, folder_id: int, number: int) -> dict[str, Any]:
    text = letter(number)
    return {
        "run_id": run_id,
        "folder_id": folder_id,
        "path": f"{number // 1_000:05}/letter {number:07}.txt",
        "size": len(text),
        "mtime_ns": 1,
        "status": DocumentStatus.ENCODED,
        "sha256": _key(number)[:64],
        "content_key": _key(number),
        "media_type": "text/plain",
        "images": 0,
        "characters": len(text),
        **_counts(text),
    }


def _counts(text: str) -> dict[str, int]:
    counted = count_tokens(text)
    return {"tokens": counted.expected, "least_tokens": counted.least, "most_tokens": counted.most}


def _content(number: int) -> NewContent:
    text = letter(number)
    verdict = Verdict(DocumentStatus.ENCODED, None, None, None, None, 0, len(text), **_counts(text))
    return NewContent(_key(number), verdict, compress(text), 0.0)


def _insert_results(c: Connection, task_ids: Sequence[int]) -> None:
    fixed: dict[str, Any] = {
        "value": None,
        "input_tokens": 120,
        "cached_tokens": 0,
        "output_tokens": 9,
        "cost": None,
    }
    fixed |= {"latency_ms": 250.0, "model": "mock", "finish_reason": "stop"}
    rows = [
        fixed | {"task_id": n, "text": f"Answer {n}: it is about an invoice.", "finished_at": float(n)}
        for n in task_ids
    ]
    c.execute(insert(result), rows)
