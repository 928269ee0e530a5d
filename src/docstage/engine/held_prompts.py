"""Prompts that are held on a connection because their calls ended alike, in words."""

import re
from dataclasses import dataclass

from docstage.analysis.active_run import ActiveRun
from docstage.analysis.gaps import Hold
from docstage.domain.snapshot import RunSnapshot
from docstage.domain.tasks import way_forward

_AND_THEN = re.compile(r",? (?:and|then) (?:retry|resume|restage)[^.]*\.$|\. Then retry\.$")


@dataclass(frozen=True, slots=True)
class HeldPrompt:
    """One of them.

    Attributes:
        lacks: whether tasks of it wait.
    """

    connection_id: int
    connection: str
    prompt_id: int
    prompt: str
    hold: Hold
    lacks: bool

    @property
    def in_words(self) -> str:
        """What happened, and what to do."""
        kind, said = self.hold.kind, self.hold.reason.rstrip()
        if self.hold.calls:
            calls, kind_said = f"{self.hold.calls:,}", kind.replace("_", " ")
            ended = f"{calls} calls in a row ended alike ({kind_said}), so no more are made. {said}"
        else:
            ended = said
        to_do = _AND_THEN.sub("", way_forward(kind, self.hold.reason)).rstrip(".")
        return (
            f'Prompt "{self.prompt}" on "{self.connection}": {_ended(ended)} {to_do}, then resume: it is '
            "tried with a few calls. A prompt that is changed is taken after reset and stage."
        )


def held_prompts(snapshot: RunSnapshot, work: ActiveRun) -> list[HeldPrompt]:
    """Those of a run, by connection and prompt."""
    names = {prompt.id: prompt.name for prompt in snapshot.prompts}
    return [
        HeldPrompt(frozen.id, frozen.name, number, names[number], hold, number in queue.lacks)
        for frozen in snapshot.connections
        for queue in [work.queues[frozen.id]]
        for number, hold in sorted(queue.held.items())
    ]


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
