"""The endpoint of what was spent."""

import re
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BeforeValidator

from docstage.api.parameters import Context
from docstage.service.system.spending import MAX_DAYS, Period, spending
from docstage.service.system.views import SpendingView

router = APIRouter(prefix="/api", tags=["spending"])
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _written_as_day(value: Any) -> Any:
    """Without this, a bare number would pass as seconds since 1970."""
    if isinstance(value, str) and not _DAY.fullmatch(value):
        raise ValueError("must be a day such as 2026-05-31")
    return value


_Day = Annotated[date, BeforeValidator(_written_as_day)]


def _period(
    days: Annotated[
        int, Query(ge=1, le=MAX_DAYS, description="How many days, where `from` is not given.")
    ] = 30,
    first: Annotated[_Day | None, Query(alias="from", description="The first day.")] = None,
    last: Annotated[_Day | None, Query(alias="to", description="The last day; default: today.")] = None,
    time_zone: Annotated[
        str,
        Query(
            max_length=100,
            description="Where days begin: an IANA name or an offset.",
            examples=["Europe/Berlin", "+02:00"],
        ),
    ] = "UTC",
) -> Period:
    return Period(days, first, last, time_zone)


@router.get("/spending")
def get_spending(services: Context, period: Annotated[Period, Depends(_period)]) -> SpendingView:
    """Get what was spent on which day with which connection. Deleted batches count, too."""
    return spending(services, period)
