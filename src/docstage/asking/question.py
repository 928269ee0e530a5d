"""A question, as it is asked about any document."""

import json
from dataclasses import dataclass, replace

from docstage.domain.json_values import JsonObject
from docstage.domain.snapshot import FrozenPrompt
from docstage.domain.stretches import TooLong
from docstage.domain.token_counts import TokenCount, count_tokens
from docstage.domain.written import Repair
from docstage.models.bounds import MOST_TOKENS_OF_IMAGE
from docstage.models.schemas.fitting import most_sent

# What the delimiters around a document and the roles of a chat add to a request. At most: what servers add of
# their own, such as a date or how to answer in JSON, is some hundred tokens where it is published.
_OVERHEAD = TokenCount(expected=30, least=0, most=2_048)
MOST_OF_CHARACTER_IN_NAME = 6  # a quotation mark is sent as `&quot;`
_WORDS_OF_REPAIR = TokenCount(expected=60, least=0, most=512)  # in which it is asked to mend an answer


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about a document.

    Attributes:
        tokens: input tokens that it adds to a document's.
        too_long: see `stretches.TooLong`.
    """

    text: str
    system: str | None
    schema: JsonObject | None
    tokens: TokenCount
    too_long: str = TooLong.REFUSE


def repair_tokens(repair: Repair | None) -> TokenCount:
    """Input tokens that a call takes in addition because it asks to mend an answer."""
    if repair is None:
        return TokenCount()
    return count_tokens(repair.shown or "") + count_tokens(repair.fault) + _WORDS_OF_REPAIR


def question_of(prompt: FrozenPrompt) -> Question:
    """The question of a prompt as a snapshot has it."""
    return replace(make_question(prompt.text, prompt.system, prompt.schema), too_long=prompt.too_long)


def make_question(text: str, system: str | None, schema: JsonObject | None) -> Question:
    """The question, with its tokens counted."""
    tokens = count_tokens(text) + count_tokens(system or "") + _OVERHEAD + _of_schema(schema)
    return Question(text, system, schema, tokens)


def at_most_tokens(question: Question, most_of_text: int, images: int, path: str) -> int:
    """Input tokens that a call takes at most, with any tokenizer.

    Args:
        most_of_text: `TokenCount.most` of the document's text.
        images: its pictures.
        path: the document's, which the model is told.
    """
    name = MOST_OF_CHARACTER_IN_NAME * len(path)
    return most_of_text + images * MOST_TOKENS_OF_IMAGE + name + question.tokens.most


def _of_schema(schema: JsonObject | None) -> TokenCount:
    """Most models read it, as their provider or the prompt shows it; a server may only keep to it."""
    if schema is None:
        return TokenCount()
    count = count_tokens(json.dumps(schema, ensure_ascii=False))
    return TokenCount(expected=count.expected, least=0, most=most_sent(count.most))
