"""A document is read whole, or the task fails: told by what the server counted."""

import pytest
from tests.domain.paragraphs import PARAGRAPHS, TOKENIZERS

from docstage.asking.ask import Reach, StoredAnswer, ask
from docstage.asking.question import make_question
from docstage.domain.content import Content
from docstage.domain.room import ANY_LENGTH, Room
from docstage.domain.served import Served
from docstage.domain.tasks import FailureKind
from docstage.domain.usage import Usage
from docstage.domain.written import Written
from docstage.models.protocol import ModelFailure, ModelReply, ModelRequest, OfferedModel

_LETTER = Content("We agree to deliver 12 pumps to the harbour yard before the end of May. " * 1_500)
_QUESTION = make_question("What is to be delivered?", None, None)


class _Client:
    """A model that has counted so many tokens, and fails if it is told to."""

    def __init__(self, told: int | None, kind: FailureKind | None = None) -> None:
        self.usage = None if told is None else Usage(told, 0, 5)
        self.kind = kind
        self.asked = 0
        self.served = Served()

    async def complete(self, request: ModelRequest) -> ModelReply:
        """Answer, or fail with what was billed."""
        self.asked += 1
        if self.kind:
            raise ModelFailure(self.kind, "No.", usage=self.usage, written=Written("Pump"))
        return ModelReply("Pumps", usage=self.usage, served=self.served)

    async def context_tokens(self) -> int | None:
        """Nobody knows."""
        return None

    async def models(self) -> list[OfferedModel]:
        """Offers nothing."""
        return []

    async def close(self) -> None:
        """Nothing to close."""


async def _ask(
    client: _Client, content: Content = _LETTER, room: Room = ANY_LENGTH
) -> StoredAnswer | ModelFailure:
    least = content.text_tokens.least
    return await ask(client, _QUESTION, "a.txt", content, Reach(True, 9.0, room), least=least)


async def test_a_document_that_was_cut_is_no_answer() -> None:
    """Ollama's `/v1` answers 22,000 tokens from the 2,050 that it has read; it is kept, and billed."""
    failure = await _ask(_Client(2_050))
    assert isinstance(failure, ModelFailure)
    assert (failure.kind, failure.final) == (FailureKind.TRUNCATED, True)
    assert (failure.usage, failure.written.text) == (Usage(2_050, 0, 5), "Pumps")
    assert "the server counted 2,050" in failure.message


@pytest.mark.parametrize("share", [0.5, 0.7])
async def test_half_is_not_the_whole(share: float) -> None:
    """It need not be a tenth: of English a third that is missing is seen."""
    real = len(_LETTER.text) / 4.6
    failure = await _ask(_Client(round(share * real)))
    assert isinstance(failure, ModelFailure)
    assert failure.kind is FailureKind.TRUNCATED


@pytest.mark.parametrize("kind", [FailureKind.BAD_ANSWER, FailureKind.CUT_OFF, FailureKind.REFUSAL])
async def test_a_broken_answer_to_a_part_is_not_tried_again(kind: FailureKind) -> None:
    """What was wrong with it does not matter: the model never saw the whole document."""
    failure = await _ask(_Client(2_050, kind))
    assert isinstance(failure, ModelFailure)
    assert (failure.kind, failure.written.text) == (FailureKind.TRUNCATED, "Pump")


async def test_other_failures_stay_what_they_are() -> None:
    """A server that is busy has read nothing."""
    failure = await _ask(_Client(3, FailureKind.OVERLOADED))
    assert isinstance(failure, ModelFailure)
    assert failure.kind is FailureKind.OVERLOADED


@pytest.mark.parametrize("told", [None, 0, 10**6])
async def test_what_is_not_told_or_large_proves_nothing(told: int | None) -> None:
    """Servers need not count, and may add to a prompt."""
    assert isinstance(await _ask(_Client(told)), StoredAnswer)


@pytest.mark.parametrize("language", PARAGRAPHS)
@pytest.mark.parametrize("tokenizer", TOKENIZERS)
async def test_no_tokenizer_raises_a_false_alarm(language: str, tokenizer: str) -> None:
    """The largest vocabularies need the fewest tokens."""
    text, counted = PARAGRAPHS[language]
    told = counted[TOKENIZERS.index(tokenizer)] * 20
    question = make_question("Why?", None, None)
    content = Content(" ".join([text] * 20))
    least = content.text_tokens.least
    client = _Client(told + 8)
    assert isinstance(
        await ask(client, question, "a.txt", content, Reach(True, 9.0, ANY_LENGTH), least=least), StoredAnswer
    )


async def test_what_cannot_fit_is_not_sent() -> None:
    """The model's context is known: no call, no cost, and which figure to change."""
    client = _Client(2_050)
    failure = await _ask(client, room=Room(8_192, 1_024))
    assert isinstance(failure, ModelFailure)
    assert (failure.kind, failure.sent, client.asked) == (FailureKind.CONTEXT_OVERFLOW, False, 0)
    assert "its context has 8,192 tokens, of which 1,024 are kept for the answer" in failure.message


@pytest.mark.parametrize(("served", "told"), [("m-2026-05-01", False), ("m-mini", True), (None, False)])
async def test_another_model_is_told(served: str | None, told: bool) -> None:
    """The answer counts, with a note of who gave it."""
    client = _Client(22_000)
    client.served = Served(model=served)
    reach = Reach(True, 9.0, ANY_LENGTH, "openai-compatible", "m")
    answer = await ask(client, _QUESTION, "a.txt", _LETTER, reach, least=0)
    assert isinstance(answer, StoredAnswer)
    words = f"Another model answered than was asked: {served}, and not m."
    assert answer.note == (words if told else None)


async def test_what_may_fit_is_sent() -> None:
    """A limit of the answer that is larger than the context takes no more than half of it."""
    assert isinstance(await _ask(_Client(22_000), room=Room(131_072, 1_024)), StoredAnswer)
    short = Content("Three words only.")
    assert isinstance(await _ask(_Client(40), short, Room(4_096, 8_192)), StoredAnswer)
