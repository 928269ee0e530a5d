"""Who did something is in the audit log, from the request on."""

from dataclasses import replace

import httpx
import pytest
from tests.support.apps import Bench

from docstage.api.app import create_app
from docstage.domain.errors import ConfigurationError
from docstage.service.session import actor_named
from docstage.settings import Settings


def _client(bench: Bench, header: str = "", actor: str = "user") -> httpx.AsyncClient:
    settings = replace(bench.services.settings, actor_header=header)
    app = create_app(replace(bench.services, settings=settings), actor=actor)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


async def _actors(client: httpx.AsyncClient, batch_id: int) -> list[tuple[str, str]]:
    events = (await client.get(f"/api/batches/{batch_id}/events", params={"sort": "id"})).json()["items"]
    return [(event["action"], event["actor"]) for event in events]


async def _live(bench: Bench, client: httpx.AsyncClient, headers: dict[str, str]) -> list[tuple[str, str]]:
    """Save, edit, stage, cancel and delete a batch, and tell who is said to have done each."""
    saved = await client.post("/api/batches/save", json=bench.batch_input("Leases"), headers=headers)
    place = f"/api/batches/{saved.json()['id']}"
    for call in (
        client.patch(place, json={"description": "new"}, headers=headers),
        client.post(f"{place}/stage", headers=headers),
        client.post(f"{place}/action", json={"action": "cancel"}, headers=headers),
        client.delete(place, headers=headers),
    ):
        assert (await call).is_success
    return await _actors(client, saved.json()["id"])


ACTIONS = ("save", "edit", "stage", "cancel", "delete")


async def test_whom_a_proxy_names_is_in_the_audit_log(bench: Bench) -> None:
    """Saving, editing, acting and deleting carry the name that the request has."""
    async with _client(bench, "X-Forwarded-User") as client:
        told = await _live(bench, client, {"x-forwarded-user": "ann@example.org"})
    assert told == [(action, "ann@example.org") for action in ACTIONS]


async def test_a_name_counts_only_where_the_settings_say_so(bench: Bench) -> None:
    """Anybody could send the header."""
    async with _client(bench) as client:
        told = await _live(bench, client, {"x-forwarded-user": "ann@example.org"})
    assert told == [(action, "user") for action in ACTIONS]


async def test_without_a_name_it_is_whom_the_application_is_for(bench: Bench) -> None:
    """Commands on the local database make the application for the user of the system."""
    async with _client(bench, "X-Forwarded-User", actor="bert") as client:
        told = await _live(bench, client, {})
    assert told == [(action, "bert") for action in ACTIONS]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (None, "user"),
        ("", "user"),
        (" \x00\n ", "user"),
        ("Ann\nMiller", "Ann Miller"),
        ("engine", "user engine"),
        ("restore", "user restore"),
        ("a" * 300, "a" * 200),
    ],
)
def test_names_from_outside_are_one_line_and_never_docstages_own(name: str | None, shown: str) -> None:
    """What the engine did is told apart by its name, also where a user of the system is called so."""
    assert actor_named(name) == shown


@pytest.mark.parametrize("name", ["X Forwarded User", "X-User:", "\u00fcser", "a, b"])
def test_what_is_no_name_of_a_header_is_refused(name: str) -> None:
    """It would never be found in a request."""
    with pytest.raises(ConfigurationError, match="actor_header"):
        Settings.load({"actor_header": name}, {})
