"""Problems as pages, for people who opened an address in a browser and would get raw JSON.

Addresses of the API stay as they are: whoever asks there is a program, or looks at what programs get.
"""

import json
from html import escape
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import Scope

from docstage.web import pages

_CARRIED = ("www-authenticate", "retry-after", "allow")
_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · docstage</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
{styles}<main class="page"><h1>{title}</h1>
<p>{detail}</p>
<p>{onward}</p>
<p class="quiet small">Status {status}</p></main></html>
"""
_ONWARD = '<a href="/">Go to the overview</a>'
_FOR_PROGRAMS = (
    "This address is for programs, which send the token. The pages ask for it: "
    '<a href="/">open them and enter it there</a>.'
)


def wants_page(scope: Scope) -> bool:
    """Whether somebody opened an address in a browser that is none of the API's."""
    path = scope["path"]
    return (
        scope["method"] in {"GET", "HEAD"}
        and path != "/api"
        and not path.startswith("/api/")
        and "text/html" in Headers(scope=scope).get("accept", "")
    )


def for_reader(scope: Scope, problem: Response) -> Response:
    """The problem document, or a page that says the same where a browser shows it."""
    if not wants_page(scope):
        return problem
    told = json.loads(bytes(problem.body))
    status = problem.status_code
    page = _PAGE.format(
        title=escape(told["title"]),
        detail=escape(told["detail"]),
        onward=_FOR_PROGRAMS if status == HTTPStatus.UNAUTHORIZED else _ONWARD,
        status=f"{status} {HTTPStatus(status).phrase}",
        styles="".join(f'<link rel="stylesheet" href="/{name}">\n' for name in pages.stylesheets()),
    )
    headers = {name: value for name, value in problem.headers.items() if name in _CARRIED}
    return HTMLResponse(page, status, headers | {"cache-control": "no-store", "vary": "accept"})
