"""The program tesseract, where it is installed: a second engine, for scripts that the first does not read."""

import shutil
import subprocess
from dataclasses import dataclass
from functools import cache

_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Program:
    """What is installed.

    Attributes:
        path: of the program.
        version: such as `5.3.0`.
        languages: whose data it has, by tesseract's names.
    """

    path: str
    version: str
    languages: frozenset[str]


@cache
def installed() -> Program | None:
    """The program, asked once in the life of a process; None where there is none that works."""
    path = shutil.which("tesseract")
    if path is None:
        return None
    try:
        told = [_told(path, option).splitlines() for option in ("--version", "--list-langs")]
    except (OSError, subprocess.SubprocessError):
        return None
    version = told[0][0].removeprefix("tesseract").strip() if told[0] else ""
    # The first line says where the data lies.
    return Program(path, version, frozenset(line.strip() for line in told[1][1:])) if version else None


def _told(path: str, option: str) -> str:
    done = subprocess.run(  # noqa: S603  (the program and the option are ours)
        [path, option], capture_output=True, check=True, text=True, timeout=_SECONDS, errors="replace"
    )
    return done.stdout or done.stderr
