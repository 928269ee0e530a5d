"""Headers of connections may carry credentials: they are kept sealed, and opened only to be sent."""

import pytest
from sqlalchemy import select
from tests.support.apps import Bench

from docstage.asking.config import connection_config
from docstage.secrets import SecretError
from docstage.service.connections import checks as connection_checks
from docstage.service.connections import connections
from docstage.service.connections.inputs import ConnectionChange, ConnectionDraft, ConnectionInput
from docstage.service.session import Session
from docstage.service.system.health import doctor
from docstage.store import library
from docstage.store.tables import connection

_ADDRESS = "http://127.0.0.1:9/v1"
_HEADERS = {"X-Team": "hunter2-first", "X-Empty": ""}


def _connect(bench: Bench, headers: dict[str, str]) -> int:
    wanted = {"name": "Headed", "provider": "openai-compatible", "model": "m", "base_url": _ADDRESS}
    return connections.create_connection(
        bench.services, ConnectionInput.model_validate(wanted | {"headers": headers})
    ).id


def _sent(bench: Bench, number: int) -> dict[str, str]:
    with bench.database.read() as c:
        config = connection_config(c, bench.services.secrets, library.get_connection(c, number))
    return dict(config.headers)


def _kept(bench: Bench, number: int) -> str:
    """All that the database has of the headers."""
    with bench.database.read() as c:
        kept = str(c.execute(select(connection.c.headers).where(connection.c.id == number)).scalar())
    if bench.database.path:
        files = bench.database.path.parent.glob("docstage.db*")
        kept += "".join(file.read_bytes().decode("latin-1") for file in files)
    return kept


def test_headers_are_kept_sealed(either: Bench) -> None:
    """From the first, after a change of them, and after a change of something else; what is sent is open."""
    number = _connect(either, _HEADERS)
    assert _sent(either, number) == _HEADERS
    assert "hunter2" not in _kept(either, number)
    connections.change_connection(Session(either.services), number, ConnectionChange(name="Renamed"))
    assert _sent(either, number) == _HEADERS
    change = ConnectionChange(headers={"X-Other": "hunter2-second"})
    assert connections.change_connection(Session(either.services), number, change).header_names == ["X-Other"]
    assert _sent(either, number) == {"X-Other": "hunter2-second"}
    assert "hunter2" not in _kept(either, number)


async def test_headers_under_a_lost_key_are_told(either: Bench) -> None:
    """As a key is, wherever they are needed; entered again, they work."""
    number = _connect(either, _HEADERS)
    assert [one.message for one in doctor(either.services) if one.name == "headers of Headed"] == [
        "The headers can be read."
    ]
    either.services.settings.key_file.unlink()
    with pytest.raises(SecretError, match=r"header X-\w+ was sealed with another key file"):
        await connection_checks.test(either.services, number)
    draft = ConnectionDraft(connection_id=number, provider="openai-compatible", model="m", base_url=_ADDRESS)
    with pytest.raises(SecretError):
        await connection_checks.test_draft(either.services, draft)
    (told,) = [one for one in doctor(either.services) if one.name == "headers of Headed"]
    assert (told.ok, "Enter it again" in told.message) == (False, True)
    connections.change_connection(Session(either.services), number, ConnectionChange(headers=_HEADERS))
    assert _sent(either, number) == _HEADERS


def test_no_headers_need_no_key(bench: Bench) -> None:
    """No key file is made for nothing."""
    assert _sent(bench, _connect(bench, {})) == {}
    assert not bench.services.settings.key_file.exists()
