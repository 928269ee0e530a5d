"""What endpoints have in common: the services, pages, numbers."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request
from pydantic import Field, StringConstraints

from docstage.service.context import Services
from docstage.service.inputs import Storable
from docstage.store.paging import MAX_LIMIT, PageRequest

LARGEST = 2**53


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


_Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many at most.")]
_Sort = Annotated[
    str | None, Query(max_length=50, description="Name of a column; a leading `-` sorts downwards.")
]


def _page(
    limit: _Limit = 100,
    cursor: Annotated[str | None, Query(max_length=2_000, description="`next` of the page before.")] = None,
    sort: _Sort = None,
) -> PageRequest:
    return PageRequest(limit, cursor, sort)


def _pages(limit: _Limit = 100, sort: _Sort = None) -> PageRequest:
    return PageRequest(limit, None, sort)


Context = Annotated[Services, Depends(_services)]
Paging = Annotated[PageRequest, Depends(_page)]
AllPages = Annotated[PageRequest, Depends(_pages)]
Search = Annotated[
    Annotated[str, StringConstraints(max_length=500), Storable] | None,
    Query(description="Only what contains this text; letter case makes no difference."),
]
RunNumber = Annotated[
    int | None, Query(ge=1, le=2**31 - 1, alias="run", description="Default: the current run.")
]
BatchId = Annotated[int, Path(ge=1, le=LARGEST)]
ItemId = Annotated[int, Path(ge=1, le=LARGEST)]
FilterIds = Annotated[
    list[Annotated[int, Field(ge=1, le=LARGEST)]] | None,
    Query(max_length=500, description="May be repeated."),
]
