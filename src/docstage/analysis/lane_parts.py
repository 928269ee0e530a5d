"""What a lane is made of."""

from collections.abc import Callable
from dataclasses import dataclass

from docstage.analysis.contents import ContentCache
from docstage.analysis.feeder import Feeder
from docstage.analysis.recorder import Recorder
from docstage.analysis.work import RunWork
from docstage.clock import Clock
from docstage.domain.usage import Price
from docstage.models.protocol import ConnectionConfig, ModelClient
from docstage.store.tasks import QueuedTask


@dataclass(frozen=True, slots=True)
class LaneSetup:
    """What a lane is made for.

    Attributes:
        client: makes the calls; the lane closes it.
        price: what calls cost, None when unknown.
        sees_images: whether the model takes documents that are pictures.
        requests_per_minute: limit, or None.
        tokens_per_minute: limit, or None.
        max_attempts: tries that a task has.
        hold_after: seconds of trouble after which the lane is held.
    """

    connection_id: int
    config: ConnectionConfig
    client: ModelClient
    price: Price | None
    sees_images: bool
    requests_per_minute: int | None
    tokens_per_minute: int | None
    max_attempts: int
    hold_after: float


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


@dataclass(frozen=True, slots=True)
class Picked:
    """A task whose call is about to leave, with what is reserved for it."""

    work: RunWork
    feeder: Feeder
    task: QueuedTask
    most_cost: int | None  # nano-dollars; None: the price is unknown
    tokens: int  # estimated input tokens

    @property
    def reserved(self) -> int:
        """Nano-dollars that are kept free for it within the budget."""
        return self.most_cost or 0
