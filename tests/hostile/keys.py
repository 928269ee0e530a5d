"""Keys and references, and what is said where they are entered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from tests.support.apps import ADDRESS
from tests.support.engines import Laboratory

from docstage.api.app import create_app

KEY = "sk-hunter2-0123456789"
BASE = {"name": "c", "provider": "openai-compatible", "model": "m", "base_url": "http://127.0.0.1:9/v1"}


@asynccontextmanager
async def calling(lab: Laboratory) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application over the laboratory."""
    transport = httpx.ASGITransport(create_app(lab.services, token=""))
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS) as one:
        yield one


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
