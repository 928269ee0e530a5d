"""Makes .venv, or brings it up to date: python3 tools/environment.py demo|serve|develop

The versions are those of requirements.lock; what is wanted of them stands in pyproject.toml. uv installs where it
can be had (a minute less than pip), in a place of its own and from where pip is configured to take packages; else
pip does. Only what has come to its end counts as made: what was interrupted is begun anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent
LOCK = "requirements.lock"
OLDEST = (3, 11)
# What each purpose needs: extras and dependency groups. Each holds all of those before it.
PURPOSES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "demo": ((), ("checkout",)),
    "serve": (("all",), ("checkout", "pages")),
    "develop": (("all",), ("dev",)),
}
# pip's settings, and how uv is told the same: by an option or by a variable of the environment.
_OPTIONS = {
    "index-url": "--default-index",
    "extra-index-url": "--extra-index-url",
    "find-links": "--find-links",
    "constraint": "--constraint",
    "trusted-host": "--allow-insecure-host",
    "only-binary": "--only-binary",
    "no-binary": "--no-binary",
    "no-index": "--no-index",
}
_VARIABLES = {"cert": "SSL_CERT_FILE", "client-cert": "SSL_CLIENT_CERT", "proxy": "ALL_PROXY"}
# Those that do not change what is installed, or from where.
_HARMLESS = frozenset(
    "cache-dir default-timeout disable-pip-version-check log no-cache-dir no-color no-input no-python-version-warning "
    "prefer-binary progress-bar quiet require-virtualenv retries root-user-action timeout verbose yes".split()
)


class Failed(Exception):
    """It cannot be made; the text says why and what to do."""


class Environment:
    """The virtual environment of a checkout."""

    def __init__(self, root: Path) -> None:
        """Take the folder of the checkout; nothing is done yet."""
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"
        self._begun = self.folder / ".begun"

    def is_made(self, purpose: str, wanted: str | None = None) -> bool:
        """Whether what the purpose needs was installed to its end, from the files as they are now.

        Args:
            wanted: the Python that was asked for, None for any.
        """
        if not self.folder.is_dir() or self._begun.exists() or not self.is_sound(wanted):
            return False
        state = self._state()
        later = list(PURPOSES)[list(PURPOSES).index(purpose) :]
        return any(_text(self._stamp(one)) == state for one in later)

    def is_sound(self, wanted: str | None) -> bool:
        """Whether its Python runs, is new enough, and is of the version that was asked for."""
        version = _version(str(self.python)) if self.python.exists() else None
        if version is None or version < OLDEST:
            return False
        return wanted is None or version == _version(wanted)

    @contextmanager
    def being_made(self) -> Iterator[None]:
        """Marks it as unfinished until all has gone well."""
        self.folder.mkdir(exist_ok=True)
        self._begun.touch()
        for purpose in PURPOSES:
            self._stamp(purpose).unlink(missing_ok=True)
        yield
        self._begun.unlink()

    def was_interrupted(self) -> bool:
        """Whether somebody began and did not end."""
        return self._begun.exists()

    def note(self, purpose: str) -> None:
        """Remember that the purpose has what it needs."""
        self._stamp(purpose).write_text(self._state())

    def _stamp(self, purpose: str) -> Path:
        return self.folder / f".made-for-{purpose}"

    def _state(self) -> str:
        found = hashlib.sha256(str(self.folder).encode())
        for name in (LOCK, "pyproject.toml"):
            found.update((self.root / name).read_bytes())
        return found.hexdigest()


def make(purpose: str, wanted: str | None) -> None:
    """Make or complete the environment of this checkout.

    Args:
        wanted: the Python that was asked for; None takes that which runs this.

    Raises:
        Failed: with the reason in words.
    """
    environment = Environment(ROOT)
    if environment.is_made(purpose, wanted):
        return
    began = time.monotonic()
    with (ROOT / "pyproject.toml").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of two that begin at once the second finds it made
        if environment.is_made(purpose, wanted):
            return
        if environment.was_interrupted():
            say("The last set-up did not come to its end; .venv is made anew.")
            shutil.rmtree(environment.folder)
        elif environment.folder.exists() and not environment.is_sound(wanted):
            say(".venv is of another Python, or its Python is gone; it is made anew.")
            shutil.rmtree(environment.folder)
        with environment.being_made():
            if not environment.python.exists():
                with step("a virtual environment in .venv"):
                    _create(environment, wanted)
            _install(environment, purpose)
        environment.note(purpose)
    say(f"Set up for `{purpose}` in {time.monotonic() - began:.0f} s.")


def say(text: str) -> None:
    """Tell something on stderr, at once."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


@contextmanager
def step(name: str) -> Iterator[None]:
    """A line for what is done, with its seconds."""
    began = time.monotonic()
    yield
    say(f"  {time.monotonic() - began:5.1f} s  {name}")


def _create(environment: Environment, wanted: str | None) -> None:
    python = _chosen(wanted)
    done = _run([python, "-m", "venv", "--clear", str(environment.folder)])
    environment.being_made().__enter__()  # --clear took the mark
    if done.returncode == 0:
        return
    if uv := shutil.which("uv"):
        done = _run([uv, "venv", "--quiet", "--allow-existing", "--seed", "--python", python, str(environment.folder)])
    if done.returncode:
        raise Failed(
            f"{python} cannot make a virtual environment: {_last_line(done)}\n"
            "On Debian and Ubuntu install the package python3-venv; or choose another Python: make PYTHON=..."
        )
