"""Errors that a user can mend.

Everything docstage raises on purpose derives from `DocstageError`. The API turns each class into a problem
document with its `kind` and `status`, the CLI into one line and an exit code. Any other exception is a bug.
"""

from collections.abc import Mapping
from typing import Any


class DocstageError(Exception):
    """Something the user can mend.

    Attributes:
        kind: stable, hyphenated name; the last part of the problem type and the key of the CLI's exit code.
        status: HTTP status code that the API answers with.
        title: what went wrong in general, in a few words.
        detail: what went wrong here and what to do about it.
        extra: further members for the problem document, JSON values only.
    """

    kind = "error"
    status = 400
    title = "The request cannot be carried out"

    def __init__(self, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.extra: Mapping[str, Any] = extra

    def document(self, path: str) -> dict[str, Any]:
        """The problem document (RFC 9457) of this error at the path that was asked for."""
        members = {
            "type": f"urn:docstage:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": path,
        }
        return {**self.extra, **members}


class NotFound(DocstageError):
    """The named thing does not exist."""

    kind = "not-found"
    status = 404
    title = "Not found"


class InvalidInput(DocstageError):
    """A value is not acceptable; `errors` lists `{"field", "message"}` for each one."""

    kind = "invalid-input"
    status = 422
    title = "Some values are not acceptable"


class Conflict(DocstageError):
    """The request is fine, but not in the present state of things."""

    kind = "conflict"
    status = 409
    title = "Not possible in the present state"


class InUse(Conflict):
    """The thing is still used by others, listed in `used_by`."""

    kind = "in-use"
    title = "Still in use"


class Changed(DocstageError):
    """The thing was changed since the caller read it."""

    kind = "changed"
    status = 412
    title = "Changed by somebody else meanwhile"


class ActionNotAllowed(Conflict):
    """The batch's status does not allow this action."""

    kind = "action-not-allowed"
    title = "The batch's status does not allow this action"

    def __init__(self, action: str, current_status: str, allowed_actions: list[str]) -> None:
        allowed = ", ".join(allowed_actions) or "none"
        super().__init__(
            f"Cannot {action} a batch that is {current_status}. Allowed now: {allowed}.",
            action=action,
            current_status=current_status,
            allowed_actions=allowed_actions,
        )


class Forbidden(DocstageError):
    """The caller may not do this."""

    kind = "forbidden"
    status = 403
    title = "Not permitted"


class Unauthorized(DocstageError):
    """A token is needed and was missing or wrong."""

    kind = "unauthorized"
    status = 401
    title = "A token is needed"


class Unavailable(DocstageError):
    """A part that is needed does not answer at the moment."""

    kind = "unavailable"
    status = 503
    title = "Not available at the moment"


class ConfigurationError(DocstageError):
    """A setting or the environment keeps docstage from working."""

    kind = "configuration"
    status = 500
    title = "docstage is not set up correctly"


class WrongSchema(Conflict):
    """The database has the schema of another version of docstage."""

    kind = "wrong-schema"
    title = "The database is of another version of docstage"


class AtWork(Conflict):
    """Others use the database, and what was asked for needs it alone."""

    kind = "at-work"
    title = "The database is in use"
