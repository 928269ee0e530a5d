"""The server among crowds, and with hardly any files to open."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from tests.attack.crowds import TARGETS, crowd_of, place
from tests.browser.server import COMMAND, Server
from tests.support.waiting import PATIENCE, until

_MB = 1 << 20
pytestmark = [pytest.mark.torture, pytest.mark.timeout(600)]


def test_crowds_keep_nobody_waiting(tmp_path: Path) -> None:
    """A hundred that read nothing of what they asked for, or thousands that say nothing, cost little."""
    with place(tmp_path) as one:
        for line in TARGETS.values():
            figures = one.beside(100, line.format(batch=one.batch))
            print(line, figures)
            assert figures.growth < 512 * _MB
            assert figures.worst < 5_000
        for line in ("", TARGETS["streams"]):
            figures = one.beside(3_000, line)
            print(line or "nothing", figures)
            assert figures.growth < 64 * _MB
            assert figures.worst < 10_000


@pytest.mark.parametrize("files", [60, 256])
def test_a_batch_ends_where_few_files_can_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int
) -> None:
    """Neither a crowd nor more calls at once than there are files stops the server or loses a result."""
    monkeypatch.setattr("tests.browser.server.COMMAND", ["prlimit", f"--nofile={files}:{files}", *COMMAND])
    server = Server(tmp_path)
    server.start()
    try:
        with crowd_of(server.address, 300) as links:
            for link in links[::2]:
                link.sendall(
                    f"GET /api/stream HTTP/1.1\r\nHost: {urlsplit(server.address).netloc}\r\n\r\n".encode()
                )
            _carry_out(server.address, tmp_path / "documents", 300)
        checks = httpx.get(f"{server.address}/api/doctor?deep=true", timeout=PATIENCE).json()
        assert [one for one in checks if not one["ok"]] == []
        assert server.process is not None
        assert server.process.poll() is None
    finally:
        server.stop()
    assert (tmp_path / "serve.log").stat().st_size < 10 * _MB


def _carry_out(address: str, documents: Path, number: int) -> None:
    documents.mkdir()
    for n in range(number):
        (documents / f"{n}.txt").write_text(f"Letter {n}.")
    _post(address, "/api/folders", path=str(documents), name="Letters")
    connection = {"provider": "simulated", "model": "simulated-small", "limits": {"concurrency": 200}}
    _post(address, "/api/connections", name="Many", **connection)
    _post(address, "/api/prompts", name="Why", text="Why?")
    _post(address, "/api/batches/stage", name="B", folder_ids=[1], connection_ids=[1], prompt_ids=[1])
    until(lambda: _batch(address).get("status") == "STAGED")
    _post(address, "/api/batches/1/run")
    until(lambda: _batch(address).get("status") == "COMPLETED")
    assert _batch(address)["counts"]["completed"] == number


def _post(address: str, where: str, **body: object) -> None:
    def taken() -> httpx.Response | None:
        reply = _tried("POST", f"{address}{where}", body)
        return None if reply is None or reply.status_code == 503 else reply

    until(taken, f"{where} is answered").raise_for_status()


def _batch(address: str) -> dict[str, Any]:
    reply = _tried("GET", f"{address}/api/batches/1", None)
    return reply.json() if reply is not None and reply.status_code == 200 else {}


def _tried(method: str, url: str, body: object) -> httpx.Response | None:
    """The answer, None where the connection was broken off."""
    try:
        return httpx.request(method, url, json=body or None, timeout=PATIENCE)
    except httpx.TransportError:
        return None
