"""Arranges what pages show, through the API."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from tests.support.waiting import PATIENCE, until

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
_NUMBER = itertools.count(1)

Json = dict[str, Any]


def unused(name: str) -> str:
    """A name that nothing else in this test process has."""
    return f"{name} {next(_NUMBER)}"


@dataclass(slots=True)
class Data:
    """A client of one server's API that makes what a test needs in few lines."""

    address: str
    files: Path
    headers: Mapping[str, str] = field(default_factory=dict)
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        """Open the client."""
        self.http = httpx.Client(base_url=self.address, headers=self.headers, timeout=PATIENCE)

    def close(self) -> None:
        """Close the client."""
        self.http.close()

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """Call the API and return what it answers; any refusal fails the test."""
        answer = self.http.request(method, path, json=body, params=query)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def get(self, path: str, **query: Any) -> Any:
        """What is at a path."""
        return self.call("GET", path, **query)

    def post(self, path: str, body: Any = None) -> Any:
        """Send something to a path."""
        return self.call("POST", path, body)

    def write(self, texts: Mapping[str, str] | int = 3) -> Path:
        """A new folder with these documents by name, or with so many letters."""
        if isinstance(texts, int):
            texts = {
                f"letter-{n:03}.txt": f"Letter {n} of Alderbury Hardware about an invoice of EUR {n}.00."
                for n in range(1, texts + 1)
            }
        place = self.files / unused("folder").replace(" ", "-")
        place.mkdir(parents=True)
        for name, text in texts.items():
            (place / name).write_text(text, encoding="utf-8")
        return place

    def folder(self, path: Path | Mapping[str, str] | int = SAMPLES, **members: Any) -> Json:
        """A folder: of the sample documents, at a path, with given texts, or with so many letters."""
        where = path if isinstance(path, Path) else self.write(path)
        return dict(self.post("/api/folders", {"path": str(where), "name": unused("Folder"), **members}))

    def connection(self, base_url: str | None = None, **members: Any) -> Json:
        """A connection to the engine's own simulator, or to the simulator at this address."""
        made = {"name": unused("Small"), "provider": "simulated", "model": "simulated-small"}
        return dict(self.post("/api/connections", {**made, "base_url": base_url, **members}))

    def prompt(self, text: str = "Who wrote this, and what do they want?", **members: Any) -> Json:
        """A prompt."""
        return dict(self.post("/api/prompts", {"name": unused("Question"), "text": text, **members}))

    def batch(
        self,
        name: str | None = None,
        *,
        folder: Json | None = None,
        connection: Json | None = None,
        prompt: Json | None = None,
        **members: Any,
    ) -> Json:
        """A SAVED batch over these members, or over new ones with three letters."""
        body = {
            "name": name or unused("Batch"),
            "folder_ids": [(folder or self.folder(3))["id"]],
            "connection_ids": [(connection or self.connection())["id"]],
            "prompt_ids": [(prompt or self.prompt())["id"]],
            **members,
        }
        return dict(self.post("/api/batches/save", body))

    def act(self, batch: Json, action: str, **members: Any) -> Json:
        """Carry out an action; returns the batch as it is then."""
        return dict(self.post(f"/api/batches/{batch['id']}/action", {"action": action, **members}))

    def wait(self, batch: Json, *statuses: str) -> Json:
        """Wait until the batch has one of these statuses."""

        def there() -> Json | None:
            now = dict(self.get(f"/api/batches/{batch['id']}"))
            return now if now["status"] in statuses else None

        return dict(until(there))

    def staged(self, name: str | None = None, **members: Any) -> Json:
        """A STAGED batch."""
        batch = self.batch(name, **members)
        self.act(batch, "stage")
        return self.wait(batch, "STAGED")

    def completed(self, name: str | None = None, **members: Any) -> Json:
        """A COMPLETED batch."""
        batch = self.staged(name, **members)
        self.act(batch, "run")
        return self.wait(batch, "COMPLETED")

    def failed_staging(self, name: str | None = None, **members: Any) -> Json:
        """A FAILED_STAGING batch: its folder is empty."""
        batch = self.batch(name, folder=self.folder({}), **members)
        self.act(batch, "stage")
        return self.wait(batch, "FAILED_STAGING")

    def analyzing(self, slow: str, name: str | None = None, **members: Any) -> Json:
        """An ANALYZING batch whose calls are held by a slow simulator at this address."""
        members.setdefault("connection", self.connection(slow))
        batch = self.staged(name, **members)
        return self.act(batch, "run")

    def paused(self, slow: str, name: str | None = None, **members: Any) -> Json:
        """A PAUSED batch."""
        return self.act(self.analyzing(slow, name, **members), "pause")

    def failed(self, slow: str, name: str | None = None, **members: Any) -> Json:
        """A FAILED batch: it was cancelled."""
        return self.act(self.analyzing(slow, name, **members), "cancel")
