"""Errors as problem documents (RFC 9457)."""

import logging
import re
import secrets
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from docstage.domain.errors import DocstageError
from docstage.web import pages
from docstage.web.error_pages import for_reader, wants_page

MEDIA_TYPE = "application/problem+json"
_MOST_ERRORS = 50  # that are told; nobody reads thousands
_log = logging.getLogger(__name__)

# Kinds and titles of what the framework answers by itself.
_OF_STATUS = {
    400: ("malformed", "The request cannot be understood"),
    404: ("not-found", "Not found"),
    405: ("method-not-allowed", "This address does not take this method"),
    431: ("head-too-large", "The request line and headers are too large"),
}


class FieldError(BaseModel):
    """One value that is not acceptable."""

    field: str
    message: str


class Problem(BaseModel):
    """What went wrong, and what to do about it."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(examples=["urn:docstage:problem:action-not-allowed"])
    title: str
    status: int
    detail: str
    instance: str = Field(description="The path that was asked for.")
    errors: list[FieldError] | None = None


class BodyTooLarge(DocstageError):
    """The request's body is larger than any that makes sense."""

    kind = "body-too-large"
    status = 413
    title = "The body is too large"


class BodyTooSlow(DocstageError):
    """The request's body does not end."""

    kind = "body-too-slow"
    status = 408
    title = "The body does not come"


class PathTooLong(DocstageError):
    """No address here is that long."""

    kind = "path-too-long"
    status = 414
    title = "The path is too long"


class WrongContentType(DocstageError):
    """The request's body is sent as another type than the address takes."""

    kind = "wrong-content-type"
    status = 415
    title = "The body is of another type than is taken here"


def problem(
    path: str, *, kind: str, title: str, status: int, detail: str, headers: Any = None, **extra: Any
) -> Response:
    """A problem document."""
    members = {
        "type": f"urn:docstage:problem:{kind}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": path,
    }
    return JSONResponse(extra | members, status, headers, MEDIA_TYPE)


def problem_of(error: DocstageError, path: str) -> Response:
    """The problem document of an error that the user can mend."""
    headers = {"WWW-Authenticate": "Bearer"} if error.status == HTTPStatus.UNAUTHORIZED else None
    return JSONResponse(error.document(path), error.status, headers, MEDIA_TYPE)


def no_request(status: HTTPStatus, why: str) -> Response:
    """The problem document of what is no request, or too large to be read as one."""
    kind, title = _OF_STATUS.get(status, _OF_STATUS[400])
    return problem("", kind=kind, title=title, status=status, detail=why)


def too_many(most: int) -> Response:
    """The problem document of one caller too many."""
    detail = f"{most:,} connections are open and all are at work. Try again in a while."
    retry = {"Retry-After": "10"}
    kind, title = "too-many-connections", "Too many connections"
    return problem("", kind=kind, title=title, status=503, detail=detail, headers=retry)


def defect(path: str, error: Exception) -> Response:
    """The problem document of a bug: the log has it under the id that the caller is told."""
    number = secrets.token_hex(6)
    _log.error("Defect %s at %s", number, path, exc_info=error)
    return problem(
        path,
        kind="defect",
        title="A defect of docstage",
        status=500,
        detail=f"Something went wrong that should not. The log tells more under the id {number}.",
        id=number,
    )


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems of an endpoint, for its documentation."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def install(app: FastAPI) -> None:
    """Answer every error of the application with a problem document."""

    async def on_docstage_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, DocstageError)
        return for_reader(request.scope, problem_of(error, request.url.path))

    async def on_validation_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return for_reader(request.scope, _validation_problem(request.url.path, error))

    async def on_http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        kind, title = _OF_STATUS.get(error.status_code, ("http", HTTPStatus(error.status_code).phrase))
        path = request.url.path
        detail, headers = str(error.detail), dict(error.headers or {})
        if error.status_code == HTTPStatus.NOT_FOUND and wants_page(request.scope):
            return pages.index(request, error.status_code)
        if error.status_code == HTTPStatus.NOT_FOUND:
            detail = f"There is nothing at {path}."
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            allowed = ", ".join(methods_of(app, path))
            detail, headers = f"{path} takes {allowed}, not {request.method}.", {"Allow": allowed}
        told = problem(path, kind=kind, title=title, status=error.status_code, detail=detail, headers=headers)
        return for_reader(request.scope, told)

    app.add_exception_handler(DocstageError, on_docstage_error)
    app.add_exception_handler(RequestValidationError, on_validation_error)
    app.add_exception_handler(HTTPException, on_http_error)


def allowed_methods(app: FastAPI, path: str) -> list[str]:
    """Every method that some route takes at the path. Each route knows only its own."""
    found = set()
    for template, operations in app.openapi()["paths"].items():
        # All parameters in paths are numbers.
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[0-9]+", re.escape(template)), path):
            found |= {method.upper() for method in operations}
    return sorted(found)


def methods_of(app: FastAPI, path: str) -> list[str]:
    """Every method that is taken at the path, none where there is nothing. HEAD is wherever GET is."""
    found = set(allowed_methods(app, path))
    for route in app.routes:
        if isinstance(route, Route) and route.path_regex.match(path):
            found |= route.methods or set()
    if not found:
        return []
    return sorted(found | {"OPTIONS"} | ({"HEAD"} if "GET" in found else set()))


def _validation_problem(path: str, error: RequestValidationError) -> Response:
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        where = first["ctx"]["error"]
        kind, title = _OF_STATUS[400]
        detail = f"The body is not JSON: {where} at character {first['loc'][-1]}."
        return problem(path, kind=kind, title=title, status=400, detail=detail)
    # The values themselves are not repeated: they may be secrets.
    found = error.errors()[:_MOST_ERRORS]
    errors = [{"field": _field(one["loc"]), "message": _message(one["msg"])} for one in found]
    return problem(
        path,
        kind="invalid-input",
        title="Some values are not acceptable",
        status=422,
        detail="; ".join(f"{one['field']}: {one['message']}" for one in errors[:5]),
        errors=errors,
    )


def _field(location: tuple[str | int, ...]) -> str:
    """A member's path, such as `limits.concurrency`; `body` for the body as a whole."""
    return ".".join(str(part) for part in location[1:]) or str(location[0])


def _message(text: str) -> str:
    return text.removeprefix("Value error, ")
