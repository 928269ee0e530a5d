"""Makes .venv, or brings it up to date: python3 -m tools.environment demo|serve|develop|local

The versions are those of requirements.lock; what is wanted of them stands in pyproject.toml. Only what has
come to its end counts as made: a set-up that was interrupted is begun anew.
"""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tools.installing import Failed, add_local_model, install, last_line, run, say, step

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)
# What each purpose needs: extras and dependency groups of pyproject.toml. Each has all of those before it.
PURPOSES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "demo": ((), ("checkout",)),
    "serve": (("all",), ("checkout", "pages")),
    "develop": (("all",), ("dev",)),
}

# Every purpose has a small real model, where there are wheels; this tries once more to get it.
LOCAL = "local"


class Environment:
    """The virtual environment of a checkout."""

    def __init__(self, root: Path) -> None:
        """Take the folder of the checkout; nothing is done yet."""
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"
        self._begun = self.folder / ".begun"

    @property
    def was_interrupted(self) -> bool:
        """Whether somebody began to make it and did not come to the end."""
        return self._begun.exists()

    def is_sound(self, wanted: str | None) -> bool:
        """Whether its Python runs, is new enough, and is of the version of the one that is wanted, if any."""
        version = _version(str(self.python))
        return version >= OLDEST and (wanted is None or version == _version(wanted))

    def is_made(self, purpose: str, wanted: str | None) -> bool:
        """Whether all that the purpose needs was installed, from the files as they are now."""
        later = list(PURPOSES)[list(PURPOSES).index(purpose) :]
        noted = {_text(self._note(one)) for one in later}
        return not self.was_interrupted and self._state() in noted and self.is_sound(wanted)

    @contextmanager
    def being_made(self, purpose: str) -> Iterator[None]:
        """Counts as interrupted until all has gone well, and then as made for the purpose."""
        self.folder.mkdir(exist_ok=True)
        self._begun.touch()
        yield
        self._note(purpose).write_text(self._state())
        self._begun.unlink()

    def _note(self, purpose: str) -> Path:
        return self.folder / f".made-for-{purpose}"

    def _state(self) -> str:
        """What is installed depends on it; programs in .venv have its place in their first line."""
        found = hashlib.sha256(str(self.folder).encode())
        for name in ("requirements.lock", "pyproject.toml"):
            found.update((self.root / name).read_bytes())
        return found.hexdigest()


def make(root: Path, purpose: str, wanted: str | None = None) -> None:
    """Make or complete the environment of a checkout; nothing is done where it is made.

    Args:
        wanted: the Python that was asked for; None for any that is new enough.

    Raises:
        Failed: with the reason in words.
    """
    environment = Environment(root)
    if environment.is_made(purpose, wanted):
        return
    began = time.monotonic()
    with (root / "pyproject.toml").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of two that begin at once, the second finds it made
        if environment.is_made(purpose, wanted):
            return
        _clear_away(environment, wanted)
        say(f"Setting up .venv for `{purpose}`:")
        with environment.being_made(purpose):
            if not environment.python.exists():
                with step("a virtual environment"):
                    _create(environment.folder, wanted or _base_python())
            extras, groups = PURPOSES[purpose]
            install(environment.root, environment.python, extras, groups)
    say(f"Set up in {time.monotonic() - began:.0f} s.")


def _clear_away(environment: Environment, wanted: str | None) -> None:
    if not environment.folder.exists():
        return
    if environment.was_interrupted:
        say("The last set-up was interrupted: .venv is made anew.")
    elif not environment.is_sound(wanted):
        say("The Python of .venv is gone or not the wanted one: .venv is made anew.")
    else:
        return
    shutil.rmtree(environment.folder)


def _create(folder: Path, python: str) -> None:
    if _version(python) < OLDEST:
        raise Failed(
            "docstage needs Python 3.11 or later. Name one that you have: make PYTHON=python3.12 ..."
        )
    done = run([python, "-m", "venv", str(folder)])
    if done.returncode:
        raise Failed(
            f"{python} cannot make a virtual environment: {last_line(done)}\n"
            "Debian and Ubuntu have that in the package python3-venv. Or name another: make PYTHON=..."
        )


def _base_python() -> str:
    """The Python that runs this; not the one of an activated environment, which may be .venv itself."""
    return str(getattr(sys, "_base_executable", sys.executable))


def _version(python: str) -> tuple[int, ...]:
    """Its version, such as (3, 12); (0,) where it does not run."""
    script = "import sys; print(*sys.version_info[:2])"
    try:
        done = run([python, "-c", script])
    except OSError:
        return (0,)
    return tuple(map(int, done.stdout.split())) if done.returncode == 0 else (0,)


def _text(path: Path) -> str | None:
    try:
        return path.read_text()
    except OSError:
        return None


def main(words: list[str]) -> int:
    """Take the purpose, and `--wanted` where the Python that runs this was asked for; the exit code."""
    purpose = "demo" if words[0] == LOCAL else words[0]
    try:
        make(ROOT, purpose, _base_python() if "--wanted" in words[1:] else None)
    except Failed as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Interrupted. The next time .venv is made anew.")
        return 130
    if words[0] == LOCAL:
        return 0 if add_local_model(ROOT, Environment(ROOT).python) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
