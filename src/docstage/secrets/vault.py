"""Seals, stores and resolves the secrets of connections."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Self

from sqlalchemy import Connection, delete, insert, select

from docstage import private
from docstage.clock import Clock
from docstage.domain.errors import InvalidInput
from docstage.domain.secret_text import check_ascii, clean_header, clean_secret
from docstage.models.catalogue import get_provider
from docstage.secrets.references import (
    ENV,
    STORED,
    SecretError,
    SecretMissing,
    checked,
    from_environment,
    from_file,
    is_reference,
    path_of,
)
from docstage.secrets.rules import Destination, SecretRules
from docstage.settings import Settings
from docstage.store.tables import secret

if TYPE_CHECKING:
    from cryptography.fernet import Fernet


class Secrets:
    """Seals, stores and resolves secrets."""

    def __init__(self, key_file: Path, clock: Clock, rules: SecretRules | None = None) -> None:
        """Make the keeper of secrets.

        Args:
            rules: what references may name; None lets them name anything.
        """
        self._key_file = key_file
        self._clock = clock
        self.rules = rules or SecretRules()

    @classmethod
    def of(cls, settings: Settings, clock: Clock) -> Self:
        """The one that the settings describe. Raises ConfigurationError when they name no database."""
        return cls(settings.key_file, clock, SecretRules.of(settings))

    def keep(self, c: Connection, value: str) -> str:
        """Take what the user gave and return the reference under which it is kept.

        `env:NAME` and `file:PATH` are references already; anything else is the secret itself and is sealed.

        Raises:
            InvalidInput: it can be neither.
        """
        given = _given(value)
        if is_reference(given):
            return given
        sealed = self._box().encrypt(given.encode())
        statement = insert(secret).values(sealed=sealed, created_at=self._clock.now()).returning(secret.c.id)
        return f"{STORED}{c.execute(statement).scalar_one()}"

    def examine(self, value: str, destination: Destination) -> None:
        """Find out whether what the user gave can be used; that a reference leads nowhere yet is no fault.

        Raises:
            InvalidInput: it can be neither a secret nor a reference.
            SecretError: it may not be used, or what it names can be no secret.
        """
        try:
            self.read(value, destination)
        except SecretMissing:
            return

    def read(self, value: str, destination: Destination | None = None) -> str:
        """The secret that `keep` would take this for, without keeping anything.

        Args:
            destination: where it would be sent.

        Raises:
            InvalidInput: it can be neither a secret nor a reference.
            SecretError: it may not be used, or what it names cannot be read.
        """
        given = _given(value)
        found = self._referred(given, destination) if is_reference(given) else given
        return _sendable(found, destination)

    def seal(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers of a connection as they are kept: sealed, but for their names."""
        if not headers:
            return {}  # for which no key is made
        box = self._box()
        return {name: box.encrypt(value.encode()).decode() for name, value in headers.items()}

    def unseal(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers that `seal` was given.

        Raises:
            SecretError: the seal does not fit the key, or no request could carry one.
        """
        return {
            name: _usable(self._opened(value.encode(), f"header {name}"), f"header {name}")
            for name, value in headers.items()
        }

    def forget(self, c: Connection, reference: str | None) -> None:
        """Delete a stored secret; other references are left alone."""
        if reference and reference.startswith(STORED):
            c.execute(delete(secret).where(secret.c.id == int(reference.removeprefix(STORED))))

    def resolve(
        self, c: Connection, reference: str | None, destination: Destination | None = None
    ) -> str | None:
        """The secret itself, or None for no reference.

        Args:
            destination: where it will be sent; a variable that goes to its own provider only needs one.

        Raises:
            SecretError: the variable is not set, the file cannot be read, or the seal does not fit the key;
                or it may not be used, or not be sent there.
        """
        if reference is None:
            self.rules.check(None, destination)
            return None
        if is_reference(reference):
            return _sendable(self._referred(reference, destination), destination)
        return _sendable(self._unsealed(c, int(reference.removeprefix(STORED))), destination)

    def _referred(self, reference: str, destination: Destination | None) -> str:
        self.rules.check(reference, destination)
        if reference.startswith(ENV):
            return from_environment(reference.removeprefix(ENV))
        named = path_of(reference)
        value, status = from_file(named, self.rules.place_of(named))
        self.rules.check_file(named, status)
        return value

    def _unsealed(self, c: Connection, number: int) -> str:
        sealed = c.execute(select(secret.c.sealed).where(secret.c.id == number)).scalar()
        if sealed is None:
            raise SecretError("The connection's key is no longer stored. Enter it again.")
        try:
            return clean_secret(self._opened(bytes(sealed), "key"))
        except ValueError as error:
            raise SecretError(f"The stored key {error}. Enter it again.") from None

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
            private.make_folder(self._key_file.parent)
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


def _given(value: str) -> str:
    try:
        return checked(value)
    except ValueError as error:
        raise InvalidInput(f"The key {str(error).rstrip('.')}.") from None


def _usable(header: str, what: str) -> str:
    try:
        return clean_header(header)
    except ValueError as error:
        raise SecretError(f"The stored {what} {error}. Enter it again.") from None


def _sendable(found: str, destination: Destination | None) -> str:
    """The secret, if the client of its destination can send it: providers' own libraries know only ASCII."""
    if destination and get_provider(destination.provider).api == "pydantic-ai":
        try:
            check_ascii(found)
        except ValueError as error:
            raise SecretError(f"The key {error}.") from None
    return found
