"""A command line with a home of its own."""

import os
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import pytest
from tests.support.waiting import PATIENCE

from docstage.cli.main import main

COMMAND = [sys.executable, "-c", "from docstage.cli.main import main; main()"]


@dataclass(frozen=True, slots=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs commands: in this process, or as a process that signals can be sent to."""

    home: Path
    documents: Path
    capture: pytest.CaptureFixture[str]
    stack: ExitStack

    def do(self, *words: object) -> Done:
        """Run a command in this process until it ends."""
        self.capture.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        shown = self.capture.readouterr()
        return Done(int(ended.value.code or 0), shown.out, shown.err)

    def start(self, *words: object) -> subprocess.Popen[str]:
        """Start a command as a process, which ends with the test at the latest."""
        process = subprocess.Popen(
            [*COMMAND, *map(str, words)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            bufsize=0,
        )
        self.stack.callback(_end, process)
        return process

    def write_documents(self, number: int) -> None:
        """Put so many letters into the folder of documents."""
        for index in range(number):
            text = f"Letter {index} of Alderbury Hardware about an invoice of EUR {100 + index}.00."
            (self.documents / f"letter-{index}.txt").write_text(text)


@pytest.fixture
def shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Shell]:
    """A shell with an empty home, and a folder with three letters."""
    for name in [name for name in os.environ if name.startswith("DOCSTAGE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("DOCSTAGE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DOCSTAGE_WORKERS", "1")
    documents = tmp_path / "letters"
    documents.mkdir()
    with ExitStack() as stack:
        one = Shell(tmp_path / "home", documents, capsys, stack)
        one.write_documents(3)
        yield one


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where letters, the home in which they were analysed and their answers are kept, once they were."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def analysed(shell: Shell, kept: Path) -> Shell:
    """A shell whose letters were analysed in the batch May, with a copy of the home in which that was.

    The answers were written as JSON Lines into `kept / "answers.txt"`.
    """
    letters, home = kept / "letters", kept / "home"
    if not home.exists():
        shutil.copytree(shell.documents, letters)
        words = ["--prompt", "Who?", "--model", "simulated:simulated-small", "--yes", "--name", "May"]
        out = ["--out", kept / "answers.txt", "--format", "jsonl"]
        done = shell.do("run", letters, *words, *out)
        assert done.code == 0, done.err
        shell.home.rename(home)
    shutil.copytree(home, shell.home)
    return replace(shell, documents=letters)


def read_until(stream: IO[str] | None, found: Callable[[str], Any]) -> str:
    """The lines of a process's output up to the one that is found; what follows in the same piece is lost."""
    assert stream is not None
    read, lines = b"", [""]
    while select.select([stream], [], [], PATIENCE)[0]:
        piece = os.read(stream.fileno(), 65_536)
        assert piece, f"ended after {lines}"
        read += piece
        lines = read.decode(errors="replace").splitlines(keepends=True)
        for number, line in enumerate(lines):
            if line.endswith("\n") and found(line):
                return "".join(lines[: number + 1])
    raise AssertionError(f"not seen in {lines}")


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()  # gently, because killed it would leave its engine behind
    process.communicate(timeout=PATIENCE)
