"""What servers say when they fail."""

import json
import time
from email.utils import formatdate

import pytest
from multidict import CIMultiDict
from pydantic_ai.exceptions import ModelHTTPError, ModelQuotaExceededError
from tests.models.recorded_failures import NOW as RECORDED_NOW
from tests.models.recorded_failures import RECORDED, Recorded

from docstage.domain.tasks import FailureKind
from docstage.models.error_bodies import ErrorBody
from docstage.models.failures import failure_in_success, failure_of_response
from docstage.models.no_answers import failure_without_answer
from docstage.models.retry_after import retry_after_seconds
from docstage.models.sdk_failures import failure_of_sdk_error

NOW = 1_800_000_000.0
NOTHING = ErrorBody("")
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


def test_there_are_many() -> None:
    """None is lost on the way from the file."""
    assert len(RECORDED) >= 140


@pytest.mark.parametrize("case", RECORDED.values(), ids=RECORDED)
def test_recorded(case: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every recorded answer gets its kind, its wait, words that help, and whether it may have been billed."""
    monkeypatch.setattr(time, "time", lambda: RECORDED_NOW)
    failure = failure_of_response(case.status, CIMultiDict(case.headers), case.sent)
    assert (failure.kind.value, failure.may_be_billed) == (case.kind, case.billed), failure.message
    assert case.words in failure.message
    assert len(failure.message) <= 500
    assert failure.retry_after == (None if case.wait is None else pytest.approx(case.wait, abs=0.01))


@pytest.mark.parametrize("case", RECORDED.values(), ids=RECORDED)
def test_recorded_by_an_sdk(case: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an SDK keeps of the same answer says the same, whatever class of errors it chose."""
    monkeypatch.setattr(time, "time", lambda: RECORDED_NOW)
    raised = ModelHTTPError.for_category(
        ModelQuotaExceededError, status_code=case.status, model_name="m", body=case.body, headers=case.headers
    )
    failure = failure_of_sdk_error(raised, 1.0, ["sk-secret"])
    assert failure.kind.value == case.kind
    assert failure.retry_after == (None if case.wait is None else pytest.approx(case.wait, abs=0.01))


@pytest.mark.parametrize(
    ("error", "kind", "wait"),
    [
        (
            {"message": "Provider returned error", "code": 429, "metadata": {"raw": "error code: 1015"}},
            "rate_limited",
            None,
        ),
        ({"message": "Provider returned error", "code": "502"}, "overloaded", None),
        ({"message": "Overloaded", "type": "overloaded_error"}, "overloaded", None),
        ({"message": "Please try again in 12s", "type": "rate_limit_exceeded"}, "rate_limited", 12.0),
        ({"message": "Insufficient credits", "code": 402}, "quota", None),
        ({"message": "maximum context length is 8 tokens"}, "context_overflow", None),
        ("the model broke", "bad_answer", None),
    ],
)
def test_errors_within_a_success(error: object, kind: str, wait: float | None) -> None:
    """An error that comes with a status of 200 is told by its own code, else by what it says."""
    failure = failure_in_success({"error": error})
    assert (failure.kind.value, failure.retry_after, failure.status_code) == (kind, wait, 200)


@pytest.mark.parametrize(
    ("body", "kind", "billed", "words"),
    [
        (b"", "connection", True, "closed the connection without an answer"),
        (b"\n\n \n", "connection", True, "kept the connection open"),
        (
            b": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n",
            "connection",
            True,
            "kept the connection open",
        ),
        (b'{"choices": [{"message": {"cont', "connection", True, "breaks off after 31 characters"),
        (b"\n\n{", "connection", True, "breaks off"),
        (b"<!DOCTYPE html><title>Sign in</title>", "bad_answer", False, "Sign in"),
        (b"OK", "bad_answer", True, "no chat completion"),
        (b'{"a": 1} and more', "bad_answer", True, "no chat completion"),
        (b"\xff\xfe\x00", "bad_answer", True, "no chat completion"),
    ],
)
def test_successes_without_an_answer(body: bytes, kind: str, billed: bool, words: str) -> None:
    """What was cut on its way may have been billed; a web page never reached a model."""
    failure = failure_without_answer(body)
    assert (failure.kind.value, failure.may_be_billed) == (kind, billed)
    assert words in failure.message


def test_what_a_model_wrote_is_kept_without_secrets() -> None:
    """Groq gives back what was no JSON."""
    body = {
        "error": {"code": "json_validate_failed", "message": "no", "failed_generation": "Total sk-secret"}
    }
    failure = failure_of_response(400, CIMultiDict(), json.dumps(body).encode(), ["sk-secret"])
    assert (failure.kind, failure.written.text) == (FailureKind.BAD_ANSWER, "Total ***")


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
        ({"Retry-After": "130"}, 130.0),
        ({"Retry-After": "1h30m"}, 5_400.0),
        ({"Retry-After": str(int(NOW + 70))}, 70.0),
        ({"Retry-After": "99999999"}, None),
        ({"RateLimit-Reset": "44"}, 44.0),
        ({"x-ratelimit-reset-requests-day": "3600.5", "x-ratelimit-remaining-requests-day": "0"}, 3_600.5),
        (
            {
                "X-RateLimit-Reset-Requests": "8h",
                "X-RateLimit-Remaining-Requests": "900",
                "X-RateLimit-Reset-Tokens": "6s",
                "X-RateLimit-Remaining-Tokens": "500",
            },
            6.0,
        ),
        ({}, None),
    ],
)
def test_waits(headers: dict[str, str], seconds: float | None) -> None:
    """Every documented way of asking for a pause is understood, and nonsense ignored."""
    assert retry_after_seconds(CIMultiDict(headers), NOTHING, limited=True, now=NOW) == seconds


def test_dates_are_read_by_the_servers_clock() -> None:
    """A clock of this machine that is an hour slow does not make a pause of an hour."""
    dates = {"Date": formatdate(NOW + 3_600), "Retry-After": formatdate(NOW + 3_605)}
    assert retry_after_seconds(CIMultiDict(dates), NOTHING, limited=True, now=NOW) == 5.0
    strange = CIMultiDict(dates | {"Date": "yesterday"})
    assert retry_after_seconds(strange, NOTHING, limited=True, now=NOW + 3_600) == 5.0


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Please try again in 1h2m3.5s.", 3_723.5),
        ("Try again in 60 seconds", 60.0),
        ("please wait 2 minutes", 120.0),
        ("Retry after 30", 30.0),
        ("It resets in 3 hours, 5 minutes.", 11_100.0),
        ("Limit resets at: 2027-01-15 08:00:20 UTC", 20.0),
        ("retry after 2027-01-15T08:00:30Z", 30.0),
        ("Try again with 4096 tokens or fewer", None),
        ("The limit is 20 requests per day", 3_600.0),
        ("hourly usage limit", 600.0),
        ("The document of 2027-03-01 was refused", None),
    ],
)
def test_waits_in_words(words: str, seconds: float | None) -> None:
    """Servers that name a time in words alone are understood, and limits of a period are waited for."""
    found = retry_after_seconds({}, ErrorBody(words), limited=True, now=NOW)
    assert found == seconds


def test_resets_count_only_for_429() -> None:
    """Rate limit headers come with every answer; they ask for a pause only when the limit was hit."""
    headers = CIMultiDict({"x-ratelimit-reset": "12"})
    assert retry_after_seconds(headers, NOTHING, limited=False, now=NOW) is None
