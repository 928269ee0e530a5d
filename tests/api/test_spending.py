"""What was spent, over HTTP: days in any time zone, sums by connection, unknown prices."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.support.apps import Bench, Outcome, client_of

from docstage.domain.lifecycle import BatchStatus
from docstage.domain.tasks import FailureKind
from docstage.domain.usage import NANO
from docstage.service.batches import batches as service
from docstage.service.session import Session

NOTHING: dict[str, Any] = {
    "possible_cost": 0.0,
    "calls": 0,
    "input_tokens": 0,
    "cached_tokens": 0,
    "output_tokens": 0,
    "cache_write_tokens": 0,
    "reasoning_tokens": 0,
    "cost": 0.0,
    "unpriced_calls": 0,
}


async def _spending(client: httpx.AsyncClient, **query: Any) -> Any:
    response = await client.get("/api/spending", params=query)
    assert response.status_code == 200, response.text
    return response.json()


def _finish(bench: Bench, at: datetime, outcomes: list[Outcome]) -> int:
    """The id of a batch whose calls ended at that time."""
    bench.clock.at = at.timestamp() - 1
    batch_id = bench.batch_in(BatchStatus.ANALYZING, ["a.txt", "b.txt", "c.txt"])
    bench.finish(batch_id, outcomes)
    return batch_id


def _costs(found: Any) -> dict[str, float]:
    return {day["day"]: day["cost"] for day in found["days"] if day["calls"]}


async def test_days_add_up(either: Bench) -> None:
    """Every day of the period is listed; days, connections and total agree."""
    _finish(either, datetime(2026, 5, 3, 12, tzinfo=UTC), [Outcome("Yes.", cost=NANO)] * 3)
    _finish(
        either,
        datetime(2026, 5, 5, 12, tzinfo=UTC),
        [Outcome("No.", cost=2 * NANO), Outcome("No.", cost=None), Outcome(failure=FailureKind.TIMEOUT)],
    )
    async with client_of(either) as client:
        found = await _spending(client, days=4)
        earlier = await _spending(client, **{"from": "2026-05-01", "to": "2026-05-03"})
        assert (await _spending(client))["first"] == "2026-04-06"
    assert (found["first"], found["last"], found["time_zone"]) == ("2026-05-02", "2026-05-05", "UTC")
    assert [day["day"][-2:] for day in found["days"]] == ["02", "03", "04", "05"]
    total: dict[str, Any] = {"calls": 6, "input_tokens": 500, "cached_tokens": 300, "output_tokens": 25}
    total |= {"cache_write_tokens": 100, "reasoning_tokens": 10}
    total |= {"cost": 5.0, "unpriced_calls": 1, "possible_cost": 0.0}
    named = {"connection": "Small", "connection_id": either.members["connection_ids"][0]}
    assert found["total"] == total
    assert found["connections"] == [named | total]
    assert found["days"][0] == {"day": "2026-05-02", "connections": []} | NOTHING
    assert found["days"][3]["connections"][0]["cost"] == 2.0
    assert _costs(found) == {"2026-05-03": 3.0, "2026-05-05": 2.0}
    assert _costs(earlier) == {"2026-05-03": 3.0}


async def test_days_are_those_of_the_time_zone(bench: Bench, client: httpx.AsyncClient) -> None:
    """A call counts on the day on which it ended where the user is, also where clocks are changed."""
    _finish(bench, datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC), [Outcome("Yes.", cost=NANO)])
    _finish(bench, datetime(2026, 3, 28, 23, 0, tzinfo=UTC), [Outcome("Yes.", cost=2 * NANO)])
    # The 29th has 23 hours in Berlin.
    _finish(bench, datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC), [Outcome("Yes.", cost=4 * NANO)])
    _finish(bench, datetime(2026, 3, 29, 22, 0, tzinfo=UTC), [Outcome("Yes.", cost=8 * NANO)])
    days = {"from": "2026-03-27", "to": "2026-03-30"}
    assert _costs(await _spending(client, **days)) == {"2026-03-28": 3.0, "2026-03-29": 12.0}
    berlin = await _spending(client, time_zone="Europe/Berlin", **days)
    assert _costs(berlin) == {"2026-03-28": 1.0, "2026-03-29": 6.0, "2026-03-30": 8.0}
    nepal = await _spending(client, time_zone="+05:45", **days)
    assert _costs(nepal) == {"2026-03-29": 3.0, "2026-03-30": 12.0}
    west = await _spending(client, time_zone="-08:00", **days)
    assert _costs(west) == {"2026-03-28": 3.0, "2026-03-29": 12.0}
    assert (await _spending(client, days=1, time_zone="Pacific/Kiritimati"))["last"] == "2026-03-30"


async def test_unknown_prices_are_not_zero(bench: Bench, client: httpx.AsyncClient) -> None:
    """Where no price is known the cost is null, not nothing."""
    _finish(bench, datetime(2026, 5, 3, 12, tzinfo=UTC), [Outcome("Yes.", cost=None)] * 2)
    found = await _spending(client, days=2)
    assert [(day["cost"], day["unpriced_calls"]) for day in found["days"]] == [(0.0, 0), (None, 2)]
    assert (found["total"]["cost"], found["total"]["unpriced_calls"]) == (None, 2)


async def test_deleted_batches_count(bench: Bench, client: httpx.AsyncClient) -> None:
    """What was spent stays spent."""
    batch_id = _finish(bench, datetime(2026, 5, 3, 12, tzinfo=UTC), [Outcome("Yes.", cost=NANO)])
    bench.move(batch_id, BatchStatus.COMPLETED)
    service.delete_batch(Session(bench.services), batch_id)
    assert (await _spending(client))["total"]["cost"] == 1.0


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"time_zone": "Europe/Atlantis"}, "no time zone 'Europe/Atlantis' here"),
        ({"time_zone": "../../etc/passwd"}, "no time zone"),
        ({"time_zone": "Europe"}, "no time zone"),
        ({"time_zone": ""}, "no time zone"),
        ({"time_zone": "+99:00"}, "no time zone"),
        ({"from": "2026-05-02", "to": "2026-05-01"}, "must be 1 to 366 days"),
        ({"from": "2024-05-02", "to": "2026-05-01"}, "must be 1 to 366 days"),
        ({"to": "0001-01-01"}, "must be 1 to 366 days"),
        ({"to": "9999-12-31"}, "must be 1 to 366 days"),
        ({"to": "0"}, "to: must be a day such as 2026-05-31"),
        ({"from": "2026-05-01T00:00:00Z"}, "from: must be a day such as"),
    ],
)
async def test_what_makes_no_period_is_refused(
    client: httpx.AsyncClient, query: dict[str, str], said: str
) -> None:
    """An unknown zone, or a period that is empty, too long or out of this world, says so."""
    response = await client.get("/api/spending", params=query)
    assert response.status_code == 422
    assert said in response.json()["detail"]
