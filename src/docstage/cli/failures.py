"""What commands end with: exit codes, and errors told in a few lines."""

from enum import IntEnum
from http import HTTPStatus
from typing import Any

from docstage.domain.errors import DocstageError


class ExitCode(IntEnum):
    """What a command's end means; `docs/cli.md` lists them."""

    OK = 0
    ERROR = 1  # something that the user can mend
    USAGE = 2  # the command line itself is wrong
    NOT_FOUND = 3  # what was named does not exist
    CONFLICT = 4  # not possible in the present state, such as an action that the status does not allow
    UNREACHABLE = 5  # the server or the database does not answer
    INCOMPLETE = 6  # it ended, but tasks failed, or the batch was paused by itself or FAILED
    # As shells count signals: 128 and their number.
    HUNG_UP = 129  # SIGHUP: the terminal was closed
    INTERRUPTED = 130  # SIGINT: Ctrl-C
    TERMINATED = 143  # SIGTERM


_OF_STATUS = {
    HTTPStatus.NOT_FOUND: ExitCode.NOT_FOUND,
    HTTPStatus.CONFLICT: ExitCode.CONFLICT,
    HTTPStatus.SERVICE_UNAVAILABLE: ExitCode.UNREACHABLE,
}


class ApiProblem(DocstageError):
    """A problem document that the API answered with."""

    def __init__(self, document: dict[str, Any], status: int) -> None:
        """Take over what the document says.

        Args:
            document: the problem document (RFC 9457).
            status: the HTTP status that it came with.
        """
        members = {name: value for name, value in document.items() if name not in {"detail", "title"}}
        super().__init__(str(document.get("detail", "")), **members)
        self.title = str(document.get("title", "Error"))
        self.kind = str(document.get("type", "")).rsplit(":", 1)[-1]
        self.status = status


class Unreachable(DocstageError):
    """The server does not answer, or what answers is no docstage."""

    kind = "unreachable"
    status = 503
    title = "Cannot reach the server"


def exit_code(error: DocstageError) -> ExitCode:
    """The exit code of an error."""
    return _OF_STATUS.get(HTTPStatus(error.status), ExitCode.ERROR)


def told(error: DocstageError) -> str:
    """The error in words: its title and detail, and a line for each value that the detail does not name."""
    others = (one for one in error.extra.get("errors") or () if one["message"] not in error.detail)
    lines = [f"{error.title}: {error.detail}", *(f"  {one['field']}: {one['message']}" for one in others)]
    return "\n".join(lines)
