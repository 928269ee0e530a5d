"""How long after the answer to a pause a call may still leave."""

import asyncio
import time
from urllib.parse import urlsplit

import httpx

from benchmarks.analysis import ENGINE, MOCK
from benchmarks.support.figures import Figure, Options, at_most, percentile
from benchmarks.support.lab import Prepared, lab
from benchmarks.support.processes import serving, start
from docstage.api.app import create_app

AT_ONCE = 64
DELAY = 0.02
MOST_MS = 100.0
# All calls in flight have been answered by then, and any that left late has arrived.
_SETTLED_SECONDS = 0.4
_GOING_SECONDS = 0.5


def measure(options: Options) -> list[Figure]:
    """Pause and resume a batch that is under way, and ask the server when its last call arrived."""
    pauses = 5 if options.quick else 20
    with serving(MOCK, "--delay", DELAY) as (base_url, _), lab() as place:
        prepared = place.save_batch(base_url, concurrency=AT_ONCE)
        prepared.stage_with(pauses * 4_000, with_contents=True)
        prepared.lay_out()
        engine = start(ENGINE, environment=place.environment)
        try:
            late = asyncio.run(_pause_often(prepared, base_url, pauses))
        finally:
            engine.process.terminate()
            engine.finish()
    worst = max(late)
    return [
        Figure(f"{pauses} pauses: last call after the answer, median", percentile(late, 0.5), "ms"),
        Figure("the same: worst", worst, "ms", mark=at_most(worst, MOST_MS, f"≤ {MOST_MS:g} ms")),
    ]


async def _pause_often(prepared: Prepared, base_url: str, pauses: int) -> list[float]:
    transport = httpx.ASGITransport(create_app(prepared.services))
    own = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8640", timeout=60)
    async with own as api, httpx.AsyncClient() as mock:
        late = []
        for number in range(pauses):
            await _until_calls_arrive(mock, base_url)
            await asyncio.sleep(_GOING_SECONDS)
            await _act(api, prepared.batch_id, "pause")
            answered = time.monotonic()
            await asyncio.sleep(_SETTLED_SECONDS)
            last = await _last_arrival(mock, base_url)
            if last < answered - _GOING_SECONDS:
                raise RuntimeError("No call was leaving any more when the batch was paused.")
            late.append(max(0.0, (last - answered) * 1_000))
            if number < pauses - 1:
                await _act(api, prepared.batch_id, "resume")
        return late


async def _act(api: httpx.AsyncClient, batch_id: int, action: str) -> None:
    response = await api.post(f"/api/batches/{batch_id}/action", json={"action": action})
    response.raise_for_status()


async def _last_arrival(mock: httpx.AsyncClient, base_url: str) -> float:
    """When the last call reached the server, on this machine's monotonic clock."""
    parts = urlsplit(base_url)
    return float((await mock.get(f"{parts.scheme}://{parts.netloc}/last")).text)


async def _until_calls_arrive(mock: httpx.AsyncClient, base_url: str) -> None:
    begun = time.monotonic()
    async with asyncio.timeout(60):
        while await _last_arrival(mock, base_url) < begun:  # noqa: ASYNC110  (it can only be asked)
            await asyncio.sleep(0.01)
