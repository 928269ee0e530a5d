"""Exports that cannot be written or read to their end: a clear error, and no half file that looks whole."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection
from tests.faults.disk import filled, small_disk
from tests.faults.processes import COMMAND, ROOT, own_environment
from tests.support.apps import Bench
from tests.support.benches import sqlite_bench
from tests.support.populated import populate
from tests.support.serving import serving

from docstage.cli.client import open_client, write_file
from docstage.cli.target import Target
from docstage.domain.errors import DocstageError, Unavailable
from docstage.domain.lifecycle import BatchStatus
from docstage.domain.rows import TaskRow
from docstage.results.formats import FORMATS
from docstage.service.results import exporting
from docstage.store import tasks
from docstage.store.paging import Page, PageRequest
from docstage.store.records import Run
from docstage.store.tasks import TaskFilter


@pytest.fixture
def bench(tmp_path: Path, template: Path) -> Iterator[Bench]:
    """Services over a database of their own."""
    with sqlite_bench(tmp_path / "bench", template) as one:
        yield one


def _export(target: Target, batch_id: int, out: Path, form: str) -> None:
    with open_client(target) as api:
        write_file(api, out, f"/api/batches/{batch_id}/export", format=form)


@pytest.mark.parametrize("form", FORMATS)
def test_a_full_disk_keeps_the_file_that_was_there(tmp_path: Path, bench: Bench, form: str) -> None:
    """The command says so, the older export is whole, nothing is left over; with room again it works."""
    batch_id = populate(bench)[BatchStatus.COMPLETED]
    target = Target(database=bench.services.database.url)
    with small_disk(tmp_path / "disk", 1) as disk:
        out = disk / f"answers.{form}"
        out.write_text("old\n")
        with filled(disk):
            with pytest.raises(DocstageError, match=r"Cannot write .*No space left"):
                _export(target, batch_id, out, form)
            assert out.read_text() == "old\n"
            assert {path.name for path in disk.iterdir()} == {out.name, "ballast"}
        _export(target, batch_id, out, form)
        assert len(out.read_text().splitlines()) == 3 + FORMATS[form].has_header


def test_a_full_disk_behind_standard_output_is_told(bench: Bench) -> None:
    """`docstage batch export 1 > file` on a full disk: an error in words, and an exit code that says so."""
    batch_id = populate(bench)[BatchStatus.COMPLETED]
    words = ("--database", bench.services.database.url, "batch", "export", str(batch_id))
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, *words],
            env=own_environment(),
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1, done.stderr
    assert "Cannot write to standard output: No space left on device." in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that fails when the second page of a table is read."""
    whole = tasks.list_tasks

    def half(c: Connection, run: Run, page: PageRequest, wanted: TaskFilter) -> Page[TaskRow]:
        if page.cursor is not None:
            raise Unavailable("The disk fails.")
        return whole(c, run, page, wanted)

    monkeypatch.setattr(tasks, "list_tasks", half)
    monkeypatch.setattr(exporting, "_FIRST_ROWS", 1)


@pytest.mark.usefixtures("breaking")
@pytest.mark.parametrize("form", FORMATS)
def test_a_database_that_fails_in_between_ends_no_answer(tmp_path: Path, bench: Bench, form: str) -> None:
    """Over HTTP the answer is cut before its end, and a command leaves no file, of a server or by itself."""
    batch_id = populate(bench)[BatchStatus.COMPLETED]
    out = tmp_path / f"answers.{form}"
    with serving(bench) as (address, _):
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
            httpx.get(f"{address}/api/batches/{batch_id}/export", params={"format": form})
        for target in (Target(server=address), Target(database=bench.services.database.url)):
            with pytest.raises(DocstageError):
                _export(target, batch_id, out, form)
            assert list(tmp_path.glob("*answers*")) == []
