"""What answers of status 200 stand for that hold no completion at all: pages, nothing, broken-off JSON."""

import json

from docstage.domain.tasks import FailureKind
from docstage.models.error_bodies import LONGEST_BODY, read_error, without_keep_alives
from docstage.models.protocol import ModelFailure

_AT_ITS_END = 2  # characters


def failure_without_answer(body: bytes) -> ModelFailure:
    """The failure that a body stands for in which there is no answer of a model.

    What breaks off, or says nothing after all the lines that keep a connection open, was cut on its way: the
    model may have worked for it. A web page comes from something in between, which the model never saw.
    """
    text = body.decode("utf-8", "replace").lstrip("\ufeff")
    said = without_keep_alives(text).strip()
    if not said:
        kept = "kept the connection open, then closed it" if body else "closed the connection"
        message = f"The server {kept} without an answer."
        return ModelFailure(FailureKind.CONNECTION, message, status_code=200)
    if said.startswith("<"):
        page = read_error(said.encode()).message
        message = (
            "A web page answers in place of the model: a proxy or a page to sign in may be in between, or is "
            f"the base URL right? It says: {page}"
        )
        return ModelFailure(FailureKind.BAD_ANSWER, message, status_code=200, sent=False)
    if _breaks_off(said):
        message = f"The answer breaks off after {len(said):,} characters: it was cut on its way."
        return ModelFailure(FailureKind.CONNECTION, message, status_code=200)
    start = " ".join(said[:LONGEST_BODY].split())
    message = f"The server's answer is no chat completion: is the base URL right? It begins: {start}"
    return ModelFailure(FailureKind.BAD_ANSWER, message, status_code=200)


def _breaks_off(text: str) -> bool:
    """Whether it is the beginning of JSON, which its end alone makes no JSON."""
    if text[0] not in "{[":
        return False
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.pos >= len(text) - _AT_ITS_END or error.msg.startswith("Unterminated string")
    except (ValueError, RecursionError):
        return False
    return False
