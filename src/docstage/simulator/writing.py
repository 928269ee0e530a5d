"""What a simulated model writes, how it ends, and what it counts."""

from dataclasses import dataclass, replace

from docstage.simulator.answers import light_answer, text_answer
from docstage.simulator.costs import cost_of
from docstage.simulator.faults import Fate
from docstage.simulator.kinds import Fault, Overflow, Schemas, Thoughts
from docstage.simulator.profile import Profile
from docstage.simulator.replies import MISSING, Completion, Counts
from docstage.simulator.request import ChatRequest
from docstage.simulator.schema_answers import almost_answer, light_schema_answer, schema_answer, wrong_answer
from docstage.simulator.thinking import thought_tokens, thoughts_of
from docstage.simulator.tokens import count, cut_to, end_of

REFUSAL = "I cannot help with this document."
# A model that goes on to its limit ends here where the request sets none.
_OWN_LIMIT = 4_096
_LONG_WINDED = " And there is more to be said about this document, which I go on to do."
# Endings after which an answer is whole all the same: no word at all, or one that nobody knows.
_WHOLE = frozenset(
    {"stop", "eos", "eos_token", "end_turn", "stop_sequence", "completed", "null", MISSING, "unknown"}
)
_OTHER_MODEL = "another-model"
_FAILED = frozenset({Fault.ERROR_IN_CHOICE, Fault.NO_CHOICES})
_OF_JSON = frozenset({Fault.PROSE, Fault.FENCED, Fault.TOOL_CALL})
_SHOWN = frozenset(Thoughts) - {Thoughts.NONE, Thoughts.HIDDEN}
_COUNTED = frozenset({Thoughts.REASONING_CONTENT, Thoughts.REASONING, Thoughts.HIDDEN})


@dataclass(frozen=True, slots=True)
class Read:
    """The input of a call.

    Attributes:
        tokens: all of it.
        cached: those that were read from the cache.
        is_cacheable: whether the rest is written to the cache.
    """

    tokens: int
    cached: int
    is_cacheable: bool


@dataclass(frozen=True, slots=True)
class _Written:
    """What a model wrote: thoughts and answer with their tokens, and why it ended."""

    text: str
    tokens: int
    thoughts: int
    finish_reason: str | None


class Writer:
    """Writes the answers of one model."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._ratio = profile.token_ratio

    def tokens(self, text: str) -> int:
        """The tokens of a text, as this model counts them."""
        return round(count(text) * self._ratio)

    def write(self, request: ChatRequest, fate: Fate, read: Read) -> Completion:
        """The answer to a request.

        Raises:
            UnsupportedSchema: no answer can be made that fulfils its schema.
        """
        profile = self._profile
        read_tokens = read.tokens
        if read_tokens > profile.context_tokens and profile.overflow is Overflow.TRUNCATE:
            request, read_tokens = self._truncated(request), profile.context_tokens
        written = self._written(request, fate)
        counts = self._counts(read, read_tokens, written)
        return Completion(
            key=fate.key,
            model=_OTHER_MODEL if Fault.OTHER_MODEL in fate.told else profile.serves or request.model,
            text=written.text,
            counts=counts,
            finish_reason=written.finish_reason,
            refusal=REFUSAL if fate.fault is Fault.REFUSAL else None,
            thoughts=profile.thoughts,
            thought=thoughts_of(written.thoughts) if profile.thoughts in _SHOWN else "",
            told=fate.told if request.schema is not None else fate.told - _OF_JSON,
            cost=cost_of(profile, counts, request.tier),
            cost_in=profile.cost,
            tier=request.tier,
            failed=fate.fault if fate.fault in _FAILED else None,
        )

    def _truncated(self, request: ChatRequest) -> ChatRequest:
        """The request as a model reads it whose server has dropped the beginning of what does not fit."""
        left = self._profile.context_tokens - self.tokens(request.prompt)
        return replace(request, document=end_of(request.document, max(0, int(left / self._ratio))))

    def _written(self, request: ChatRequest, fate: Fate) -> _Written:
        """Thoughts first, then the answer, within the output limit."""
        limit = _OWN_LIMIT if request.max_tokens is None else request.max_tokens
        thoughts = self._thoughts(request, fate, limit)
        if fate.fault is Fault.REFUSAL:
            return _Written("", self.tokens(REFUSAL), 0, "stop")
        text = "" if fate.fault is Fault.EMPTY else self._text(request, fate)
        text, finish_reason = self._ended(text, fate, limit)
        room = limit - thoughts
        is_limited = request.max_tokens is not None or room <= 0
        if is_limited and self.tokens(text) > room:
            text, finish_reason = cut_to(text, max(0, int(room / self._ratio))), "length"
        return _Written(text, self.tokens(text) + thoughts, thoughts, finish_reason)

    def _thoughts(self, request: ChatRequest, fate: Fate, limit: int) -> int:
        if fate.fault is Fault.ENDLESS_THOUGHTS:
            return limit
        if self._profile.thoughts is Thoughts.NONE:
            return 0
        return min(limit, thought_tokens(self._profile, fate, request.effort))

    def _ended(self, text: str, fate: Fate, limit: int) -> tuple[str, str | None]:
        """The text as far as its ending lets it come."""
        ending = "content_filter" if fate.fault is Fault.DOCUMENT_FILTERED else fate.ending
        if ending is None:
            return text, "stop"
        if ending == "length":
            return _long_winded(text, limit), "length"
        shown = None if ending == "null" else ending
        return (text if ending in _WHOLE else text[: len(text) // 2]), shown

    def _text(self, request: ChatRequest, fate: Fate) -> str:
        profile = self._profile
        is_ignored = profile.schemas is Schemas.IGNORED and request.form is not None
        if request.schema is None or is_ignored:
            return light_answer(fate.key) if profile.light else text_answer(request, profile.seed)
        if fate.fault is Fault.WRONG_SCHEMA:
            return wrong_answer(request.schema)
        answer = light_schema_answer if profile.light else schema_answer
        text = answer(request, request.schema, profile.seed)
        if fate.fault is Fault.WRONG_SCHEMA_ONCE and not request.is_repair:
            text = almost_answer(text, request.schema)
        return _dressed(text, fate.told)

    def _counts(self, read: Read, read_tokens: int, written: _Written) -> Counts:
        profile = self._profile
        cached = min(read.cached, read_tokens)
        # Who leaves the thoughts in the text does not count them apart.
        is_told = profile.thoughts in _COUNTED or (written.thoughts and profile.thoughts is Thoughts.NONE)
        return Counts(
            input=read_tokens,
            cached=cached,
            written=(read_tokens - cached if read.is_cacheable else 0) if profile.cache_writes else None,
            output=written.tokens,
            reasoning=written.thoughts if is_told else None,
        )


def _dressed(text: str, told: frozenset[Fault]) -> str:
    """JSON as models hand it over that were asked for nothing but JSON."""
    if Fault.FENCED in told:
        text = f"```json\n{text}\n```"
    return (
        f"Here is what you asked for:\n\n{text}\n\nLet me know if you need more."
        if Fault.PROSE in told
        else text
    )


def _long_winded(text: str, tokens: int) -> str:
    """A text that goes on and on up to so many tokens; of JSON, the end is never reached."""
    begun = text[:-1] if text.startswith(("{", "[")) else text
    missing = tokens - count(begun)
    return cut_to(begun + _LONG_WINDED * (max(0, missing) * 4 // len(_LONG_WINDED) + 2), tokens)
