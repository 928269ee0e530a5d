"""What the engine last said of itself, as long as it is fresh."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from docstage.service.connections.views import LaneView
from docstage.service.context import Services
from docstage.service.system.views import EngineView
from docstage.store.engines import ToldHeld, ToldLane, ToldRun, ToldWait, read_engine

# The engine writes about once a second; after this long without a word it counts as gone.
STALE_SECONDS = 5.0
# What it wrote further in the future than clocks of machines differ was written before a clock was set back.
SKEW_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class EngineState:
    """The engine's lanes and speeds. Both are empty when it is not running."""

    view: EngineView
    now: float
    lanes: Mapping[str, ToldLane] = field(default_factory=dict)
    runs: Mapping[str, ToldRun] = field(default_factory=dict)

    def lane(self, connection_id: int) -> LaneView | None:
        """What the engine is doing with a connection, None for nothing."""
        lane = self.lanes.get(str(connection_id))
        if lane is None:
            return None
        waits = {
            "throttled_seconds": self._left(lane.get("throttled_until")),
            "retry_seconds": self._left(lane.get("retry_until")),
            "quota_seconds": self._left(lane.get("quota_until")),
        }
        return LaneView.model_validate({**lane, **waits})

    def _left(self, until: float | None) -> float:
        return max(0.0, float(until or 0.0) - self.now)

    def rate(self, run_id: int | None) -> float:
        """Documents or tasks of a run that are done a second, lately."""
        told = self.runs.get(str(run_id))
        return float(told.get("rate", 0.0)) if told else 0.0

    def wait(self, run_id: int | None) -> ToldWait | None:
        """Until when no call of a run leaves, and why; None when calls may leave."""
        told = self.runs.get(str(run_id), {}).get("wait")
        return told if told and told["until"] > self.now else None

    def held(self, run_id: int | None) -> list[ToldHeld]:
        """Prompts of a run that are held on a connection."""
        return self.runs.get(str(run_id), {}).get("held", [])

    def retries(self, run_id: int | None) -> tuple[int, float]:
        """Tasks of a run that wait for their next try, and seconds until the first is due."""
        told = self.runs.get(str(run_id))
        return (told.get("retries", 0), self._left(told.get("retry_until"))) if told else (0, 0.0)


def engine_state(services: Services, c: Connection) -> EngineState:
    """The engine's state, read in the given transaction."""
    record = read_engine(c)
    now = services.clock.now()
    if record is None:
        return EngineState(EngineView(running=False), now)
    is_fresh = -SKEW_SECONDS <= now - record.seen_at <= STALE_SECONDS
    running = is_fresh and not record.state.get("ended")
    view = EngineView.model_validate(
        {
            "running": running,
            "pid": record.pid,
            "version": record.version,
            "seen_at": record.seen_at,
            "trouble": record.state.get("trouble") if running else None,
        }
    )
    if not running:
        return EngineState(view, now)
    return EngineState(view, now, record.state.get("lanes", {}), record.state.get("runs", {}))
