"""What people are told of how a schema reaches a model, before anything is paid for."""

from collections.abc import Mapping, Sequence

from docstage.models.schemas.dialects import Way
from docstage.models.schemas.fitting import Fitted

_MOST_NAMES = 3
_MOST_RULES = 4


def in_words(fitted: Fitted, connection: str, prompt: str) -> str | None:
    """What the provider does not hold answers to, in one sentence; None where it holds them to everything.

    Args:
        connection: its name.
        prompt: its name.
    """
    if fitted.way is not Way.SCHEMA:
        because = f", because {fitted.reason}" if fitted.reason else ""
        return (
            f"{connection} reads the schema of {prompt} in the prompt alone{because}. "
            "docstage checks every answer against it."
        )
    if not fitted.dropped:
        return None
    rules = _rules(fitted.dropped)
    return f"{connection} cannot enforce {rules} for {prompt}: docstage checks the answers itself."


def _rules(dropped: Mapping[str, Sequence[str]]) -> str:
    told = [f"`{keyword}`{_of(names)}" for keyword, names in dropped.items()]
    return _listed(told, _MOST_RULES)


def _of(names: Sequence[str]) -> str:
    known = [f'"{name}"' for name in names if name]
    return f" of {_listed(known, _MOST_NAMES)}" if known else ""


def _listed(words: Sequence[str], most: int) -> str:
    if len(words) > most:
        words = [*words[:most], f"{len(words) - most} more"]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
