"""On shared servers references reach little, and a key goes to its own provider only."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.hostile.keys import BASE, KEY, calling, reference_to, refusals
from tests.hostile.parrot import running_parrot
from tests.support.engines import Laboratory, open_services, running_engine

from docstage.domain.lifecycle import BatchStatus
from docstage.secrets import Destination, SecretError
from docstage.store import library
from docstage.store.tables import connection

OWN_ADDRESS = "https://api.openai.com/v1"
ELSEWHERE = "https://elsewhere.example/v1"


@pytest.fixture
def shared(tmp_path: Path) -> Callable[..., Laboratory]:
    """Makes a laboratory whose server others use."""

    def make(**settings: Any) -> Laboratory:
        return Laboratory(
            open_services(tmp_path / "shared", **{"token": "token-hunter2", **settings}),
            tmp_path / "documents",
        )

    return make


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
