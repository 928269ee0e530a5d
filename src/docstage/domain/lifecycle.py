"""The life of a batch, as data.

`TABLE` is the one source: the guard (`decide`), `allowed_actions`, the diagram in `docs/lifecycle.md` and the
exhaustive test are all made from it. `OUTCOMES` lists what the engine may do by itself. Whoever writes a
status asks `check_step` for both.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from docstage.domain.errors import ActionNotAllowed


class BatchStatus(StrEnum):
    """Where a batch stands."""

    SAVED = "SAVED"  # created; nothing has been read yet
    STAGING = "STAGING"  # documents are being scanned and encoded, tasks laid out
    STAGED = "STAGED"  # ready to run; documents, tasks and costs can be looked at
    ANALYZING = "ANALYZING"  # models are being called
    PAUSED = "PAUSED"  # no new call starts until it is resumed
    COMPLETED = "COMPLETED"  # every task is done and at least one succeeded
    FAILED = "FAILED"  # cancelled, none succeeded, or too many failed
    FAILED_STAGING = "FAILED_STAGING"  # staging was cancelled or found nothing usable


class Action(StrEnum):
    """What a user can do with a batch that exists."""

    STAGE = "stage"
    RUN = "run"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RESET = "reset"
    RESTAGE = "restage"
    RERUN = "rerun"
    RETRY = "retry"


class Effect(StrEnum):
    """What an action does besides the change of status."""

    NONE = "none"
    NEW_RUN = "new_run"  # closes the current run, if any, and begins the next with empty results
    NEW_RUN_THEN_ANALYZE = "new_run_then_analyze"  # likewise; once staged it is analysed by itself
    CANCEL_TASKS = "cancel_tasks"  # what is not done becomes CANCELLED; finished results stay
    CLOSE_RUN = "close_run"  # the current run becomes history
    REQUEUE = "requeue"  # FAILED and CANCELLED tasks are queued again


@dataclass(frozen=True, slots=True)
class Transition:
    """What one action does from one status.

    Attributes:
        target: the status at once.
        effect: what else happens, in the same transaction.
        reason: what `status_reason` says afterwards, unless the user gave a reason.
    """

    target: BatchStatus
    effect: Effect = Effect.NONE
    reason: str | None = None


class IllegalStep(Exception):
    """A change of status that the lifecycle does not have was about to be written: docstage is mistaken."""


ENGINE = "engine"
"""Who changes a status by itself, as the audit log names it."""

_S = BatchStatus
_STAGE = Transition(_S.STAGING, Effect.NEW_RUN)
_RERUN = Transition(_S.STAGING, Effect.NEW_RUN_THEN_ANALYZE)
_RETRY = Transition(_S.ANALYZING, Effect.REQUEUE)
_RESET = Transition(_S.SAVED, Effect.CLOSE_RUN)
_CANCEL_ANALYSIS = Transition(_S.FAILED, Effect.CANCEL_TASKS, "cancelled")

TABLE: Mapping[BatchStatus, Mapping[Action, Transition]] = {
    _S.SAVED: {Action.STAGE: _STAGE},
    _S.STAGING: {Action.CANCEL: Transition(_S.FAILED_STAGING, reason="cancelled")},
    _S.STAGED: {
        Action.RUN: Transition(_S.ANALYZING),
        Action.RESTAGE: _STAGE,
        Action.RESET: _RESET,
    },
    _S.ANALYZING: {
        Action.PAUSE: Transition(_S.PAUSED, reason="paused"),
        Action.CANCEL: _CANCEL_ANALYSIS,
    },
    _S.PAUSED: {
        Action.RESUME: Transition(_S.ANALYZING),
        Action.CANCEL: _CANCEL_ANALYSIS,
        Action.RESET: _RESET,
    },
    _S.COMPLETED: {
        Action.RESTAGE: _STAGE,
        Action.RERUN: _RERUN,
        Action.RETRY: _RETRY,
        Action.RESET: _RESET,
    },
    _S.FAILED: {
        Action.RESTAGE: _STAGE,
        Action.RERUN: _RERUN,
        Action.RETRY: _RETRY,
        Action.RESET: _RESET,
    },
    _S.FAILED_STAGING: {
        Action.STAGE: _STAGE,
        Action.RESTAGE: _STAGE,
        Action.RESET: _RESET,
    },
}

# What the engine may do by itself. ANALYZING to PAUSED happens when a connection cannot work or the budget is
# reached; STAGED to ANALYZING is the second half of a rerun.
OUTCOMES: Mapping[BatchStatus, frozenset[BatchStatus]] = {
    _S.STAGING: frozenset({_S.STAGED, _S.FAILED_STAGING}),
    _S.STAGED: frozenset({_S.ANALYZING}),
    _S.ANALYZING: frozenset({_S.COMPLETED, _S.FAILED, _S.PAUSED}),
}

# Statuses in which the engine has work to do.
ACTIVE = frozenset(OUTCOMES) - {_S.STAGED}


def allowed_actions(status: BatchStatus) -> list[Action]:
    """The actions that a status allows, the most usual first."""
    return list(TABLE[status])


def decide(status: BatchStatus, action: Action) -> Transition:
    """What the action does from the status.

    Raises:
        ActionNotAllowed: the status does not allow the action.
    """
    transition = TABLE[status].get(action)
    if transition is None:
        raise ActionNotAllowed(action, status, [str(allowed) for allowed in allowed_actions(status)])
    return transition


def check_step(before: BatchStatus, after: BatchStatus, action: str, actor: str) -> None:
    """See that a change of status is one of an action, or one that the engine may make by itself.

    Args:
        action: an action, or what the engine calls that which it does.
        actor: who; anybody but `ENGINE` can only carry out actions.

    Raises:
        IllegalStep: it is neither.
    """
    if any(name == action and one.target is after for name, one in TABLE[before].items()):
        return
    if actor != ENGINE or after not in OUTCOMES.get(before, ()):
        raise IllegalStep(f"{actor} cannot {action!r} a batch that is {before}, so that it would be {after}.")


def diagram() -> str:
    """The table as a Mermaid state diagram; solid names are actions, `(engine)` is what happens by itself."""
    lines = ["stateDiagram-v2", "    [*] --> SAVED: save"]
    for status, actions in TABLE.items():
        targets: dict[BatchStatus, list[str]] = {}
        for action, transition in actions.items():
            targets.setdefault(transition.target, []).append(action)
        lines += [f"    {status} --> {target}: {', '.join(names)}" for target, names in targets.items()]
    for status, outcomes in OUTCOMES.items():
        lines += [f"    {status} --> {outcome}: (engine)" for outcome in sorted(outcomes)]
    return "\n".join(lines)
