"""Documents that unpack to far more than they hold cost themselves and nothing else."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from tests.hostile.blast import Blast, set_all_off
from tests.hostile.bombs import BOMBS, SECRET
from tests.hostile.entities import outside
from tests.hostile.open_document import book_text, odt_text
from tests.hostile.open_xml import sheet_text, slide_text, word

from docstage.domain.content import DocumentStatus
from docstage.extraction.extractors import Limits
from docstage.extraction.pool import Encoded, ExtractionJob, ExtractionPool, NotEncoded
from docstage.stored_text import decompress

QUICK = [name for name, bomb in BOMBS.items() if bomb.quick]
LIMITS = Limits(memory_bytes=600 * 2**20)


def judge(name: str, outcome: Encoded | NotEncoded, limits: Limits) -> str | None:
    """What is wrong with the outcome of a bomb."""
    if isinstance(outcome, Encoded):
        within = outcome.characters <= limits.text_characters and len(outcome.images) <= limits.images
        return None if BOMBS[name].harmless and within else f"{name}: encoded {outcome.characters} characters"
    sentence = outcome.detail.endswith((".", ")"))
    refused = outcome.status in {DocumentStatus.UNREADABLE, DocumentStatus.SKIPPED}
    return None if sentence and refused and len(outcome.detail) < 600 else f"{name}: {outcome}"


async def test_bombs_cost_one_document_each(tmp_path: Path) -> None:
    """Each has its reason, in words; documents between them come out of the same workers unharmed."""
    names = []
    for name in QUICK:
        BOMBS[name].make(tmp_path / name)
        (tmp_path / f"good {name}.txt").write_text(f"A good document beside {name}.")
        names += [name, f"good {name}.txt"]
    async with ExtractionPool(2, LIMITS) as pool:
        outcomes = await asyncio.gather(*(pool.extract(ExtractionJob(tmp_path, name)) for name in names))
    wrong = [judge(name, outcome, LIMITS) for name, outcome in zip(names[::2], outcomes[::2], strict=True)]
    assert [one for one in wrong if one] == []
    for name, outcome in zip(QUICK, outcomes[1::2], strict=True):
        assert isinstance(outcome, Encoded)
        assert decompress(outcome.text_zstd) == f"A good document beside {name}."


@pytest.mark.torture
@pytest.mark.timeout(3_600)
async def test_every_bomb_within_the_limits_that_users_have() -> None:
    """The whole collection, with the time and memory that each took."""
    limits = Limits()
    blasts: list[Blast] = await set_all_off(list(BOMBS))
    assert [wrong for one in blasts if (wrong := judge(one.name, one.outcome, limits))] == []
    # What a worker has before its first document counts by itself: see the worker's base memory.
    assert [one.line() for one in blasts if one.peak > limits.memory_bytes + 2**30] == []


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server that keeps the path of whatever is asked of it, and answers with the secret."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(SECRET.encode())

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def _markup(text: str, doctype: str) -> bytes:
    return f"{doctype}<x>{text}</x>".encode()


def _page(text: str, doctype: str) -> bytes:
    calls = doctype.split('"')[1]
    return (
        f'{doctype}<html><head><link rel="stylesheet" href="{calls}"></head><body><p>{text}</p>'
        f'<img src="{calls}"><iframe src="{calls}"></iframe><object data="{calls}"></object></body></html>'
    ).encode()


READERS: dict[str, Callable[[str, str], bytes]] = {
    "a.docx": word,
    "a.xlsx": sheet_text,
    "a.pptx": slide_text,
    "a.odt": odt_text,
    "a.epub": book_text,
    "a.xml": _markup,
    "a.svg": _markup,
    "a.rss": _markup,
    "a.xhtml": _page,
    "a.html": _page,
}


async def test_documents_reach_for_nothing_outside(tmp_path: Path, listener: tuple[str, list[str]]) -> None:
    """External entities, document types and pictures: no file is read and no server is called for them."""
    address, asked = listener
    (tmp_path / "outside.txt").write_text(SECRET)
    folder = tmp_path / "documents"
    folder.mkdir()
    targets = {"file": (tmp_path / "outside.txt").as_uri(), "http": f"{address}/x", "path": "../outside.txt"}
    names = []
    for kind, target in targets.items():
        for name, make in READERS.items():
            names.append(f"{kind}-{name}")
            (folder / names[-1]).write_bytes(make("&out;", outside(target)))
    async with ExtractionPool(2, LIMITS) as pool:
        outcomes = await asyncio.gather(*(pool.extract(ExtractionJob(folder, name)) for name in names))
    for name, outcome in zip(names, outcomes, strict=True):
        told = decompress(outcome.text_zstd) if isinstance(outcome, Encoded) else outcome.detail
        assert SECRET not in told, name
    assert asked == []
