"""Fits a user's schema to the way in which a provider takes schemas."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from docstage.models.schemas.dialects import Dialect, Way
from docstage.models.schemas.nodes import Members, Nothing
from docstage.models.schemas.reading import Unreadable, read_schema
from docstage.models.schemas.rendering import ANSWER, DoesNotFit, SentSchema, write_schema
from docstage.models.schemas.restoring import restore

# How much longer than the user's own a schema may be that is paid for with every call, in bytes.
_GROWTH = 2
_SPARE = 500
_WORDS = 250  # at most, around a schema in a prompt


@dataclass(frozen=True, slots=True)
class Fitted:
    """A schema, ready to be asked for.

    Attributes:
        way: how it reaches the model.
        sent: what is sent beside the prompt, where that is the way.
        strict: the flag of OpenAI's form; None where it is not sent.
        instructions: what is added to the prompt, or None.
        members: what else goes with it into the body of a request.
        dropped: names of members by the keywords that the provider cannot hold; the answer's name is empty.
        reason: why it is not sent as a schema, in words that follow "because".
    """

    way: Way
    sent: SentSchema = field(default_factory=SentSchema)
    strict: bool | None = None
    instructions: str | None = None
    members: Mapping[str, Any] = field(default_factory=dict)
    dropped: Mapping[str, list[str]] = field(default_factory=dict)
    reason: str | None = None

    @property
    def schema(self) -> dict[str, Any] | None:
        """What is sent beside the prompt, or None."""
        return self.sent.schema if self.way is Way.SCHEMA else None

    @property
    def size(self) -> int:
        """Bytes that it adds to a request."""
        shown = "" if self.schema is None else _shown(self.schema)
        return _bytes(shown) + _bytes(self.instructions or "")

    def restored(self, value: Any) -> Any:
        """An answer as the user's own schema wants it; whether it fulfils that is still to be checked."""
        return restore(value, self.sent)


def fit(schema: Mapping[str, Any], dialect: Dialect) -> Fitted:
    """The schema in the way that the dialect takes it, with as much of what it asks as the provider can hold.

    Answers that fulfil the user's schema fulfil what is sent, but for members that it does not name. Whatever
    comes back is to be checked against the user's own schema.
    """
    if dialect.as_is:
        return Fitted(Way.SCHEMA, SentSchema(dict(schema)))
    if dialect.takes is not Way.SCHEMA:
        return _in_words(schema, dialect.takes, dialect.why)
    try:
        sent = write_schema(read_schema(schema), dialect)
        shown = _shown(sent.schema)
        if _bytes(shown) > _GROWTH * _bytes(_shown(schema)) + _SPARE:
            raise DoesNotFit("it would be sent many times as long as it is written")
    except (Unreadable, DoesNotFit) as error:
        return _in_words(schema, dialect.instead, str(error))
    words = _request("that", shown) if dialect.unread else None
    return Fitted(Way.SCHEMA, sent, dialect.strict, words, dialect.members, sent.dropped)


def fit_in_words(schema: Mapping[str, Any]) -> Fitted:
    """The schema in the prompt alone, which every model takes."""
    return _in_words(schema, Way.PROMPT, None)


def _in_words(schema: Mapping[str, Any], way: Way, reason: str | None) -> Fitted:
    wrapped = way is Way.OBJECT and not _asks_for_object(schema)
    wanted = f'one object with the only member "{ANSWER}", whose value' if wrapped else "that"
    words = _request(wanted, _shown(schema))
    return Fitted(way, SentSchema(wrapped=wrapped), instructions=words, reason=reason)


def _request(what: str, shown: str) -> str:
    return f"Answer with JSON only, without any other text, {what} fulfils this JSON Schema:\n{shown}"


def _shown(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _asks_for_object(schema: Mapping[str, Any]) -> bool:
    if schema.get("type") == "object":
        return True
    try:
        grammar = read_schema(schema)
    except Unreadable:
        return False
    return isinstance(grammar.root, Members)


def most_sent(schema_bytes: int) -> int:
    """Bytes that a schema of so many adds to a request at most: some servers get it in the prompt as well."""
    return 2 * (_GROWTH * schema_bytes + _SPARE) + _WORDS


def is_possible(schema: Mapping[str, Any]) -> bool:
    """Whether some answer can fulfil the schema, as far as its types tell."""
    try:
        return not isinstance(read_schema(schema).root, Nothing)
    except Unreadable:
        return True
