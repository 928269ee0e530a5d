"""An answer is whole or it is no reply: the endings of many providers, as they document or send them."""

from typing import Any

import pytest
from tests.models.judging import ASKING, FREE, failed, judged
from tests.models.stub import completion

from docstage.domain.tasks import FailureKind, way_forward
from docstage.models.endings import Ending, ending_of

_CUT, _BAD, _REFUSED, _BUSY = (
    FailureKind.CUT_OFF,
    FailureKind.BAD_ANSWER,
    FailureKind.REFUSAL,
    FailureKind.OVERLOADED,
)
WHOLE = [
    ("stop", None),  # OpenAI, Azure, Groq, vLLM, llama.cpp, LM Studio, Ollama, Perplexity and most others
    ("STOP", None),  # Google, where a gateway passes it on
    ("end_turn", None),  # Anthropic, Bedrock
    ("stop_sequence", None),
    ("eos", None),  # Together
    ("eos_token", None),  # Text Generation Inference, watsonx
    ("COMPLETE", None),  # Cohere
    ("FinishReason.STOP", None),  # Google's library, put into words
    ("FINISH_REASON_STOP", None),
    ("stop", "STOP"),  # OpenRouter with the provider's own word
    ("stop", "completed"),
    ("stop", "a word of tomorrow"),  # the gateway's own word is a known good one
    (None, "end_turn"),
]
BROKEN = [
    ("length", None, _CUT),
    ("max_tokens", None, _CUT),  # Anthropic, Bedrock
    ("MAX_TOKENS", None, _CUT),  # Google, Cohere
    ("model_length", None, _CUT),  # Mistral
    ("max_output_tokens", None, _CUT),  # OpenAI's responses
    ("token_limit", None, _CUT),  # watsonx
    ("maxPredictedTokensReached", None, _CUT),  # LM Studio
    ("stop", "length", _CUT),  # OpenRouter
    ("stop", "MAX_TOKENS", _CUT),
    ("model_context_window_exceeded", None, _CUT),  # Anthropic, Bedrock, Zhipu
    ("contextLengthReached", None, _CUT),  # LM Studio
    ("pause_turn", None, _CUT),  # Anthropic
    ("not_finished", None, _CUT),  # watsonx
    ("cancelled", None, _CUT),
    ("load", None, _CUT),  # Ollama
    ("repetition", None, _CUT),  # vLLM
    ("content_filter", None, _REFUSED),
    ("refusal", None, _REFUSED),  # Anthropic
    ("SAFETY", None, _REFUSED),  # Google
    ("RECITATION", None, _REFUSED),
    ("PROHIBITED_CONTENT", None, _REFUSED),
    ("guardrail_intervened", None, _REFUSED),  # Bedrock
    ("sensitive", None, _REFUSED),  # Zhipu
    ("ERROR_TOXIC", None, _REFUSED),  # Cohere
    ("stop", "SAFETY", _REFUSED),
    ("error", None, _BUSY),  # Mistral, OpenRouter, vLLM
    ("insufficient_system_resource", None, _BUSY),  # DeepSeek
    ("abort", None, _BUSY),  # vLLM, SGLang
    ("OTHER", None, _BUSY),  # Google
    ("MALFORMED_FUNCTION_CALL", None, _BUSY),
    ("malformed_model_output", None, _BUSY),  # Bedrock
    ("network_error", None, _BUSY),  # Zhipu
    ("time_limit", None, _BUSY),  # watsonx
    ("stop", "error", _BUSY),
    ("tool_calls", None, _BAD),  # no tool was offered
    ("tool_use", None, _BAD),
    (None, None, _BAD),
    ("", None, _BAD),  # SGLang's issue 3912
    ("null", None, _BAD),
    ("FINISH_REASON_UNSPECIFIED", None, _BAD),
    (3, None, _BAD),
    ("a word of tomorrow", None, _BAD),
    ("a word of tomorrow", "stop", _BAD),
]


def _body(word: Any, native: str | None, content: str = '{"total": 3}') -> dict[str, Any]:
    return completion(content, finish_reason=word, native_finish_reason=native)


@pytest.mark.parametrize(("word", "native"), WHOLE)
def test_known_good_endings_make_a_reply(word: str | None, native: str | None) -> None:
    """With a schema as without."""
    assert judged(_body(word, native), ASKING).value == {"total": 3}
    assert judged(_body(word, native, "fine"), FREE).text == "fine"


@pytest.mark.parametrize(("word", "native", "kind"), BROKEN)
def test_all_other_endings_fail_in_their_own_way(word: Any, native: str | None, kind: FailureKind) -> None:
    """Also when the text would pass; what was written is kept, and what it cost."""
    failure = failed(_body(word, native, "fine"))
    assert (failure.kind, failure.written.text) == (kind, "fine")
    assert failure.usage is not None
    assert failure.may_be_billed
    if kind is not _BAD:
        assert failed(_body(word, native), ASKING).kind is kind


@pytest.mark.parametrize("word", [None, "a word of tomorrow"])
def test_what_is_of_no_known_ending_is_not_paid_for_again(word: str | None) -> None:
    """The server would say the same of the next answer."""
    failure = failed(_body(word, None), ASKING)
    assert (failure.kind, failure.final) == (_BAD, True)
    assert "kept with each attempt" in way_forward(failure.kind, failure.message)


def test_a_missing_ending_is_none() -> None:
    """The member need not be there at all."""
    body = completion("fine")
    del body["choices"][0]["finish_reason"]
    assert "did not say how the answer ended" in failed(body).message


def test_an_ending_stands_where_some_have_it() -> None:
    """In OpenAI's earlier details, and under Anthropic's name."""
    for member, kind in (({"finish_details": {"type": "stop"}}, None), ({"stop_reason": "max_tokens"}, _CUT)):
        body = completion("fine", **member)
        del body["choices"][0]["finish_reason"]
        if kind is None:
            assert judged(body).text == "fine"
        else:
            assert failed(body).kind is kind


def test_people_are_told_what_helps() -> None:
    """By what ended the answer early."""
    messages = {
        word: failed(_body(word, None)).message
        for word in ("length", "model_context_window_exceeded", "pause_turn", "stream stopped")
    }
    assert "cut off at max_output_tokens (1,024)" in messages["length"]
    advice = [way_forward(_CUT, message) for message in messages.values()]
    assert ["output limit" in advice[0], "larger context" in advice[1]] == [True, True]
    assert ["Retry" in advice[2], "proxies" in advice[3]] == [True, True]


def test_an_answer_with_all_its_tokens_is_cut_off_whatever_the_server_says() -> None:
    """Gateways that say `stop` of every answer; what fulfils a schema is whole all the same."""
    usage = {"usage": {"prompt_tokens": 9, "completion_tokens": 64}}
    text = "word " * 60
    assert failed(completion(text) | usage, limit=64).kind is _CUT
    assert failed(completion('{"total": [' + "3, " * 60) | usage, ASKING, limit=64).kind is _CUT
    assert judged(completion(text + '{"total": 3}') | usage, ASKING, limit=64).value == {"total": 3}
    assert judged(completion(text) | usage, limit=65).text == text
    assert judged(completion("fine") | usage, limit=64).text == "fine"  # the rest were thoughts unseen


def test_thoughts_that_take_all_are_told() -> None:
    """What is missing then is room for the answer."""
    message = {"content": None, "reasoning_content": "Let me think about"}
    failure = failed(completion(message=message, finish_reason="length"))
    assert failure.kind is _CUT
    assert "thoughts took all of max_output_tokens" in failure.message
    assert failure.written.thoughts == "Let me think about"
    assert "reasoning" in way_forward(failure.kind, failure.message)


def test_words_are_read_in_any_case() -> None:
    """And however they are put together."""
    assert [ending_of(word) for word in ("Stop", "end-turn", " END TURN ")] == [Ending.WHOLE] * 3


@pytest.mark.parametrize(
    ("word", "native", "ending"),
    [
        ("length", "model_context_window_exceeded", Ending.CONTEXT),
        ("length", "MAX_TOKENS", Ending.LIMIT),
        ("length", "stop", Ending.LIMIT),
        ("stop", "content_filter", Ending.FILTERED),
        ("length", "a word of tomorrow", Ending.LIMIT),
    ],
)
def test_of_two_bad_words_the_providers_own_says_more(word: str, native: str, ending: Ending) -> None:
    """Libraries and gateways call a full context an output limit, which raising would not mend."""
    assert ending_of(word, native) is ending
