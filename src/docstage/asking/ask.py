"""Asks one question about one document. Everything that can go wrong ends as a failure with a kind."""

import asyncio
import json
import logging
from dataclasses import dataclass

from docstage.asking.question import Question
from docstage.asking.wholeness import check_failure, check_reply
from docstage.domain.content import Content, clean_json, clean_text
from docstage.domain.room import Room
from docstage.domain.served import Served
from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Usage
from docstage.domain.written import Repair, Written
from docstage.models.other_models import in_words, is_other_model
from docstage.models.protocol import ConnectionConfig, ModelClient, ModelFailure, ModelReply, ModelRequest
from docstage.store.layout import CANNOT_SEE

log = logging.getLogger(__name__)

# The client's own timeout comes first and knows more; this one only guards against a client that hangs.
SPARE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """A usable answer, ready to be stored."""

    text: str
    value: str | None
    usage: Usage | None
    served: Served
    note: str | None = None
    thoughts: str | None = None
    told_cost: int | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """What a connection takes, and how long its answers are waited for.

    Attributes:
        sees_images: whether the model takes pictures; one that does not is sent the text of a document,
            unless most of it is pictures.
        patience: seconds, after which a call is given up.
        room: what is surely longer is not sent.
        provider: a name of the catalogue.
        model: that is asked; people are told when another answers.
    """

    sees_images: bool
    patience: float
    room: Room
    provider: str = ""
    model: str = ""

    @classmethod
    def of(cls, config: ConnectionConfig, *, sees_images: bool) -> "Reach":
        """That of a connection."""
        room = Room(config.context_tokens, config.max_output_tokens)
        return cls(sees_images, config.timeout, room, config.provider, config.model)


async def ask(
    client: ModelClient,
    question: Question,
    path: str,
    content: Content | None,
    reach: Reach,
    *,
    least: int,
    repair: Repair | None = None,
    cached: bool = False,
) -> StoredAnswer | ModelFailure:
    """Ask the question about a document.

    Args:
        path: the document's, which the model is told.
        content: the document, or None when it is not stored any more.
        least: tokens that its text has at least, 0 where they were not counted.
        repair: an earlier answer to the question that the model is asked to mend, or None.
        cached: the provider is asked to cache the document, or to read it from there.

    Raises:
        asyncio.CancelledError: the call was dropped.
    """
    if content is None:
        return ModelFailure(
            FailureKind.INTERNAL, "The encoded document is no longer stored. Restage the batch.", sent=False
        )
    if (unsendable := _unsendable(content, question, reach, least)) is not None:
        return unsendable
    if not reach.sees_images:
        content = content.without_pictures()
    request = ModelRequest(content, question.text, question.system, question.schema, path, repair, cached)
    try:
        async with asyncio.timeout(reach.patience + SPARE_SECONDS):
            reply = await client.complete(request)
        check_reply(reply, least + question.tokens.least)
        return _storable(reply, reach)
    except ModelFailure as failure:
        return _storable_failure(check_failure(failure, least + question.tokens.least))
    except TimeoutError:
        return ModelFailure(FailureKind.TIMEOUT, f"No complete answer within {reach.patience:g} s.")
    except Exception as error:
        log.exception("A model client failed in an unforeseen way")
        return ModelFailure(FailureKind.INTERNAL, f"docstage failed: {type(error).__name__}: {error}")


def _note(reply: ModelReply, reach: Reach) -> str | None:
    """What people should know of an answer that counts."""
    served = reply.served.model
    is_other = bool(reach.model) and is_other_model(reach.provider, reach.model, served)
    words = (reply.note, clean_text(in_words(reach.model, served)) if is_other else None)
    return " ".join(filter(None, words)) or None


def _storable_failure(failure: ModelFailure) -> ModelFailure:
    failure.message = clean_text(failure.message)
    text, thoughts = failure.written.text, failure.written.thoughts
    failure.written = Written(text and clean_text(text), thoughts and clean_text(thoughts))
    return failure


def _unsendable(content: Content, question: Question, reach: Reach, least: int) -> ModelFailure | None:
    """Why a document is not sent, None where it may be."""
    if content.needs_sight and not reach.sees_images:
        return ModelFailure(FailureKind.UNSUPPORTED_INPUT, CANNOT_SEE, sent=False)
    if not reach.room.takes(least + question.tokens.least):
        return ModelFailure(FailureKind.CONTEXT_OVERFLOW, reach.room.too_long, sent=False)
    return None


def _storable(reply: ModelReply, reach: Reach) -> StoredAnswer:
    value = None if reply.value is None else json.dumps(clean_json(reply.value), ensure_ascii=False)
    thoughts = reply.thoughts and clean_text(reply.thoughts)
    return StoredAnswer(
        clean_text(reply.text),
        value,
        reply.usage,
        reply.served,
        _note(reply, reach),
        thoughts,
        reply.told_cost,
    )
