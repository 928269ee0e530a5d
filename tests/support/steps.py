"""The steps that the lifecycle has from one status to another, for tests that need a batch in some status."""

from collections import deque

from docstage.domain.lifecycle import ENGINE, OUTCOMES, TABLE, BatchStatus


def step(before: BatchStatus, to: BatchStatus) -> tuple[str, str]:
    """What leads from one status to another, and who: the engine by itself, or else a user."""
    if to in OUTCOMES.get(before, ()):
        return "test", ENGINE
    return next(str(action) for action, one in TABLE[before].items() if one.target is to), "user"


def way(before: BatchStatus, to: BatchStatus) -> list[BatchStatus]:
    """The statuses that a batch has on the shortest way to another, that one included."""
    ways = deque([[before]])
    while ways[0][-1] is not to or len(ways[0]) == 1:
        taken = ways.popleft()
        targets = {one.target for one in TABLE[taken[-1]].values()} | OUTCOMES.get(taken[-1], set())
        ways.extend([*taken, target] for target in BatchStatus if target in targets)
    return ways[0][1:]
