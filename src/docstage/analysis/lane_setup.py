"""What a lane is made of."""

from collections.abc import Callable
from dataclasses import dataclass

from docstage.analysis.calls import Calls
from docstage.analysis.connection_health import Health
from docstage.analysis.contents import ContentCache
from docstage.analysis.gaps import Hold
from docstage.analysis.lane_streams import Streams
from docstage.analysis.limits import Concurrency, Quotas
from docstage.analysis.recorder import Recorder
from docstage.clock import Clock
from docstage.models.pricing import Pricing
from docstage.models.protocol import ConnectionConfig, ModelClient


@dataclass(frozen=True, slots=True)
class LaneSetup:
    """What a lane is made for.

    Attributes:
        client: makes the calls; the lane closes it.
        pricing: what calls cost, at most and in the end.
        sees_images: whether the model takes documents that are pictures.
        requests_per_minute: limit, or None.
        tokens_per_minute: limit, or None.
        max_attempts: tries that a task has.
        give_up_after: seconds of trouble after which the lane is held.
        begins: calls at once at first, where nobody knows what the server can do; None: as many as allowed.
        trouble: what was wrong with the connection when an engine saw it last, by its own clock; or None.
    """

    connection_id: int
    config: ConnectionConfig
    client: ModelClient
    pricing: Pricing
    sees_images: bool
    requests_per_minute: int | None
    tokens_per_minute: int | None
    max_attempts: int
    give_up_after: float
    begins: int | None = None
    trouble: Hold | None = None


@dataclass(frozen=True, slots=True)
class LaneState:
    """How a lane stands: what it has learnt from its calls, and those that are not over."""

    health: Health
    streams: Streams
    limit: Concurrency
    quotas: Quotas
    calls: Calls


@dataclass(frozen=True, slots=True)
class LanePorts:
    """What all lanes of an engine share.

    Attributes:
        on_change: called when a run may be done, or may have got stuck.
    """

    recorder: Recorder
    contents: ContentCache
    clock: Clock
    on_change: Callable[[], None]
