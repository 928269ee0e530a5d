"""Limits hold like a provider's: buckets that fill evenly, and answers that say when to come back."""

import asyncio
import itertools
from collections.abc import Callable

import pytest
from tests.simulator.chat import body, call
from tests.support.simulators import INSTANT

from docstage.simulator.kinds import Fault
from docstage.simulator.limits import Limits, TokenBucket
from docstage.simulator.profile import Profile

Start = Callable[..., str]


class Hands:
    """A clock whose hands the test turns."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_fills_evenly() -> None:
    """What was taken comes back at a minute's rate, and never more than a minute's worth."""
    hands = Hands()
    bucket = TokenBucket(60, hands)
    bucket.take(60)
    assert bucket.wait(10) == pytest.approx(10.0)
    hands.now = 10.0
    assert bucket.wait(10) == 0.0
    hands.now = 1_000.0
    assert bucket.level() == 60


def test_a_request_larger_than_the_bucket_passes_when_it_is_full() -> None:
    """It would never pass otherwise; what follows waits until it is paid off."""
    hands = Hands()
    bucket = TokenBucket(60, hands)
    assert bucket.wait(90) == 0.0
    bucket.take(90)
    assert bucket.wait(1) == pytest.approx(31.0)


def test_a_denied_request_takes_nothing() -> None:
    """A call that lacks tokens does not use up the requests."""
    limits = Limits(10, 100, None, Hands())
    assert limits.admit(100) is None
    denial = limits.admit(50)
    assert denial is not None
    assert denial.retry_after == pytest.approx(30.0)
    assert limits.headers()["x-ratelimit-remaining-requests"] == "9"


async def test_calls_beyond_the_limit_are_told_when_to_come_back(simulator: Start) -> None:
    """429 with Retry-After; when that time has passed the call is answered."""
    hands = Hands()
    url = simulator(Profile(latency=INSTANT, requests_per_minute=2), clock=hands)
    first, second, third = [await call(url, body()) for _ in range(3)]
    assert [first.status, second.status, third.status] == [200, 200, 429]
    assert first.headers["x-ratelimit-remaining-requests"] == "1"
    assert third.headers["Retry-After"] == "30"
    assert third.body["error"]["code"] == "rate_limit_exceeded"
    hands.now = 30.0
    assert (await call(url, body())).status == 200


async def test_each_model_has_its_own_limits(simulator: Start) -> None:
    """Using up one model's limit leaves the other's."""
    url = simulator(Profile(latency=INSTANT, requests_per_minute=1), clock=Hands())
    assert (await call(url, body())).status == 200
    assert (await call(url, body(model="simulated-large"))).status == 200
    assert (await call(url, body())).status == 429


async def test_too_many_calls_at_once_are_denied(simulator: Start) -> None:
    """As many are taken as are allowed at once, the others get a 429."""
    url = simulator(Profile(latency=INSTANT, concurrency=2, error_rates={Fault.TIMEOUT: 1.0}))
    calls = [asyncio.create_task(call(url, body(prompt=f"Question {n}?"))) for n in range(5)]
    denied = [await answered for answered in itertools.islice(asyncio.as_completed(calls), 3)]
    assert [reply.status for reply in denied] == [429, 429, 429]
    waiting = [task for task in calls if not task.done()]
    assert len(waiting) == 2
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
