"""How many calls of a prompt leave, and when it is held because they end alike."""

import random

import pytest

from docstage.analysis.connection_health import Health
from docstage.analysis.gaps import Failed
from docstage.analysis.streams import FIRST_CALLS, Stream, likeness_of
from docstage.domain.tasks import ALIKE, POLICIES, TIME_HEALS, FailureKind

HOURS = 12 * 3_600.0
ALIKE_KINDS = [kind for kind, policy in POLICIES.items() if policy.alike == ALIKE]


def _failed(kind: FailureKind, task: int = 0, message: str = "temperature is not supported") -> Failed:
    return Failed(task, kind, message)


def test_answers_that_a_further_try_mends_hold_nothing() -> None:
    """A model that writes prose around its JSON until it is told: tries that mend come before more tasks."""
    stream, now = Stream(1.0), 0.0
    for task in range(ALIKE):
        stream.failed(Failed(task, FailureKind.BAD_ANSWER, "is no JSON", is_last=False), now)
    assert stream.hold is None
    assert (stream.at_once, stream.is_open(now)) == (1, False)
    now += 1.0
    stream.succeeded()
    assert stream.is_open(now)
    assert stream.at_once > FIRST_CALLS


def test_answers_that_no_further_try_mends_hold_the_prompt() -> None:
    """Once two tasks were given up: a few calls more than for kinds that are not tried again."""
    stream, calls = Stream(1.0), 0
    for task in range(ALIKE):
        stream.failed(Failed(task, FailureKind.BAD_ANSWER, "is no JSON", is_last=False), 0.0)
        calls += 1
    while stream.hold is None:
        stream.failed(Failed(calls, FailureKind.BAD_ANSWER, "is no JSON"), float(calls))
        calls += 1
    assert calls == ALIKE + 2


def _calls_until_held(stream: Stream, kind: FailureKind, tasks: int, said: str = "no") -> int:
    """Calls that are made of so many tasks when each ends so, as many at once as may be."""
    made = 0
    while stream.hold is None and made < tasks:
        wave = min(stream.at_once, tasks - made)
        for _ in range(wave):
            stream.failed(_failed(kind, made, said), 0.0)
            made += 1
    return made


def test_a_prompt_opens_up_in_a_few_rounds() -> None:
    """A few calls at first, eight times as many with every round of answers."""
    stream, rounds = Stream(1.0), []
    while stream.at_once < 500:
        rounds.append(stream.at_once)
        for _ in range(stream.at_once):
            stream.succeeded()
    assert rounds == [FIRST_CALLS, 32, 256]


@pytest.mark.parametrize("kind", ALIKE_KINDS)
def test_a_thousand_tasks_that_end_alike_cost_a_few_calls(kind: FailureKind) -> None:
    """No more are in flight than it takes to be sure, so that none is made in vain."""
    stream = Stream(1.0)
    assert _calls_until_held(stream, kind, 1_000) == ALIKE
    assert stream.hold is not None
    assert (stream.hold.kind, stream.hold.reason, stream.hold.calls) == (kind, "no", ALIKE)


def test_the_same_kind_in_other_words_takes_twice_as_many() -> None:
    """Where each says something else, it takes longer to be sure."""
    stream = Stream(1.0)
    words = ["red", "blue", "green", "short", "long", "wide", "thin", "old", "new", "big", "small"]
    for task, word in enumerate(words):
        if stream.hold is None:
            stream.failed(_failed(FailureKind.BAD_ANSWER, task, f"it is {word}"), 0.0)
    assert stream.hold is not None
    assert stream.hold.calls == 2 * ALIKE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            "Unsupported value: 'temperature' 0.2, request req_12ab",
            "Unsupported value: 'top_p' 1, request req_9",
        ),
        ('at "/items/3/price": "12,50" is no number', 'at "/items/41/price": "1" is no number'),
        ("Request id 0af3-77, try later", "Request id 98c1-22,  TRY later"),
    ],
)
def test_messages_that_differ_in_names_and_numbers_are_alike(one: str, other: str) -> None:
    """Names of requests, figures and quoted words differ from call to call."""
    assert likeness_of(one) == likeness_of(other)
    assert likeness_of(one) != likeness_of("The output limit was reached.")


def test_an_answer_between_shows_that_the_prompt_works() -> None:
    """However often some fail alike, among answers none is held."""
    stream = Stream(1.0)
    for _ in range(200):
        for _ in range(ALIKE - 1):
            stream.failed(_failed(FailureKind.BAD_ANSWER), 0.0)
        stream.succeeded()
        assert stream.hold is None


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6])
def test_a_weak_model_is_not_held_by_chance(share: float) -> None:
    """A model that answers badly at random goes on through a hundred thousand calls once it has answered."""
    draw, stream = random.Random(11), Stream(1.0)
    for _ in range(30):  # it has been seen to fail and to answer
        stream.failed(_failed(FailureKind.BAD_ANSWER), 0.0)
        stream.succeeded()
    for _ in range(100_000):
        if draw.random() < share:
            stream.failed(_failed(FailureKind.BAD_ANSWER), 0.0)
        else:
            stream.succeeded()
    assert stream.hold is None


def test_documents_that_differ_are_no_fault_of_the_prompt() -> None:
    """Too long, or of a kind that is not taken: that costs nothing, and says nothing of the next document."""
    for kind in (FailureKind.CONTEXT_OVERFLOW, FailureKind.REJECTED_INPUT):
        stream = Stream(1.0)
        assert _calls_until_held(stream, kind, 500) == 500
        assert stream.at_once > FIRST_CALLS  # the server answers


def test_refusals_take_more_to_be_sure() -> None:
    """A folder may begin with documents that a filter declines."""
    stream = Stream(1.0)
    assert _calls_until_held(stream, FailureKind.REFUSAL, 1_000) == 20


def test_a_failure_makes_it_careful_and_an_answer_bold() -> None:
    """After a failure only as many are in flight as it takes to be sure; after an answer as many as ever."""
    stream = Stream(1.0)
    for _ in range(10):
        stream.succeeded()
    before = stream.at_once
    stream.failed(_failed(FailureKind.BAD_REQUEST), 0.0)
    assert stream.at_once == ALIKE - 1
    stream.succeeded()
    assert stream.at_once > before


@pytest.mark.parametrize("kind", sorted(TIME_HEALS))
def test_a_server_that_answers_and_bills_is_not_away(kind: FailureKind) -> None:
    """Answers that always end in `abort` are paid for: the prompt is held, nothing waits for hours."""
    stream = Stream(HOURS)
    health = Health(HOURS)
    billed = 0
    while stream.hold is None and billed < 1_000:
        failed = Failed(billed, kind, "The server broke the answer off (abort).", is_billed=True)
        assert health.failed(stream, failed, 0.0, jitter=1.0)
        billed += 1
    assert billed == POLICIES[kind].alike
    assert (health.trouble, health.is_open(0.0)) == (None, True)
