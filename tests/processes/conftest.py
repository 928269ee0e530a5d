"""A command line with a home of its own, from which processes are started; and an engine in this one."""

from tests.cli.conftest import shell
from tests.engine.conftest import database_url, lab, laboratory

__all__ = ["database_url", "lab", "laboratory", "shell"]
