"""Which kind of failure an unsuccessful answer is, and what to do about it."""

import re
from dataclasses import dataclass

from docstage.domain.tasks import FailureKind
from docstage.models.error_bodies import ErrorBody
from docstage.models.failure_rules import RULES, UNKNOWN_STATUS
from docstage.models.output_room import LEAST_ROOM, output_room

_MAY_NOT_FIT = frozenset({400, 413, 416, 422, 500})
_LOGIN = re.compile(r"log[-_]?in|sign[-_]?in|sso|saml|oauth|adfs|/auth|captive|portal|idp", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an unsuccessful answer stands for.

    Attributes:
        kind: of the failure.
        advice: a sentence that says what happened or what to do, or empty.
    """

    kind: FailureKind
    advice: str = ""


_STATUSES: dict[int, Verdict] = {
    204: Verdict(FailureKind.BAD_REQUEST, "The server has nothing to say to this: is the base URL right?"),
    401: Verdict(FailureKind.AUTH, "The key is missing, wrong or expired."),
    402: Verdict(FailureKind.QUOTA, "Credit with the provider is used up."),
    403: Verdict(FailureKind.AUTH, "The key may not do this."),
    407: Verdict(FailureKind.AUTH, "The proxy wants a user name and a password in its address."),
    408: Verdict(FailureKind.TIMEOUT, "The server gave up waiting for the model."),
    409: Verdict(FailureKind.OVERLOADED),
    410: Verdict(FailureKind.UNKNOWN_MODEL, "What was asked for is gone from this server."),
    423: Verdict(FailureKind.OVERLOADED),
    424: Verdict(FailureKind.OVERLOADED, "The model behind the server failed."),
    425: Verdict(FailureKind.OVERLOADED),
    429: Verdict(FailureKind.RATE_LIMITED, "A limit of the provider is reached."),
    451: Verdict(
        FailureKind.AUTH, "The provider does not serve the place from which this machine reaches it."
    ),
    460: Verdict(FailureKind.TIMEOUT, "The load balancer in front of the model lost the request."),
    499: Verdict(FailureKind.TIMEOUT, "A gateway in front of the model lost the request."),
    501: Verdict(FailureKind.BAD_REQUEST, "The server does not know such requests: is the base URL right?"),
    504: Verdict(FailureKind.OVERLOADED, "A gateway in front of the model gave up waiting for its answer."),
    505: Verdict(FailureKind.BAD_REQUEST),
    511: Verdict(FailureKind.AUTH, "The network wants somebody to sign in before it lets requests through."),
    524: Verdict(FailureKind.OVERLOADED, "A gateway in front of the model gave up waiting for its answer."),
    561: Verdict(FailureKind.AUTH, "The load balancer in front of the model wants somebody to sign in."),
}
_REJECTED: dict[int, str] = {
    404: "The address answers 404: is the base URL right? It usually ends in /v1.",
    405: "The address takes no such requests: is the base URL right? It usually ends in /v1.",
    413: "The request is larger than the server or a proxy before it accepts: split the document, or raise "
    "the limit there.",
}
_PAGE = (
    "A web page answers in place of the model: a proxy, a firewall or a page to sign in may be in between."
)


def judge_error(status: int, error: ErrorBody, *, names_time: bool = False) -> Verdict:
    """The kind of an unsuccessful answer, and what to do about it.

    Args:
        status: of the answer, or that of the server behind it; `UNKNOWN_STATUS` where there is none.
        error: what the body says.
        names_time: the server says when to come again.
    """
    if status in _MAY_NOT_FIT and (fit := _of_room(error)):
        return fit
    for rule in RULES:
        if rule.fits(status, error, names_time):
            usual = _STATUSES.get(status)
            alike = usual.advice if usual and usual.kind is rule.kind else ""
            return Verdict(rule.kind, rule.advice or alike)
    if status == UNKNOWN_STATUS:
        return Verdict(FailureKind.BAD_ANSWER)
    verdict = _STATUSES.get(status) or _by_class(status)
    if error.is_page and status in (401, 403):
        return Verdict(verdict.kind, _PAGE)
    return verdict


def judge_redirect(target: str) -> Verdict:
    """The kind of an answer that redirects to another address, and what to do about it."""
    if _LOGIN.search(target):
        words = f"The server redirects to a page to sign in, {target}: a proxy or a network asks for it."
        return Verdict(FailureKind.AUTH, words)
    return Verdict(
        FailureKind.BAD_REQUEST,
        f"The server redirects to {target}, which is not followed: correct the base URL.",
    )


def _by_class(status: int) -> Verdict:
    if status >= 500:
        return Verdict(FailureKind.OVERLOADED)
    return Verdict(FailureKind.BAD_REQUEST, _REJECTED.get(status, ""))


def _of_room(error: ErrorBody) -> Verdict | None:
    """The verdict on a request whose answer may be longer than there is room for."""
    room = output_room(error.message)
    if room is None:
        return None
    if room < LEAST_ROOM:
        return Verdict(
            FailureKind.CONTEXT_OVERFLOW, "Document and prompt leave the model no room for an answer."
        )
    return Verdict(
        FailureKind.BAD_REQUEST,
        f"The completion does not fit: lower the connection's output limit to {room:,} or less.",
    )
