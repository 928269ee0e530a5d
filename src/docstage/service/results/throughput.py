"""How a run went over time, in few enough steps to draw them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from docstage.domain.lifecycle import BatchStatus
from docstage.domain.usage import dollars
from docstage.service.context import Services
from docstage.service.results.run_lookup import select_run
from docstage.service.results.views import PacePoint, PaceView
from docstage.store.throughput import Second, calls_by_second

MOST_POINTS = 120


def pace(services: Services, batch_id: int, run: int | None = None) -> PaceView:
    """Calls, latency and cost of a run over time, in equal steps from its first answer on.

    While the run is analysed the last step is left out, since it has not passed yet.

    Raises:
        NotFound: there is no such batch or run.
    """
    with services.database.read() as c:
        batch, chosen = select_run(c, batch_id, run)
        seconds = calls_by_second(c, chosen.id) if chosen else []
    if not seconds:
        return PaceView(seconds=1, points=[])
    at_work = batch.status is BatchStatus.ANALYZING and chosen is not None and chosen.id == batch.run_id
    # A clock that was set back must not cut off what came before.
    end = max(int(services.clock.now()), seconds[-1].at) if at_work else seconds[-1].at + 1
    span = _Span(seconds[0].at, end)
    return PaceView(seconds=span.step, points=_points(seconds, span, whole=at_work))


@dataclass(frozen=True, slots=True)
class _Span:
    """From the first second to before the last one, in seconds since the epoch."""

    begin: int
    end: int

    @property
    def step(self) -> int:
        """How many seconds a point stands for."""
        return max(1, -(-(self.end - self.begin) // MOST_POINTS))

    def steps(self, *, whole: bool) -> int:
        """How many points there are; `whole` leaves out the last one when it is not full."""
        length = self.end - self.begin
        return length // self.step if whole else -(-length // self.step)


def _points(seconds: Sequence[Second], span: _Span, *, whole: bool) -> list[PacePoint]:
    by_step = {
        number: list(members)
        for number, members in groupby(seconds, lambda second: (second.at - span.begin) // span.step)
    }
    return [
        _point(span.begin + number * span.step, by_step.get(number, []))
        for number in range(span.steps(whole=whole))
    ]


def _point(at: int, seconds: Sequence[Second]) -> PacePoint:
    calls = sum(one.calls for one in seconds)
    known = sum(one.cost or 0 for one in seconds)
    unpriced = sum(one.unpriced_calls for one in seconds)
    return PacePoint.model_validate(
        {
            "at": at,
            "calls": calls,
            "failed": sum(one.failed for one in seconds),
            "mean_latency_ms": sum(one.latency_ms for one in seconds) / calls if calls else None,
            "cost": None if unpriced and not known else dollars(known),
            "unpriced_calls": unpriced,
        }
    )
