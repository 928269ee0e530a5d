"""Worker processes, with real crashes, hangs and bombs."""

import asyncio
import os
import select
import signal
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from tests.support.waiting import PATIENCE, is_gone

from docstage.domain.content import DocumentReason, DocumentStatus
from docstage.domain.errors import Unavailable
from docstage.extraction.extractors import Limits
from docstage.extraction.files import fingerprint
from docstage.extraction.pool import Encoded, ExtractionJob, ExtractionPool, NotEncoded
from docstage.stored_text import decompress

# A worker in which documents can do what hostile ones would do in a parser with a hole.
HOSTILE_WORKER = """
import ctypes, os, signal, sys, time
from docstage.extraction import worker
from docstage.extraction.extractors import extract

def hostile(data, name, limits, attachments=None):
    order, _, mark = name.removesuffix(".txt").partition("-")
    if order == "hang":
        open(data.decode(), "w").write(str(os.getpid()))
        while True:
            time.sleep(1)
    if order == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if order == "once" and not os.path.exists(data.decode()):
        open(data.decode(), "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
    if order == "abort":
        os.abort()
    if order == "segfault":
        ctypes.string_at(0)
    if order == "panic":
        raise BaseException("a native panic")
    if order == "eat":
        hog = [bytearray(1 << 24) for _ in range(1 << 20)]
    if order == "rust":
        print("memory allocation of 999 bytes failed", file=sys.stderr, flush=True)
        os.abort()
    if order == "print":
        print("noise on standard output", flush=True)
        os.write(1, b"more noise")
    if order == "forge":
        for descriptor in range(3, 10):
            try:
                os.write(descriptor, b"\\xff" * 100)
            except OSError:
                pass
    if order == "pid":
        return extract(str(os.getpid()).encode(), "a.txt", limits)
    if order == "secrets":
        return extract(repr(dict(os.environ)).encode(), "a.txt", limits)
    if order == "poison":
        hostile.poisoned = True
    if order == "victim" and getattr(hostile, "poisoned", False):
        os.abort()
    return extract(data, name, limits)

worker.main(hostile)
"""
HOSTILE_COMMAND = (sys.executable, "-c", HOSTILE_WORKER)


def hostile_pool(workers: int = 1, limits: Limits | None = None) -> ExtractionPool:
    """A pool whose workers obey the names of documents."""
    return ExtractionPool(workers, limits or Limits(), HOSTILE_COMMAND)


def fill(root: Path, *names: str) -> None:
    """Make text files that hold their own name."""
    for name in names:
        (root / name).write_text(name)


async def extract(pool: ExtractionPool, root: Path, name: str) -> Encoded | NotEncoded:
    """Extract one document."""
    return await pool.extract(ExtractionJob(root, name))


async def text_of(pool: ExtractionPool, root: Path, name: str) -> str:
    """The text of one document."""
    outcome = await extract(pool, root, name)
    assert isinstance(outcome, Encoded), outcome
    return decompress(outcome.text_zstd)


async def reason_of(pool: ExtractionPool, root: Path, name: str) -> DocumentReason:
    """Why one document has no content."""
    outcome = await extract(pool, root, name)
    assert isinstance(outcome, NotEncoded), outcome
    return outcome.reason


async def test_corpus(corpus: Path) -> None:
    """Every test document comes through the pool, with the hash of its bytes."""
    names = sorted(os.listdir(corpus))  # noqa: PTH208  (strings are wanted)
    async with ExtractionPool(2) as pool:
        outcomes = await asyncio.gather(*(extract(pool, corpus, name) for name in names))
    for name, outcome in zip(names, outcomes, strict=True):
        found = fingerprint(corpus, name)
        assert (outcome.sha256, outcome.size, outcome.mtime_ns) == (found.sha256, found.size, found.mtime_ns)
    assert [
        name for name, outcome in zip(names, outcomes, strict=True) if isinstance(outcome, NotEncoded)
    ] == [
        "empty.txt",
        "password.pdf",
        "password_protected.xlsx",
        "random.bin",
    ]


async def test_encoded(tmp_path: Path) -> None:
    """An outcome carries text, counts and type."""
    fill(tmp_path, "a.txt")
    async with ExtractionPool(1) as pool:
        outcome = await extract(pool, tmp_path, "a.txt")
    assert isinstance(outcome, Encoded)
    assert decompress(outcome.text_zstd) == "a.txt"
    assert (outcome.least_tokens, outcome.most_tokens) == (1, 5)
    assert (outcome.characters, outcome.tokens, outcome.media_type) == (5, 3, "text/plain")
    assert outcome.milliseconds > 0


async def test_pictures_come_whole(corpus: Path) -> None:
    """Pictures come through the pipe byte for byte."""
    async with ExtractionPool(1) as pool:
        outcome = await extract(pool, corpus, "test_llm.jpg")
    assert isinstance(outcome, Encoded)
    assert [image.data for image in outcome.images] == [(corpus / "test_llm.jpg").read_bytes()]


async def test_not_encoded(tmp_path: Path) -> None:
    """Files that cannot be opened are told apart from those that cannot be read."""
    fill(tmp_path, "a.txt", "b.pdf")
    (tmp_path / "link").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "pipe")
    async with ExtractionPool(1) as pool:
        gone = await extract(pool, tmp_path, "gone.txt")
        leaves = await extract(pool, tmp_path, "link")
        pipe = await extract(pool, tmp_path, "pipe")
    assert isinstance(gone, NotEncoded)
    assert (gone.reason, gone.status, gone.deterministic, gone.sha256) == (
        DocumentReason.GONE,
        DocumentStatus.UNREADABLE,
        False,
        None,
    )
    assert isinstance(leaves, NotEncoded)
    assert (leaves.reason, leaves.status) == (DocumentReason.LEAVES_FOLDER, DocumentStatus.SKIPPED)
    assert isinstance(pipe, NotEncoded)
    assert pipe.reason is DocumentReason.NOT_A_FILE


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("kill.txt", DocumentReason.CRASHED),
        ("abort.txt", DocumentReason.CRASHED),
        ("segfault.txt", DocumentReason.CRASHED),
        ("panic.txt", DocumentReason.CRASHED),
        ("forge.txt", DocumentReason.CRASHED),
        ("eat.txt", DocumentReason.MEMORY),
        ("rust.txt", DocumentReason.MEMORY),
    ],
)
async def test_a_crash_costs_one_document(tmp_path: Path, name: str, reason: DocumentReason) -> None:
    """A document that brings its worker down has a reason, and the ones before and after are fine."""
    fill(tmp_path, "a.txt", name, "b.txt")
    limits = Limits(memory_bytes=200 * 2**20)
    async with hostile_pool(limits=limits) as pool:
        assert await text_of(pool, tmp_path, "a.txt") == "a.txt"
        outcome = await extract(pool, tmp_path, name)
        assert isinstance(outcome, NotEncoded)
        assert (outcome.reason, outcome.deterministic) == (reason, False)
        assert outcome.detail
        assert await text_of(pool, tmp_path, "b.txt") == "b.txt"


async def test_a_worker_that_somebody_killed_is_not_the_documents_fault(tmp_path: Path) -> None:
    """One death of a worker, even of a new one, may have any cause: the document gets another."""
    (tmp_path / "once.txt").write_text(str(tmp_path / "killed"))
    async with hostile_pool() as pool:
        assert await text_of(pool, tmp_path, "once.txt") == str(tmp_path / "killed")
    assert (tmp_path / "killed").exists()


async def test_a_hang_costs_one_document(tmp_path: Path) -> None:
    """A document that never ends is given up after its time, and its worker is gone."""
    fill(tmp_path, "a.txt")
    (tmp_path / "hang.txt").write_text(str(tmp_path / "pid"))
    async with hostile_pool(limits=Limits(seconds=3)) as pool:
        assert await reason_of(pool, tmp_path, "hang.txt") is DocumentReason.TIMEOUT
        assert is_gone(int((tmp_path / "pid").read_text()))
        assert await text_of(pool, tmp_path, "a.txt") == "a.txt"


async def test_cancelling_ends_the_worker(tmp_path: Path) -> None:
    """Who cancels a document leaves no worker behind that is still at it."""
    fill(tmp_path, "a.txt")
    os.mkfifo(tmp_path / "pid")  # opening it for writing makes the worker wait for us
    (tmp_path / "hang.txt").write_text(str(tmp_path / "pid"))
    async with hostile_pool() as pool:
        task = asyncio.create_task(extract(pool, tmp_path, "hang.txt"))
        pid = int(await asyncio.to_thread((tmp_path / "pid").read_text))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert is_gone(pid)
        assert await text_of(pool, tmp_path, "a.txt") == "a.txt"


async def test_closing_ends_workers_at_work(tmp_path: Path) -> None:
    """Closing does not wait for documents; those in work and those in line are told."""
    fill(tmp_path, "a.txt")
    os.mkfifo(tmp_path / "pid")
    (tmp_path / "hang.txt").write_text(str(tmp_path / "pid"))
    pool = hostile_pool(limits=Limits(seconds=10 * PATIENCE))
    tasks = [asyncio.create_task(extract(pool, tmp_path, name)) for name in ("hang.txt", "a.txt")]
    pid = int(await asyncio.to_thread((tmp_path / "pid").read_text))
    async with asyncio.timeout(PATIENCE):  # far less than a document may take
        await pool.close()
    await pool.close()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, RuntimeError) for result in results)
    assert is_gone(pid)
    with pytest.raises(RuntimeError, match="closed"):
        await extract(pool, tmp_path, "a.txt")


async def test_an_innocent_document_gets_a_fair_trial(tmp_path: Path) -> None:
    """A document that fails in a worker which another one damaged is tried again in a new one."""
    fill(tmp_path, "poison.txt", "victim.txt")
    async with hostile_pool() as pool:
        assert await text_of(pool, tmp_path, "poison.txt") == "poison.txt"
        assert await text_of(pool, tmp_path, "victim.txt") == "victim.txt"


async def test_noise_does_no_harm(tmp_path: Path) -> None:
    """Libraries that print do not disturb the conversation."""
    fill(tmp_path, "print.txt")
    async with hostile_pool() as pool:
        assert await text_of(pool, tmp_path, "print.txt") == "print.txt"


async def test_workers_know_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a worker holds nothing that a hostile document should not see."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    fill(tmp_path, "secrets.txt")
    async with hostile_pool() as pool:
        assert "sk-very-secret" not in await text_of(pool, tmp_path, "secrets.txt")


async def test_workers_are_used_in_parallel_and_again(tmp_path: Path) -> None:
    """No more workers are started than needed, and each serves many documents."""
    names = [f"pid-{number}.txt" for number in range(20)]
    fill(tmp_path, *names)
    async with hostile_pool(workers=3) as pool:
        one_by_one = {await text_of(pool, tmp_path, name) for name in names}
        at_once = set(await asyncio.gather(*(text_of(pool, tmp_path, name) for name in names)))
    assert len(one_by_one) == 1
    assert len(at_once) == 3
    assert all(is_gone(int(pid)) for pid in at_once)


async def test_worn_workers_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker serves so many documents and no more."""
    monkeypatch.setattr("docstage.extraction.pool._DOCUMENTS_A_WORKER", 2)
    fill(tmp_path, "pid.txt")
    async with hostile_pool() as pool:
        pids = [await text_of(pool, tmp_path, "pid.txt") for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


@pytest.mark.parametrize(
    "command", [(sys.executable, "-c", "raise SystemExit('broken install')"), ("/bin/cat",)]
)
async def test_workers_that_do_not_start(tmp_path: Path, command: Sequence[str]) -> None:
    """A broken installation is no document's fault, and is said as such."""
    fill(tmp_path, "a.txt")
    async with ExtractionPool(1, Limits(), command) as pool:
        for _ in range(2):
            with pytest.raises(Unavailable, match="does not start"):
                await extract(pool, tmp_path, "a.txt")


async def test_workers_die_with_their_parent(tmp_path: Path) -> None:
    """A parent that is killed leaves no worker behind, not even one that hangs."""
    os.mkfifo(tmp_path / "pid")
    (tmp_path / "hang.txt").write_text(str(tmp_path / "pid"))
    parent = (
        "import asyncio, sys\nfrom pathlib import Path\n"
        "from docstage.extraction.pool import ExtractionJob, ExtractionPool, Limits\n"
        "pool = ExtractionPool(1, Limits(), (sys.executable, '-c', sys.argv[2]))\n"
        "asyncio.run(pool.extract(ExtractionJob(Path(sys.argv[1]), 'hang.txt')))\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", parent, str(tmp_path), HOSTILE_WORKER
    )
    pid = int(await asyncio.to_thread((tmp_path / "pid").read_text))
    worker = os.pidfd_open(pid)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    # A process descriptor becomes readable when its process ends.
    readable, _, _ = await asyncio.to_thread(select.select, [worker], [], [], PATIENCE)
    os.close(worker)
    assert readable


# Where each container holds its text, and a bit of it that can be repeated.
PARTS = {
    "test.docx": ("word/document.xml", b"<w:t>", b"x</w:t></w:r></w:p><w:p><w:r><w:t>"),
    "test.xlsx": ("xl/worksheets/sheet1.xml", b"<sheetData>", b"<row><c><v>1</v></c></row>"),
    "test.pptx": ("ppt/slides/slide1.xml", b"<a:t>", b"x</a:t></a:r></a:p><a:p><a:r><a:t>"),
    "fake.odt": ("content.xml", b"Lorem ", b"x</text:p><text:p>"),
    "test.epub": ("EPUB/chap_1.xhtml", b"<p>", b"x</p><p>"),
}


def bomb(corpus: Path, name: str, size: int, target: Path) -> None:
    """A test document whose main part is blown up to about this size, still well-formed."""
    part, start, bit = PARTS[name]
    with (
        zipfile.ZipFile(corpus / name) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
    ):
        for member in source.namelist():
            data = source.read(member)
            with archive.open(member, "w") as content:
                at = data.index(start) + len(start) if member == part else 0
                content.write(data[:at])
                for _ in range(size // (len(bit) << 14) if member == part else 0):
                    content.write(bit * (1 << 14))
                content.write(data[at:])


@pytest.mark.parametrize("name", PARTS)
async def test_a_bomb_costs_one_document(tmp_path: Path, corpus: Path, name: str) -> None:
    """A container that unpacks to far more than it should ends with a reason, within memory and time."""
    bomb(corpus, name, 120 * 2**20, tmp_path / name)
    (tmp_path / "a.txt").write_text("fine")
    async with ExtractionPool(1, Limits(memory_bytes=100 * 2**20, seconds=PATIENCE)) as pool:
        reason = await reason_of(pool, tmp_path, name)
        assert reason in (DocumentReason.TOO_COMPLEX, DocumentReason.MEMORY)
        assert await text_of(pool, tmp_path, "a.txt") == "fine"


async def test_endless_file(tmp_path: Path) -> None:
    """A file of a terabyte is not read at all."""
    with (tmp_path / "endless.txt").open("wb") as file:
        file.truncate(2**40)
    async with ExtractionPool(1) as pool:
        outcome = await extract(pool, tmp_path, "endless.txt")
    assert isinstance(outcome, NotEncoded)
    assert (outcome.reason, outcome.status, outcome.deterministic) == (
        DocumentReason.TOO_LARGE,
        DocumentStatus.SKIPPED,
        True,
    )
