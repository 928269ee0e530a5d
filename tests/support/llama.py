"""A real llama.cpp server for tests, over a tiny model with random weights."""

import http.client
import importlib.util
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT
from typing import IO
from urllib.parse import urlsplit

from tests.support.waiting import PATIENCE, until

# The server ends by itself after this long, should the test process die without ending it.
LIFETIME_SECONDS = 1_800


@dataclass(frozen=True, slots=True)
class LlamaServer:
    """A server that answers.

    Attributes:
        base_url: its OpenAI-compatible address, ending in `/v1`.
        process: the server itself, for tests that kill it.
        model: the name of the model it serves.
        api_key: the key it asks for, or None.
    """

    base_url: str
    process: subprocess.Popen[str]
    model: str = "tiny-random"
    api_key: str | None = None

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.process.kill()
        self.process.wait()


def write_tiny_model(script: Path, file: Path) -> Path:
    """Write the model that the script serves, which has random weights, into a file of its own."""
    spec = importlib.util.spec_from_file_location("tiny_model", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.write_model(file)
    return file


def local_models_of(pid: int) -> list[int]:
    """The processes of local models that a process has started."""
    return [child for child in _children_of(pid) if "docstage.local_model" in _command_of(child)]


def is_at_rest(pid: int) -> bool:
    """Whether all threads of a process sleep, as they do while nobody asks the model."""
    states = [
        _read(task / "stat").rpartition(")")[2].split()[0] for task in Path(f"/proc/{pid}/task").iterdir()
    ]
    return set(states) == {"S"}


def is_gone(pid: int) -> bool:
    """Whether a process has ended, perhaps without anybody having asked how."""
    return _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()[:1] in ([], ["Z"])


def _children_of(pid: int) -> list[int]:
    found = [(int(place.name), _read(place / "stat")) for place in Path("/proc").glob("[0-9]*")]
    return [number for number, stat in found if stat.rpartition(")")[2].split()[1:2] == [str(pid)]]


def _command_of(pid: int) -> str:
    return _read(Path(f"/proc/{pid}/cmdline"))


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended meanwhile
        return ""


def llama_script(root: Path) -> Path:
    """Where the script is that serves the model; the file may be absent."""
    default = root.parent / "shared" / "llama-server" / "serve.py"
    return Path(os.environ.get("DOCSTAGE_LLAMA_SERVER", default))


# A shell lets what it starts in the background ignore Ctrl-C, and so would the server then.
_SERVE = (
    "import runpy, signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
)


@contextmanager
def running_llama(
    script: Path, *, api_key: str | None = None, parallel: int = 4, port: int = 0, real: bool = False
) -> Iterator[LlamaServer]:
    """Start a server (on any free port for port 0) and yield it once it answers.

    Args:
        real: it serves a small model whose words mean something, with the tokenizer of such.

    Raises:
        RuntimeError: it did not start; the message ends with what it wrote.
    """
    command = [sys.executable, "-c", _SERVE, str(script), "--port", str(port), "--parallel", str(parallel)]
    command += ["--real"] if real else []
    command += ["--seconds", str(LIFETIME_SECONDS)] + (["--api-key", api_key] if api_key else [])
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            address = _address(process, log)
            _await_health(address)
            yield LlamaServer(base_url=f"{address}/v1", process=process, api_key=api_key)
        finally:
            _end(process)


def _address(process: subprocess.Popen[str], log: IO[str]) -> str:
    """The first line that the server prints, which is where it listens."""
    assert process.stdout is not None
    deadline = threading.Timer(PATIENCE, process.kill)
    deadline.start()
    try:
        line = process.stdout.readline().strip()
    finally:
        deadline.cancel()
    if not line:
        process.wait()
        log.seek(0)
        raise RuntimeError(f"The llama.cpp server did not start: {log.read()[-2_000:]}")
    return line


def _await_health(address: str) -> None:
    """Return once the model is loaded: until then `/health` answers 503."""
    until(lambda: _is_healthy(address), f"the llama.cpp server at {address} is ready")


def _is_healthy(address: str) -> bool:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


def _end(process: subprocess.Popen[str]) -> None:
    """End the server as Ctrl-C does, so that it removes its model file; kill it if it will not."""
    process.send_signal(SIGINT)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    assert process.stdout is not None
    process.stdout.close()
