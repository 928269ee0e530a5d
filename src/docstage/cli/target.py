"""What a command works on: a local database or a server, as the options before the command say."""

import os
import re
import shlex
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import typer

from docstage.domain.errors import InvalidInput
from docstage.settings import PREFIX, Settings

_PASSWORDS = re.compile("(?<=://).*(?=@)|(?<=password=)[^&]*")


@dataclass(frozen=True, slots=True)
class Target:
    """The options before the command; None where not given.

    Attributes:
        home: the folder in which docstage keeps all it has.
        database: path of a SQLite file, or a postgresql:// URL.
        server: URL of a docstage server; then neither home nor database matter.
        token: the bearer token of that server, or the one that `serve` demands.
    """

    home: Path | None = None
    database: str | None = None
    server: str | None = None
    token: str | None = None

    @classmethod
    def of(cls, ctx: typer.Context) -> "Target":
        """The target of the command that runs."""
        return ctx.find_object(cls) or cls()

    @property
    def given(self) -> set[str]:
        """The names of the options that were given."""
        return {one.name for one in fields(self) if getattr(self, one.name) is not None}

    @property
    def address(self) -> str | None:
        """URL of the server, from the option or `DOCSTAGE_SERVER`; None for the local database."""
        return self.server or os.environ.get(f"{PREFIX}SERVER") or None

    def settings(self, **flags: Any) -> Settings:
        """The settings, with further flags of the command. Raises ConfigurationError."""
        own = {"home": self.home, "database": self.database, "token": self.token}
        return Settings.load(own | flags)

    def local_settings(self, what: str) -> Settings:
        """The settings, for what is done on the machine where the database is and not over HTTP.

        Raises:
            InvalidInput: a server was named.
            ConfigurationError: the settings are wrong.
        """
        if self.address is not None:
            raise InvalidInput(
                f"{what} works where the database is, not over HTTP. Run it on the server's machine, without "
                f"--server and {PREFIX}SERVER."
            )
        return self.settings()

    def command(self, words: str) -> str:
        """A command that can be typed to go on with the same target, such as `batch resume 3`.

        The password of a database must be put in again.
        """
        given = {"--home": self.home, "--database": self.database, "--server": self.server}
        options = [f"{name} {shlex.quote(shown(value))}" for name, value in given.items() if value]
        return " ".join(["docstage", *options, words])


def shown(address: object) -> str:
    """An address or path as it may be shown: without user name and password."""
    return _PASSWORDS.sub("***", str(address))
