"""Tasks, the calls made for them, and the kinds of failure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class TaskStatus(IntEnum):
    """Where a task stands. Stored as its number, shown by its name."""

    QUEUED = 0  # waits for its turn, or for its next try
    RUNNING = 1  # a call is in flight
    COMPLETED = 2  # has a result
    FAILED = 3  # has none and will not be tried again by itself
    CANCELLED = 4  # its batch was cancelled before it was done


TERMINAL = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED})


class FailureKind(StrEnum):
    """Why a call, or a task, did not succeed."""

    RATE_LIMITED = "rate_limited"  # the provider asks to slow down
    OVERLOADED = "overloaded"  # 5xx: the provider cannot serve at the moment
    TIMEOUT = "timeout"  # no complete answer within the call's time
    CONNECTION = "connection"  # refused, reset, unknown host, TLS
    AUTH = "auth"  # the secret is missing, wrong, expired or lacks a permission
    QUOTA = "quota"  # credit or quota is used up
    UNKNOWN_MODEL = "unknown_model"  # the server does not know the model
    CONTEXT_OVERFLOW = "context_overflow"  # document and prompt are longer than the model takes
    TRUNCATED = "truncated"  # answered, but the model cannot have been given the whole document
    REFUSAL = "refusal"  # the model or its filter declined to answer
    BAD_REQUEST = "bad_request"  # the server rejects the request for another reason
    CUT_OFF = "cut_off"  # the answer ended at the output limit, or early in another way: it is not whole
    BAD_ANSWER = "bad_answer"  # empty, no JSON, not what the schema asks for, or nobody knows if it is whole
    UNSUPPORTED_INPUT = "unsupported_input"  # not sent: the connection cannot take such a document
    REJECTED_INPUT = "rejected_input"  # sent, and the server rejected such a document
    INTERNAL = "internal"  # a defect of docstage itself


@dataclass(frozen=True, slots=True)
class FailurePolicy:
    """What analysis does about a kind of failure.

    Attributes:
        retried: another attempt may succeed by itself.
        counts: the attempt counts against the task's cap.
        holds: the connection as a whole cannot work; its lane is held until somebody mends it.
        slows: the lane lowers its concurrency.
        way_forward: what the user can do.
        most_tries: tries after which it is final, where every one is billed; None leaves it to the settings.
        alike: calls of one prompt in a row, none answered between, that hold the prompt on its connection.
            None: never, because documents differ in it and it costs nothing, or because the connection as a
            whole waits or is held. Of kinds that time heals it only counts where other prompts are answered.
    """

    retried: bool
    counts: bool
    holds: bool
    slows: bool
    way_forward: str
    most_tries: int | None = None
    alike: int | None = None


# Calls in a row that show what is wrong with every call of a prompt; more where it may be the documents, and
# where a server may only be busy.
ALIKE = 5
ALIKE_DOCUMENTS = 20
ALIKE_BESIDE = 10

POLICIES: dict[FailureKind, FailurePolicy] = {
    FailureKind.RATE_LIMITED: FailurePolicy(
        True, False, False, True, "Lower the connection's limits, or wait and resume."
    ),
    FailureKind.OVERLOADED: FailurePolicy(
        True, True, False, True, "The provider had trouble: retry these tasks later.", alike=ALIKE_BESIDE
    ),
    FailureKind.TIMEOUT: FailurePolicy(
        True,
        True,
        False,
        True,
        "Raise the connection's timeout or lower its calls at once, then retry.",
        alike=ALIKE_BESIDE,
    ),
    FailureKind.CONNECTION: FailurePolicy(
        True,
        True,
        False,
        False,
        "Check that the server runs and its address is right, then retry.",
        alike=ALIKE_BESIDE,
    ),
    FailureKind.AUTH: FailurePolicy(
        True, False, True, False, "Correct the connection's key or its permissions, then resume."
    ),
    FailureKind.QUOTA: FailurePolicy(
        True, False, True, False, "Add credit with the provider or wait for the new period, then resume."
    ),
    FailureKind.UNKNOWN_MODEL: FailurePolicy(
        True, False, True, False, "Choose a model that the server offers, then resume."
    ),
    FailureKind.CONTEXT_OVERFLOW: FailurePolicy(
        False, True, False, False, "Use a model with a larger context, or split the document."
    ),
    FailureKind.TRUNCATED: FailurePolicy(
        False,
        True,
        False,
        False,
        "The server cut the document short. Raise its context, or use a model with a larger one, then retry.",
        alike=ALIKE_DOCUMENTS,
    ),
    FailureKind.REFUSAL: FailurePolicy(
        False,
        True,
        False,
        False,
        "Reword the prompt or use another model, then restage.",
        alike=ALIKE_DOCUMENTS,
    ),
    FailureKind.BAD_REQUEST: FailurePolicy(
        False,
        True,
        False,
        False,
        "Read the provider's message, change the connection or prompt, then retry.",
        alike=ALIKE,
    ),
    FailureKind.CUT_OFF: FailurePolicy(
        False,
        True,
        False,
        False,
        "Raise the connection's output limit or ask for less, then retry.",
        alike=ALIKE,
    ),
    FailureKind.BAD_ANSWER: FailurePolicy(
        True,
        True,
        False,
        False,
        "Read what was wrong with the answer, change the prompt or use another model, then retry.",
        most_tries=2,
        alike=ALIKE,
    ),
    FailureKind.UNSUPPORTED_INPUT: FailurePolicy(
        False, True, False, False, "Use a connection that takes images for these documents."
    ),
    FailureKind.REJECTED_INPUT: FailurePolicy(
        False,
        True,
        False,
        False,
        "Use a model that takes images for these documents, or say that this connection takes none.",
    ),
    FailureKind.INTERNAL: FailurePolicy(
        False,
        True,
        False,
        False,
        "This is a defect of docstage: please report it, then retry.",
        alike=ALIKE,
    ),
}


#: What concerns a server as a whole and passes without a person: such calls are tried again for long.
TIME_HEALS = frozenset({FailureKind.OVERLOADED, FailureKind.TIMEOUT, FailureKind.CONNECTION})


# What helps with a bad answer, by words of what was wrong with it; the first that fits.
_OF_BAD_ANSWERS: tuple[tuple[str, str], ...] = (
    (
        "far longer than max_output_tokens",
        "Use a server that keeps to the output limit, or raise the limit, then retry.",
    ),
    (
        "did not say how the answer ended",
        "Use a server or gateway that tells finish_reason, or a newer version of it, then retry. What the "
        "model wrote is kept with each attempt.",
    ),
    (
        "not known to be a good end",
        "See what the model wrote, which is kept with each attempt; use another model or server, then retry.",
    ),
    ("only thoughts", "Lower the model's reasoning or use another model, then retry."),
    ("called a tool", "Use another model, or say in the prompt that tools are not to be called, then retry."),
    ("nobody can tell", "Ask for one JSON value alone in the prompt, then restage; or use another model."),
    ("is empty", "Use another model or reword the prompt: the model wrote nothing. Then retry."),
    ("is the base url right", "Correct the connection's base URL, then retry."),
    ("nested too deeply", "Simplify the schema, then retry."),
    ("is not json", "Ask for JSON alone in the prompt, or use a model that keeps to schemas, then retry."),
    ("at ", "Reword the prompt or loosen that rule of the schema, then restage; or use another model."),
)


_OF_CUT_OFF: tuple[tuple[str, str], ...] = (
    ("context was full", "Use a model with a larger context, or shorten document and prompt, then retry."),
    ("stream stopped", "Look for time limits of proxies before the server and raise them, then retry."),
    (
        "thoughts took all",
        "Raise the connection's output limit or lower the model's reasoning, then retry.",
    ),
    ("before its end", "Retry; if it ends so again, use another model."),
)
_BY_WORDS = {FailureKind.BAD_ANSWER: _OF_BAD_ANSWERS, FailureKind.CUT_OFF: _OF_CUT_OFF}


def way_forward(kind: FailureKind, message: str | None) -> str:
    """What the user can do about a failure, by its kind and, for answers, by what was wrong."""
    if message:
        said = message.lower()
        for words, advice in _BY_WORDS.get(kind, ()):
            if said.startswith(words) if words == "at " else words in said:
                return advice
    return POLICIES[kind].way_forward


#: Failures that every further try of the same run repeats, and what to do instead. Model, prompt and document
#: are those that the run has frozen.
FUTILE: dict[FailureKind, str] = {
    FailureKind.REFUSAL: "The same model declines the same question again. Reword the prompt or choose "
    "another model, then restage.",
    FailureKind.UNSUPPORTED_INPUT: "These tasks cannot be sent by this connection, however often. Choose one "
    "that takes such documents, then restage.",
}
#: Failures that another try repeats until their connection has been edited: what reaches the server is read
#: from the connection.
UNTIL_EDITED: dict[FailureKind, str] = {
    FailureKind.CONTEXT_OVERFLOW: "The document stays too long for the model as it is reached now.",
    FailureKind.CUT_OFF: "The answer would end at the same limit again: raise the output limit.",
    FailureKind.BAD_REQUEST: "The server rejects the same request again.",
    FailureKind.REJECTED_INPUT: "The server rejects the same documents again.",
}


def failures_in_words(found: Mapping[str, int]) -> str:
    """How many tasks failed in which way, such as "3 timeout, 1 bad answer"."""
    return ", ".join(f"{number:,} {kind.replace('_', ' ')}" for kind, number in found.items())


class AttemptOutcome(StrEnum):
    """What became of one call."""

    IN_FLIGHT = "in_flight"  # it may have left; no answer is recorded yet
    COMPLETED = "completed"  # it answered and the answer counts
    FAILED = "failed"  # it failed with a failure kind
    UNKNOWN = "unknown"  # the engine died with the call in flight: it may have been answered and billed
    DROPPED = "dropped"  # given up by docstage itself: cancelled, or stopped before it was answered
    DISCARDED = "discarded"  # it answered, but too late: its task had been cancelled, reset or rerun
