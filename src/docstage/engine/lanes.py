"""The lanes of an engine: one for each connection as runs use it, made when they are needed."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace

from docstage.analysis.active_run import ActiveRun
from docstage.analysis.gaps import Hold
from docstage.analysis.lane import Lane
from docstage.analysis.lane_setup import LanePorts, LaneSetup
from docstage.asking.beside import Beside, slots_of_server
from docstage.asking.config import connection_config
from docstage.domain.connection import DECISIVE
from docstage.domain.errors import DocstageError
from docstage.domain.snapshot import FrozenConnection
from docstage.domain.tasks import TIME_HEALS, FailureKind
from docstage.models.catalogue import get_provider, sees_images
from docstage.models.extras import check_extra
from docstage.models.idle import IdleClient
from docstage.models.libraries import LibraryMissing
from docstage.models.pricing import Pricing
from docstage.models.protocol import ConnectionConfig, ModelClient
from docstage.secrets import SecretError, Secrets
from docstage.settings import Settings
from docstage.store import library
from docstage.store.database import Database
from docstage.store.engines import ToldLane
from docstage.store.records import ConnectionRecord

log = logging.getLogger(__name__)

# A connection and what of it decides the answers: two runs may have frozen different models of one.
LaneKey = tuple[int, *tuple[object, ...]]


def lane_key(frozen: FrozenConnection) -> LaneKey:
    """The lane that a connection of a snapshot belongs to."""
    return frozen.id, *(getattr(frozen, name) for name in DECISIVE)


TIME_PASSES = TIME_HEALS | {FailureKind.RATE_LIMITED}

# An idle lane is kept as long as its quotas reach back, so that the next batch cannot exceed them.
KEPT_SECONDS = 60.0


@dataclass(slots=True)
class _Kept:
    """A lane, when its connection was last edited, and when it was last seen at work."""

    frozen: FrozenConnection
    lane: Lane
    updated_at: float
    used_at: float


class Lanes:
    """Makes lanes, and makes them anew when their connection was mended."""

    def __init__(self, database: Database, settings: Settings, secrets: Secrets, ports: LanePorts) -> None:
        self._database = database
        self._settings = settings
        self._secrets = secrets
        self._ports = ports
        self._beside = Beside(settings)
        self._kept: dict[LaneKey, _Kept] = {}
        self._leaving: dict[asyncio.Task[None], Lane] = {}
        self._troubles: dict[int, Hold] = {}  # that the engine before this one saw last

    def remember(self, told: Mapping[str, ToldLane]) -> None:
        """Take up what the last engine told of its lanes: connections in trouble begin with one call."""
        ahead = self._ports.clock.now() - self._ports.clock.monotonic()
        for number, lane in told.items():
            kind, since = lane.get("trouble_kind"), lane.get("trouble_since")
            if kind in TIME_PASSES and since:
                reason = lane.get("trouble_reason") or ""
                self._troubles[int(number)] = Hold(FailureKind(kind), reason, since - ahead)

    def get(self, frozen: FrozenConnection) -> Lane | None:
        """The lane of a connection of a snapshot, if there is one."""
        kept = self._kept.get(lane_key(frozen))
        return kept.lane if kept else None

    def numbered(self) -> list[tuple[int, Lane]]:
        """Every lane that has something to do or must wait, with its connection's id."""
        lanes = [(key[0], kept.lane) for key, kept in self._kept.items()]
        return [(number, lane) for number, lane in lanes if not lane.is_idle or lane.closed_for]

    def check(self) -> None:
        """Raise what ended a lane by mistake, if anything did."""
        for kept in self._kept.values():
            kept.lane.check()

    async def open(self, frozen: FrozenConnection) -> Lane:
        """The lane for a connection of a snapshot, with the connection's present address, key and limits.

        A lane that is held, or whose connection was edited, is replaced by a new one, with its runs. One that
        waits for what time heals tries at once.

        One whose key cannot be read, or whose library is not installed, is held with that reason from the
        start, beside those that go on.

        Raises:
            DocstageError: the connection cannot be used as it is; the message says why.
        """
        record, config, fault = await asyncio.to_thread(self._read, frozen)
        kept = self._kept.get(lane_key(frozen))
        if kept and kept.updated_at == record.updated_at and kept.lane.health.hold is None:
            kept.lane.try_now()
            return kept.lane
        setup = await self._setup(record, config, frozen)
        lane = Lane(setup, self._ports)
        now = self._ports.clock.monotonic()
        if isinstance(setup.client, IdleClient):
            lane.health.hold = Hold(FailureKind.CONNECTION, setup.client.reason, now)
        elif fault:
            lane.health.hold = Hold(FailureKind.AUTH, fault, now)
        self._kept[lane_key(frozen)] = _Kept(frozen, lane, record.updated_at, now)
        lane.start()
        if kept:
            for work in kept.lane.hand_over():
                lane.add(work)
            self._retire(kept.lane, config.timeout)
        return lane

    async def renew_edited(self) -> None:
        """Let edits of connections hold at once: what waits or is held is tried anew."""
        at_work = [kept for kept in self._kept.values() if not kept.lane.is_idle]
        if not at_work:
            return
        edited = await asyncio.to_thread(self._edited, [kept.frozen.id for kept in at_work])
        for kept in at_work:
            if edited.get(kept.frozen.id, kept.updated_at) != kept.updated_at:
                try:
                    await self.open(kept.frozen)
                except DocstageError as error:  # as it is now it cannot be used
                    kept.updated_at = edited[kept.frozen.id]
                    log.warning("%s cannot be used as it was edited: %s", kept.frozen.name, error)

    def remove(self, work: ActiveRun) -> None:
        """Start no more calls of a run; give up those in flight if it was dropped."""
        for lane in (*(kept.lane for kept in self._kept.values()), *self._leaving.values()):
            lane.remove(work)

    def close_idle(self) -> None:
        """Close lanes that nothing has used for a while."""
        now = self._ports.clock.monotonic()
        for key, kept in list(self._kept.items()):
            if not kept.lane.is_idle:
                kept.used_at = now
            elif now - kept.used_at >= KEPT_SECONDS:
                del self._kept[key]
                self._retire(kept.lane, 0.0)

    async def stop(self, grace: float) -> None:
        """Close all lanes, giving calls in flight the grace (seconds) to finish."""
        # Those that were replaced have longer for their calls, but not when the engine ends.
        lanes = [kept.lane for kept in self._kept.values()] + list(self._leaving.values())
        await asyncio.gather(*(lane.stop(grace) for lane in lanes))
        await asyncio.gather(*self._leaving, return_exceptions=True)
        self._kept.clear()
        await self._beside.stop()

    def _retire(self, lane: Lane, grace: float) -> None:
        leaving = asyncio.create_task(lane.stop(grace))
        self._leaving[leaving] = lane
        leaving.add_done_callback(self._leaving.pop)

    def _edited(self, connection_ids: list[int]) -> dict[int, float]:
        with self._database.read() as c:
            return library.edited_at(c, connection_ids)

    def _read(self, frozen: FrozenConnection) -> tuple[ConnectionRecord, ConnectionConfig, str | None]:
        """The connection, how to reach it, and why its secrets cannot be had, if they cannot."""
        with self._database.read() as c:
            record = library.get_connection(c, frozen.id)
            check_extra(record.extra, record.name)
            try:
                return record, connection_config(c, self._secrets, record, frozen), None
            except SecretError as error:
                return record, connection_config(c, None, record, frozen), error.detail

    async def _setup(
        self, record: ConnectionRecord, config: ConnectionConfig, frozen: FrozenConnection
    ) -> LaneSetup:
        slots = await slots_of_server(config)
        if slots is not None:
            config = replace(config, concurrency=min(slots, config.concurrency))
        return LaneSetup(
            connection_id=record.id,
            config=config,
            client=await self._client(config),
            pricing=Pricing(config, record.prices, self._ports.clock.now),
            sees_images=sees_images(frozen),
            requests_per_minute=record.requests_per_minute,
            tokens_per_minute=record.tokens_per_minute,
            max_attempts=self._settings.max_attempts,
            give_up_after=self._settings.give_up_after,
            begins=get_provider(config.provider).first_calls if slots is None else None,
            trouble=self._troubles.pop(record.id, None),
        )

    async def _client(self, config: ConnectionConfig) -> ModelClient:
        try:
            return await self._beside.client(config)
        except LibraryMissing as error:
            return IdleClient(error.detail)
