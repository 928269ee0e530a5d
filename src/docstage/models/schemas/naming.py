"""Names of members that a provider takes, for those that it does not."""

import re
import unicodedata
from collections.abc import Iterable

_SIGNS = re.compile(r"[^A-Za-z0-9_.-]+")
_LONGEST = 60


def names_for(names: Iterable[str], allowed: re.Pattern[str] | None) -> dict[str, str]:
    """The names to send, by the user's own, each once. Those that are allowed stay as they are."""
    if allowed is None:
        return {name: name for name in names}
    sent = {name: name for name in names if allowed.fullmatch(name)}
    taken = set(sent.values())
    for place, name in enumerate(names, 1):
        if name not in sent:
            sent[name] = _free(_plain(name) or f"member_{place}", taken)
            taken.add(sent[name])
    return {name: sent[name] for name in names}


def _plain(name: str) -> str:
    """The name in Latin letters, digits and a few signs; empty where nothing is left."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = _SIGNS.sub("_", letters).strip("_")[:_LONGEST]
    return plain if re.search("[A-Za-z0-9]", plain) else ""


def _free(name: str, taken: set[str]) -> str:
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name[: _LONGEST - 4]}_{number}"
    return free
