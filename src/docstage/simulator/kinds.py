"""The words in which a simulated provider is described: what goes wrong, and how it says things."""

from enum import StrEnum


class Fault(StrEnum):
    """A way in which a call can be other than it should on purpose."""

    RATE_LIMITED = "rate_limited"  # 429 that says when to come back
    RATE_LIMITED_NO_HEADER = "rate_limited_no_header"  # 429 that does not
    SERVER_ERROR = "server_error"  # 500
    BAD_GATEWAY_HTML = "bad_gateway_html"  # 502 with a web page, as proxies send it
    UNAVAILABLE = "unavailable"  # 503
    TIMEOUT = "timeout"  # never answers
    CUT = "cut"  # the connection closes in the middle of the body
    BROKEN_JSON = "broken_json"  # 200, but the body ends early
    HTML_200 = "html_200"  # 200 with a web page
    EMPTY = "empty"  # an answer without text
    WRONG_SCHEMA = "wrong_schema"  # an answer that does not fulfil the schema, where one is asked for
    REFUSAL = "refusal"  # the answer is that it will not answer
    AUTH = "auth"  # 401
    QUOTA = "quota"  # 429 that no waiting mends: the credit is used up
    CONTEXT_OVERFLOW = "context_overflow"  # 400, whatever the length
    SLOW = "slow"  # answers much later than usual
    OVERLOADED = "overloaded"  # 529, as Anthropic says that it is busy
    LOADING = "loading"  # 503: the model is still being loaded, as llama.cpp says it
    GATEWAY_TIMEOUT = "gateway_timeout"  # 504 with a web page, while the model goes on and is billed
    CLOSED = "closed"  # the connection closes without an answer
    STALLED = "stalled"  # half an answer, and then nothing more
    KEEP_ALIVE_CUT = "keep_alive_cut"  # blank lines that keep the connection alive, then it closes
    STREAM_CUT = "stream_cut"  # a stream that ends in the middle, without a reason or its end mark
    ERROR_IN_CHOICE = "error_in_choice"  # 200 whose only choice is an error after a part of the answer
    NO_CHOICES = "no_choices"  # 200 with an empty list of choices
    ERROR_IN_200 = "error_in_200"  # 200 whose body is an error, as gateways send it
    PROXY_ERROR = "proxy_error"  # the provider's error in the words of a LiteLLM proxy
    INVALID_PROMPT = "invalid_prompt"  # 400: the prompt is refused as against the rules of use
    PROMPT_FILTERED = "prompt_filtered"  # 400: the filter withholds the prompt, as Azure says it
    JSON_FAILED = (
        "json_failed"  # 400: the model's answer is no JSON, as Groq says it; where a schema is asked for
    )
    WRONG_SCHEMA_ONCE = "wrong_schema_once"  # a broken schema at first, a right one when told what was wrong
    ENDLESS_THOUGHTS = "endless_thoughts"  # thoughts that use up the whole output limit
    DOCUMENT_ERROR = "document_error"  # 500, always for the same documents
    DOCUMENT_FILTERED = "document_filtered"  # withheld by the content filter, always for the same documents
    # What follows changes how an answer is told; each is drawn by itself, beside all others.
    PROSE = "prose"  # words around the JSON
    FENCED = "fenced"  # the JSON in a Markdown code fence
    TOOL_CALL = "tool_call"  # the JSON as the arguments of a tool call
    ANSWER_IN_THOUGHTS = "answer_in_thoughts"  # the whole answer as `reasoning_content`, with no content
    PARTS = "parts"  # the content as a list of parts
    STREAMED = "streamed"  # a stream of events, although none was asked for
    KEEP_ALIVE = "keep_alive"  # blank lines before the answer
    NO_USAGE = "no_usage"  # no numbers of tokens
    ZERO_USAGE = "zero_usage"  # numbers of tokens that are all 0
    IMPOSSIBLE_USAGE = "impossible_usage"  # far more tokens than there can be
    OTHER_MODEL = "other_model"  # another model answers than was asked


#: Faults that an answer is told with; a call can meet several of them.
TOLD = frozenset(
    {
        Fault.PROSE,
        Fault.FENCED,
        Fault.TOOL_CALL,
        Fault.ANSWER_IN_THOUGHTS,
        Fault.PARTS,
        Fault.STREAMED,
        Fault.KEEP_ALIVE,
        Fault.NO_USAGE,
        Fault.ZERO_USAGE,
        Fault.IMPOSSIBLE_USAGE,
        Fault.OTHER_MODEL,
    }
)
#: Faults that are drawn once for each document, so that trying again changes nothing.
OF_DOCUMENTS = frozenset({Fault.DOCUMENT_ERROR, Fault.DOCUMENT_FILTERED})


class Thoughts(StrEnum):
    """How a model tells what it thought before it answered."""

    NONE = "none"  # it does not think
    TAGS = "tags"  # between <think> tags in its answer
    CLOSING_TAG = "closing_tag"  # the same without the opening tag, which the template holds
    REASONING_CONTENT = "reasoning_content"  # in a member of that name (DeepSeek, vLLM, llama.cpp)
    REASONING = "reasoning"  # in a member of that name (OpenRouter, Groq)
    HIDDEN = "hidden"  # only as a number of tokens (OpenAI)


class Wait(StrEnum):
    """How a refused call is told when to come back."""

    SECONDS = "seconds"  # Retry-After in whole seconds
    DATE = "date"  # Retry-After as a date
    MILLISECONDS = "milliseconds"  # retry-after-ms
    WORDS = "words"  # only in the message: "try again in 6m0s"
    DETAILS = "details"  # in the body, as Google has it: RetryInfo with retryDelay
    NOT = "not"  # not at all


class Away(StrEnum):
    """What a call meets while the server is away."""

    UNAVAILABLE = "unavailable"  # 503
    BAD_GATEWAY = "bad_gateway"  # 502 with a web page
    CLOSED = "closed"  # the connection closes without an answer
    SILENT = "silent"  # no answer at all


class Overflow(StrEnum):
    """What becomes of a request that is longer than the context."""

    REFUSE = "refuse"  # 400
    TRUNCATE = "truncate"  # its beginning is dropped in silence, as Ollama's /v1 does


class Schemas(StrEnum):
    """Which schemas of answers are taken."""

    ANY = "any"
    STRICT = "strict"  # only those of OpenAI's strict mode; others are refused with 400
    OBJECT = "object"  # only `json_object`; a schema is refused with 400
    NONE = "none"  # `response_format` is refused with 400
    IGNORED = "ignored"  # taken, and not obeyed


class CostReport(StrEnum):
    """Where the answer says what it cost."""

    NONE = "none"
    USAGE = "usage"  # `usage.cost`, as OpenRouter has it
    HEADER = "header"  # `x-litellm-response-cost`
