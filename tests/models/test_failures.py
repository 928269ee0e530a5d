"""What servers say when they fail."""

import json
from email.utils import formatdate

import pytest
from multidict import CIMultiDict

from docstage.domain.tasks import FailureKind
from docstage.models.failures import failure_of_response
from docstage.models.retry_after import retry_after_seconds

NOW = 1_800_000_000.0
OVERFLOW = "This model's maximum context length is 8192 tokens."


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (401, {"message": "Incorrect API key", "code": "invalid_api_key"}, "auth"),
        (403, {"message": "Country not supported"}, "auth"),
        (403, {"message": "Your billing is not set up"}, "quota"),
        (403, {"message": "no access to model", "code": "model_not_found"}, "unknown_model"),
        (402, {"message": "Insufficient Balance"}, "quota"),
        (404, {"message": "The model `x` does not exist", "code": "model_not_found"}, "unknown_model"),
        (404, {"message": 'model "x" not found, try pulling it first'}, "unknown_model"),
        (400, {"message": "x is not a valid model ID", "code": 400}, "unknown_model"),
        (400, {"message": "Model Not Exist"}, "unknown_model"),
        (404, {"message": "File Not Found", "type": "not_found_error"}, "bad_request"),
        (408, {"message": "timed out"}, "timeout"),
        (504, {"message": "gateway"}, "overloaded"),
        (400, {"message": OVERFLOW, "code": "context_length_exceeded"}, "context_overflow"),
        (400, {"message": "too long", "type": "exceed_context_size_error"}, "context_overflow"),
        (413, {"message": "Please reduce the length of the messages"}, "context_overflow"),
        (413, {"message": "Request Entity Too Large"}, "bad_request"),
        (429, {"message": "Rate limit reached", "code": "rate_limit_exceeded"}, "rate_limited"),
        (429, {"message": "Request too large for m on tokens per min (TPM): Limit 1"}, "context_overflow"),
        (413, {"message": "Request too large for model `m`: Limit 1, Requested 2"}, "context_overflow"),
        (429, {"message": "You exceeded your current quota", "code": "insufficient_quota"}, "quota"),
        (500, {"message": "oops"}, "overloaded"),
        (500, {"message": "image input is not supported - hint"}, "rejected_input"),
        (503, {"message": "Loading model"}, "overloaded"),
        (529, {"message": "overloaded"}, "overloaded"),
        (400, {"message": "filtered", "code": "content_filter"}, "refusal"),
        (422, {"message": "temperature must be at most 2"}, "bad_request"),
        (307, {"message": ""}, "bad_request"),
    ],
)
def test_kinds(status: int, error: dict[str, object], kind: str) -> None:
    """Each documented error is told apart by status, code and wording."""
    failure = failure_of_response(status, CIMultiDict(), json.dumps({"error": error}).encode())
    assert failure.kind == FailureKind(kind)
    assert failure.status_code == status
    assert str(error["message"]) in failure.message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"code": "x", "error": "said flatly"}', "said flatly"),
        (b'{"object": "error", "message": "said at the top"}', "said at the top"),
        (b'{"detail": [{"msg": "said in a list"}]}', "said in a list"),
        (b"<html><style>x{}</style><h1>502 Bad  Gateway</h1></html>", "It said: 502 Bad Gateway"),
        (b"", "The server answered 502."),
        (b"\xff\xfe", "The server answered 502."),
        (b"[" * 50_000, "The server answered 502."),
    ],
)
def test_bodies_of_any_shape(body: bytes, words: str) -> None:
    """The message is found wherever a server puts it."""
    assert words in failure_of_response(502, CIMultiDict(), body).message


def test_messages_are_short_and_without_secrets() -> None:
    """However much a server says, and whatever it repeats, the message is short and shows no key."""
    body = json.dumps({"error": {"message": "sk-very-secret " * 1_000}}).encode()
    message = failure_of_response(400, CIMultiDict(), body, ["sk-very-secret", ""]).message
    assert len(message) <= 500
    assert "secret" not in message


def test_404_without_a_model_tells_about_the_address() -> None:
    """A wrong path is explained."""
    assert "usually ends in /v1" in failure_of_response(404, CIMultiDict(), b"").message


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": "0.5"}, 0.5),
        ({"Retry-After": "Fri, 15 Jan 2027 08:00:30 GMT"}, 30.0),
        ({"Retry-After": "Fri, 15 Jan 2021 08:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After-Ms": "250", "Retry-After": "7"}, 0.25),
        ({"X-RateLimit-Reset-Requests": "1m2.5s", "X-RateLimit-Reset-Tokens": "120ms"}, 62.5),
        (
            {
                "X-RateLimit-Reset-Requests": "1h",
                "X-RateLimit-Remaining-Requests": "3",
                "X-RateLimit-Reset-Tokens": "6s",
                "X-RateLimit-Remaining-Tokens": "0",
            },
            6.0,
        ),
        ({"X-RateLimit-Reset": str(int((NOW + 9) * 1_000))}, 9.0),
        ({"X-RateLimit-Reset": str(int(NOW + 9))}, 9.0),
        ({"X-RateLimit-Reset": "12"}, 12.0),
        ({}, None),
    ],
)
def test_waits(headers: dict[str, str], seconds: float | None) -> None:
    """Every documented way of asking for a pause is understood, and nonsense ignored."""
    assert retry_after_seconds(429, CIMultiDict(headers), now=NOW) == seconds


def test_dates_are_read_by_the_servers_clock() -> None:
    """A clock of this machine that is an hour slow does not make a pause of an hour."""
    dates = {"Date": formatdate(NOW + 3_600), "Retry-After": formatdate(NOW + 3_605)}
    assert retry_after_seconds(429, CIMultiDict(dates), now=NOW) == 5.0
    assert retry_after_seconds(429, CIMultiDict(dates | {"Date": "yesterday"}), now=NOW + 3_600) == 5.0


def test_resets_count_only_for_429() -> None:
    """Rate limit headers come with every answer; they ask for a pause only when the limit was hit."""
    assert retry_after_seconds(500, CIMultiDict({"x-ratelimit-reset": "12"}), now=NOW) is None
