"""Answers that repeat the connection's own key."""

import json

import pytest
from tests.models.stub import Stub

from docstage.domain.content import Content
from docstage.domain.served import Served
from docstage.models.factory import create_client
from docstage.models.masking import NOTE, KeyMask
from docstage.models.protocol import ConnectionConfig, ModelReply, ModelRequest, OfferedModel

KEY = "sk-live-9f8e7d6c5b"
SCHEMA = {"type": "object", "properties": {"said": {"type": "string"}}, "required": ["said"]}


def _config(**changes: object) -> ConnectionConfig:
    return ConnectionConfig("openai-compatible", "m", **{"api_key": KEY, **changes})  # type: ignore[arg-type]


def test_the_key_is_replaced_wherever_it_stands() -> None:
    """In the text, in the value, in names of members, and in what the server calls the model."""
    value = {"a": [KEY, {f"x{KEY}": 1}], "b": None}
    reply = ModelReply(f"It is {KEY}.", value, None, Served(f"m-{KEY}", f"stop {KEY}"))
    masked = KeyMask(_config()).reply(reply)
    assert masked == ModelReply(
        "It is ***.", {"a": ["***", {"x***": 1}], "b": None}, None, Served("m-***", "stop ***"), NOTE
    )


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("Authorization", f"Bearer {KEY}", f"the words {KEY}"),
        ("X-Api-Key", "only-letters-here", "it is only-letters-here"),
        ("X-Team", "t34m-c0de-5678", "team t34m-c0de-5678"),
    ],
)
def test_headers_may_carry_keys(name: str, value: str, found: str) -> None:
    """By their name or by what they look like."""
    masked = KeyMask(_config(api_key=None, headers={name: value})).reply(ModelReply(found))
    assert "***" in masked.text
    assert value.rsplit(maxsplit=1)[-1] not in masked.text


def test_words_stay() -> None:
    """An answer that has no key is the same object, and words that are no keys are no secrets."""
    reply = ModelReply("Our partner Example Company runs ollama.")
    mask = KeyMask(_config(api_key="ollama", headers={"X-Title": "Example Company"}))
    assert mask.reply(reply) is reply


def test_names_of_models_are_masked() -> None:
    """A list of models is an answer too."""
    assert KeyMask(_config()).offers([OfferedModel(KEY, 5)]) == [OfferedModel("***", 5)]


async def test_a_key_in_escapes_is_found(stub: Stub) -> None:
    """JSON can write any letter in another way; what the answer means is looked at too."""
    letters = "".join(f"\\u{ord(letter):04x}" for letter in KEY)
    content = f'{{"said": "{letters}"}}'
    stub.answers({"model": "m", "choices": [{"message": {"content": content}, "finish_reason": "stop"}]})
    client = create_client(_config(base_url=stub.url))
    try:
        reply = await client.complete(ModelRequest(Content(text="A letter."), "Who?", schema=SCHEMA))
    finally:
        await client.close()
    assert reply.value == json.loads(reply.text) == {"said": "***"}
    assert reply.note == NOTE
