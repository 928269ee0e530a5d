"""What was spent on which day with which connection, in the time zone of whoever asks."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from docstage.domain.errors import InvalidInput
from docstage.domain.usage import NANO, Spending, tokens_of
from docstage.service.context import Services
from docstage.service.system.views import ConnectionSpending, DaySpending, SpendingView, SumsView
from docstage.store import spending as ledger
from docstage.store.spending import Spent

MAX_DAYS = 366
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True)
class Period:
    """Which days are asked for.

    Attributes:
        days: how many, where `first` is None.
        first: the first day.
        last: the last one, None for today.
        zone: where days begin: an IANA name such as `Europe/Berlin`, or an offset such as `+02:00`.
    """

    days: int = 30
    first: date | None = None
    last: date | None = None
    zone: str = "UTC"


def spending(services: Services, period: Period) -> SpendingView:
    """What was spent on each day of the period, also on those without any call.

    Raises:
        InvalidInput: an unknown time zone, or a period that is empty or too long.
    """
    zone = _zone(period.zone)
    days = _days(period, datetime.fromtimestamp(services.clock.now(), zone).date())
    bounds = [_midnight(day, zone) for day in (*days, days[-1] + timedelta(days=1))]
    with services.database.read() as c:
        entries = ledger.spent(c, bounds)
    by_day: list[list[Spent]] = [[] for _ in days]
    for entry in entries:
        by_day[entry.span].append(entry)
    return SpendingView(
        first=days[0],
        last=days[-1],
        time_zone=period.zone,
        total=SumsView(**_sums(entries)),
        connections=_by_connection(entries),
        days=[
            DaySpending(day=day, connections=_by_connection(found), **_sums(found))
            for day, found in zip(days, by_day, strict=True)
        ],
    )


def _zone(name: str) -> tzinfo:
    offset = _OFFSET.fullmatch(name)
    if offset:
        sign, hours, minutes = offset.groups()
        away = timedelta(hours=int(hours), minutes=int(minutes))
        if away < timedelta(days=1):
            return timezone(-away if sign == "-" else away)
    elif name == "UTC":
        return UTC  # also where the machine knows no time zones
    else:
        try:
            return ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            pass
    raise InvalidInput(
        f"There is no time zone {name!r} here. Give a name such as Europe/Berlin or an offset such as +02:00."
    )


def _days(period: Period, today: date) -> list[date]:
    last = period.last or today
    try:
        first = period.first or last - timedelta(days=period.days - 1)
        number = (last - first).days + 1
        _around = first - timedelta(days=2), last + timedelta(days=2)
    except OverflowError:
        number = 0
    if not 1 <= number <= MAX_DAYS:
        raise InvalidInput(f"The period must be 1 to {MAX_DAYS} days, and its first day not behind its last.")
    return [first + timedelta(days=index) for index in range(number)]


def _midnight(day: date, zone: tzinfo) -> float:
    return datetime.combine(day, time(), zone).timestamp()


def _by_connection(entries: Iterable[Spent]) -> list[ConnectionSpending]:
    """The sums of each connection, the most expensive first."""
    groups: dict[str, list[Spent]] = {}
    for entry in entries:
        groups.setdefault(entry.connection, []).append(entry)
    found = [
        ConnectionSpending(
            connection=name, connection_id=max(map(attrgetter("connection_id"), group)), **_sums(group)
        )
        for name, group in groups.items()
    ]
    return sorted(found, key=lambda one: (-(one.cost or 0), -one.unpriced_calls, one.connection))


def _sums(entries: Iterable[Spent]) -> dict[str, Any]:
    """The members of a `SumsView`."""
    sums = sum((one.sums for one in entries), Spending())
    return {
        "calls": sums.calls,
        **tokens_of(sums.usage),
        "cost": None if sums.unpriced_calls and not sums.cost else sums.cost / NANO,
        "unpriced_calls": sums.unpriced_calls,
        "possible_cost": sums.possible_cost / NANO,
    }
