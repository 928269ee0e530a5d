"""Settings: flags first, then the environment (`DOCSTAGE_...`), then a TOML file, then defaults."""

import difflib
import ipaddress
import json
import math
import os
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from platformdirs import user_data_path

from docstage.domain.errors import ConfigurationError
from docstage.domain.ocr_languages import asked_languages
from docstage.domain.secret_text import check_ascii, clean_name, clean_secret

PREFIX = "DOCSTAGE_"
FILE_NAME = "docstage.toml"
# Variables that are no settings: of commands, of tests and benchmarks, keys for connections, and what
# container platforms set for a service of the name docstage.
_NO_SETTINGS = re.compile(
    "SERVER|CORPUS|LLAMA_SERVER|SCREENSHOTS|BENCH_.*|TEST_.*|.*_API_KEY|SERVICE_(?:HOST|PORT).*|PORT_[0-9]+_.*"
)
# A list whose texts may have commas; [::1] and [A-Z]* are texts of the other form.
_JSON_LIST = re.compile(r'\s*\[\s*("|\]\s*$)')
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_NEARLY_ALL = 0.9  # of a name and its prefix, which is spelt wrongly


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, with its default.

    Attributes:
        home: the folder in which docstage keeps all it has.
        database: path of a SQLite file or a postgresql:// URL; empty means a SQLite file in `home`.
        synchronous: SQLite's durability: NORMAL, or FULL to survive loss of power too.
        host: address that `serve` listens on.
        port: port that `serve` listens on; 0 takes any free one.
        token: what callers must present as a bearer token; needed on any address but loopback.
        allowed_hosts: further names in the Host header that are answered, such as a proxy's.
        allowed_origins: front ends of other origins that may use the server, such as http://localhost:5173.
        actor_header: header in which a proxy in front says who asks, for the audit log; empty for none.
        allowed_roots: folders below which documents may lie; empty allows all.
        secret_files: folders below which key files of connections may lie; empty allows all, or none where
            the server is shared.
        secret_env: names (or globs) of variables that connections may take keys from; empty allows all, or
            where the server is shared those of providers, for their own addresses.
        workers: extraction processes; 0 means one for each core.
        extract_seconds: time one document may take to encode.
        extract_memory_mb: memory one extraction process may take.
        max_file_mb: larger files are skipped.
        max_archive_files: files that are taken out of one archive or mailbox, with those in others inside it.
        max_archive_mb: what these may have in all, unpacked.
        max_archive_ratio: an archive that unpacks to more than so many times its size is not opened.
        max_archive_depth: archives, mailboxes and documents with attachments that may lie in each other.
        ocr_languages: languages that words in pictures are of; empty: what the engine reads best.
        max_tasks: the largest matrix that is laid out.
        max_attempts: tries that a task has; rate limits and held lanes do not count.
        give_up_after: seconds for which a server that is away, or fails all calls, is tried again.
        stop_grace: seconds that calls in flight have to finish when the engine is stopped.
        migrate: whether `serve` and `engine` migrate a database of an earlier version: auto, where docstage
            can make a copy first; always; or explicit, by `docstage migrate` only.
        keep_backups: copies made before migrations that are kept; 0 keeps all.
        keep_runs: runs of a batch that are kept, the last ones, its current run among them; 0 keeps all.
        keep_days: days that earlier runs of a batch are kept; 0 keeps all. The current run stays.
        log_level: DEBUG, INFO, WARNING or ERROR.
    """

    home: Path = field(default_factory=lambda: user_data_path("docstage"))
    database: str = ""
    synchronous: str = "NORMAL"
    host: str = "127.0.0.1"
    port: int = 8640
    token: str = field(default="", repr=False)
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    actor_header: str = ""
    allowed_roots: tuple[str, ...] = ()
    secret_files: tuple[str, ...] = ()
    secret_env: tuple[str, ...] = ()
    workers: int = 0
    extract_seconds: float = 60.0
    extract_memory_mb: int = 2_048
    max_file_mb: int = 200
    max_archive_files: int = 10_000
    max_archive_mb: int = 2_048
    max_archive_ratio: int = 500
    max_archive_depth: int = 5
    ocr_languages: tuple[str, ...] = ()
    max_tasks: int = 5_000_000
    max_attempts: int = 5
    give_up_after: float = 43_200.0
    stop_grace: float = 7.0
    migrate: str = "auto"
    keep_backups: int = 3
    keep_runs: int = 0
    keep_days: int = 0
    log_level: str = "INFO"

    @property
    def database_url(self) -> str:
        """The database, as `store.database.Database` takes it."""
        return self.database or str(self.home / "docstage.db")

    @property
    def is_shared(self) -> bool:
        """Whether others than the user who runs docstage are meant to use the server."""
        reached = bool(self.token or self.allowed_hosts) or not is_loopback(self.host)
        return reached or bool(self.allowed_roots)

    @property
    def key_file(self) -> Path:
        """The key under which stored secrets are sealed."""
        return self.home / "secret.key"

    @property
    def uploads_folder(self) -> Path:
        """Where files lie that were sent to the server."""
        return self.home / "uploads"

    @property
    def backups_folder(self) -> Path:
        """Where copies of the database are put, unless another place is named."""
        return self.home / "backups"

    @classmethod
    def load(cls, flags: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Self:
        """Settings from all sources.

        Args:
            flags: values from the command line; None means not given.
            environ: the environment, by default the process's own.

        Raises:
            ConfigurationError: a setting is unknown or has a value of the wrong kind.
        """
        environment = os.environ if environ is None else environ
        given = {name: value for name, value in (flags or {}).items() if value is not None}
        variables = {
            name: environment[PREFIX + name.upper()]
            for name in _names(cls)
            if PREFIX + name.upper() in environment
        }
        home = Path(given.get("home") or variables.get("home") or cls().home).expanduser().absolute()
        merged = _file_values(cls, home) | variables | given | {"home": home}
        return cls(**{name: _converted(cls, name, value) for name, value in merged.items()})

    def variables(self) -> dict[str, str]:
        """The environment in which `load` gives these settings, whatever the file says."""
        return {PREFIX + name.upper(): _as_text(getattr(self, name)) for name in _names(type(self))}


def unknown_variables(environ: Mapping[str, str] | None = None) -> list[str]:
    """What to tell about variables that look like settings and are none: a sentence or two for each.

    A misspelt name would leave what it was meant to set, such as a token, at its default. Values are never
    repeated.

    Args:
        environ: the environment, by default the process's own.
    """
    names = sorted(os.environ if environ is None else environ)
    settings = [PREFIX + name.upper() for name in _names(Settings)]
    known = [*settings, f"{PREFIX}SERVER"]
    told = ((name, _meant(name, known)) for name in names if name not in known)
    return [
        f"The variable {name} is no setting and is ignored.{hint}" for name, hint in told if hint is not None
    ]


def _meant(name: str, known: Collection[str]) -> str | None:
    """A hint at the setting that a variable was meant to be, which may be empty; None if it is another's."""
    whole = name.upper()
    if name.startswith(PREFIX):
        is_other = _NO_SETTINGS.fullmatch(name.removeprefix(PREFIX))
        return None if is_other else _did_you_mean(whole, known)
    if whole.startswith(PREFIX):
        return _did_you_mean(whole, known)
    if not whole.startswith(PREFIX[0]):
        return None  # looked at for every command: most variables are nothing like it
    return _did_you_mean(whole, known, _NEARLY_ALL) or None


def _did_you_mean(name: str, known: Collection[str], likeness: float = 0.5) -> str:
    bare = {one.removeprefix(PREFIX): one for one in known}
    if name.startswith(PREFIX):  # what all have in common would make any two alike
        close = difflib.get_close_matches(name.removeprefix(PREFIX), bare, n=1, cutoff=likeness)
    else:
        close = difflib.get_close_matches(name, known, n=1, cutoff=likeness)
    return f" Did you mean {bare.get(close[0], close[0])}?" if close else ""


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _names(cls: type[Settings]) -> list[str]:
    return [entry.name for entry in fields(cls)]


def _file_values(cls: type[Settings], home: Path) -> dict[str, Any]:
    path = home / FILE_NAME
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"Cannot read {path}: {error}") from error
    known = [name for name in _names(cls) if name != "home"]
    unknown = sorted(values.keys() - set(known))
    if unknown:
        hints = dict.fromkeys(
            _did_you_mean(name.lower().removeprefix(PREFIX.lower()), known) for name in unknown
        )
        raise ConfigurationError(f"{path} has unknown settings: {', '.join(unknown)}.{''.join(hints)}")
    return values


def _converted(cls: type[Settings], name: str, value: Any) -> Any:
    kind = next(entry.type for entry in fields(cls) if entry.name == name)
    try:
        converted = _CONVERTERS[kind](value)
    except (ValueError, TypeError) as error:
        shown = "that" if name in _MAY_BE_SECRET else repr(value)
        raise ConfigurationError(f"The setting {name} cannot be {shown}: {error}.") from error
    try:
        return _CLEANED[name](converted) if name in _CLEANED and converted else converted
    except ValueError as error:
        raise ConfigurationError(f"The setting {name} {error}.") from error


def clean_token(value: str) -> str:
    """A server's token as callers can send it: a line end that came along would keep everybody out.

    Raises:
        ValueError: it cannot be one, in words that repeat nothing of it.
    """
    token = clean_secret(value)
    check_ascii(token)
    return token


def header_name(value: str) -> str:
    """The name of a header, as RFC 9110 has it. Raises ValueError."""
    if not _HEADER_NAME.fullmatch(value):
        raise ValueError(f"must be the name of one header, such as X-Forwarded-User, not {value!r}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is needed")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool | float):
        raise ValueError("a whole number is needed")
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not math.isfinite(number := float(value)):
        raise ValueError("a number is needed")
    return number


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str) and not _JSON_LIST.match(value):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return tuple(_text(part) for part in (_parsed(value) if isinstance(value, str) else value))


def _parsed(value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError('what begins with [" must be a list of JSON, such as ["/a", "/b,c"]') from error


def _as_text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, tuple) else str(value)


# Those that may be, or hold, a secret are never repeated.
_MAY_BE_SECRET = ("token", "database", "actor_header")
_CLEANED: dict[str, Callable[[Any], Any]] = {
    "token": clean_token,
    "database": clean_name,
    "actor_header": header_name,
    "ocr_languages": asked_languages,
}
_CONVERTERS: dict[Any, Any] = {
    Path: Path,
    str: _text,
    int: _whole,
    float: _number,
    tuple[str, ...]: _texts,
}
