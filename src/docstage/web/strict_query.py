"""Nothing in a query is ignored in silence: a filter with a misspelt name would answer everything."""

import difflib

from fastapi import Request, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute

from docstage.domain.errors import InvalidInput

_MOST_TOLD = 10
_LONGEST = 50


async def refuse_unknown(request: Request) -> None:
    """Refuse parameters that the endpoint does not have, and several values where it takes one.

    A dependency of every endpoint.

    Raises:
        InvalidInput: naming each of them, and what was perhaps meant.
    """
    if not request.url.query:
        return
    known = _parameters(request.scope["route"])
    given = request.query_params
    errors = [
        {"field": name[:_LONGEST], "message": _unknown(name, known)} for name in given if name not in known
    ]
    errors += [
        {"field": name, "message": "is given several times, but takes one value"}
        for name in given
        if known.get(name) is False and len(given.getlist(name)) > 1
    ]
    if errors:
        told = "; ".join(f"{one['field']}: {one['message']}" for one in errors[:_MOST_TOLD])
        raise InvalidInput(told, errors=errors[:_MOST_TOLD])


def _parameters(route: APIRoute) -> dict[str, bool]:
    """The query parameters of an endpoint, and whether each may be repeated."""
    return {
        field.alias: _takes_many(field.field_info.annotation)
        for field in get_flat_params(route.dependant)
        if isinstance(field.field_info, params.Query)
    }


def _takes_many(annotation: object) -> bool:
    return "list[" in str(annotation)


def _unknown(name: str, known: dict[str, bool]) -> str:
    close = difflib.get_close_matches(name.lower()[:_LONGEST], known, n=1, cutoff=0.6)
    if close:
        return f"there is no such parameter; did you mean {close[0]}?"
    if not known:
        return "there is no such parameter; this address takes none"
    return f"there is no such parameter; this address takes {', '.join(known)}"
