"""Secrets are planted wherever docstage takes one; whatever fails then, they turn up nowhere else."""

import base64
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import make_url, select
from tests.browser.server import COMMAND, Server
from tests.hostile.echo import USABLE, WAYS, Echo, running_echo
from tests.support.apps import ADDRESS
from tests.support.engines import Laboratory, running_engine
from tests.support.waiting import PATIENCE, until

from docstage.api.app import create_app
from docstage.models.masking import NOTE
from docstage.service.connections import connections
from docstage.service.connections.inputs import ConnectionInput
from docstage.store import library
from docstage.store.database import Database
from docstage.store.tables import metadata

_PROXY = "http://proxyuser:PLANTED-proxy-7Zq@127.0.0.1:9"
SECRETS = {
    "stored key": "PLANTED-stored-8Xw",
    "key of the environment": "PLANTED-environment-3Kd",
    "key of a provider": "PLANTED-provider-5Rt",
    "key of a file": "PLANTED-file-1Ub",
    "header": "PLANTED-header-6Yh",
    "proxy": "PLANTED-proxy-7Zq",
    "access token": "PLANTED-token-2Vn",
    "user of a URL": "PLANTED-user-9Lm",
    "query of a URL": "PLANTED-query-4Js",
    "draft": "PLANTED-draft-0Pe",
    "refused": "PLANTED-refused-1Gc",
    "database": "PLANTED-database-6Fw",
}
# How many there may be of what addresses name.
_IDS = {"connection_id": 40, "folder_id": 1, "prompt_id": 1, "document_id": 2, "task_id": 60}
# The stream is read by itself, models are asked for before, the document has no images, and what is detected
# is a matter of the machine.
_ELSEWHERE = ("/stream", "/models", "/images/{number}", "/detect")
_SDKS = ("anthropic", "google", "azure")


def sightings(text: bytes) -> list[str]:
    """Which secrets are in the text, as they are or in a form that anybody can undo."""
    found = []
    for name, secret in SECRETS.items():
        # Both ends by themselves: a message may have been cut.
        forms = [secret[:12], secret[-8:], secret[::-1], base64.b64encode(secret.encode()).decode()[:-4]]
        forms += [quote(form, safe="") for form in forms]
        found += [f"{name} as {form}" for form in set(forms) if form.encode() in text]
    return found


@dataclass(slots=True)
class Watched:
    """A server whose every answer is searched."""

    server: Server
    echo: Echo
    database: str
    status: int = 0
    seen: list[str] = field(default_factory=list)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call the API; returns the JSON of the answer."""
        answer = httpx.request(
            method,
            f"{self.server.address}{path}",
            json=body,
            headers=self.server.headers | headers,
            timeout=PATIENCE,
        )
        self.status = answer.status_code
        self.look(f"{method} {path}", answer.content + repr(answer.headers.raw).encode())
        return (
            answer.json()
            if answer.headers.get("content-type", "").split(";")[0].endswith(("/json", "+json"))
            else answer.text
        )

    def status_of(self, path: str) -> int:
        """Get what is at a path; returns the status of the answer."""
        self.call("GET", path)
        return self.status

    def look(self, where: str, text: bytes) -> None:
        """Note which secrets are there."""
        self.seen += [f"{where}: {one}" for one in sightings(text)]

    def look_at_what_is_kept(self, key_file: Path) -> None:
        """Look into every file of the server, and into the tables on PostgreSQL."""
        for file in sorted(self.server.home.rglob("*")):
            if file.is_file() and file != key_file:
                self.look(str(file.relative_to(self.server.home)), file.read_bytes())
        if self.database:
            opened = Database(self.database)
            with opened.read() as c:
                for table in metadata.sorted_tables:
                    for row in c.execute(select(table)):
                        self.look(table.name, str(tuple(row)).encode())
            opened.close()

    def make(self, kind: str, body: Any) -> int:
        """Make something; returns its id."""
        made = self.call("POST", f"/api/{kind}", body)
        assert "id" in made, made
        return int(made["id"])


@pytest.fixture(params=["sqlite", "postgresql"])
def watched(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watched]:
    """A server that logs all it can, with every kind of secret around it."""
    database = ""
    if request.param == "postgresql":
        url = make_url(request.getfixturevalue("postgres_database")).set(password=SECRETS["database"])
        database = url.render_as_string(hide_password=False)
    settings = {
        "DOCSTAGE_DATABASE": database,
        "DOCSTAGE_LOG_LEVEL": "DEBUG",
        "DOCSTAGE_MAX_ATTEMPTS": "1",
        "DOCSTAGE_HOLD_AFTER": "1",
        "DOCSTAGE_SECRET_ENV": "MY_KEY",
        "DOCSTAGE_SECRET_FILES": str(tmp_path),
        "MY_KEY": SECRETS["key of the environment"],
        "OPENAI_API_KEY": SECRETS["key of a provider"],
        "ANTHROPIC_API_KEY": SECRETS["key of a provider"],
        "HTTP_PROXY": _PROXY,
        "HTTPS_PROXY": _PROXY,
        "NO_PROXY": "127.0.0.1",
        "PYTHONASYNCIODEBUG": "1",
        "PYTHONFAULTHANDLER": "1",
    }
    server = Server(tmp_path, token=SECRETS["access token"], settings=settings)
    with running_echo() as echo:
        server.start()
        try:
            yield Watched(server, echo, database)
        finally:
            server.stop()


def _connections(watched: Watched, key_file: Path) -> list[int]:
    keys = [SECRETS["stored key"], "env:MY_KEY", f"file:{key_file}"]
    wanted = [
        {
            "provider": "openai-compatible",
            "base_url": f"{watched.echo.address}/{way}/v1",
            "api_key": keys[n % 3],
        }
        for n, way in enumerate(WAYS)
    ]
    wanted += [
        {"provider": name, "base_url": f"{watched.echo.address}/{way}", "api_key": SECRETS["stored key"]}
        for name in _SDKS
        for way in ("401", "500", "302", "types")
    ]
    # Behind the proxy, which refuses; unknown to every resolver.
    wanted += [
        {"provider": "openai-compatible", "base_url": "http://models.example.com/v1"},
        {"provider": "openai"},
        {"provider": "anthropic"},
        {"provider": "openai-compatible", "base_url": "http://nowhere.invalid.localhost/v1"},
    ]
    common = {"model": "m", "timeout": 1, "headers": {"X-Team": SECRETS["header"]}}
    return [watched.make("connections", {"name": f"c{n}", **common, **one}) for n, one in enumerate(wanted)]


def _refused(watched: Watched) -> None:
    """Requests in which a secret stands where none belongs."""
    planted = SECRETS["refused"]
    bodies: list[dict[str, Any]] = [
        {"base_url": f"http://u:{SECRETS['user of a URL']}@127.0.0.1/v1"},
        {"base_url": f"http://127.0.0.1/v1?key={SECRETS['query of a URL']}"},
        {"api_key": {"value": planted}},
        {"api_key": [planted]},
        {"api_key": f"env:{planted}\x00"},
        {"api_key": f"stored:{planted}"},
        {"api_key": planted + "x" * 10_000},
        {"api_key": f"{planted}\u00e9\r\nX: {planted}"},
        {"api_key": f"Bearer {planted}"},
        {"api_key": f"{planted}\u200b"},
        {"api_key": f"OPENAI_API_KEY={planted}"},
        {"headers": {"X-Key": f"{planted}\n"}},
        {"headers": {"X Key": planted}},
        {"headers": planted},
        {"apikey": planted},
    ]
    for body in bodies:
        whole = {
            "name": "n",
            "provider": "openai-compatible",
            "model": "m",
            "base_url": "http://127.0.0.1:9/v1",
        }
        for path in ("/api/connections", "/api/connections/check", "/api/connections/models"):
            named = whole if path == "/api/connections" else {k: v for k, v in whole.items() if k != "name"}
            watched.call("POST", path, named | body)
        watched.call("PATCH", "/api/connections/1", body)
    for token in (SECRETS["access token"][:-1], SECRETS["refused"]):
        watched.call("GET", "/api/batches", authorization=f"Bearer {token}")


def _walk(watched: Watched) -> None:
    """Every address that can be read, for every id that there is; downloads, pages and the stream."""
    document = watched.call("GET", "/openapi.json")
    for path, methods in document["paths"].items():
        if "get" in methods and not path.endswith(_ELSEWHERE):
            assert 200 in [watched.status_of(filled) for filled in _filled(path)], path
    for form in ("csv", "jsonl"):
        watched.call("GET", f"/api/batches/1/export?format={form}")
    for page in ("/", "/connections/1", "/batches/1"):
        watched.call("GET", page)
    events = f"{watched.server.address}/api/stream"
    headers = watched.server.headers | {"last-event-id": "0"}
    with httpx.stream("GET", events, headers=headers, timeout=PATIENCE) as stream:
        for line in stream.iter_lines():
            watched.look("stream", line.encode())
            if "PAUSED" in line or "FAILED" in line:
                break


def _filled(path: str) -> list[str]:
    """The path with each id that there may be."""
    name = next((name for name in _IDS if f"{{{name}}}" in path), "")
    filled = path.replace("{batch_id}", "1")
    return [filled.replace(f"{{{name}}}", str(number)) for number in range(1, _IDS.get(name, 1) + 1)]


def _commands(watched: Watched, tmp_path: Path) -> None:
    """The command line, on the server with good and bad tokens, and on databases with a password."""
    remote = ["--server", watched.server.address, "--token", SECRETS["access token"]]
    away = ["--database", f"postgresql://u:{SECRETS['database']}@127.0.0.1:9/x"]
    wrong = ["--database", f"mysql://u:{SECRETS['database']}@127.0.0.1:9/x"]
    no_port = ["--database", f"postgresql://u:{SECRETS['database']}@127.0.0.1:port/x"]
    commands = [
        [*remote, "connection", "list"],
        [*remote, "connection", "show", "c0", "--json"],
        [*remote, "connection", "test", "c0"],
        [*remote, "batch", "show", "1"],
        [*remote, "doctor"],
        ["--server", watched.server.address, "--token", SECRETS["refused"], "batch", "list"],
        ["--server", f"http://u:{SECRETS['refused']}@127.0.0.1:9", "batch", "list"],
        *([*place, *words] for place in (away, wrong, no_port) for words in (["doctor"], ["batch", "list"])),
        [*away, "serve", "--port", "0"],
        [*away, "engine"],
    ]
    environment = watched.server._environment() | {"DOCSTAGE_HOME": str(tmp_path / "other")}
    for command in commands:
        done = subprocess.run(
            [*COMMAND, *command], capture_output=True, env=environment, timeout=PATIENCE, check=False
        )
        words = [word for word in command if "PLANTED" not in word]
        watched.look(str(words), done.stdout + done.stderr)
        assert b"Traceback" not in done.stderr, (words, done.stderr.decode())


@pytest.mark.torture
@pytest.mark.timeout(600)
def test_planted_secrets_are_seen_nowhere(watched: Watched, tmp_path: Path) -> None:
    """Keys, headers, tokens and passwords, while servers echo them, calls fail and processes die."""
    key_file = tmp_path / "key"
    key_file.write_text(SECRETS["key of a file"])
    documents = tmp_path / "documents"
    documents.mkdir()
    (documents / "a.txt").write_text("A document.")
    numbers = _connections(watched, key_file)
    folder = watched.make("folders", {"path": str(documents), "name": "f"})
    prompt = watched.make("prompts", {"name": "p", "text": "What?"})
    answering = {numbers[WAYS.index(way)] for way in USABLE}
    for number in numbers:
        found = watched.call("POST", f"/api/connections/{number}/test")
        assert (found.get("ok") is True) == (number in answering), found
        watched.call("GET", f"/api/connections/{number}/models")
        trial = {"text": "What?", "connection_id": number, "folder_id": folder, "path": "a.txt"}
        watched.call("POST", "/api/prompts/try", trial)
    draft = {"provider": "openai-compatible", "model": "m", "base_url": f"{watched.echo.address}/401/v1"}
    watched.call("POST", "/api/connections/check", draft | {"api_key": SECRETS["draft"]})
    members = {"folder_ids": [folder], "connection_ids": numbers, "prompt_ids": [prompt]}
    batch = watched.make("batches/stage", {"name": "b", **members})
    until(lambda: watched.call("GET", f"/api/batches/{batch}")["status"] == "STAGED")
    watched.call("POST", f"/api/batches/{batch}/run")
    engine = watched.server.engine()
    assert engine is not None
    os.kill(engine, signal.SIGABRT)
    resting = ("PAUSED", "FAILED", "COMPLETED")
    until(lambda: watched.call("GET", f"/api/batches/{batch}")["status"] in resting)
    _refused(watched)
    _walk(watched)
    _commands(watched, tmp_path)
    watched.look_at_what_is_kept(key_file)
    watched.server.stop()
    watched.look_at_what_is_kept(key_file)
    assert sorted(set(watched.seen)) == []
    # They were not found although they were used.
    used = {"stored key", "key of the environment", "key of a file", "header", "draft"}
    told = "\n".join(watched.echo.told)
    assert {name for name in used if SECRETS[name] not in told} == set()


def test_sightings_are_seen() -> None:
    """The search finds secrets in each of their forms, so that finding none means something."""
    for name, secret in SECRETS.items():
        for text in (f"x{secret}y", json.dumps({"a": secret}), base64.b64encode(secret.encode()).decode()):
            assert any(one.startswith(name) for one in sightings(text.encode())), text


async def test_what_servers_repeat_is_kept_masked(lab: Laboratory) -> None:
    """The quick part: keys and headers in a refusal, a page and a strange answer, and what comes of it."""
    common = {"provider": "openai-compatible", "model": "m", "headers": {"X-Team": SECRETS["header"]}}
    with running_echo() as echo:
        numbers = [
            connections.create_connection(
                lab.services,
                ConnectionInput.model_validate(
                    common
                    | {"name": way, "base_url": f"{echo.address}/{way}/v1", "api_key": SECRETS["stored key"]}
                ),
            ).id
            for way in ("401", "page", "types")
        ]
        async with running_engine(lab.services):
            batch_id = await lab.staged(numbers, [lab.prompt()])
            await lab.run(batch_id)
        assert all(SECRETS[name] in told for name in ("stored key", "header") for told in echo.told)
    async with httpx.AsyncClient(transport=_application(lab), base_url=ADDRESS) as client:
        paths = ("", "/failures", "/events", "/tasks", "/export?format=jsonl")
        answers = [await client.get(f"/api/batches/{batch_id}{path}") for path in paths]
    assert {answer.status_code for answer in answers} == {200}
    assert all("***" in answer.text for answer in answers[:2])
    assert [one for answer in answers for one in sightings(answer.content)] == []
    files = [file for file in lab.services.settings.home.rglob("*") if file.is_file()]
    assert {"docstage.db", "docstage.db-wal", "secret.key"} <= {file.name for file in files}
    assert [(file.name, one) for file in files for one in sightings(file.read_bytes())] == []


async def test_answers_do_not_bring_keys_back(lab: Laboratory) -> None:
    """A usable answer that repeats key and headers is kept without them, also in a table, and says so."""
    common = {"provider": "openai-compatible", "model": "m", "api_key": SECRETS["stored key"]}
    with running_echo() as echo:
        connection = ConnectionInput.model_validate(
            common
            | {
                "name": "Repeats",
                "base_url": f"{echo.address}/answer/v1",
                "headers": {"X-Team": SECRETS["header"]},
            }
        )
        number = connections.create_connection(lab.services, connection).id
        async with running_engine(lab.services):
            batch_id = await lab.staged([number], [lab.prompt()])
            await lab.run(batch_id)
        assert all(SECRETS[name] in told for name in ("stored key", "header") for told in echo.told)
    async with httpx.AsyncClient(transport=_application(lab), base_url=ADDRESS) as client:
        table = await client.get(f"/api/batches/{batch_id}/tasks")
        (task,) = table.json()["items"]
        detail = await client.get(f"/api/batches/{batch_id}/tasks/{task['id']}")
        exports = [
            await client.get(f"/api/batches/{batch_id}/export?format={one}") for one in ("csv", "jsonl")
        ]
    assert task["status"] == "COMPLETED"
    assert "***" in task["text"]
    assert detail.json()["calls"][0]["message"].startswith(NOTE)  # and that another model answered
    for answer in (table, detail, *exports):
        assert sightings(answer.content) == []
    files = [file for file in lab.services.settings.home.rglob("*") if file.is_file()]
    assert [(file.name, one) for file in files for one in sightings(file.read_bytes())] == []


async def test_a_defect_shows_no_secrets(
    lab: Laboratory, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither its answer nor the log with its traceback has anything of the request."""
    body: dict[str, Any] = {"name": "n", "provider": "ollama", "model": "m"}
    body |= {"api_key": SECRETS["stored key"], "headers": {"X-Team": SECRETS["header"]}}
    monkeypatch.setattr(library, "insert_connection", lambda _c, values: values["nothing"])
    caplog.set_level("DEBUG")
    async with httpx.AsyncClient(transport=_application(lab), base_url=ADDRESS) as client:
        answer = await client.post("/api/connections", json=body)
    assert answer.json()["type"].endswith("defect")
    assert "Traceback" in caplog.text
    assert sightings(answer.content + caplog.text.encode()) == []


def _application(lab: Laboratory) -> httpx.ASGITransport:
    return httpx.ASGITransport(create_app(lab.services, token=""), raise_app_exceptions=False)
