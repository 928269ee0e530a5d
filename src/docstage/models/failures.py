"""Turns what servers say when they fail into failures, in words that people understand."""

import json
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Usage
from docstage.domain.written import Written
from docstage.models.error_bodies import ErrorBody, error_of, read_error
from docstage.models.failure_rules import UNKNOWN_STATUS
from docstage.models.protocol import ModelFailure
from docstage.models.retry_after import retry_after_seconds
from docstage.models.verdicts import judge_error, judge_redirect

MESSAGE_LIMIT = 500
_SHORTEST_SECRET = 4
MASK = "***"


def failure_of_response(
    status: int, headers: Mapping[str, str], body: bytes, secrets: Iterable[str] = ()
) -> ModelFailure:
    """The failure that an unsuccessful HTTP answer stands for."""
    return failure_of_error(status, headers, read_error(body), list(secrets))


def failure_of_error(
    status: int, headers: Mapping[str, str], error: ErrorBody, secrets: Sequence[str] = ()
) -> ModelFailure:
    """The failure that the status, headers and error of an unsuccessful answer stand for."""
    if 300 <= status < 400:
        verdict = judge_redirect(headers.get("location", "another address"))
    else:
        named = retry_after_seconds(headers, error, limited=False)
        verdict = judge_error(status, error, names_time=named is not None)
    return ModelFailure(
        verdict.kind,
        shorten(_message(f"The server answered {status}.", verdict.advice, error), secrets),
        status_code=status,
        retry_after=_wait(verdict.kind, headers, error),
        written=_written(error, secrets),
        # What a server itself says in such a status is its refusal; a gateway's page leaves the outcome open.
        sent=not (status == 502 and error.is_structured),
    )


def failure_in_success(data: object, usage: Usage | None = None) -> ModelFailure:
    """The failure that an error within an answer of status 200 stands for.

    Gateways such as OpenRouter give the real status as a code within it.

    Args:
        data: the parsed body or the part of it that has the error.
        usage: what the call took all the same.
    """
    error = error_of(data)
    status = next((int(code) for code in sorted(error.codes) if _is_status(code)), UNKNOWN_STATUS)
    named = retry_after_seconds({}, error, limited=False)
    verdict = judge_error(status, error, names_time=named is not None)
    shown = f" {status}" if status else ""
    return ModelFailure(
        verdict.kind,
        _message(f"The server answered with an error{shown}.", verdict.advice, error),
        status_code=200,
        retry_after=_wait(verdict.kind, {}, error),
        usage=usage,
        written=_written(error),
    )


def _written(error: ErrorBody, secrets: Sequence[str] = ()) -> Written:
    return Written(error.written and without_secrets(error.written, secrets))


def _is_status(code: str) -> bool:
    return len(code) == 3 and code.isascii() and code.isdigit() and 400 <= int(code) < 600


def _wait(kind: FailureKind, headers: Mapping[str, str], error: ErrorBody) -> float | None:
    return retry_after_seconds(headers, error, limited=kind is FailureKind.RATE_LIMITED)


def _message(status: str, advice: str, error: ErrorBody) -> str:
    said = f"It said: {error.message}" if error.message else ""
    return " ".join(part for part in (status, advice, said) if part)


def shorten(message: str, secrets: Iterable[str] = ()) -> str:
    """At most 500 characters of a message, with every secret in it replaced by `***`.

    This is the only place where messages are cut: what is left of a secret at a cut would not be found.
    """
    message = without_secrets(message, secrets)
    return message if len(message) <= MESSAGE_LIMIT else message[: MESSAGE_LIMIT - 2] + " …"


def without_secrets(message: str, secrets: Iterable[str]) -> str:
    """The message with every secret in it replaced by `***`."""
    # The longest first, for one may be part of another. Short ones are no secrets but would tear words apart.
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            for form in forms_of(secret):
                message = message.replace(form, MASK)
    return message


def forms_of(secret: str) -> set[str]:
    """How it may stand in what a server said: as it is, in JSON, in Python's way or in an address."""
    return {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1], quote(secret, safe="")}
