"""What commands that only read take: processor time, from the start of the process to its end."""

import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.support.figures import Figure, Options, at_most

MOST_SECONDS = 0.5
READS = (
    "--version",
    "--help",
    "batch list",
    "folder list",
    "connection list",
    "prompt list",
    "spending",
    "doctor",
)
_COMMAND = "from docstage.cli.start import main; main()"
# What no such command can do without; the ratio to it does not depend on the machine.
_LIBRARIES = "import pydantic, sqlalchemy.dialects.sqlite, typer; pydantic.BaseModel"


def measure(options: Options) -> list[Figure]:
    """Run each command a few times over a small database; the best counts, as others may use the machine."""
    with TemporaryDirectory() as home:
        environment = {**os.environ, "DOCSTAGE_HOME": str(Path(home) / "home")}
        _seconds([_COMMAND, "batch", "list"], environment)  # makes the database, and what Python compiles

        def best(words: Sequence[str]) -> float:
            return options.best(lambda: _seconds(words, environment), key=lambda seconds: seconds)

        floor = best([_LIBRARIES])
        return [_figure(words, best([_COMMAND, *words.split()]), floor) for words in READS]


def _figure(words: str, seconds: float, floor: float) -> Figure:
    mark = at_most(seconds, MOST_SECONDS, f"< {MOST_SECONDS:g} s")
    return Figure(f"CPU of `docstage {words}`; of its libraries", seconds, "s", floor, mark)


def _seconds(words: Sequence[str], environment: dict[str, str]) -> float:
    """Processor time (seconds) of a Python that runs the script with its arguments."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", *words], env=environment, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
