"""`python -m tests.support.newer WORDS`: the command line of a docstage that is a version further.

It is this one with another version and one more migration, which makes a table; with `NEWER_FAILS` in the
environment the migration fails after that. `--engine` instead of words is its engine.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import docstage

VERSION = "9.0.0"
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


def next_schema() -> str:
    """The schema that a newer docstage brings."""
    from docstage.store.migrate import HEAD

    return f"{int(HEAD) + 1:04}"


def _become_newer(folder: Path) -> None:
    """Before anything else is imported, which takes over what these modules say."""
    docstage.__version__ = VERSION
    from docstage.store import migrate

    shutil.copytree(migrate.FOLDER, folder, dirs_exist_ok=True)
    new = next_schema()
    (folder / "versions" / f"{new}_newer.py").write_text(_MIGRATION.format(new=new, old=migrate.HEAD))
    migrate.FOLDER, migrate.HEAD = folder, new


def main() -> None:
    """Be the newer docstage."""
    with tempfile.TemporaryDirectory(prefix="docstage-newer-") as folder:
        _become_newer(Path(folder))
        from docstage.engine import supervisor

        command = (sys.executable, "-m", "tests.support.newer", "--engine")
        vars(supervisor)["ENGINE_COMMAND"] = command
        if sys.argv[1:2] == ["--engine"]:
            from docstage.engine.__main__ import main as engine

            sys.exit(engine())
        from docstage.cli.main import main as command_line

        command_line()


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = str(Path.cwd())
    main()
