"""What reading each document costs: processor time and memory, now and by readers of an earlier revision."""

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.support.copies import originals
from benchmarks.support.figures import Figure, Options, at_most
from benchmarks.support.processes import ROOT, peak_mb

MOST_TIMES = 1.3
# What takes less is lost in what the machine does besides.
_LEAST_MILLISECONDS = 0.5
_REPEATS = 12
_READER = ROOT / "benchmarks" / "support" / "timed_reading.py"


class _Reader:
    """A process that reads documents by the readers of one source tree."""

    def __init__(self, tree: Path) -> None:
        environment = {**os.environ, "PYTHONPATH": str(tree / "src")}
        self._process = subprocess.Popen(
            [sys.executable, str(_READER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )

    def __enter__(self) -> "_Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def seconds(self, file: Path) -> float:
        """Processor time of reading it. Raises RuntimeError when the process has ended."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{file}\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The reader ended with {file}.")
        return float(answer)

    def peak_mb(self) -> float:
        """The most memory that it had resident."""
        return peak_mb(self._process.pid)


def measure(options: Options) -> list[Figure]:
    """Read each document several times, with an earlier revision in turn if there is one; the best counts."""
    files = sorted(set(originals()), key=lambda file: file.name)
    with ExitStack() as stack:
        trees = [ROOT]
        if options.before:
            trees.append(stack.enter_context(_tree_of(options.before)))
        readers = [stack.enter_context(_Reader(tree)) for tree in trees]
        times = [_times(file, readers, options) for file in files]
        memory = [[_memory(file, tree) for tree in trees] for file in files]
    return [
        *(_time_figure(file, taken) for file, taken in zip(files, times, strict=True)),
        _sum_figure(times),
        *(
            _compared(f"{file.name}: peak memory of a fresh reader", "MB", used)
            for file, used in zip(files, memory, strict=True)
        ),
    ]


def _times(file: Path, readers: list[_Reader], options: Options) -> list[float]:
    for reader in readers:
        reader.seconds(file)  # imports what its kind needs
    rounds = [[reader.seconds(file) for reader in readers] for _ in range(1 if options.quick else _REPEATS)]
    return [min(taken) for taken in zip(*rounds, strict=True)]


def _memory(file: Path, tree: Path) -> float:
    with _Reader(tree) as reader:
        reader.seconds(file)
        return reader.peak_mb()


def _time_figure(file: Path, taken: list[float]) -> Figure:
    return _compared(f"{file.name}: CPU", "ms", [seconds * 1_000 for seconds in taken], MOST_TIMES)


def _sum_figure(times: list[list[float]]) -> Figure:
    return _compared("all of them: CPU", "ms", [sum(taken) * 1_000 for taken in zip(*times, strict=True)])


def _compared(name: str, unit: str, values: list[float], most: float | None = None) -> Figure:
    """A figure of now and, where it was measured, of before."""
    now, before = values[0], values[1] if len(values) > 1 else None
    mark = None
    if most is not None and before is not None and before >= _LEAST_MILLISECONDS:
        mark = at_most(now / before, most, f"≤ {most:g} x before")
    return Figure(name, now, unit, before, mark)


@contextmanager
def _tree_of(revision: str) -> Iterator[Path]:
    """The sources of a revision in a folder of their own, to run with the libraries of this environment."""
    packed = subprocess.run(
        ["git", "archive", revision, "src"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    with TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)
