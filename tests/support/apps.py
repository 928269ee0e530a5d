"""Services and batches for tests of what users do, in few lines."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select, update
from tests.support.steps import step, way

from docstage.api.app import create_app
from docstage.domain.content import DocumentStatus, Part
from docstage.domain.lifecycle import BatchStatus
from docstage.domain.receipt import Receipt, in_words
from docstage.domain.rendering import render
from docstage.domain.served import Served
from docstage.domain.tasks import AttemptOutcome, FailureKind, TaskStatus
from docstage.domain.usage import Usage
from docstage.secrets import Secrets
from docstage.service.batches import batches as service
from docstage.service.batches.inputs import BatchInput
from docstage.service.batches.views import BatchView
from docstage.service.connections import connections
from docstage.service.connections.inputs import ConnectionInput
from docstage.service.context import Services
from docstage.service.folders import folders
from docstage.service.folders.inputs import FolderInput
from docstage.service.prompts import prompts
from docstage.service.prompts.inputs import PromptInput
from docstage.service.session import Session
from docstage.settings import Settings
from docstage.store import batches, contents, documents, layout, recording, runs
from docstage.store.batches import Change
from docstage.store.contents import NewContent, NewImage
from docstage.store.database import Database
from docstage.store.documents import Verdict
from docstage.store.layout import Asked, Taker
from docstage.store.recording import CallBegun, CallEnded
from docstage.store.tables import batch, document, event, task
from docstage.stored_text import compress

ADDRESS = "http://127.0.0.1:8640"


class Hands:
    """A clock that tests turn."""

    def __init__(self, at: float = 1_800_000_000.0) -> None:
        self.at = at

    def now(self) -> float:
        """Seconds since the epoch."""
        return self.at

    def monotonic(self) -> float:
        """The same."""
        return self.at


@dataclass(frozen=True, slots=True)
class Bench:
    """Services over an empty database, and a folder of documents."""

    services: Services
    documents: Path
    clock: Hands
    members: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def set_up(cls, database: Database, home: Path, **settings: Any) -> "Bench":
        """Services with a home of their own."""
        clock = Hands()
        options = Settings(home=home, database=database.url, **settings)
        place = home.with_name("documents")
        place.mkdir(parents=True)
        (place / "letter.txt").write_text("Dear Sir or Madam")
        return cls(Services(database, options, Secrets.of(options, clock), clock), place, clock)

    @property
    def database(self) -> Database:
        """The database."""
        return self.services.database

    def make_members(self) -> dict[str, list[int]]:
        """A folder, a connection and a prompt, the same at every call."""
        if not self.members:
            schema = {"type": "object", "properties": {"kind": {"type": "string"}, "due": {"type": "number"}}}
            folder = folders.create_folder(
                self.services, FolderInput(path=str(self.documents), name="Letters")
            )
            connection = connections.create_connection(
                self.services,
                ConnectionInput(name="Small", provider="simulated", model="simulated-small"),
            )
            prompt = prompts.create_prompt(
                self.services, PromptInput(name="Kind", text="Which kind?", schema=schema)
            )
            self.members["folder_ids"] = [folder.id]
            self.members["connection_ids"] = [connection.id]
            self.members["prompt_ids"] = [prompt.id]
        return self.members

    def batch_input(self, name: str = "Letters of May", **changes: Any) -> dict[str, Any]:
        """The body of a batch."""
        return {"name": name, **self.make_members(), **changes}

    def batch_in(self, status: BatchStatus, paths: Sequence[str] = ("a.txt", "b.txt")) -> int:
        """The id of a new batch in this status; behind staging it has tasks."""
        wanted = BatchInput.model_validate(self.batch_input())
        if status is BatchStatus.SAVED:
            return service.save(Session(self.services), wanted).id
        staging = service.save(Session(self.services), wanted, stage=True)
        if status not in {BatchStatus.STAGING, BatchStatus.FAILED_STAGING}:
            self._lay_out(staging, paths)
        if status is not BatchStatus.STAGING:
            self.move(staging.id, status)
        return staging.id

    def move(self, batch_id: int, status: BatchStatus) -> None:
        """Bring it to a status, as the engine would, or a user where it would not."""
        with self.database.write() as c:
            current = batches.get_batch(c, batch_id)
            for target in way(current.status, status):
                action, actor = step(current.status, target)
                change = Change(target, action, actor, None, self.clock.now())
                current = batches.change_status(c, current, change)

    def run_id(self, batch_id: int) -> int:
        """The batch's current run."""
        with self.database.read() as c:
            run_id = batches.get_batch(c, batch_id).run_id
        assert run_id is not None
        return run_id

    def state(self, batch_id: int) -> tuple[Any, ...]:
        """The batch's row and its events, for comparison."""
        with self.database.read() as c:
            row = c.execute(select(batch).where(batch.c.id == batch_id)).one()
            events = c.execute(select(event).where(event.c.batch_id == batch_id).order_by(event.c.id)).all()
        return tuple(row), [tuple(one) for one in events]

    def finish(self, batch_id: int, outcomes: Sequence["Outcome"]) -> None:
        """Record a call for each of the batch's tasks in order, as the engine does while ANALYZING."""
        run_id = self.run_id(batch_id)
        with self.database.write() as c:
            rows = c.execute(select(task).where(task.c.run_id == run_id).order_by(task.c.id)).all()
            calls = [
                CallBegun(row.id, run_id, row.connection_id, row.prompt_id, 1, self.clock.now())
                for row in rows[: len(outcomes)]
            ]
            recording.record_begun(c, calls, {run_id})
            ended = [outcome.ended(call) for call, outcome in zip(calls, outcomes, strict=True)]
            recording.record_ended(c, ended)

    def _lay_out(self, staging: BatchView, paths: Sequence[str]) -> None:
        run_id = self.run_id(staging.id)
        with self.database.write() as c:
            documents.insert_documents(c, [self._document(run_id, staging, path) for path in paths])
            up_to = layout.next_documents(c, run_id, 0, 10_000)
            assert up_to is not None
            lanes = [Taker(number, sees=True) for number in staging.connection_ids]
            asked = [Asked(number) for number in staging.prompt_ids]
            layout.lay_out(c, run_id, after=0, up_to=up_to, connections=lanes, prompts=asked)
            runs.count_tasks(c, run_id)

    def _document(self, run_id: int, staging: BatchView, path: str) -> dict[str, Any]:
        return {
            "run_id": run_id,
            "folder_id": staging.folder_ids[0],
            "path": path,
            "size": 10,
            "mtime_ns": 1,
            "status": DocumentStatus.ENCODED,
            "content_key": f"key of {path}",
            "media_type": "text/plain",
            "images": 0,
            "characters": 40,
            "tokens": 10,
        }

    def store_parts(self, path: str, parts: Sequence[Part], left_out: Sequence[str] = ()) -> Receipt:
        """What encoding made of the document at the path, with its receipt."""
        made, receipt = render(parts, (), left_out)
        key = f"key of {path}"
        counted = receipt.filled_parts, receipt.pictured_parts, receipt.losses
        sizes = {"images": len(made.images), "characters": len(made.text)}
        told = dict(zip(("parts", "pictured_parts", "losses"), counted, strict=True))
        verdict = Verdict(DocumentStatus.ENCODED, None, None, None, None, tokens=1, **sizes, **told)
        packed = compress(json.dumps(receipt.to_json()))
        new = NewContent(key, verdict, compress(made.text), self.clock.now(), packed)
        images = [NewImage(key, n, one.media_type, one.data) for n, one in enumerate(made.images)]
        values = {**sizes, **told, "detail": in_words(receipt)}
        with self.database.write() as c:
            contents.insert_contents(c, [new], images)
            c.execute(update(document).where(document.c.content_key == key).values(values))
        return receipt

    def store_content(self, path: str, text: str, pictures: Sequence[bytes] = ()) -> None:
        """What an earlier version's encoding made of the document at the path."""
        key = f"key of {path}"
        verdict = Verdict(DocumentStatus.ENCODED, None, None, None, None, len(pictures), len(text), 1)
        new = NewContent(key, verdict, compress(text), self.clock.now())
        images = [NewImage(key, n, "image/png", data) for n, data in enumerate(pictures)]
        with self.database.write() as c:
            contents.insert_contents(c, [new], images)


def client_of(bench: Bench, token: str = "", **options: Any) -> httpx.AsyncClient:
    """A client of the application over the bench, in this process."""
    transport = httpx.ASGITransport(create_app(bench.services, token=token))
    return httpx.AsyncClient(transport=transport, base_url=ADDRESS, **options)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ends: with an answer, or with a kind of failure."""

    text: str | None = None
    value: str | None = None
    cost: int | None = 7
    failure: FailureKind | None = None
    message: str | None = None

    def ended(self, call: CallBegun) -> CallEnded:
        """The call, ended."""
        good = self.failure is None
        return CallEnded(
            call,
            TaskStatus.COMPLETED if good else TaskStatus.FAILED,
            AttemptOutcome.COMPLETED if good else AttemptOutcome.FAILED,
            1,
            call.at + 1,
            250.0,
            failure_kind=self.failure,
            message=self.message,
            usage=Usage(100, 60, 5, 20, 2) if good else None,
            cost=self.cost if good else 0,
            text=self.text,
            value=self.value,
            served=Served("small-1", "stop") if good else Served(),
        )
