"""A docstage that is a version further: this one with one more migration, which makes a table.

`as_newer` is that in this process, for commands that end by themselves. `python -m tests.support.newer WORDS`
is a command line of it as a process of its own, and `--engine` instead of words its engine. With
`NEWER_FAILS` in the environment the migration fails after it has made its table.
"""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path
from unittest import mock

import docstage
from docstage.store import migrate

VERSION = "9.0.0"
NEXT = f"{int(migrate.HEAD) + 1:04}"
_SYSTEM = tuple(f"service.system.{name}" for name in ("health", "backup", "restore"))
_SAYS_HEAD = ("store.migrate", "store.migrating", "store.opening", *_SYSTEM)
_SAYS_VERSION = ("store.migrate", "store.presence")
_MIGRATION = '''
"""A table of a newer docstage."""
import os
from alembic import op
revision = "{new}"
down_revision = "{old}"
def upgrade():
    op.execute("CREATE TABLE newer (id INTEGER)")
    if os.environ.get("NEWER_FAILS"):
        op.execute("INSERT INTO missing VALUES (1)")
'''


@contextmanager
def as_newer() -> Iterator[None]:
    """Be the newer version while the context lasts."""
    for module in (*_SAYS_HEAD, *_SAYS_VERSION):
        import_module(f"docstage.{module}")  # before one of them says another schema
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="docstage-newer-")))
        _write_migrations(folder)
        stack.enter_context(mock.patch.object(migrate, "FOLDER", folder))
        for modules, name, value in ((_SAYS_HEAD, "HEAD", NEXT), (_SAYS_VERSION, "__version__", VERSION)):
            for module in modules:
                stack.enter_context(mock.patch(f"docstage.{module}.{name}", value))
        yield


def _write_migrations(folder: Path) -> None:
    old = f"{int(NEXT) - 1:04}"
    shutil.copytree(migrate.FOLDER, folder, dirs_exist_ok=True)
    (folder / "versions" / f"{NEXT}_newer.py").write_text(_MIGRATION.format(new=NEXT, old=old))


def main() -> None:
    """Be the newer docstage, from the first import on."""
    with tempfile.TemporaryDirectory(prefix="docstage-newer-") as folder:
        docstage.__version__ = vars(migrate)["__version__"] = VERSION
        _write_migrations(Path(folder))
        migrate.FOLDER, migrate.HEAD = Path(folder), NEXT
        from docstage.processes import supervisor

        command = (sys.executable, "-m", "tests.support.newer", "--engine")
        vars(supervisor)["ENGINE_COMMAND"] = command
        if sys.argv[1:2] == ["--engine"]:
            from docstage.engine.__main__ import main as engine

            sys.exit(engine())
        from docstage.cli.main import main as command_line

        command_line()


if __name__ == "__main__":
    main()
