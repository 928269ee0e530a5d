"""Names and places that lead astray: nothing outside a folder is read, nothing hangs, the rest is encoded."""

import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select
from tests.support.engines import Laboratory

from docstage.domain.content import DocumentReason, DocumentStatus
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.extraction.extractors import Limits
from docstage.extraction.files import FileProblem, fingerprint, read_regular
from docstage.extraction.pool import ExtractionPool
from docstage.staging import encoding, job
from docstage.staging.job import StagingJob
from docstage.staging.scan import FolderUnusable, ScanOptions, scan
from docstage.store import documents, runs
from docstage.store.content_tables import content
from docstage.store.paging import PageRequest
from docstage.store.records import Document
from docstage.stored_text import decompress

SECRET = "these words lie outside of every folder"

Swap = Callable[[Path, Path], None]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool() -> AsyncIterator[ExtractionPool]:
    """Two real workers."""
    async with ExtractionPool(2, Limits(file_bytes=2**20)) as one:
        yield one


@pytest.fixture(autouse=True)
def outside(tmp_path: Path) -> Path:
    """A folder with a secret, beside the one with documents."""
    place = tmp_path / "outside"
    place.mkdir()
    (place / "secret.txt").write_text(SECRET)
    return place


async def stage(lab: Laboratory, pool: ExtractionPool, **settings: Any) -> tuple[int, dict[str, Document]]:
    """Stage the folder; returns the batch and its documents."""
    batch_id = lab.batch([lab.connection(None)], [lab.prompt()])
    await lab.act(batch_id, Action.STAGE)
    run_id = lab.get(batch_id).run_id
    assert run_id is not None
    services = lab.services
    with services.database.read() as c:
        run = runs.get_run(c, run_id)
    options = replace(services.settings, max_file_mb=1, **settings)
    await StagingJob(services.database, pool, services.clock, batch_id, run, options).carry_out()
    with services.database.read() as c:
        page = documents.list_documents(c, run_id, PageRequest(limit=1_000))
    return batch_id, {document.path: document for document in page.items}


def stored(lab: Laboratory) -> dict[str, str]:
    """Every text that was encoded, by its key."""
    with lab.services.database.read() as c:
        rows = c.execute(select(content.c.key, content.c.text_zstd)).all()
    return {row.key: decompress(row.text_zstd) if row.text_zstd else "" for row in rows}


def link_out(file: Path, outside: Path) -> None:
    """A link out of the folder."""
    file.symlink_to(outside / "secret.txt")


def link_to_environment(file: Path, _outside: Path) -> None:
    """A link to what the kernel tells of the process, its keys included."""
    file.symlink_to("/proc/self/environ")


def pipe(file: Path, _outside: Path) -> None:
    """A pipe, which nobody writes to."""
    os.mkfifo(file)


def device(file: Path, _outside: Path) -> None:
    """A link to a device without end."""
    file.symlink_to("/dev/zero")


def folder(file: Path, _outside: Path) -> None:
    """A folder."""
    file.mkdir()


def larger(file: Path, _outside: Path) -> None:
    """A file above the limit."""
    with file.open("wb") as sparse:
        sparse.truncate(2**21)


def gone(_file: Path, _outside: Path) -> None:
    """Nothing."""


def circle(file: Path, _outside: Path) -> None:
    """A link to itself."""
    file.symlink_to(file)


SWAPS: dict[Swap, set[DocumentReason]] = {
    link_out: {DocumentReason.LEAVES_FOLDER},
    link_to_environment: {DocumentReason.LEAVES_FOLDER},
    pipe: {DocumentReason.NOT_A_FILE},
    device: {DocumentReason.LEAVES_FOLDER},
    folder: {DocumentReason.NOT_A_FILE},
    larger: {DocumentReason.TOO_LARGE},
    gone: {DocumentReason.GONE},
    circle: {DocumentReason.GONE, DocumentReason.LEAVES_FOLDER},
}


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("moment", ["listed", "hashed"])
async def test_files_swapped_behind_the_scan(
    lab: Laboratory, pool: ExtractionPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Whatever stands in a file's place once it was listed, or hashed, what lies outside is never read."""
    outside = tmp_path / "outside"
    lab.write({f"{swap.__name__}.txt": f"It was {swap.__name__}." for swap in SWAPS})

    def swap_all() -> None:
        for swap in SWAPS:
            file = lab.folder / f"{swap.__name__}.txt"
            file.unlink()
            swap(file, outside)

    _call_after(monkeypatch, *_MOMENTS[moment], swap_all)
    batch_id, found = await stage(lab, pool)
    assert lab.get(batch_id).status is BatchStatus.STAGED
    assert found["good.txt"].status is DocumentStatus.ENCODED
    for swap, reasons in SWAPS.items():
        document = found[f"{swap.__name__}.txt"]
        assert document.reason in reasons, document
        assert (document.detail or "").endswith(".")
    assert set(stored(lab).values()) == {"A good document."}
    assert not any(key.startswith(sha256(SECRET.encode()).hexdigest()) for key in stored(lab))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("moment", ["listed", "hashed"])
@pytest.mark.parametrize("place", ["a", "a/b", ""])
async def test_folders_swapped_for_links(
    lab: Laboratory,
    pool: ExtractionPool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    place: str,
) -> None:
    """A folder on the way, or the whole folder, that has become a link out, leads to nothing outside."""
    inner = lab.folder / "a" / "b"
    inner.mkdir(parents=True)
    (inner / "secret.txt").write_text("It was fine.")
    swapped = lab.folder / place if place else lab.folder
    beyond = tmp_path / "outside" / (inner / "secret.txt").relative_to(swapped).parent
    beyond.mkdir(parents=True, exist_ok=True)
    (beyond / "secret.txt").write_text(SECRET)

    def swap() -> None:
        swapped.rename(tmp_path / "away")
        swapped.symlink_to(tmp_path / "outside")

    _call_after(monkeypatch, *_MOMENTS[moment], swap)
    _, found = await stage(lab, pool)
    assert found["a/b/secret.txt"].reason in {DocumentReason.LEAVES_FOLDER, DocumentReason.GONE}
    assert SECRET not in stored(lab).values()
    if place:
        assert found["good.txt"].status is DocumentStatus.ENCODED


@pytest.mark.asyncio(loop_scope="module")
async def test_a_folder_that_became_a_link_is_asked_about_again(
    lab: Laboratory, pool: ExtractionPool, tmp_path: Path
) -> None:
    """Confined to a root, staging refuses a folder in whose place a link out of the root was put."""
    roots = {"allowed_roots": (str(lab.folder.parent / "documents"),)}
    batch_id, found = await stage(lab, pool, **roots)
    assert lab.get(batch_id).status is BatchStatus.STAGED
    lab.folder.rename(tmp_path / "away")
    (tmp_path / "elsewhere").mkdir()
    lab.folder.mkdir()
    root = {"allowed_roots": (str(lab.folder),)}
    lab.folder = lab.folder / "inner"
    lab.folder.symlink_to(tmp_path / "outside")
    batch_id, found = await stage(lab, pool, **root)
    batch = lab.get(batch_id)
    assert batch.status is BatchStatus.FAILED_STAGING
    assert "outside the folders that may be used" in (batch.status_reason or "")
    assert found == {}
    assert SECRET not in stored(lab).values()


@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_no_file(lab: Laboratory, pool: ExtractionPool, tmp_path: Path) -> None:
    """Pipes, sockets, links to devices and out are skipped with their reasons; a hard link is a file."""
    os.mkfifo(lab.folder / "pipe.txt")
    (lab.folder / "zero.txt").symlink_to("/dev/zero")
    (lab.folder / "environment.txt").symlink_to("/proc/self/environ")
    (lab.folder / "away").symlink_to(tmp_path / "outside")
    (lab.folder / "hard.txt").hardlink_to(lab.folder / "good.txt")
    (lab.folder / "loop").symlink_to(lab.folder)
    (lab.folder / "one").symlink_to("two")
    (lab.folder / "two").symlink_to("one")
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket(socket.AF_UNIX))
        server.bind(str(lab.folder / "socket.txt"))
        _, found = await stage(lab, pool)
    reasons = {path: document.reason for path, document in found.items() if document.reason}
    assert reasons == {
        "pipe.txt": DocumentReason.NOT_A_FILE,
        "socket.txt": DocumentReason.NOT_A_FILE,
        "zero.txt": DocumentReason.LEAVES_FOLDER,
        "environment.txt": DocumentReason.LEAVES_FOLDER,
        "away": DocumentReason.LEAVES_FOLDER,
        "one": DocumentReason.GONE,
        "two": DocumentReason.GONE,
    }
    assert {path for path in found if path not in reasons} == {"good.txt", "hard.txt"}
    assert set(stored(lab).values()) == {"A good document."}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_file_that_may_not_be_read(lab: Laboratory, pool: ExtractionPool) -> None:
    """It says so; where everything may be read, as by root, it is a document like others."""
    (lab.folder / "locked.txt").write_text("locked")
    (lab.folder / "locked.txt").chmod(0)
    _, found = await stage(lab, pool)
    readable = os.access(lab.folder / "locked.txt", os.R_OK)
    assert found["locked.txt"].reason == (None if readable else DocumentReason.NOT_PERMITTED)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_path_longer_than_any_call_takes(lab: Laboratory, pool: ExtractionPool) -> None:
    """What lies deeper than the system can name has a reason, and the rest is encoded."""
    long = "d" * 250
    descriptor = os.open(lab.folder, os.O_RDONLY)
    for _ in range(20):
        os.mkdir(long, dir_fd=descriptor)
        below = os.open(long, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    deep = os.open("deep.txt", os.O_WRONLY | os.O_CREAT, dir_fd=descriptor)
    os.write(deep, SECRET.encode())
    os.close(deep)
    os.close(descriptor)
    _, found = await stage(lab, pool)
    assert found.pop("good.txt").status is DocumentStatus.ENCODED
    ((path, document),) = found.items()
    assert len(path) > 3_000
    assert document.status is DocumentStatus.UNREADABLE
    assert "File name too long" in (document.detail or "")


def test_folders_of_the_kernel_are_none_of_documents() -> None:
    """They are refused by name, by a link and below, and a walk through everything leaves them out."""
    for place in ("/proc", "/proc/self", "/sys/kernel"):
        with pytest.raises(FolderUnusable, match="no folder of documents"):
            scan(Path(place), ScanOptions())
    others = tuple(f"/{name}" for name in os.listdir("/") if name not in ("proc", "sys"))  # noqa: PTH208
    assert list(scan(Path("/"), ScanOptions(exclude=others, hidden=True))) == []


def test_devices_are_no_documents() -> None:
    """Not one of them is opened for its contents."""
    flat = ScanOptions(recursive=False, include=("null", "zero", "full", "tty", "random", "std*", "fd"))
    found = {file.path: file.problem for file in scan(Path("/dev"), flat)}
    assert found["zero"] is DocumentReason.NOT_A_FILE
    assert set(found.values()) <= {
        DocumentReason.NOT_A_FILE,
        DocumentReason.LEAVES_FOLDER,
        DocumentReason.GONE,
    }


@pytest.mark.parametrize("name", ["pagemap", "environ"])
def test_files_that_lie_about_their_size_are_not_read_on(name: str) -> None:
    """They say that they are empty; no more than that is taken from them."""
    process = Path(f"/proc/{os.getpid()}")
    for read in (lambda: fingerprint(process, name), lambda: read_regular(process, name, 10)):
        with pytest.raises(FileProblem) as caught:
            read()
        assert caught.value.reason in {DocumentReason.CHANGING, DocumentReason.NOT_PERMITTED}


@pytest.mark.parametrize(
    "glob", ["../**", "../outside/*", "/../*", "**/../*", "/etc/*", "a\nb", "[", "[!", "**" * 400]
)
def test_globs_lead_nowhere(tmp_path: Path, glob: str) -> None:
    """They choose among what lies in the folder and reach for nothing beyond it."""
    (tmp_path / "in").mkdir()
    (tmp_path / "out.txt").write_text(SECRET)
    (tmp_path / "in" / "a.txt").write_text("a")
    for options in (ScanOptions(include=(glob,)), ScanOptions(exclude=(glob,)), ScanOptions(hidden=True)):
        assert {file.path for file in scan(tmp_path / "in", options)} <= {"a.txt"}


# Where the listing ends, and where the hashing does.
_MOMENTS: dict[str, tuple[object, str]] = {
    "listed": (job, "list_folders"),
    "hashed": (encoding.Encoder, "_reuse"),
}


def _call_after(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, then: Callable[[], None]) -> None:
    """Make a function call another one when it is done, once."""
    real = getattr(owner, name)
    done: list[bool] = []

    def wrapped(*args: Any) -> Any:
        result = real(*args)
        if not done:
            done.append(True)
            then()
        return result

    monkeypatch.setattr(owner, name, wrapped)
