"""Asking the API, and how long its answers take."""

import time
from collections.abc import Callable
from typing import Any

import httpx

from benchmarks.support.figures import Figure, Mark, percentile

MARK_MS = 20.0


class Asker:
    """Asks a running web process."""

    def __init__(self, base_url: str) -> None:
        transport = httpx.HTTPTransport(retries=20)  # it may not listen yet
        self._client = httpx.Client(base_url=base_url, transport=transport, timeout=60.0)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def get(self, path: str, **parameters: Any) -> tuple[Any, float]:
        """The answer and the milliseconds that it took. Raises httpx.HTTPStatusError."""
        begun = time.perf_counter()
        response = self._client.get(path, params=parameters)
        milliseconds = (time.perf_counter() - begun) * 1_000
        response.raise_for_status()
        return response.json(), milliseconds

    def times(self, path: str, repeats: int, **parameters: Any) -> list[float]:
        """Milliseconds of repeated questions."""
        return [self.get(path, **parameters)[1] for _ in range(repeats)]

    def times_while(self, is_running: Callable[[], bool], *paths: str) -> dict[str, list[float]]:
        """Milliseconds of questions, asked in turn as long as something runs."""
        times: dict[str, list[float]] = {path: [] for path in paths}
        while is_running():
            for path, taken in times.items():
                taken.append(self.get(path)[1])
        return times


def answer_figures(what: str, milliseconds: list[float]) -> list[Figure]:
    """The median, and the slowest of twenty, to which the mark applies."""
    slow = percentile(milliseconds, 0.95)
    mark = Mark(f"< {MARK_MS:g} ms", slow < MARK_MS)
    return [
        Figure(f"{what}: median", percentile(milliseconds, 0.5), "ms"),
        Figure(f"{what}: 95th percentile", slow, "ms", mark=mark),
    ]
