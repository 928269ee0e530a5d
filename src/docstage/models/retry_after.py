"""How long a server asks to wait, from the headers of its answer."""

import math
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0}
# Resets are given as a duration or as a point in time; these tell the numbers apart (both lie in 2001).
_EPOCH_SECONDS = 1e9
_EPOCH_MILLISECONDS = 1e12


def retry_after_seconds(status: int, headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds to wait by `retry-after-ms`, `Retry-After`, or for a 429 `x-ratelimit-reset*`, if any.

    Args:
        status: the answer's HTTP status.
        headers: its headers, looked up without regard to case by the mapping itself.
        now: seconds since the epoch, for servers that do not tell the time; None means the clock.
    """
    now = time.time() if now is None else now
    now = _date(headers.get("date")) or now  # by the server's clock: this machine's may be wrong
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1_000
    value = headers.get("retry-after")
    if value is not None:
        return _seconds_or_date(value, now)
    return _reset(headers, now) if status == 429 else None


def _seconds_or_date(value: str, now: float) -> float | None:
    seconds = _number(value)
    if seconds is not None:
        return seconds
    date = _date(value)
    return None if date is None else max(0.0, date - now)


def _date(value: str | None) -> float | None:
    """Seconds since the epoch of a date in a header, or None if it is none."""
    try:
        return parsedate_to_datetime(value).timestamp() if value else None
    except (ValueError, OverflowError):
        return None


def _reset(headers: Mapping[str, str], now: float) -> float | None:
    """The longest reset of the limits that are used up, or of all if the server does not say which are."""
    resets: dict[str, float] = {}
    for suffix in ("", "-requests", "-tokens"):
        wait = _reset_wait(headers.get(f"x-ratelimit-reset{suffix}"), now)
        if wait is not None:
            resets[suffix] = wait
    remaining = {suffix: headers.get(f"x-ratelimit-remaining{suffix}") for suffix in resets}
    used_up = [wait for suffix, wait in resets.items() if remaining[suffix] == "0"]
    return max(used_up or resets.values(), default=None)


def _reset_wait(value: str | None, now: float) -> float | None:
    number = _number(value)
    if number is None:
        parts = _DURATION.findall(value or "")
        return sum(float(amount) * _SECONDS[unit] for amount, unit in parts) if parts else None
    if number >= _EPOCH_MILLISECONDS:
        return max(0.0, number / 1_000 - now)
    return max(0.0, number - now) if number >= _EPOCH_SECONDS else number


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value is not None else math.nan
    except ValueError:
        return None
    return number if 0 <= number < math.inf else None
