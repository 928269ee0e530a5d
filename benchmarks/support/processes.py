"""Processes that are measured from outside."""

import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Spent:
    """What a process used, with the children that it waited for.

    Attributes:
        wall: seconds from its start to its end.
        cpu: seconds of all its threads and children, in user and kernel mode.
        peak_mb: the most memory that it had resident, without children; NaN where there is no /proc.
        output: what it wrote on standard output.
    """

    wall: float
    cpu: float
    peak_mb: float
    output: str


class Measured:
    """A process under way."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self._begun = time.monotonic()
        self._peak = float("nan")

    @property
    def has_ended(self) -> bool:
        """Whether it has ended; `finish` must be called all the same. Asking often also tells its memory."""
        # Not from getrusage: on Linux its maximum begins with that of the process which started this one.
        seen = peak_mb(self.process.pid)
        self._peak = self._peak if math.isnan(seen) else seen  # one that is ending has no memory any more
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def line(self) -> str:
        """The next line that it writes."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args!r} ended unexpectedly.")
        return line.strip()

    def finish(self) -> Spent:
        """Wait for its end. Raises RuntimeError when it failed."""
        assert self.process.stdout is not None
        while not self.has_ended:
            time.sleep(_LOOK_SECONDS)
        output = self.process.stdout.read()
        _, status, usage = os.wait4(self.process.pid, 0)
        wall = time.monotonic() - self._begun
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.process.stdout.close()
        if self.process.returncode:
            raise RuntimeError(f"{self.process.args!r} ended with code {self.process.returncode}.")
        return Spent(wall, usage.ru_utime + usage.ru_stime, self._peak, output)


def start(module: str, *arguments: Any, environment: Mapping[str, str] | None = None) -> Measured:
    """Start a module of this checkout with this interpreter."""
    return start_command(
        [sys.executable, "-m", module, *(str(one) for one in arguments)], environment=environment
    )


def start_command(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Measured:
    """Start a command in the checkout."""
    merged = os.environ | (environment or {})
    return Measured(subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=merged))


def run(module: str, *arguments: Any, environment: Mapping[str, str] | None = None) -> Spent:
    """Run a module to its end."""
    return start(module, *arguments, environment=environment).finish()


@contextmanager
def serving(
    module: str, *arguments: Any, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[str, int]]:
    """A server: yields the first line that it writes, which is its address, and its process id."""
    server = start(module, *arguments, environment=environment)
    try:
        yield server.line(), server.process.pid
    finally:
        server.process.send_signal(SIGTERM)
        server.process.wait()
        assert server.process.stdout is not None
        server.process.stdout.close()


def peak_mb(pid: int) -> float:
    """The most memory that a running process had resident, from Linux's /proc; NaN elsewhere."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return float("nan")
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith("VmHWM:")]
    return kilobytes[0] * 1024 / 1e6 if kilobytes else float("nan")


def cpu_seconds(pid: int) -> float:
    """What a running process has spent, in user and kernel mode, from Linux's /proc; NaN elsewhere."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return float("nan")
    fields = text.rpartition(")")[2].split()  # behind the program's name, which may have blanks in it
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
