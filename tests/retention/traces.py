"""Documents whose words, names and answers are seen nowhere else, and what is left of them in the files."""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select
from tests.support.apps import Bench, Outcome
from tests.support.engines import running_engine
from tests.support.waiting import PATIENCE

from docstage.domain.lifecycle import Action, BatchStatus
from docstage.service.batches import batches
from docstage.service.batches.inputs import BatchInput
from docstage.service.batches.views import BatchView
from docstage.service.folders import folders
from docstage.service.folders.inputs import FolderInput
from docstage.service.folders.views import FolderView
from docstage.service.session import Session
from docstage.store.content_tables import content
from docstage.store.recording import CallBegun, record_begun, record_ended
from docstage.store.tables import document, task

RANDOM = random.Random(8_640)


def word() -> str:
    """A word that is nowhere else."""
    return f"canary{RANDOM.getrandbits(128):032x}"


@dataclass(frozen=True, slots=True)
class Planted:
    """A document that can be recognised.

    Attributes:
        name: its path below its folder.
        said: in its text.
        answered: in its answer.
    """

    name: str
    said: str
    answered: str

    @classmethod
    def make(cls) -> "Planted":
        """A new one."""
        return cls(f"{word()}.txt", word(), word())

    @property
    def traces(self) -> dict[str, bytes]:
        """What is looked for, by what it is."""
        return {
            "its name": self.name.encode(),
            "its text": self.said.encode(),
            "its answer": self.answered.encode(),
        }


def plant(folder: Path, documents: Iterable[Planted]) -> None:
    """Write the documents into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in documents:
        (folder / one.name).write_text(f"{one.said} {RANDOM.getrandbits(1_600):x}")


def add_folder(bench: Bench, path: Path) -> FolderView:
    """A folder of docstage at the path."""
    return folders.create_folder(bench.services, FolderInput(path=str(path), name=path.name))


async def stage(bench: Bench, folder_ids: Iterable[int], name: str = "Letters") -> BatchView:
    """A batch over the folders that an engine has staged."""
    members = bench.make_members() | {"folder_ids": list(folder_ids)}
    saved = await asyncio.to_thread(
        lambda: batches.save(
            Session(bench.services), BatchInput.model_validate({"name": name, **members}), stage=True
        )
    )
    return await until(bench, saved.id, BatchStatus.STAGED)


async def until(bench: Bench, batch_id: int, status: BatchStatus) -> BatchView:
    """Let an engine work until the batch has the status."""
    async with running_engine(bench.services), asyncio.timeout(PATIENCE):
        while (
            found := await asyncio.to_thread(batches.get_batch, bench.services, batch_id)
        ).status != status:
            assert found.status != BatchStatus.FAILED_STAGING, found.status_reason
            await asyncio.sleep(0.02)
    return found


def answer(bench: Bench, batch_id: int, documents: Iterable[Planted], *, complete: bool = True) -> None:
    """Give each document its answer, in any order, as models do."""
    planted = {one.name: one for one in documents}
    batches.act(Session(bench.services), batch_id, Action.RUN)
    run_id = bench.run_id(batch_id)
    with bench.database.read() as c:
        rows = c.execute(
            select(task.c.id, task.c.connection_id, task.c.prompt_id, document.c.path)
            .join(document, document.c.id == task.c.document_id)
            .where(task.c.run_id == run_id)
        ).all()
    for row in RANDOM.sample(list(rows), len(rows)):
        if row.path not in planted:
            continue
        call = CallBegun(row.id, run_id, row.connection_id, row.prompt_id, 1, bench.clock.now())
        said = planted[row.path].answered
        ended = Outcome(text=said, value=f'{{"kind": "{said}"}}').ended(call)
        with bench.database.write() as c:
            record_begun(c, [call], {run_id})
            record_ended(c, [replace(ended, message=f"said {said}", thoughts=f"thought of {said}")])
    if complete:
        bench.move(batch_id, BatchStatus.COMPLETED)


def packed_texts(bench: Bench) -> dict[str, bytes]:
    """A piece of every stored text as it is compressed, by its key."""
    with bench.database.read() as c:
        rows = c.execute(select(content.c.key, content.c.text_zstd).where(content.c.text_zstd.is_not(None)))
        return {row.key: bytes(row.text_zstd)[20:60] for row in rows}


def left(folder: Path, traces: Iterable[bytes], *, but: Path | None = None) -> list[str]:
    """The names of files below a folder in which there is a trace, or in whose path there is one.

    Args:
        but: what lies below this is not looked at.
    """
    wanted = list(traces)
    found = []
    for path in sorted(folder.rglob("*")):
        if but is not None and path.is_relative_to(but):
            continue
        data = path.read_bytes() if path.is_file() else b""
        if any(one in data or one in str(path).encode() for one in wanted):
            found.append(str(path.relative_to(folder)))
    return found
