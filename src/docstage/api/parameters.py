"""What endpoints have in common: the services, pages, numbers, tags and keys of requests."""

import hashlib
import re
from dataclasses import replace
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Path, Query, Request, Response
from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from docstage.results.formats import FORMATS
from docstage.service.context import Services
from docstage.service.fields import Storable
from docstage.service.session import Session, actor_named
from docstage.service.views import Editable
from docstage.store.paging import MAX_LIMIT, PageRequest
from docstage.store.request_keys import RequestKey

LARGEST = 2**53
MOST_CHOSEN = 50  # statuses or kinds in one filter; there are not as many
_TAG = re.compile(r'"([^"]*)"')
T = TypeVar("T", bound=Editable)


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


_Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many at most.")]
Sort = Annotated[
    str | None, Query(max_length=50, description="Name of a column; a leading `-` sorts downwards.")
]


def _page(
    limit: _Limit = 100,
    cursor: Annotated[str | None, Query(max_length=2_000, description="`next` of the page before.")] = None,
    sort: Sort = None,
) -> PageRequest:
    return PageRequest(limit, cursor, sort)


def _pages(limit: _Limit = 100, sort: Sort = None) -> PageRequest:
    return PageRequest(limit, None, sort)


def _asking(request: Request) -> Session:
    """Who asks: whom a proxy names, if the settings say so; else whom the application is for."""
    services, header = _services(request), _services(request).settings.actor_header
    named = request.headers.get(header) if header else None
    return Session(services, actor_named(named) if named else request.app.state.actor)


def _expected(
    if_match: Annotated[
        str | None,
        Header(max_length=1_000, description="`ETag` of the state that the change is meant for."),
    ] = None,
) -> frozenset[str] | None:
    """The tags that the caller knows, None for any. Weak ones never fit, as RFC 9110 has it."""
    if if_match is None or if_match.strip() == "*":
        return None
    return frozenset(tag[1] for one in if_match.split(",") if (tag := _TAG.fullmatch(one.strip())))


async def _marked(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=255,
            pattern=r"^[\x21-\x7e]+$",
            description="A text that you choose anew for each request; sent again, it is carried out once.",
        ),
    ] = None,
) -> RequestKey | None:
    if idempotency_key is None:
        return None
    asked = request.url.path.encode() + b"\n" + await request.body()
    return RequestKey(idempotency_key, hashlib.sha256(asked).hexdigest())


def _known_format(name: str) -> str:
    if name not in FORMATS:
        raise ValueError(f"must be one of {', '.join(FORMATS)}")
    return name


def tagged(response: Response, view: T) -> T:
    """The resource, with its tag in the answer's head."""
    response.headers["etag"] = f'"{view.tag}"'
    return view


_Expected = Annotated[frozenset[str] | None, Depends(_expected)]
_Marked = Annotated[RequestKey | None, Depends(_marked)]
Context = Annotated[Services, Depends(_services)]
Asking = Annotated[Session, Depends(_asking)]


def _editing(session: Asking, expected: _Expected) -> Session:
    return replace(session, expected=expected)


def _marking(session: Asking, key: _Marked) -> Session:
    return replace(session, key=key)


Editing = Annotated[Session, Depends(_editing)]  # with what is expected of what is edited
Marking = Annotated[Session, Depends(_marking)]  # with the key of a request that may be sent again
Paging = Annotated[PageRequest, Depends(_page)]
AllPages = Annotated[PageRequest, Depends(_pages)]
Search = Annotated[
    Annotated[str, StringConstraints(max_length=500), Storable] | None,
    Query(description="Only what contains this text; letter case makes no difference."),
]
RunNumber = Annotated[
    int | None, Query(ge=1, le=2**31 - 1, alias="run", description="Default: the current run.")
]
RunInPath = Annotated[int, Path(ge=1, le=2**31 - 1)]
BatchId = Annotated[int, Path(ge=1, le=LARGEST)]
ItemId = Annotated[int, Path(ge=1, le=LARGEST)]
FilterIds = Annotated[
    list[Annotated[int, Field(ge=1, le=LARGEST)]] | None,
    Query(max_length=500, description="May be repeated."),
]
FormatName = Annotated[
    Annotated[str, AfterValidator(_known_format), WithJsonSchema({"type": "string", "enum": list(FORMATS)})],
    Query(
        alias="format",
        description=" ".join(f"`{one.name}`: {one.title}. {one.description}" for one in FORMATS.values()),
    ),
]
