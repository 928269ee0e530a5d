"""What is handed in on standard input: `-` in place of a text or a file."""

import sys
from pathlib import Path
from typing import TextIO
from weakref import WeakKeyDictionary

import typer

from docstage.cli.output import say
from docstage.domain.errors import InvalidInput

STDIN = "-"
# Which option has read an input. Commands that are run one after another in a process may have others.
_taken_by: WeakKeyDictionary[TextIO, str] = WeakKeyDictionary()


def text_given(text: str | None, option: str) -> str | None:
    """The text of an option; `-` stands for what comes on standard input.

    Raises:
        BadParameter: another option has taken that already.
        InvalidInput: it is no UTF-8 text.
    """
    return _from_stdin(option) if text == STDIN else text


def file_given(path: Path, option: str) -> str:
    """Likewise the content of a text file.

    Raises:
        InvalidInput: it cannot be read, or is no UTF-8 text.
    """
    if str(path) == STDIN:
        return _from_stdin(option)
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise InvalidInput(f"Cannot read {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is no UTF-8 text.") from error


def _from_stdin(option: str) -> str:
    if sys.stdin in _taken_by:
        raise typer.BadParameter(
            f"Standard input can be read once, and {_taken_by[sys.stdin]} has it. Give something else here.",
            param_hint=option,
        )
    _taken_by[sys.stdin] = option
    if sys.stdin.isatty():
        say(f"Type what {option} shall be, and end it with Ctrl-D on a line of its own.")
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"What came for {option} is no UTF-8 text.") from error
