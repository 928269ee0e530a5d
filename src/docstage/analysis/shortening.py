"""What is sent of a document that turned out to be too long, where its prompt says that a part will do."""

import asyncio

from docstage.analysis.calls import Call
from docstage.domain.content import Content
from docstage.domain.stretches import Stretch, TooLong, first_stretch
from docstage.domain.tasks import FailureKind
from docstage.models.protocol import ModelFailure

# Of what was too long: a few steps come to any context, and no step leaves out more than 40 %.
_SHARE = 0.6


async def shorter_for(call: Call, content: Content | None, outcome: object, *, sees: bool) -> Stretch | None:
    """A shorter beginning of the document than the model refused; None where the task ends with its refusal.

    Args:
        content: the whole document.
        outcome: what came of the call.
        sees: its pictures are sent.
    """
    wanted = call.run.questions[call.task.prompt_id].too_long == TooLong.FIRST_PARTS
    if content is None or call.task.repair or not (wanted and _is_too_long(outcome)):
        return None
    room = int(_SHARE * call.task.tokens)
    found = await asyncio.to_thread(first_stretch, content, room, sees=sees)
    before = call.task.stretch
    is_shorter = found and (before is None or found.characters < before.characters)
    return found if is_shorter else None


def in_words(found: Stretch) -> str:
    """What is told with the call that was refused."""
    return f"A shorter part is sent instead: {found.covers}."


def _is_too_long(outcome: object) -> bool:
    return isinstance(outcome, ModelFailure) and outcome.kind is FailureKind.CONTEXT_OVERFLOW
