"""The figures in the text format of Prometheus."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from docstage.domain.lifecycle import BatchStatus
from docstage.domain.tasks import TaskStatus
from docstage.domain.usage import NANO
from docstage.service.system.health import Figures

MEDIA_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def render(figures: Figures) -> bytes:
    """The figures as text."""
    registry = CollectorRegistry()
    registry.register(_Collector(figures))
    return generate_latest(registry)


class _Collector:
    """The figures as Prometheus takes them. All are gauges: runs that are purged take theirs along."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Every metric once."""
        figures, tally = self._figures, self._figures.tally
        batches = {str(status): figures.batches.get(status, 0) for status in BatchStatus}
        yield _family("docstage_batches", "Batches by status.", "status", batches)
        tasks = {status.name: getattr(tally, status.name.lower()) for status in TaskStatus}
        yield _family("docstage_tasks", "Tasks of all runs by status.", "status", tasks)
        tokens = {
            "input": tally.usage.input_tokens,
            "cached": tally.usage.cached_tokens,
            "output": tally.usage.output_tokens,
            "cache_write": tally.usage.cache_write_tokens,
            "reasoning": tally.usage.reasoning_tokens,
        }
        yield _family(
            "docstage_tokens",
            "Tokens of all runs; input includes cached and cache_write, output reasoning.",
            "kind",
            tokens,
        )
        yield GaugeMetricFamily("docstage_calls", "Calls of all runs that came back.", tally.calls)
        yield GaugeMetricFamily("docstage_cost_dollars", "Known cost of all runs.", tally.cost / NANO)
        yield GaugeMetricFamily(
            "docstage_unpriced_calls", "Calls whose cost is unknown.", tally.unpriced_calls
        )
        yield GaugeMetricFamily(
            "docstage_possible_cost_dollars",
            "What these, and calls in flight, cost at most, as far as their price is known.",
            tally.possible_cost / NANO,
        )
        yield GaugeMetricFamily("docstage_engine_up", "1 while the engine runs.", int(figures.engine_up))
        in_flight = {str(lane): calls for lane, calls in figures.in_flight.items()}
        yield _family("docstage_lane_in_flight", "Calls in flight.", "connection", in_flight)


def _family(name: str, text: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for member, value in values.items():
        family.add_metric([member], value)
    return family
