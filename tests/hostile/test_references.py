"""Keys that cannot be used are told where they are entered; on shared servers references reach little."""

import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert
from tests.hostile.parrot import running_parrot
from tests.support.apps import ADDRESS
from tests.support.engines import RESTING, Laboratory, open_services, running_engine

from docstage.api.app import create_app
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.secrets import Destination, SecretError
from docstage.service.system import health
from docstage.store import library
from docstage.store.tables import connection, secret

KEY = "sk-hunter2-0123456789"
BASE = {"name": "c", "provider": "openai-compatible", "model": "m", "base_url": "http://127.0.0.1:9/v1"}
OWN_ADDRESS = "https://api.openai.com/v1"
ELSEWHERE = "https://elsewhere.example/v1"


@asynccontextmanager
async def calling(lab: Laboratory) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application over the laboratory."""
    transport = httpx.ASGITransport(create_app(lab.services, token=""))
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as one:
        yield one


@pytest.fixture
def shared(tmp_path: Path) -> Callable[..., Laboratory]:
    """Makes a laboratory whose server others use."""

    def make(**settings: Any) -> Laboratory:
        return Laboratory(
            open_services(tmp_path / "shared", **{"token": "token-hunter2", **settings}),
            tmp_path / "documents",
        )

    return make


def reference_to(path: Path, data: bytes) -> str:
    """A reference to a new file."""
    path.write_bytes(data)
    return f"file:{path}"


async def refusals(lab: Laboratory, api_key: Any, **changes: Any) -> list[str]:
    """What is said of a key wherever one is entered; nothing but the field `api_key` may be at fault."""
    draft = {name: value for name, value in (BASE | changes).items() if name != "name"}
    said = []
    async with calling(lab) as client:
        unkeyed = BASE | {"provider": "ollama", "base_url": "http://127.0.0.1:9/v1"}
        made = (await client.post("/api/connections", json=unkeyed | {"name": "first"})).json()
        answers = [
            await client.post("/api/connections", json=BASE | changes | {"api_key": api_key}),
            await client.patch(f"/api/connections/{made['id']}", json=draft | {"api_key": api_key}),
            await client.post("/api/connections/check", json=draft | {"api_key": api_key}),
            await client.post("/api/connections/models", json=draft | {"api_key": api_key}),
        ]
        await client.delete(f"/api/connections/{made['id']}")
        for answer in answers:
            assert answer.status_code == 422, answer.text
            assert "hunter2" not in answer.text
            (fault,) = answer.json()["errors"]
            assert fault["field"] == "api_key"
            said.append(fault["message"])
        assert (await client.get("/api/connections")).json()["items"] == []
    with lab.services.database.read() as c:
        assert c.exec_driver_sql("SELECT count(*) FROM secret").scalar() == 0
    return said


@pytest.mark.parametrize(
    ("api_key", "words"),
    [
        ("", "empty"),
        (f"{KEY}\n{KEY}", "several lines"),
        (f"{KEY}\r\nX: {KEY}", "several lines"),
        (f"\n{KEY}", "several lines"),
        (f"{KEY}\u2028{KEY}", "several lines"),
        (f"{KEY}\x00", r"U\+0000"),
        (f"{KEY}\t{KEY}", r"U\+0009"),
        (f"{KEY}\u200b", "zero width space"),
        (f"{KEY}ключ", "no request can carry"),
        (f"Bearer {KEY}", "Bearer"),
        (f'"{KEY}"', "quotation marks"),
        (KEY * 500, "more than 10,000 characters"),
        ("env:", "reference to nothing"),
        ("env:A=B", "reference to nothing"),
        ("env:A\x00B", r"U\+0000"),
        ("ENV:MY_KEY", "begins as a reference"),
        ("stored:1", "begins as a reference"),
        ("file:", "reference to nothing"),
        ("file:key.txt", "without its whole path"),
        ("file:../key.txt", "without its whole path"),
        ("file:/a\n/b", "several lines"),
        ("file:~nobody-of-that-name/key", "no home folder"),
        ("file:/proc/self/environ", "the system tells of itself"),
        ("env:DOCSTAGE_TOKEN", "a setting of docstage"),
        ("env:DOCSTAGE_DATABASE", "a setting of docstage"),
    ],
)
async def test_keys_are_refused_where_they_are_entered(lab: Laboratory, api_key: str, words: str) -> None:
    """Created, changed, tested or asked for models: 422, the field, and words without the key."""
    for said in await refusals(lab, api_key):
        assert re.search(words, said), said


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        (f"{KEY}\n{KEY}\n".encode(), "several lines"),
        (f"\n{KEY}".encode(), "several lines"),
        (f"OPENAI_API_KEY={KEY}\n".encode(), "name and ="),
        (f"{KEY}\x00".encode(), "cannot be printed"),
        (KEY.encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + KEY.encode("utf-16-be"), "UTF-16"),
        (b"\xff" + KEY.encode(), "is not text"),
        (KEY.encode() * 500, "more than 10,000"),
        (KEY.encode() * 5_000, "far larger"),
    ],
)
async def test_key_files_are_looked_into(lab: Laboratory, tmp_path: Path, data: bytes, words: str) -> None:
    """One that cannot hold a key is refused at once, not when the batch runs."""
    for said in await refusals(lab, reference_to(tmp_path / "key", data)):
        assert re.search(words, said), said
        assert str(tmp_path / "key") in said


@pytest.mark.parametrize("kind", ["folder", "pipe", "loop", "device"])
async def test_what_is_no_key_file_is_told(lab: Laboratory, tmp_path: Path, kind: str) -> None:
    """Nothing waits for a pipe, and nothing is read of a folder or a device."""
    path = Path("/dev/zero") if kind == "device" else tmp_path / kind
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path)
    for said in await refusals(lab, f"file:{path}"):
        assert re.search("not a regular file|Cannot read the key file|Is a directory", said), said


async def test_docstages_own_files_are_no_keys(lab: Laboratory, tmp_path: Path) -> None:
    """Neither its key, settings and database, nor what leads there, whoever uses the server."""
    home = lab.services.settings.home
    with lab.services.database.write() as c:
        lab.services.secrets.forget(c, lab.services.secrets.keep(c, KEY))
    (home / "docstage.toml").write_text('token = "hunter2"\n')
    (tmp_path / "link").symlink_to(home / "secret.key")
    (tmp_path / "folder").symlink_to(home)
    os.link(home / "secret.key", tmp_path / "hard")
    names = ("secret.key", "docstage.toml", "docstage.db", "docstage.db-wal", "docstage.contents.db")
    paths = [home / name for name in names]
    paths += [home / "uploads" / ".." / "secret.key", tmp_path / "link", tmp_path / "folder" / "secret.key"]
    for path in (*paths, tmp_path / "hard"):
        for said in await refusals(lab, f"file:{path}"):
            assert "a file of docstage itself" in said


async def test_variables_are_looked_into(lab: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    """As files are."""
    monkeypatch.setenv("SOME_KEY", f"{KEY}\n{KEY}")
    for said in await refusals(lab, "env:SOME_KEY"):
        assert said == "The environment variable SOME_KEY has several lines, and must be one."


async def test_letters_beyond_ascii_are_refused_where_they_cannot_be_sent(lab: Laboratory) -> None:
    """Providers' own libraries send ASCII only; the chat API takes letters of Latin-1."""
    for provider in ("anthropic", "google", "azure", "bedrock"):
        for said in await refusals(lab, "sk-ü", provider=provider, base_url="https://127.0.0.1:9"):
            assert "place 4" in said


async def test_what_comes_along_is_taken_off(lab: Laboratory, tmp_path: Path) -> None:
    """A mark, blanks and line ends: the key that is sent, from wherever it comes, is the key alone."""
    os.environ["SOME_KEY"] = f"\ufeff{KEY}\r\n"
    keys = [f"\ufeff{KEY}\r\n", f" {KEY}\n", "env:SOME_KEY\n", " env: SOME_KEY"]
    keys += [reference_to(tmp_path / "key", f"\ufeff{KEY}\r\n\n".encode())]
    try:
        async with calling(lab) as client:
            for number, key in enumerate(keys):
                body = BASE | {"name": f"c{number}", "api_key": key}
                assert (await client.post("/api/connections", json=body)).status_code == 201
        with lab.services.database.read() as c:
            for number in range(1, len(keys) + 1):
                reference = library.get_connection(c, number).secret_ref
                assert lab.services.secrets.resolve(c, reference) == KEY
    finally:
        del os.environ["SOME_KEY"]


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({"X-Key": "hunter2\nX: 1"}, "several lines"),
        ({"X-Key": "hunter2\u200b"}, "zero width space"),
        ({"X-Key": "hunter2 ü"}, "neither a plain letter"),
        ({"X-Key": "hunter2" * 1_000}, "more than 4,000"),
        ({"Host": "hunter2.example"}, "cannot be set"),
        ({"transfer-encoding": "hunter2"}, "cannot be set"),
    ],
)
async def test_headers_are_refused_in_words(lab: Laboratory, headers: dict[str, str], words: str) -> None:
    """With the header's name and nothing of its value; a line end that came along is taken off."""
    async with calling(lab) as client:
        for path in ("", "/check", "/models"):
            body = {name: value for name, value in BASE.items() if name != "name" or not path}
            answer = await client.post(f"/api/connections{path}", json=body | {"headers": headers})
            assert answer.status_code == 422
            assert words in answer.json()["errors"][0]["message"]
            assert answer.json()["errors"][0]["field"].startswith("headers.")
            assert "hunter2" not in answer.text
        made = await client.post("/api/connections", json=BASE | {"headers": {"X-Key": "hunter2\r\n"}})
    with lab.services.database.read() as c:
        kept = library.get_connection(c, made.json()["id"]).headers
    assert lab.services.secrets.unseal(kept) == {"X-Key": "hunter2"}


# What was fine when it was entered


def _spoil_file(_lab: Laboratory, path: Path) -> str:
    path.write_text(f"{KEY}\n{KEY}\n")
    return "several lines"


def _remove_file(_lab: Laboratory, path: Path) -> str:
    path.unlink()
    return "Cannot read the key file"


def _lead_out(lab: Laboratory, path: Path) -> str:
    path.unlink()
    path.symlink_to(lab.services.settings.home / "docstage.db")
    return "a file of docstage itself"


@pytest.mark.parametrize("spoil", [_spoil_file, _remove_file, _lead_out])
async def test_a_key_that_goes_bad_pauses_with_its_reason(
    lab: Laboratory, tmp_path: Path, spoil: Callable[[Laboratory, Path], str]
) -> None:
    """Its lane is held while others finish; no task fails; mended, the rest goes on."""
    key = tmp_path / "key"
    with running_parrot(lambda _: "fine") as parrot:
        bad = lab.connection(parrot.base_url, secret_ref=reference_to(key, KEY.encode()))
        good = lab.connection(parrot.base_url)
        async with running_engine(lab.services):
            batch_id = await lab.staged([bad, good], [lab.prompt()])
            words = spoil(lab, key)
            paused = await lab.run(batch_id)
            assert paused.status is BatchStatus.PAUSED
            assert "connection 1: " in (paused.status_reason or "")
            assert words in (paused.status_reason or "")
            tally = lab.tally(batch_id)
            assert (tally.completed, tally.failed, tally.queued) == (1, 0, 1)
            told = await lab.until_true(lambda: _refused_use(lab, bad, tmp_path))
            assert all(words in one for one in told), told
            key.unlink(missing_ok=True)
            key.write_text(f"{KEY}\r\n")
            await lab.act(batch_id, Action.RESUME)
            assert (await lab.until(batch_id, *RESTING)).status is BatchStatus.COMPLETED
    assert {request["model"] for request in parrot.requests} == {"simulated-small"}


def _refused_use(lab: Laboratory, number: int, tmp_path: Path) -> list[str]:
    """What the doctor says of a connection's key."""
    found = {check.name: check for check in health.doctor(lab.services)}
    with lab.services.database.read() as c:
        name = library.get_connection(c, number).name
    assert not found[f"key of {name}"].ok
    return [found[f"key of {name}"].message]


async def test_a_key_that_went_bad_is_told_by_every_use(lab: Laboratory, tmp_path: Path) -> None:
    """Test, models and a prompt that is tried answer 422 with the reason; so does a stored key of old."""
    key = tmp_path / "key"
    with lab.services.database.write() as c:
        sealed = lab.services.secrets._box().encrypt(f"{KEY}\n{KEY}".encode())
        kept = c.execute(insert(secret).values(sealed=sealed, created_at=0.0).returning(secret.c.id))
        reference = f"stored:{kept.scalar_one()}"
    stored = lab.connection(BASE["base_url"], secret_ref=reference)
    filed = lab.connection(BASE["base_url"], secret_ref=reference_to(key, f"{KEY}\n{KEY}".encode()))
    async with calling(lab) as client:
        folder = (await client.post("/api/folders", json={"path": str(lab.folder)})).json()["id"]
        for number, holder in ((stored, "The stored key"), (filed, "The key file")):
            trial = {"text": "?", "connection_id": number, "folder_id": folder, "path": "good.txt"}
            for answer in (
                await client.post(f"/api/connections/{number}/test"),
                await client.get(f"/api/connections/{number}/models"),
                await client.post("/api/prompts/try", json=trial),
            ):
                assert (answer.status_code, answer.json()["type"]) == (422, "urn:docstage:problem:secret")
                assert holder in answer.json()["detail"]
                assert "several lines" in answer.json()["detail"]
                assert "hunter2" not in answer.text


async def test_a_key_is_not_sent_to_another_provider_than_its_own(lab: Laboratory) -> None:
    """A run keeps the provider that it was staged with; a key that was entered for another stays here."""
    with running_parrot(lambda _: "fine") as parrot:
        number = lab.connection(parrot.base_url, provider="ollama")
        async with running_engine(lab.services):
            batch_id = await lab.staged([number], [lab.prompt()])
            with lab.services.database.write() as c:
                changed = {"provider": "openai-compatible", "secret_ref": lab.services.secrets.keep(c, KEY)}
                library.update_row(c, connection, number, changed)
            paused = await lab.run(batch_id)
    assert paused.status is BatchStatus.PAUSED
    assert "staged with the provider ollama" in (paused.status_reason or "")
    # How much the model takes was asked while it was staged, before there was a key.
    assert parrot.requests == [{"model": "simulated-small"}]


# Servers that others use


@pytest.mark.parametrize(
    "settings", [{"token": "token-hunter2"}, {"allowed_roots": ("/",)}, {"allowed_hosts": ("docs.example",)}]
)
async def test_a_shared_server_takes_no_reference_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any]
) -> None:
    """Whether there is such a file or variable or not, it says the same; nothing is sent."""
    monkeypatch.setenv("MY_KEY", KEY)
    key = reference_to(tmp_path / "key", KEY.encode())
    lab = Laboratory(open_services(tmp_path / "home", **settings), tmp_path / "documents")
    try:
        for there, away in ((key, f"file:{tmp_path}/none"), ("env:MY_KEY", "env:MY_NONE")):
            name, other = (one.partition(":")[2] for one in (there, away))
            said = {one.replace(name, "X") for one in await refusals(lab, there)}
            said |= {one.replace(other, "X") for one in await refusals(lab, away)}
            assert len(said) == 1, said
            assert "may not be used" in said.pop()
    finally:
        lab.services.database.close()


async def test_named_folders_and_variables_may_be_used(
    shared: Callable[..., Laboratory], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the settings, by globs too; a link out of a folder leads nowhere, one into it does."""
    (tmp_path / "keys" / "inner").mkdir(parents=True)
    (tmp_path / "keys" / "one").write_text(KEY)
    (tmp_path / "keys" / "inner" / "two").write_text(KEY)
    (tmp_path / "outside").write_text(KEY)
    (tmp_path / "keys" / "out").symlink_to(tmp_path / "outside")
    (tmp_path / "in").symlink_to(tmp_path / "keys" / "one")
    for name in ("MY_KEY", "TEAM_KEY_1", "OTHER"):
        monkeypatch.setenv(name, KEY)
    lab = shared(secret_files=(str(tmp_path / "keys"),), secret_env=("MY_KEY", "TEAM_*"))
    rules = lab.services.secrets.rules
    keys = tmp_path / "keys"
    for good in ("env:MY_KEY", "env:TEAM_KEY_1", f"file:{keys}/one", f"file:{keys}/inner/two"):
        assert lab.services.secrets.read(good, Destination("openai-compatible", ELSEWHERE)) == KEY
    assert lab.services.secrets.read(f"file:{tmp_path}/in") == KEY
    for bad in (
        "env:OTHER",
        "env:my_key",
        f"file:{keys}/out",
        f"file:{keys}/../outside",
        f"file:{tmp_path}/keysx",
        f"file:{tmp_path}/outside",
    ):
        with pytest.raises(SecretError, match="may not be used"):
            rules.check(bad, Destination("openai-compatible", ELSEWHERE))
    lab.services.database.close()


async def test_everything_may_be_named(shared: Callable[..., Laboratory], tmp_path: Path) -> None:
    """Who wants it as it is without a token says so; docstage's own stays out."""
    lab = shared(secret_files=("/",), secret_env=("*",))
    rules = lab.services.secrets.rules
    for reference in ("env:ANY", f"file:{tmp_path}/any", "env:OPENAI_API_KEY", "env:AZURE_OPENAI_API_KEY"):
        rules.check(reference, Destination("openai-compatible", ELSEWHERE))
    for reference in ("env:DOCSTAGE_TOKEN", f"file:{lab.services.settings.key_file}", "file:/proc/1/environ"):
        with pytest.raises(SecretError):
            rules.check(reference, Destination("openai-compatible", ELSEWHERE))
    lab.services.database.close()


@pytest.mark.parametrize(
    ("provider", "base_url", "variable", "allowed"),
    [
        ("openai", None, "OPENAI_API_KEY", True),
        ("openai", OWN_ADDRESS, "OPENAI_API_KEY", True),
        ("openai-compatible", OWN_ADDRESS, "OPENAI_API_KEY", True),
        ("openai", ELSEWHERE, "OPENAI_API_KEY", False),
        ("openai", "http://api.openai.com/v1", "OPENAI_API_KEY", False),
        ("openai", "https://api.openai.com:444/v1", "OPENAI_API_KEY", False),
        ("openai", "https://api.openai.com.elsewhere.example/v1", "OPENAI_API_KEY", False),
        ("openai", "https://api.openai.com@elsewhere.example/v1", "OPENAI_API_KEY", False),
        ("openai", "https://api.openai.com\\@elsewhere.example/v1", "OPENAI_API_KEY", False),
        ("openai", "https://apixopenai.com/v1", "OPENAI_API_KEY", False),
        ("openai", None, "ANTHROPIC_API_KEY", False),
        ("anthropic", None, "ANTHROPIC_API_KEY", True),
        ("anthropic", "https://api.anthropic.com/v1", "ANTHROPIC_API_KEY", True),
        ("azure", "https://mine.openai.azure.com/openai/v1", "AZURE_OPENAI_API_KEY", False),
        ("bedrock", None, "AWS_BEARER_TOKEN_BEDROCK", True),
        ("bedrock", ELSEWHERE, "AWS_BEARER_TOKEN_BEDROCK", False),
        ("bedrock", None, None, True),
        ("bedrock", ELSEWHERE, None, False),
        ("ollama", ELSEWHERE, None, True),
        ("openai", None, "AWS_SECRET_ACCESS_KEY", False),
    ],
)
async def test_keys_of_providers_go_home_only(
    shared: Callable[..., Laboratory],
    provider: str,
    base_url: str | None,
    variable: str | None,
    allowed: bool,
) -> None:
    """On a shared server a provider's variable reaches its own address; Bedrock's is taken unasked."""
    lab = shared()
    reference = variable and f"env:{variable}"
    try:
        if allowed:
            lab.services.secrets.rules.check(reference, Destination(provider, base_url))
            return
        with pytest.raises(SecretError):
            lab.services.secrets.rules.check(reference, Destination(provider, base_url))
    finally:
        lab.services.database.close()


async def test_a_provider_key_cannot_be_led_away(
    shared: Callable[..., Laboratory], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by creating, testing or changing a connection; not for one that was stored before."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("AWS_BEARER_TOKEN_BEDROCK", KEY)
    lab = shared()
    async with calling(lab) as client:
        body = {"name": "Paid", "provider": "openai", "model": "gpt-5-mini"}
        made = (await client.post("/api/connections", json=body)).json()
        assert made["api_key"] == "env:OPENAI_API_KEY"
        url = f"/api/connections/{made['id']}"
        with running_parrot(lambda _: "fine") as parrot:
            away = {"base_url": parrot.base_url}
            draft = {"provider": "openai", "model": "m", "connection_id": made["id"], **away}
            bedrock = {"provider": "bedrock", "model": "m", "extra": {"region": "eu-central-1"}, **away}
            answers = [
                await client.patch(url, json=away),
                await client.patch(url, json=away | {"api_key": "env:OPENAI_API_KEY"}),
                await client.post("/api/connections", json=body | away | {"name": "New"}),
                await client.post("/api/connections/check", json=draft),
                await client.post("/api/connections/models", json=draft),
                await client.post("/api/connections", json=bedrock | {"name": "AWS"}),
                await client.post("/api/connections/check", json=bedrock),
            ]
            for answer in answers:
                assert answer.status_code == 422, answer.text
                assert [one["field"] for one in answer.json()["errors"]] == ["api_key"]
            old = lab.connection(parrot.base_url, provider="openai", secret_ref="env:OPENAI_API_KEY")
            for answer in (
                await client.post(f"/api/connections/{old}/test"),
                await client.get(f"/api/connections/{old}/models"),
            ):
                assert answer.json()["type"] == "urn:docstage:problem:secret"
                assert "OpenAI's own address only" in answer.json()["detail"]
            renamed = await client.patch(f"/api/connections/{old}", json={"name": "Renamed"})
            assert renamed.status_code == 200  # what it could not do before needs no mending for a new name
            assert (parrot.requests, parrot.visits) == ([], [])
    lab.services.database.close()


async def test_what_may_not_be_used_is_not_told_of(
    shared: Callable[..., Laboratory], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Detection names the variables that connections may use, and no others."""
    for name in ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "MY_KEY"):
        monkeypatch.setenv(name, KEY)
    for settings, azure in (({}, False), ({"secret_env": ("AZURE_*",)}, True)):
        lab = shared(**settings)
        async with calling(lab) as client:
            keys = (await client.get("/api/connections/detect")).json()["keys"]
        assert ("OPENAI_API_KEY" in keys, "AZURE_OPENAI_API_KEY" in keys, "MY_KEY" in keys) == (
            True,
            azure,
            False,
        )
        lab.services.database.close()


async def test_references_of_before_are_held_on_a_shared_server(
    shared: Callable[..., Laboratory], tmp_path: Path
) -> None:
    """A connection that was entered while anything was allowed pauses its batch with what to do."""
    lab = shared()
    lab.write({"good.txt": "A good document."})
    number = lab.connection(BASE["base_url"], secret_ref=reference_to(tmp_path / "key", KEY.encode()))
    async with running_engine(lab.services):
        paused = await lab.run(await lab.staged([number], [lab.prompt()]))
    assert paused.status is BatchStatus.PAUSED
    assert "secret_files" in (paused.status_reason or "")
    lab.services.database.close()
