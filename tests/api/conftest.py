"""A client for the tests of the API."""

from collections.abc import AsyncIterator

import httpx
import pytest
from tests.support.apps import Bench, client_of


@pytest.fixture
async def client(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application over the SQLite bench."""
    async with client_of(bench) as one:
        yield one
