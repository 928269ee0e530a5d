"""The database: where it is, how its connections are set up, reading and writing transactions.

SQLite is opened in WAL mode; its write transactions begin with BEGIN IMMEDIATE, so that they wait for their
turn instead of failing half-way. Encoded contents are attached from a file beside it. On PostgreSQL they live
in a schema of the same database.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import ConnectionPoolEntry

from docstage import private
from docstage.domain.errors import ConfigurationError
from docstage.store.database_errors import trouble_of
from docstage.store.database_files import contents_beside, files_of
from docstage.store.tables import CONTENT_SCHEMA

BUSY_SECONDS = 30.0
# A server that is gone without a word must not take minutes to be noticed.
_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
_DURABILITIES = frozenset({"NORMAL", "FULL"})


class Database:
    """A SQLite file or a PostgreSQL database, opened but not yet migrated."""

    def __init__(self, url: str, *, synchronous: str = "NORMAL", pool_size: int = 10) -> None:
        """Open the database at an SQLAlchemy URL or a plain path of a SQLite file.

        Args:
            synchronous: SQLite's setting. NORMAL survives any crash of docstage and can lose the last commits
                when the machine loses power; FULL survives that too and is slower.
            pool_size: connections kept open.

        Raises:
            ConfigurationError: the URL names no database that docstage supports, or `synchronous` is another
                word.
        """
        self.url = _normalise(url)
        self.is_sqlite = self.url.startswith("sqlite")
        if synchronous not in _DURABILITIES:
            raise ConfigurationError(f"synchronous must be NORMAL or FULL, not {synchronous!r}.")
        self._synchronous = synchronous
        arguments: Mapping[str, str | float] = {"timeout": BUSY_SECONDS} if self.is_sqlite else _PATIENCE
        if not self.is_sqlite:
            _check_driver()
        self.engine: Engine = create_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=40,
            pool_pre_ping=not self.is_sqlite,
            connect_args=arguments,
            hide_parameters=True,  # documents and answers, which have no place in a log
        )
        if self.is_sqlite:
            self._prepare_files()
            event.listen(self.engine, "connect", self._set_up_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        else:
            event.listen(self.engine, "checkin", _leave_to_the_server)

    @property
    def path(self) -> Path | None:
        """The SQLite file, or None on PostgreSQL."""
        return Path(make_url(self.url).database or "") if self.is_sqlite else None

    @property
    def contents_path(self) -> Path | None:
        """The SQLite file of the encoded contents, or None on PostgreSQL."""
        return contents_beside(self.path) if self.path else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the database throughout.

        Raises:
            Unavailable: the database cannot be reached.
            ConfigurationError: the file is no SQLite database.
        """
        with self.translated(reading=True), self.engine.connect() as connection:
            if not self.is_sqlite:  # whose transactions see one state anyway
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that is committed at the end, or rolled back on an exception.

        Raises:
            Unavailable: the database cannot be reached or written.
        """
        with self.translated(), self.engine.connect() as connection:
            writer = connection.execution_options(docstage_write=True)
            with writer.begin():
                yield writer

    @contextmanager
    def outside(self) -> Iterator[Connection]:
        """A connection without a transaction, for statements that must not be in one.

        Raises:
            Unavailable: the database cannot be reached or written.
        """
        with self.translated(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="AUTOCOMMIT")
            yield connection.execution_options(docstage_outside=True)

    @contextmanager
    def translated(self, *, reading: bool = False) -> Iterator[None]:
        """Errors that say nothing about the statement become errors that a user can mend.

        Args:
            reading: nothing may be written, so that a refusal to do so is a bug.

        Raises:
            Unavailable: the database cannot be reached, or cannot do its work at the moment.
            ConfigurationError: the file is no SQLite database.
        """
        try:
            yield
        except SQLAlchemyError as error:
            trouble = trouble_of(error, self.path, reading=reading)
            if trouble is None:
                raise
            raise trouble from error

    def check_writable(self) -> None:
        """Write something that changes nothing.

        Raises:
            Unavailable: the disk is full or broken, or the database may only be read.
        """
        with self.write() as c:
            c.exec_driver_sql("UPDATE alembic_version SET version_num = version_num")

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()

    def _prepare_files(self) -> None:
        path, contents = self.path, self.contents_path
        assert path is not None
        assert contents is not None
        try:
            private.make_folder(path.parent)
        except OSError as error:
            raise ConfigurationError(f"Cannot make the folder {path.parent}: {error.strerror}.") from error
        # SQLite makes its logs with the mode of the database. Those of an older docstage have another one.
        for file in files_of(path):
            private.tighten(file)
        for file in (path, contents):
            with suppress(OSError):  # SQLite meets the same trouble, and `translated` puts it into words
                private.make_file(file)

    def _set_up_sqlite(self, connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        # The driver must not begin transactions by itself: `_begin_sqlite` does, and knows which kind.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("ATTACH DATABASE ? AS " + CONTENT_SCHEMA, (str(self.contents_path),))
        for statement in (
            f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1_000)}",
            "PRAGMA foreign_keys = ON",
            f"PRAGMA {CONTENT_SCHEMA}.page_size = 16384",  # blobs: fewer, larger pages
            *(f"PRAGMA {schema}.auto_vacuum = INCREMENTAL" for schema in _new_files(cursor)),
            "PRAGMA secure_delete = ON",  # of all files: what is deleted is overwritten
            "PRAGMA main.journal_mode = WAL",
            f"PRAGMA {CONTENT_SCHEMA}.journal_mode = WAL",
            f"PRAGMA main.synchronous = {self._synchronous}",
            f"PRAGMA {CONTENT_SCHEMA}.synchronous = {self._synchronous}",
            "PRAGMA temp_store = MEMORY",
            "PRAGMA cache_size = -16384",
        ):
            cursor.execute(statement)
        cursor.close()


def _new_files(cursor: DBAPICursor) -> list[str]:
    """The schemas whose files are empty yet, and can be made so that they are shortened in steps.

    `freeing.rewrite` brings that to others. In a file that has it already, asking for it again would be a
    write: who only reads would wait for who writes, and every engine would see that something has happened.
    """
    every = ("main", CONTENT_SCHEMA)
    return [one for one in every if not _pages(cursor, one)]


def _pages(cursor: DBAPICursor, schema: str) -> int:
    cursor.execute(f"PRAGMA {schema}.page_count")
    (number,) = cursor.fetchone() or (0,)
    return int(number)


def path_of(url: str) -> Path | None:
    """The SQLite file that a URL or path names, or None on PostgreSQL.

    Raises:
        ConfigurationError: it names no database that docstage supports.
    """
    parsed = make_url(_normalise(url))
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def _check_driver() -> None:
    if find_spec("psycopg") is None:
        raise ConfigurationError(
            "PostgreSQL needs a library that is not installed here (psycopg). Install docstage with the "
            "extra postgres, as docstage[postgres] or docstage[all] where you installed docstage; in a "
            "checkout `make setup` does it."
        )


def _normalise(url: str) -> str:
    """The URL with the driver that docstage uses."""
    if "://" not in url:
        path = str(Path(url).expanduser().absolute())
        return URL.create("sqlite", database=path).render_as_string()  # quotes what URLs give a meaning to
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        # Without the URL, which may contain a password.
        raise ConfigurationError(
            "The database is neither a path nor a URL such as postgresql://..."
        ) from error
    backend = parsed.get_backend_name()
    if backend in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if backend == "sqlite" and parsed.database not in {None, "", ":memory:"}:
        return parsed.set(drivername="sqlite").render_as_string(hide_password=False)
    raise ConfigurationError(
        f"Cannot use a {backend} database here. Give the path of a SQLite file or a postgresql:// URL."
    )


class _OfTheServer(Protocol):
    """What is used of a connection of psycopg, which is imported only where the database is PostgreSQL."""

    closed: bool
    read_only: bool | None


def _leave_to_the_server(connection: _OfTheServer | None, _entry: ConnectionPoolEntry) -> None:
    # After reading SQLAlchemy asks for writing explicitly, even of a server that may only be read.
    if connection is not None and not connection.closed:
        connection.read_only = None


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("docstage_outside", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("docstage_write", False) else "BEGIN")
