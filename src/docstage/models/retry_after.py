"""How long a server asks to wait: from the headers of its answer, from members of its body, or in words."""

import datetime
import math
import re
import time
import zoneinfo
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

from docstage.models.error_bodies import ErrorBody

_AMOUNT = r"\d+(?:\.\d+)?"
_UNIT = r"(?:ms|milliseconds?|d|days?|h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?)(?![a-z])"
_DURATION = re.compile(rf"({_AMOUNT})\s*(ms|milli|[dhms])[a-z]*", re.IGNORECASE)
_SECONDS = {"ms": 0.001, "milli": 0.001, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
# "try again in 7m12s", "retry after 7 seconds", "available again in 2 hours, 5 minutes", "wait 30s", and
# without a unit "retry after 30".
_IN_WORDS = re.compile(
    r"(?:try|retry|wait|again|resets?|available|renew\w*)\b[^.\d]{0,40}?"
    rf"((?:{_AMOUNT}\s*{_UNIT}[\s,]*(?:and\s+)?)+|(?<=after )\d+\b|(?<=after: )\d+\b)",
    re.IGNORECASE,
)
# Only after words that say when: a message may have dates for other reasons.
_DATE_IN_WORDS = re.compile(
    r"(?:again|access|resets?|after|until|renew\w*|available)\b\D{0,30}?"
    r"(\d{4}-\d\d-\d\d)(?:(?:T| at | )(\d\d:\d\d(?::\d\d)?))?",
    re.IGNORECASE,
)
_PER_DAY = re.compile(r"per[ _-]?day|\bdaily\b|\b[rt]pd\b|/ ?day|a day\b", re.IGNORECASE)
_PER_HOUR = re.compile(r"per[ _-]?hour|\bhourly\b|/ ?hour", re.IGNORECASE)
# How often a limit for a day is tried again where nobody says when it is renewed, and one for an hour.
_AGAIN_THE_SAME_DAY = 3_600.0
_AGAIN_THE_SAME_HOUR = 600.0
# What is longer than any period that providers bill or limit by is no wait that somebody means.
_LONGEST_WAIT = 32 * 86_400.0
# Resets are given as a duration or as a point in time; these tell the numbers apart (both lie in 2001).
_EPOCH_SECONDS = 1e9
_EPOCH_MILLISECONDS = 1e12


def retry_after_seconds(
    headers: Mapping[str, str],
    error: ErrorBody,
    *,
    limited: bool,
    now: float | None = None,
) -> float | None:
    """Seconds that the server asks to wait, None where it does not say.

    The first of these counts: `retry-after-ms`, `Retry-After`, what the body says in members of its own or
    in words, and where a limit was hit its reset in the headers. A limit for the day is waited for until it
    is renewed, or tried once an hour.

    Args:
        headers: of the answer, looked up without regard to case by the mapping itself.
        error: what its body says.
        limited: a limit was hit; the headers that tell about limits come with every answer.
        now: seconds since the epoch, for servers that do not tell the time; None means the clock.
    """
    now = time.time() if now is None else now
    now = _date(headers.get("date")) or now  # by the server's clock: this machine's may be wrong
    named = _of_headers(headers, now)
    if named is None:
        named = _of_body(error, now)
    if limited:
        named = _with_period(error, named, now)
        named = _reset(headers, now) if named is None else named
    return named if named is None or named <= _LONGEST_WAIT else None


def _of_headers(headers: Mapping[str, str], now: float) -> float | None:
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1_000
    value = headers.get("retry-after")
    return None if value is None else _seconds_or_date(value, now)


def _of_body(error: ErrorBody, now: float) -> float | None:
    for name, value in error.waits.items():
        wait = _seconds_or_date(value, now) if name == "retry-after" else None
        if name.startswith(("retrydelay", "retry_after", "reset", "estimated_time")):
            wait = _reset_wait(value, now)
        if wait is not None:
            return wait
    behind = _reset(error.waits, now)
    return behind if behind is not None or error.is_page else _in_words(error.message, now)


def _in_words(message: str, now: float) -> float | None:
    if found := _DATE_IN_WORDS.search(message):
        day, clock = found.group(1), found.group(2) or "00:00"
        return _until(f"{day}T{clock}+00:00", now)
    if found := _IN_WORDS.search(message):
        number = _number(found.group(1).strip())
        return _duration(found.group(1)) if number is None else number
    return None


def _with_period(error: ErrorBody, named: float | None, now: float) -> float | None:
    """The wait for a limit of an hour or a day, whose end not every server names rightly.

    Google names some seconds also where the quota of a day is used up; those are renewed at midnight Pacific
    time (ai.google.dev/gemini-api/docs/rate-limits).
    """
    if any(_PER_DAY.search(quota) or "PerDay" in quota for quota in error.quotas):
        return max(named or 0.0, _until_midnight_pacific(now))
    if named is not None or error.is_page:
        return named
    if _PER_DAY.search(error.message):
        return _AGAIN_THE_SAME_DAY
    return _AGAIN_THE_SAME_HOUR if _PER_HOUR.search(error.message) else None


def _until_midnight_pacific(now: float) -> float:
    try:
        pacific: datetime.tzinfo = zoneinfo.ZoneInfo("America/Los_Angeles")
    except zoneinfo.ZoneInfoNotFoundError:  # a machine without the data of time zones
        pacific = datetime.timezone(datetime.timedelta(hours=-8))
    local = datetime.datetime.fromtimestamp(now, pacific)
    tomorrow = (local + datetime.timedelta(days=1)).date()
    return datetime.datetime.combine(tomorrow, datetime.time(), pacific).timestamp() - now


def _seconds_or_date(value: str, now: float) -> float | None:
    seconds = _number(value)
    if seconds is not None:
        return _since(seconds, now)
    date = _date(value)
    return _reset_wait(value, now) if date is None else max(0.0, date - now)


def _date(value: str | None) -> float | None:
    """Seconds since the epoch of a date in a header, or None if it is none."""
    try:
        return parsedate_to_datetime(value).timestamp() if value else None
    except (ValueError, OverflowError):
        return None


def _reset(headers: Mapping[str, str], now: float) -> float | None:
    """When limits are renewed by `x-ratelimit-reset…` and its like: the longest of those that are used up.

    Where the server says of each what is left and none is used up, the soonest: the call was larger than
    what is left of one of them. Where it does not say, the longest.
    """
    waits: dict[str, float] = {}
    left: dict[str, float | None] = {}
    for name, value in headers.items():
        if _is_reset(name) and (wait := _reset_wait(value, now)) is not None:
            waits[name] = wait
            left[name] = _number(headers.get(name.lower().replace("reset", "remaining")))
    used_up = [wait for name, wait in waits.items() if left[name] == 0]
    if used_up:
        return max(used_up)
    told = [wait for name, wait in waits.items() if left[name] is not None]
    return min(told) if told else max(waits.values(), default=None)


def _is_reset(name: str) -> bool:
    bare = name.lower().replace("-", "").replace("_", "")
    return "ratelimit" in bare and "reset" in bare


def _reset_wait(value: str | None, now: float) -> float | None:
    """A duration, a number of seconds, or a point in time as seconds, milliseconds or ISO 8601."""
    number = _number(value)
    if number is not None:
        return _since(number, now)
    return _until(value, now) if value and "T" in value else _duration(value or "")


def _since(number: float, now: float) -> float:
    if number >= _EPOCH_MILLISECONDS:
        return max(0.0, number / 1_000 - now)
    return max(0.0, number - now) if number >= _EPOCH_SECONDS else number


def _until(moment: str, now: float) -> float | None:
    try:
        when = datetime.datetime.fromisoformat(moment)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=datetime.UTC)
    return max(0.0, when.timestamp() - now)


def _duration(text: str) -> float | None:
    parts = list(_parts(text))
    return sum(parts) if parts else None


def _parts(text: str) -> Iterator[float]:
    for amount, unit in _DURATION.findall(text):
        yield float(amount) * _SECONDS[unit.lower()]


def _number(value: str | None) -> float | None:
    try:
        number = float(value) if value is not None else math.nan
    except ValueError:
        return None
    return number if 0 <= number < math.inf else None
