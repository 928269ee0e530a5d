"""Real services and a real engine in this process, with what surrounds them in the hands of a test.

What waits for a back-off waits until the test lets time jump, however slow the machine is. Models answer when
and what the test says.
"""

import logging
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

from tests.model.desk import Client, Desk
from tests.model.mortal import MortalRecorder, share_statements
from tests.model.one_engine import LOOK, Engine, HeldExtractors, HeldJob, Session, gate, locks_of
from tests.model.slow_time import SlowTime

from docstage.asking import beside as beside_module
from docstage.engine import contexts as contexts_module
from docstage.engine import engine as engine_module
from docstage.engine import glances as glances_module
from docstage.engine import stagings as stagings_module
from docstage.models.protocol import ConnectionConfig
from docstage.secrets import Secrets
from docstage.service.context import Services
from docstage.settings import Settings
from docstage.store.database import Database


class Rig:
    """Services over an empty database, and at most one engine."""

    def __init__(self, url: str, home: Path) -> None:
        self.clock = SlowTime()
        self.desk = Desk()
        self.documents = home / "documents"
        self.documents.mkdir(parents=True)
        self.engine: Engine | None = None
        self._latest: Engine | None = None
        self.url = url
        settings = Settings(
            home=home / "home", database=url, workers=1, max_attempts=3, give_up_after=1e9, stop_grace=3.0
        )
        secrets = Secrets(settings.key_file, self.clock)
        self.services = Services(Database(url), settings, secrets, self.clock)
        share_statements(self.services.database)
        self._patches = ExitStack()
        self._patch()

    def _patch(self) -> None:
        enter = self._patches.enter_context
        enter(
            mock.patch.multiple(
                engine_module, Recorder=MortalRecorder, _Session=Session, engine_locks=locks_of
            )
        )
        for name in ("LOCK_SECONDS", "TROUBLE_SECONDS"):
            enter(mock.patch.object(engine_module, name, LOOK))
        for name in ("LOOK_SECONDS", "QUIET_SECONDS"):
            enter(mock.patch.object(glances_module, name, LOOK))
        for module in (beside_module, contexts_module):
            enter(mock.patch.object(module, "create_client", self._client))
        enter(mock.patch.multiple(stagings_module, ExtractionPool=HeldExtractors, StagingJob=HeldJob))
        # What a dying engine says of its trouble is of no interest.
        enter(mock.patch.object(logging.getLogger("docstage"), "disabled", True))
        level = logging.root.manager.disable
        logging.disable(logging.CRITICAL)
        self._patches.callback(logging.disable, level)
        gate.is_closed = False

    def _client(self, config: ConnectionConfig) -> Client:
        assert self._latest is not None
        return Client(config, self.desk, self._latest)

    @property
    def holds_staging(self) -> bool:
        """Whether staging waits."""
        return gate.is_closed

    @holds_staging.setter
    def holds_staging(self, holds: bool) -> None:
        gate.is_closed = holds

    def start(self) -> None:
        """Start an engine."""
        assert self.engine is None
        services = self.services
        self.engine = self._latest = Engine(self.url, services.settings, services.secrets, self.clock)
        self.engine.begin()

    def kill(self) -> None:
        """Kill the engine."""
        engine, self.engine = self.engine, None
        assert engine is not None
        engine.kill()

    def jump(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.jump(seconds)
        if self.engine:
            self.engine.poke()

    def close(self) -> None:
        """End everything."""
        try:
            if self.engine:
                self.kill()
        finally:
            self.services.database.close()
            self._patches.close()
