"""docstage as real processes that can be killed: the web process, its engine, the engine's workers."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import httpx
from tests.support.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-c", "from docstage.cli.main import main; main()"]
ENGINE = [sys.executable, "-m", "docstage.engine"]


def load() -> float:
    """How many processes want to run for each core, at least 1: how much longer everything takes."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def waited(pid: int) -> float:
    """The seconds in which a process's first thread wanted to run and had no core, as the kernel counts."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9
    return 0.0


def own_environment(**settings: Any) -> dict[str, str]:
    """The environment of processes with these settings; their modules are compiled, as installed ones are."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DOCSTAGE_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept | {f"DOCSTAGE_{name.upper()}": str(value) for name, value in settings.items()}


def free_port() -> int:
    """A port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children(pid: int, command: str) -> list[int]:
    """The processes that a process has started and whose command line has this word."""
    with suppress(FileNotFoundError, ProcessLookupError):
        found = []
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
        return [child for child in found if command in _command_line(child)]
    return []


def _command_line(pid: int) -> str:
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def kill(pid: int) -> None:
    """kill -9; a process that has ended already is no error."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def has_ended(pid: int) -> bool:
    """Whether there is no such process, or only what is left of it until somebody asks how it ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in {"Z", "X"}


class Docstage:
    """`docstage serve` and what it has started, over one database."""

    def __init__(self, environment: dict[str, str], log: IO[bytes]) -> None:
        self._environment = environment
        self._log = log
        self._port = free_port()
        self._web: subprocess.Popen[bytes] | None = None
        self._engines: set[int] = set()  # all that were seen, so that none outlives the test

    @property
    def address(self) -> str:
        """Where the API is, now or after a restart."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def web(self) -> int:
        """The web process."""
        assert self._web is not None
        return self._web.pid

    def start(self) -> None:
        """Start `docstage serve`."""
        words = [*COMMAND, "serve", "--port", str(self._port)]
        self._web = self.popen(words)

    def popen(self, words: Sequence[str]) -> "subprocess.Popen[bytes]":
        """Start a command over the same database."""
        return subprocess.Popen(
            words,
            env=self._environment,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )

    def is_up(self) -> bool:
        """Whether the API answers."""
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.address}/livez", timeout=PATIENCE).is_success
        return False

    def engines(self) -> list[int]:
        """The engines that run, the web process's own last."""
        self._engines |= set(children(self.web, "docstage.engine"))
        return sorted(pid for pid in self._engines if not has_ended(pid))

    def workers(self) -> list[int]:
        """The extraction workers of all engines."""
        return [pid for engine in self.engines() for pid in children(engine, "docstage.extraction.worker")]

    def kill_web(self) -> None:
        """kill -9 the web process, which leaves its engine behind."""
        self.engines()
        kill(self.web)
        assert self._web is not None
        self._web.wait()

    def stop(self) -> None:
        """End everything."""
        if self._web and self._web.poll() is None:
            self.engines()
            self._web.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._web.wait(PATIENCE)
        for pid in self.engines():
            kill(pid)
        if self._web and self._web.poll() is None:
            self.kill_web()


@contextmanager
def docstage(home: Path, database: str = "", **settings: Any) -> Iterator[Docstage]:
    """docstage with a home of its own; what is left of it at the end is killed."""
    home.mkdir(parents=True, exist_ok=True)
    given = {"home": home, "database": database, "workers": 2, "stop_grace": 3.0} | settings
    environment = own_environment(**given)
    with (home / "processes.log").open("ab") as log:
        one = Docstage(environment, log)
        try:
            yield one
        finally:
            one.stop()
