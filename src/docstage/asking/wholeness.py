"""Whether a model was given the whole document, told by the tokens that its server counted.

Some servers cut what is longer than their context, and answer from the rest: Ollama by its OpenAI API, and
whatever shifts or trims a context. No tokenizer makes fewer tokens of a text than `TokenCount.least`, so
that a server which counted fewer has not read all of it.
"""

from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Usage
from docstage.domain.written import Written
from docstage.models.protocol import ModelFailure, ModelReply

# A refusal or a wait names no tokens; these are answers, from whatever the model was given.
_ANSWERS = frozenset({FailureKind.BAD_ANSWER, FailureKind.CUT_OFF, FailureKind.REFUSAL})


def check_reply(reply: ModelReply, least: int) -> None:
    """Raise the ModelFailure of an answer to a part of a document.

    Args:
        least: tokens that document and question have at least.
    """
    if _is_cut(reply.usage, least):
        cut = _cut(reply.usage, least, Written(reply.text, reply.thoughts))
        cut.told_cost = reply.told_cost
        raise cut


def check_failure(failure: ModelFailure, least: int) -> ModelFailure:
    """The failure; or that of an answer to a part of a document, if that is what failed."""
    is_cut = failure.kind in _ANSWERS and _is_cut(failure.usage, least)
    if not is_cut:
        return failure
    cut = _cut(failure.usage, least, failure.written)
    cut.told_cost = failure.told_cost
    return cut


def _is_cut(usage: Usage | None, least: int) -> bool:
    """Where no tokens are told, nobody knows."""
    return usage is not None and 0 < usage.input_tokens < least


def _cut(usage: Usage | None, least: int, written: Written) -> ModelFailure:
    told = 0 if usage is None else usage.input_tokens
    message = (
        f"The model cannot have been given the whole document: with the prompt it has at least {least:,} "
        f"tokens, and the server counted {told:,}."
    )
    return ModelFailure(FailureKind.TRUNCATED, message, usage=usage, written=written, final=True)
