"""Limits of a lane, with a clock that the tests turn."""

import pytest

from docstage.analysis.limits import Bucket, Concurrency, Quotas, backoff


def test_a_bucket_spreads_what_flows_in() -> None:
    """Sixty a minute are one a second once the burst is spent."""
    bucket = Bucket(60)
    now = 100.0
    for _ in range(5):
        assert bucket.wait(1, now) == 0
        bucket.take(1, now)
    assert bucket.wait(1, now) == pytest.approx(1.0)
    assert bucket.wait(1, now + 1) == pytest.approx(0.0)


def test_a_large_request_passes_when_the_bucket_is_full_and_is_paid_back() -> None:
    """A request of more tokens than the bucket holds is not stuck for ever, but delays the next one."""
    bucket = Bucket(60)
    bucket.take(0, 100.0)
    assert bucket.wait(100, 100.0) == 0
    bucket.take(100, 100.0)
    assert bucket.wait(1, 100.0) == pytest.approx(96.0)


def test_over_a_minute_no_more_than_the_limit_and_one_burst_leaves() -> None:
    """In sixty seconds of greedy calling, at most the minute's share and one burst get through."""
    quotas, now, calls = Quotas(120, None), 50.0, 0
    while now < 110.0:
        if quotas.wait(0, now) <= 0:
            quotas.take(0, now)
            calls += 1
        now += 0.01
    assert 120 <= calls <= 130


def test_an_estimate_is_corrected_by_the_count() -> None:
    """Tokens that were estimated too high are given back."""
    quotas = Quotas(None, 6_000)
    quotas.take(500, 10.0)
    assert quotas.wait(100, 10.0) == pytest.approx(1.0)
    quotas.correct(500, 400, 10.0)
    assert quotas.wait(100, 10.0) == 0


def test_concurrency_is_halved_once_for_one_wave_of_refusals() -> None:
    """Calls that began before the cut tell nothing new; later ones cut again."""
    limit = Concurrency(64)
    for _ in range(10):
        limit.slow_down(begun_at=1.0, in_flight=64, now=2.0)
    assert limit.limit == 32
    limit.slow_down(begun_at=3.0, in_flight=32, now=4.0)
    assert limit.limit == 16


def test_concurrency_grows_back_by_one_a_round_and_never_past_its_limit() -> None:
    """As many successes as there are slots add about one slot."""
    limit = Concurrency(8)
    limit.slow_down(begun_at=1.0, in_flight=8, now=2.0)
    for _ in range(5):
        limit.succeeded(0.0, 1.0)
    assert limit.limit == 5
    for _ in range(200):
        limit.succeeded(0.0, 1.0)
    assert limit.limit == 8


def test_backoff_doubles_is_spread_and_has_an_end() -> None:
    """Half to the whole of a time that doubles up to its maximum."""
    assert [backoff(n, 1.0) for n in (1, 2, 3)] == [0.5, 1.0, 2.0]
    assert backoff(3, 0.0) == 1.0
    assert backoff(1_000, 1.0) == 60.0


def test_the_limit_that_is_waited_for_longer_is_named() -> None:
    """Where both are used up, the other one would end earlier."""
    quotas = Quotas(60, 60_000)
    quotas.take(30_000, 10.0)
    assert quotas.short_of(1, 10.0) == "tokens"
    quotas = Quotas(6, 6_000)
    quotas.take(10, 10.0)
    assert quotas.short_of(1, 10.0) == "requests"
