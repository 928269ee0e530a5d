"""A docstage server as its users start it: a process with a home of its own, which has a database already."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from tests.support.templates import place_database
from tests.support.waiting import PATIENCE, until

COMMAND = [sys.executable, "-c", "from docstage.cli.main import main; main()"]


@dataclass(slots=True)
class Server:
    """`docstage serve` with its own home, on a port that stays the same when it is started again."""

    home: Path
    token: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    port: int = 0
    address: str = ""
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers and its engine works."""
        self.home.mkdir(parents=True, exist_ok=True)
        if not (self.home / "data" / "docstage.db").exists():
            place_database(self.home / "data")
        log = self.home / "serve.log"
        with log.open("wb") as file:
            self.process = subprocess.Popen(
                [*COMMAND, "serve", "--port", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=self._environment(),
            )
        until(lambda: " is at " in self._log_of_life(log), "docstage serve is up")
        self.address = log.read_text().split(" is at ")[1].split(" ")[0]
        self.port = int(self.address.rsplit(":", 1)[1])
        until(lambda: self.engine() is not None, "docstage serve is up")

    def stop(self) -> None:
        """End the web server and the engine, as Ctrl-C does."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(PATIENCE)
        self.process = None

    def engine(self) -> int | None:
        """The process id of the engine, if it works."""
        state = httpx.get(f"{self.address}/readyz", headers=self.headers, timeout=PATIENCE).json()["engine"]
        return int(state["pid"]) if state["running"] else None

    @property
    def headers(self) -> dict[str, str]:
        """What calls of its API must carry."""
        return {"authorization": f"Bearer {self.token}"} if self.token else {}

    def _environment(self) -> dict[str, str]:
        """This process's environment without what would change how the server behaves."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("DOCSTAGE_") and not name.endswith("_API_KEY")
        }
        mine = {"DOCSTAGE_HOME": str(self.home / "data"), "DOCSTAGE_WORKERS": "1"}
        if self.token:
            mine["DOCSTAGE_TOKEN"] = self.token
        return kept | mine | self.settings

    def _log_of_life(self, log: Path) -> str:
        text = log.read_text()
        assert self.process is not None
        assert self.process.poll() is None, f"docstage serve ended:\n{text}"
        return text
