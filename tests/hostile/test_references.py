"""Keys that cannot be used are told where they are entered, and by every use of them."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert
from tests.hostile.keys import BASE, KEY, calling, reference_to, refusals
from tests.hostile.parrot import running_parrot
from tests.support.engines import RESTING, Laboratory, running_engine

from docstage.domain.lifecycle import Action, BatchStatus
from docstage.service.system import health
from docstage.store import library
from docstage.store.tables import secret


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
