"""A question, as it is asked about any document."""

from dataclasses import dataclass

from docstage.domain.content import estimate_tokens
from docstage.domain.json_values import JsonObject
from docstage.domain.snapshot import FrozenPrompt

# What the delimiters around a document and the roles of a chat add to a request.
OVERHEAD_TOKENS = 30


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about a document.

    Attributes:
        tokens: estimated input tokens that it adds to a document's.
    """

    text: str
    system: str | None
    schema: JsonObject | None
    tokens: int


def question_of(prompt: FrozenPrompt) -> Question:
    """The question of a prompt as a snapshot has it."""
    return make_question(prompt.text, prompt.system, prompt.schema)


def make_question(text: str, system: str | None, schema: JsonObject | None) -> Question:
    """The question, with its tokens estimated."""
    tokens = estimate_tokens(text) + estimate_tokens(system or "") + OVERHEAD_TOKENS
    return Question(text, system, schema, tokens)
