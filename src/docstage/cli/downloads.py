"""Downloads of commands: to a file, or to standard output."""

import os
import sys
from pathlib import Path
from typing import Any

from docstage.cli.client import ApiClient, write_file
from docstage.cli.given_text import STDIN
from docstage.domain.errors import DocstageError


def is_stdout(out: Path | None) -> bool:
    """Whether what is written there goes to standard output."""
    return str(out) == STDIN


def download_to(api: ApiClient, out: Path | None, path: str, **query: Any) -> None:
    """Download to a file, or to stdout without one and for `-`.

    Raises:
        DocstageError: it cannot be written.
    """
    if out is not None and not is_stdout(out):
        write_file(api, out, path, **query)
        return
    try:
        api.download(path, sys.stdout.buffer, **query)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise  # whoever read has seen enough
    except OSError as error:
        # What is left in the buffer would fail again when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise DocstageError(f"Cannot write to standard output: {error.strerror}.") from error
