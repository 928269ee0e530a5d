"""A real web server: the stream of what happens, its end, and the pages' calls as they are written."""

import asyncio
import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.apps import Bench
from tests.support.benches import sqlite_bench
from tests.support.serving import serving
from tests.support.waiting import PATIENCE

from docstage.api import feed
from docstage.api.server import WebServer
from docstage.domain.errors import ConfigurationError
from docstage.domain.lifecycle import BatchStatus

ROOT = Path(__file__).resolve().parents[2]
Served = tuple[Bench, str, WebServer]


@pytest.fixture
def served(tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A bench, and the address of its server on any free port."""
    monkeypatch.setattr(feed, "POLL_SECONDS", 0.02)
    with sqlite_bench(tmp_path, template, port=0) as bench, serving(bench) as (address, server):
        yield bench, address, server


class _Stream:
    """The messages of an open stream of server-sent events."""

    def __init__(self, response: httpx.Response) -> None:
        self._lines = response.aiter_lines()
        self.heartbeats = 0

    async def next(self) -> tuple[str, str | None, Any]:
        """Name, id and data of the next message; comments are counted."""
        name, number, data = "", None, None
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                key, _, value = line.partition(": ")
                if line.startswith(":"):
                    self.heartbeats += "heartbeat" in line
                elif not line and data is not None:
                    return name, number, data
                elif key == "event":
                    name = value
                elif key == "id":
                    number = value
                elif key == "data":
                    data = json.loads(value)
        raise EOFError

    async def actions(self, count: int) -> list[tuple[str | None, str]]:
        """Ids and actions of the next lines of the audit log."""
        found: list[tuple[str | None, str]] = []
        while len(found) < count:
            name, number, data = await self.next()
            if name == "event":
                found.append((number, data["action"]))
        return found


@asynccontextmanager
async def _listening(address: str, last_id: str | None = None) -> AsyncIterator[_Stream]:
    headers = {} if last_id is None else {"last-event-id": last_id}
    async with (
        httpx.AsyncClient(base_url=address, timeout=PATIENCE) as client,
        client.stream("GET", "/api/stream", headers=headers) as response,
    ):
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        yield _Stream(response)


async def test_listeners_hear_what_happens(served: Served) -> None:
    """Every listener gets each event and changed batch, from the moment it came."""
    bench, address, _server = served
    bench.batch_in(BatchStatus.SAVED)
    async with _listening(address) as first, _listening(address) as second:
        await asyncio.to_thread(bench.batch_in, BatchStatus.STAGING)
        for stream in (first, second):
            names = []
            while "batch" not in names:
                name, _number, data = await stream.next()
                names.append(name)
            assert names[0] == "event"
            assert data["status"] in {"SAVED", "STAGING"}
    async with _listening(address) as third:
        await asyncio.to_thread(bench.batch_in, BatchStatus.SAVED)
        assert [action for _number, action in await third.actions(1)] == ["save"]


async def test_a_listener_resumes(served: Served) -> None:
    """With the id of the last event it got, it gets the following ones and then what is new."""
    bench, address, _server = served
    bench.batch_in(BatchStatus.STAGING)
    async with _listening(address, "0") as stream:
        before = await stream.actions(2)
        assert [action for _number, action in before] == ["save", "stage"]
    async with _listening(address, before[0][0]) as stream:
        assert await stream.actions(1) == before[1:]
        await asyncio.to_thread(bench.batch_in, BatchStatus.SAVED)
        assert [action for _number, action in await stream.actions(1)] == ["save"]


async def test_an_idle_stream_has_heartbeats(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies and browsers see that it lives."""
    monkeypatch.setattr(feed, "HEARTBEAT_SECONDS", 0.01)
    _bench, address, _server = served
    async with (
        httpx.AsyncClient(base_url=address, timeout=PATIENCE) as client,
        client.stream("GET", "/api/stream") as response,
    ):
        async for line in response.aiter_lines():
            if "heartbeat" in line:
                break


async def test_an_open_stream_does_not_keep_the_server(served: Served) -> None:
    """When the server ends, streams end properly instead of being waited for."""
    _bench, address, server = served
    async with _listening(address) as stream:
        server.should_exit = True
        with pytest.raises(EOFError):
            await stream.next()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "docs.example"])
def test_others_need_a_token(tmp_path: Path, template: Path, host: str) -> None:
    """A server that others could reach is not even made without a token."""
    with sqlite_bench(tmp_path, template, host=host) as bench:
        with pytest.raises(ConfigurationError, match="set a token"):
            WebServer(bench.services)
        assert WebServer(bench.services, token="a-token").config.host == host


SCRIPT = """
const [address, batchJson, code] = process.argv.slice(1);
const original = globalThis.fetch;
const statuses = [];
globalThis.fetch = async (path, options) => {
  const response = await original(address + path, options);
  statuses.push(response.status);
  return response;
};
const run = new (Object.getPrototypeOf(async () => {}).constructor)('batch', code);
await run(JSON.parse(batchJson));
console.log(JSON.stringify(statuses));
"""


@pytest.mark.parametrize(("status", "expected"), [("SAVED", [202, 409]), ("COMPLETED", [202, 409])])
def test_the_example_of_the_guide_works_as_it_stands(
    served: Served, status: str, expected: list[int]
) -> None:
    """The guide's JavaScript is run unchanged: its first call acts, and its last repeats it too late."""
    guide = ROOT.parent / "shared" / "seed" / "batch-staging-flow.md"
    if not guide.is_file() or shutil.which("node") is None:
        pytest.skip("the guide or node is not here")
    code = re.search(r"```javascript\n(.*?)```", guide.read_text(), re.DOTALL)
    assert code is not None
    bench, address, _server = served
    batch = {"id": bench.batch_in(BatchStatus(status)), "status": status}
    command = ["node", "--input-type=module", "-e", SCRIPT, address, json.dumps(batch), code.group(1)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.stderr == ""
    assert json.loads(done.stdout) == expected
