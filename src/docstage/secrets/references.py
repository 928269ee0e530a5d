"""References to secrets that are kept elsewhere: `env:NAME` and `file:PATH`, and reading what they name."""

import os
import re
import stat
from pathlib import Path

from docstage.domain.errors import ConfigurationError
from docstage.domain.secret_text import MOST_CHARACTERS, clean_name, clean_secret
from docstage.opening import open_below

STORED, ENV, FILE = "stored:", "env:", "file:"
_FORMS = "Write env:NAME for an environment variable or file:PATH for a file with the key."
_ALMOST = re.compile(r"(?:env|file|stored)\s*:", re.IGNORECASE)
# A mark and line ends are taken off, which the limit does not count.
_MOST_BYTES = 4 * MOST_CHARACTERS
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# Opening a FIFO for reading would wait for a writer, opening a tape or a terminal may do worse.
_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


class SecretError(ConfigurationError):
    """A secret cannot be read, or not be used; the message says which and why, never its value."""

    kind = "secret"
    status = 422
    title = "A secret cannot be read"


class SecretMissing(SecretError):
    """There is nothing yet where a reference leads."""


def is_reference(value: str) -> bool:
    """Whether it says where the secret is, instead of being it."""
    return value.startswith((ENV, FILE))


def checked(value: str) -> str:
    """What a user gave as a key: the secret, or a reference to it, without what came along by mistake.

    Raises:
        ValueError: it can be neither, in words that repeat nothing of it.
    """
    given = value.removeprefix("\ufeff").strip(" \t\r\n") if _ALMOST.match(value.lstrip("\ufeff \t")) else ""
    if not given:
        return clean_secret(value)
    if not is_reference(given):
        raise ValueError(f"begins as a reference and is none. {_FORMS}")
    kind, _, name = given.partition(":")
    try:
        named = clean_name(name)
    except ValueError as error:
        raise ValueError(f"is a reference whose name {error}") from None
    if not named or (kind == "env" and "=" in named):
        raise ValueError(f"is a reference to nothing. {_FORMS}")
    if kind == "file":
        _check_whole(named)
    return f"{kind}:{named}"


def describe(reference: str | None) -> str | None:
    """The reference as it may be shown: where the secret is, never what it is."""
    return "stored" if reference and reference.startswith(STORED) else reference


def path_of(reference: str) -> Path:
    """Where the file of a reference lies, as it is written.

    Raises:
        SecretError: it names the home of a user whom there is not.
    """
    text = reference.removeprefix(FILE)
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise SecretError(f"There is no home folder for {text}.") from error


def from_environment(name: str) -> str:
    """The secret in a variable.

    Raises:
        SecretMissing: it is not set, or empty.
        SecretError: what it holds cannot be a secret.
    """
    value = os.environ.get(name, "")
    if not value.strip():
        raise SecretMissing(f"The environment variable {name} is not set where docstage runs.")
    return _cleaned(value, f"The environment variable {name}")


def from_file(named: Path, place: Path) -> tuple[str, os.stat_result]:
    """The secret in a file, and the file's status.

    Args:
        named: the path as it may be shown.
        place: the same with links resolved; none that was put there since is followed.

    Raises:
        SecretMissing: there is no such file.
        SecretError: it cannot be read, or what it holds cannot be a secret.
    """
    try:
        descriptor = open_below(Path(place.anchor), place.parts[1:], _FLAGS)
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise SecretError(f"The key file {named} is not a regular file.")
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise SecretMissing(f"Cannot read the key file {named}: {error.strerror}.") from error
    except OSError as error:
        raise SecretError(f"Cannot read the key file {named}: {error.strerror}.") from error
    return _cleaned(_text(data, named), f"The key file {named}"), status


def _text(data: bytes, named: Path) -> str:
    if len(data) > _MOST_BYTES:
        raise SecretError(f"The key file {named} is far larger than any key.")
    if data.startswith(_UTF_16):
        raise SecretError(f"The key file {named} is not text in UTF-8: it is UTF-16. Save it as UTF-8.")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise SecretError(f"The key file {named} is not text.") from error


def _cleaned(value: str, holder: str) -> str:
    try:
        return clean_secret(value)
    except ValueError as error:
        raise SecretError(f"{holder} {error}.") from None


def _check_whole(path: str) -> None:
    """A path that begins where a process was started would lead elsewhere for each of them."""
    if not path.startswith(("/", "~")):
        raise ValueError("is a reference to a file without its whole path. Begin it with / or ~")
