"""The examples of docs/api.md, run in order by bash against a real server with a real engine."""

import asyncio
import csv
import json
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.docs.conftest import Page
from tests.support.engines import Laboratory, open_services, running_engine
from tests.support.waiting import PATIENCE

from docstage.api import feed
from docstage.api.server import WebServer
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.service.context import Services

ADDRESS = "http://127.0.0.1:8640"
FOLDER = "/data/contracts"
STREAM = "--max-time 2 -H 'Last-Event-ID: 0' $api/stream"
ENOUGH = "sed '/^event: event$/{n;q}'"  # of the stream: all up to the data of its first event
STAND_IN = Path(__file__).with_name("stand_in_curl.py")
DOCUMENTS = {
    "lease.txt": "Lease between Ada Ltd and Ben Ltd. It ends on 2027-01-31.",
    "sale.txt": "Cleo sells a car to Dan.",
    "empty.txt": "",
}


@contextmanager
def _served(services: Services) -> Iterator[str]:
    """The address of a web server on any free port."""
    server = WebServer(services)
    bound = server.config.bind_socket()
    bound.listen()  # so that no example comes before the server is ready
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([bound])), name="web")
    thread.start()
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
        bound.close()


def _stand_in(folder: Path) -> Path:
    """A folder with a program `curl` of our own."""
    folder.mkdir()
    program = folder / "curl"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I "{STAND_IN}" "$@"\n')
    program.chmod(0o755)
    return folder


async def _bash(script: str, folder: Path, path: str) -> str:
    """What the script writes; it must succeed and have nothing to complain about."""
    shell = await asyncio.create_subprocess_exec(
        "bash",
        "-euo",
        "pipefail",
        "-c",
        script,
        cwd=folder,
        env={"PATH": path},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            output, complaints = await shell.communicate()
    finally:
        if shell.returncode is None:
            shell.kill()
            await shell.wait()
    assert shell.returncode == 0, output.decode() + complaints.decode()
    return output.decode()


@pytest.mark.skipif(shutil.which("bash") is None, reason="the examples are written for bash")
async def test_the_examples_work_as_they_stand(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From nothing to a CSV file; only address, folder and the end of the stream are those of the test.

    Where there is no curl, a stand-in takes its place.
    """
    # So that who reads the stream sees soon that nobody reads on.
    monkeypatch.setattr(feed, "HEARTBEAT_SECONDS", 0.1)
    path = "/usr/local/bin:/usr/bin:/bin"
    if shutil.which("curl", path=path) is None:
        path = f"{_stand_in(tmp_path / 'bin')}:{path}"
    services = open_services(tmp_path / "home", port=0)
    laboratory = Laboratory(services, tmp_path / "contracts")
    laboratory.write(DOCUMENTS)
    script = "\n".join(page.blocks("bash flow"))
    assert ADDRESS in script
    assert FOLDER in script
    assert STREAM in script
    script = script.replace(STREAM, f"--max-time {PATIENCE:.0f} -H 'Last-Event-ID: 0' $api/stream | {ENOUGH}")
    with _served(services) as address:
        script = script.replace(ADDRESS, address).replace(FOLDER, str(laboratory.folder))
        async with running_engine(services):
            output = await _bash(script, tmp_path, path)
            await laboratory.until(1, BatchStatus.COMPLETED)
    _check_answers(output)
    with (tmp_path / "answers.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["document"] for row in rows} == {"lease.txt", "sale.txt"}
    assert {row["status"] for row in rows} == {"COMPLETED"}
    assert all(json.loads(row["value.parties"]) for row in rows)
    assert [event.action for event in laboratory.events(1)].count(Action.RERUN) == 1


def _check_answers(output: str) -> None:
    """What the calls printed in the order of the page, the stream last."""
    answers, _, stream = output.partition("id: 0\n")
    decoder, found, at = json.JSONDecoder(), [], 0
    while at < len(answers):
        answer, at = decoder.raw_decode(answers, at)
        found.append(answer)
    folder, connection, prompt, test, staging, estimate, unusable, running, table, failures, again = found
    assert [one["id"] for one in (folder, connection, prompt, staging)] == [1, 1, 1, 1]
    assert test["ok"]
    assert staging["status"] == "STAGING"
    assert estimate["tasks"] == 2
    assert [document["reason"] for document in unusable["items"]] == ["empty"]
    assert running["status"] == "ANALYZING"
    assert len(table["items"]) == 2
    assert failures == []
    assert again["status"] == "STAGING"
    assert "\nevent: event\ndata: {" in stream
