"""A command line with a home of its own, from which real processes are started."""

from tests.cli.conftest import shell

__all__ = ["shell"]
