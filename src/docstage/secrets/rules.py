"""Which files and variables connections may take their keys from, and where those may be sent.

Whoever may add connections chooses the address that a key goes to. On a server that others use, a reference
to any file or variable would let them read all that docstage can read: so only what its settings name may be
used there. The variables of providers may be used too, but are sent to the provider they belong to only.
"""

import os
import re
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from docstage.models.catalogue import PROVIDERS, Provider
from docstage.own_files import OwnFiles
from docstage.secrets.references import ENV, FILE, SecretError, path_of
from docstage.settings import PREFIX, Settings

# Here the kernel tells of processes, with their variables.
_KERNEL = (Path("/proc"), Path("/sys"))
_OWN_VARIABLES = frozenset(PREFIX + entry.name.upper() for entry in fields(Settings)) | {f"{PREFIX}SERVER"}
_NAME_A_FOLDER = "Whoever runs it can name its folder in the setting secret_files; or enter the key itself."
_NAME_A_VARIABLE = "Whoever runs it can name it in the setting secret_env; or enter the key itself."


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a key would be sent: a provider, at its own address or another."""

    provider: str
    base_url: str | None = None


@dataclass(frozen=True, slots=True)
class SecretRules:
    """What references may name.

    Attributes:
        files: folders, with links resolved, below which key files lie; None for anywhere.
        variables: globs of names; None for any.
        own: docstage's own files, which are no keys; None where nothing is known of them.
    """

    files: tuple[Path, ...] | None = None
    variables: tuple[str, ...] | None = None
    own: OwnFiles | None = field(default=None, repr=False)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Those of the settings. Raises ConfigurationError when they name no database."""
        folders = tuple(
            Path(os.path.realpath(os.path.expanduser(one)))  # noqa: PTH111  (leaves unknown users alone)
            for one in settings.secret_files
        )
        return cls(
            files=folders if folders or settings.is_shared else None,
            variables=settings.secret_env if settings.secret_env or settings.is_shared else None,
            own=OwnFiles.of(settings),
        )

    def check(self, reference: str | None, destination: Destination | None) -> None:
        """Refuse a reference that may not be used, or not there, whether or not there is anything.

        Args:
            reference: None where no key is named: some libraries then look for a variable by themselves.

        Raises:
            SecretError: it may not be used.
        """
        if reference is None:
            self._check_implied(destination)
        elif reference.startswith(ENV):
            self._check_variable(reference.removeprefix(ENV), destination)
        elif reference.startswith(FILE):
            self.place_of(path_of(reference))

    def place_of(self, path: Path) -> Path:
        """A key file's path with links resolved.

        Raises:
            SecretError: it may not be used.
        """
        place = Path(os.path.realpath(path))
        if any(place.is_relative_to(folder) for folder in _KERNEL):
            raise SecretError(f"{path} is no key file: there the system tells of itself.")
        if self._is_own(place):
            raise SecretError(_is_docstages(path))
        if self.files is not None and not any(place.is_relative_to(folder) for folder in self.files):
            raise SecretError(f"The file {path} may not be used as a key on this server. {_NAME_A_FOLDER}")
        return place

    def check_file(self, path: Path, status: os.stat_result) -> None:
        """Refuse a key file that is one of docstage's own under another name.

        Args:
            status: of the file that was opened.

        Raises:
            SecretError: it is.
        """
        if self.own and self.own.is_one(status):
            raise SecretError(_is_docstages(path))

    def knows(self, variable: str) -> bool:
        """Whether a variable may be used at some address, so that its name may be suggested."""
        if self._is_named(variable):
            return True
        return _owner(variable) is not None

    def _is_own(self, place: Path) -> bool:
        """Whether it is one of docstage's files. Others in its home may be keys that somebody put there."""
        own = self.own
        return own is not None and (str(place) in own.files or own.is_of_database(str(place)))

    def _check_variable(self, name: str, destination: Destination | None) -> None:
        if name in _OWN_VARIABLES:
            raise SecretError(f"{name} is a setting of docstage and no key of a connection.")
        if self._is_named(name):
            return
        owner = _owner(name)
        if owner is None:
            raise SecretError(
                f"The environment variable {name} may not be used on this server. {_NAME_A_VARIABLE}"
            )
        if destination is None or not _belongs_to(owner, destination):
            raise SecretError(
                f"On this server the environment variable {name} is sent to {owner.title}'s own address "
                f"only. {_NAME_A_VARIABLE}"
            )

    def _check_implied(self, destination: Destination | None) -> None:
        provider = PROVIDERS.get(destination.provider) if destination else None
        if provider and provider.key_env and not provider.needs_key:
            self._check_variable(provider.key_env, destination)

    def _is_named(self, variable: str) -> bool:
        named = self.variables
        return named is None or any(fnmatchcase(variable, glob) for glob in named)


def _owner(variable: str) -> Provider | None:
    """The provider whose key it customarily holds, if that is at one address for everybody.

    Bedrock's is known to its library; Azure's is another one for each customer.
    """
    owner = next((one for one in PROVIDERS.values() if one.key_env == variable), None)
    has_address = owner is not None and (owner.default_base_url is not None or not owner.needs_key)
    return owner if has_address else None


def _belongs_to(owner: Provider, destination: Destination) -> bool:
    """Whether what is sent there reaches the owner of a variable and nobody else."""
    if destination.base_url is None and destination.provider == owner.name:
        return True
    target = PROVIDERS.get(destination.provider)
    address = destination.base_url or (target.default_base_url if target else None)
    if owner.default_base_url is None or address is None:
        return False
    own = urlsplit(owner.default_base_url)
    origin = re.escape(f"{own.scheme}://{own.netloc}")
    # Nothing that libraries could read in two ways.
    return re.fullmatch(rf"{origin}(?:/[A-Za-z0-9._~/-]*)?", address) is not None


def _is_docstages(path: Path) -> str:
    return f"{path} is a file of docstage itself and no key of a connection."
