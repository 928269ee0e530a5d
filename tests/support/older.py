"""Databases as older versions of docstage left them."""

from alembic import command
from alembic.config import Config

from docstage.store.database import Database
from docstage.store.migrate import FOLDER


def bring_to(database: Database, revision: str) -> None:
    """Give an empty database the schema of a revision."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    with database.write() as c:
        config.attributes["connection"] = c
        command.upgrade(config, revision)
