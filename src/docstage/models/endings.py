"""How an answer ended, by the word that the server has for it. Only known good endings make an answer whole.

The words are those that these document or send: OpenAI (chat and responses), Azure, Anthropic, Google,
Bedrock, Mistral, Cohere, DeepSeek, Groq, OpenRouter, Together, Fireworks, xAI, Perplexity, watsonx,
DashScope, Zhipu, YandexGPT, Ollama, vLLM, SGLang, llama.cpp, LM Studio and Text Generation Inference.
"""

from enum import Enum, auto

from docstage.domain.tasks import FailureKind


class Ending(Enum):
    """What it means that an answer ended so."""

    WHOLE = auto()
    TOOL = auto()  # it ended in a call of a tool: whole, where that is the answer
    LIMIT = auto()  # at the output limit
    CONTEXT = auto()  # the model's context was full
    EARLY = auto()  # before its end, for another reason
    FILTERED = auto()  # it was withheld or declined
    TROUBLE = auto()  # the server could not go on
    UNKNOWN = auto()  # by a word that is not known
    UNTOLD = auto()  # the server said nothing


_WORDS: dict[Ending, str] = {
    Ending.WHOLE: """stop end_turn stop_sequence eos eos_token complete completed eosfound stopstringfound
        reason_stop alternative_status_final""",
    Ending.TOOL: """tool_calls tool_call tool_use function_call toolcalls alternative_status_tool_calls""",
    Ending.LIMIT: """length max_tokens max_output_tokens max_length model_length token_limit output_limit
        limit maxpredictedtokensreached continuation reason_max_len alternative_status_truncated_final""",
    Ending.CONTEXT: """model_context_window_exceeded contextlengthreached context_length_exceeded
        reason_max_context error_limit""",
    Ending.EARLY: """pause_turn compaction cancelled canceled user_cancel userstopped not_finished incomplete
        in_progress queued load unload modelunloaded repetition stream_stopped""",
    Ending.FILTERED: """content_filter content_filtered guardrail_intervened refusal safety recitation
        blocklist prohibited_content spii model_armor image_safety image_prohibited_content image_recitation
        error_toxic sensitive blacklist alternative_status_content_filter""",
    Ending.TROUBLE: """error failed failed_generation abort aborted insufficient_system_resource timeout
        time_limit reason_time_limit network_error other language malformed_function_call malformed_response
        malformed_model_output malformed_tool_use unexpected_tool_call too_many_tool_calls
        missing_thought_signature no_image image_other""",
}
_ENDINGS = {word: ending for ending, words in _WORDS.items() for word in words.split()}
_NOTHING = frozenset({"", "null", "none", "unspecified"})
_GOOD = frozenset({Ending.WHOLE, Ending.TOOL})


def ending_of(word: str | None, native: str | None = None) -> Ending:
    """How an answer ended.

    Args:
        word: the server's word, in any case; None where it has none.
        native: the word of the provider behind a gateway or a library. It counts where it tells of something
            bad, of which it knows more, or where there is no other.
    """
    told = [one for one in map(_normal, (word, native)) if one not in _NOTHING]
    endings = [_ENDINGS.get(one, Ending.UNKNOWN) for one in told]
    bad = (one for one in reversed(endings) if one not in _GOOD and one is not Ending.UNKNOWN)
    return next(bad, endings[0] if endings else Ending.UNTOLD)


def _normal(word: str | None) -> str:
    plain = (word or "").strip().lower().replace("-", "_").replace(" ", "_")
    # Google's libraries put such names before it.
    return plain.removeprefix("finishreason.").removeprefix("finish_reason_")


_KINDS = {
    Ending.LIMIT: FailureKind.CUT_OFF,
    Ending.CONTEXT: FailureKind.CUT_OFF,
    Ending.EARLY: FailureKind.CUT_OFF,
    Ending.FILTERED: FailureKind.REFUSAL,
    Ending.TROUBLE: FailureKind.OVERLOADED,
    Ending.UNKNOWN: FailureKind.BAD_ANSWER,
    Ending.UNTOLD: FailureKind.BAD_ANSWER,
}


def kind_of_ending(ending: Ending) -> FailureKind | None:
    """The failure that it is, None for good endings."""
    return _KINDS.get(ending)


def in_words(ending: Ending, told: str, limit: int) -> str:
    """What happened, in a sentence.

    Args:
        told: the server's word, which is shown where it says more.
        limit: the output limit in tokens.
    """
    sentences = {
        Ending.LIMIT: f"The answer was cut off at max_output_tokens ({limit:,}).",
        Ending.CONTEXT: f"The answer was cut off: the model's context was full ({told}).",
        Ending.EARLY: f"The answer was cut off before its end ({told}).",
        Ending.FILTERED: f"The model declined: the provider's filter withheld the answer ({told}).",
        Ending.TROUBLE: f"The server broke the answer off ({told}).",
        Ending.UNKNOWN: f"The server ended the answer with {told!r}, which is not known to be a good end.",
        Ending.UNTOLD: "The server did not say how the answer ended (finish_reason), so nobody knows whether "
        "it is whole.",
    }
    return sentences[ending]
