"""Finds out how many tokens models take, before the tasks of a run are laid out.

Servers are asked while documents are encoded. One that does not answer in time keeps nothing waiting: what
was known of it, or nothing, is used then.
"""

import asyncio
import logging
from dataclasses import replace

from docstage.asking.beside import is_beside
from docstage.asking.config import connection_config
from docstage.clock import Clock
from docstage.domain.errors import DocstageError
from docstage.domain.snapshot import FrozenConnection
from docstage.models.contexts import listed_context
from docstage.models.factory import create_client
from docstage.models.protocol import ConnectionConfig, ModelFailure
from docstage.secrets import Secrets
from docstage.store import library
from docstage.store.database import Database
from docstage.store.records import ConnectionRecord, Run

log = logging.getLogger(__name__)

ASK_SECONDS = 3.0


class Contexts:
    """Keeps with each connection what its model takes."""

    def __init__(self, database: Database, secrets: Secrets, clock: Clock) -> None:
        self._database = database
        self._secrets = secrets
        self._clock = clock

    async def learn(self, run: Run) -> None:
        """Ask the servers of a run's connections, all at once. Nothing that goes wrong is raised."""
        await asyncio.gather(*(self._learn(one) for one in run.snapshot.connections))

    async def _learn(self, frozen: FrozenConnection) -> None:
        try:
            record, config = await asyncio.to_thread(self._read, frozen)
            if record.context_tokens is not None or is_beside(config):
                return
            tokens = await _asked(config)
            if tokens is None:
                tokens = await asyncio.to_thread(
                    listed_context, config.provider, config.model, config.base_url
                )
            if tokens is not None:
                await asyncio.to_thread(self._keep, record, tokens)
        except DocstageError as error:  # staging goes on, and calls will tell what is wrong
            log.info("What %s takes is not known: %s", frozen.name, error)

    def _read(self, frozen: FrozenConnection) -> tuple[ConnectionRecord, ConnectionConfig]:
        with self._database.read() as c:
            record = library.get_connection(c, frozen.id)
            return record, connection_config(c, self._secrets, record, frozen)

    def _keep(self, record: ConnectionRecord, tokens: int) -> None:
        with self._database.write() as c:
            library.keep_context(c, record, tokens, self._clock.now())


async def _asked(config: ConnectionConfig) -> int | None:
    """What the server says, None where it says nothing."""
    client = await asyncio.to_thread(create_client, replace(config, timeout=ASK_SECONDS))
    try:
        async with asyncio.timeout(ASK_SECONDS):
            return await client.context_tokens()
    except (ModelFailure, TimeoutError):
        return None
    finally:
        await client.close()
