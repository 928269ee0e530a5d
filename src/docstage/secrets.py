"""Secrets: references to where they are, or stored sealed under a key file that only the owner can read.

A secret is resolved when a client is made and goes nowhere else: not into answers, logs, snapshots or
exports.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from sqlalchemy import Connection, delete, insert, select

from docstage.clock import Clock
from docstage.domain.errors import ConfigurationError, InvalidInput
from docstage.store.tables import secret

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

STORED, ENV, FILE = "stored:", "env:", "file:"
_MAX_BYTES = 16_384


class SecretError(ConfigurationError):
    """A secret cannot be read; the message says which and why, never its value."""

    kind = "secret"
    status = 422
    title = "A secret cannot be read"


class Secrets:
    """Seals, stores and resolves secrets."""

    def __init__(self, key_file: Path, clock: Clock) -> None:
        self._key_file = key_file
        self._clock = clock

    def keep(self, c: Connection, value: str) -> str:
        """Take what the user gave and return the reference under which it is kept.

        `env:NAME` and `file:PATH` are references already; anything else is the secret itself and is sealed.

        Raises:
            InvalidInput: the reference is malformed.
        """
        if value.startswith((ENV, FILE)):
            return _checked_reference(value)
        if value.startswith(STORED):
            raise InvalidInput("A key cannot begin with 'stored:'.")
        sealed = self._box().encrypt(value.encode())
        statement = insert(secret).values(sealed=sealed, created_at=self._clock.now()).returning(secret.c.id)
        return f"{STORED}{c.execute(statement).scalar_one()}"

    def read(self, value: str) -> str:
        """The secret that `keep` would take this for, without keeping anything.

        Raises:
            InvalidInput: the reference is malformed.
            SecretError: what it names cannot be read.
        """
        if value.startswith(STORED):
            raise InvalidInput("A key cannot begin with 'stored:'.")
        return _referred(_checked_reference(value)) if value.startswith((ENV, FILE)) else value

    def seal(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers of a connection as they are kept: sealed, but for their names."""
        if not headers:
            return {}  # for which no key is made
        box = self._box()
        return {name: box.encrypt(value.encode()).decode() for name, value in headers.items()}

    def unseal(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers that `seal` was given.

        Raises:
            SecretError: the seal does not fit the key.
        """
        return {name: self._opened(value.encode(), f"header {name}") for name, value in headers.items()}

    def forget(self, c: Connection, reference: str | None) -> None:
        """Delete a stored secret; other references are left alone."""
        if reference and reference.startswith(STORED):
            c.execute(delete(secret).where(secret.c.id == int(reference.removeprefix(STORED))))

    def resolve(self, c: Connection, reference: str | None) -> str | None:
        """The secret itself, or None for no reference.

        Raises:
            SecretError: the variable is not set, the file cannot be read, or the seal does not fit the key.
        """
        if reference is None:
            return None
        if reference.startswith((ENV, FILE)):
            return _referred(reference)
        return self._unsealed(c, int(reference.removeprefix(STORED)))

    def _unsealed(self, c: Connection, number: int) -> str:
        sealed = c.execute(select(secret.c.sealed).where(secret.c.id == number)).scalar()
        if sealed is None:
            raise SecretError("The connection's key is no longer stored. Enter it again.")
        return self._opened(bytes(sealed), "key")

    def _opened(self, sealed: bytes, what: str) -> str:
        from cryptography.fernet import InvalidToken

        try:
            return self._box().decrypt(sealed).decode()
        except InvalidToken as error:
            raise SecretError(
                f"The stored {what} was sealed with another key file than {self._key_file.name}. "
                "Enter it again."
            ) from error

    def _box(self) -> "Fernet":
        from cryptography.fernet import Fernet

        key = self._read_key() or self._make_key()
        try:
            return Fernet(key)
        except ValueError as error:
            raise SecretError(f"{self._key_file} does not hold a key that docstage made.") from error

    def _read_key(self) -> bytes | None:
        try:
            mode = self._key_file.stat().st_mode
            key = self._key_file.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SecretError(f"Cannot read {self._key_file}: {error.strerror}.") from error
        if stat.S_IMODE(mode) & 0o077:
            raise SecretError(
                f"{self._key_file} can be read by others. Make it private first: chmod 600 {self._key_file}"
            )
        return key

    def _make_key(self) -> bytes:
        from cryptography.fernet import Fernet

        key = Fernet.generate_key()
        try:
            self._key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            # A name of its own for each thread, and one that a killed process cannot leave in the way.
            with NamedTemporaryFile(dir=self._key_file.parent, prefix=self._key_file.name) as part:
                part.write(key)
                part.flush()
                os.fsync(part.fileno())
                os.link(part.name, self._key_file)
        except FileExistsError:  # another was first: then its key counts
            return self._key_file.read_bytes()
        except OSError as error:
            raise SecretError(f"Cannot make {self._key_file}: {error.strerror}.") from error
        return key


def describe(reference: str | None) -> str | None:
    """The reference as it may be shown: where the secret is, never what it is."""
    return "stored" if reference and reference.startswith(STORED) else reference


def _checked_reference(reference: str) -> str:
    if reference in {ENV, FILE} or "\x00" in reference:
        raise InvalidInput("Write env:NAME for an environment variable or file:PATH for a file with the key.")
    return reference


def _referred(reference: str) -> str:
    if reference.startswith(ENV):
        return _from_environment(reference.removeprefix(ENV))
    return _from_file(Path(reference.removeprefix(FILE)).expanduser())


def _from_environment(name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise SecretError(f"The environment variable {name} is not set where docstage runs.")
    return value


def _from_file(path: Path) -> str:
    try:
        # Without O_NONBLOCK, opening a pipe would wait for somebody to write to it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise SecretError(f"The key file {path} is not a regular file.")
            value = file.read(_MAX_BYTES).decode().strip()
    except OSError as error:
        raise SecretError(f"Cannot read the key file {path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SecretError(f"The key file {path} is not text.") from error
    if not value:
        raise SecretError(f"The key file {path} is empty.")
    return value
