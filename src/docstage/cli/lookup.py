"""Things by id or by name."""

import difflib
from dataclasses import dataclass
from typing import Any

from docstage.cli.client import ApiClient, Json
from docstage.domain.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing that commands name."""

    name: str
    plural: str

    @property
    def path(self) -> str:
        """Where the API lists them."""
        return f"/api/{self.plural}"


BATCH = Kind("batch", "batches")
FOLDER = Kind("folder", "folders")
CONNECTION = Kind("connection", "connections")
PROMPT = Kind("prompt", "prompts")


def find(api: ApiClient, kind: Kind, text: str) -> Json:
    """The thing with that id, or else with that name; letter case counts only where it must.

    Raises:
        NotFound: there is none; close matches are named.
        Conflict: several have the name.
    """
    if text.isdecimal():
        thing: Json = api.get(f"{kind.path}/{int(text)}")
        return thing
    similar = api.items(kind.path, search=text)
    found = [one for one in similar if one["name"] == text] or [
        one for one in similar if one["name"].casefold() == text.casefold()
    ]
    if not found:
        raise NotFound(f"There is no {kind.name} {text!r}.{_close(api, kind, text)}")
    if len(found) > 1:
        ids = ", ".join(str(one["id"]) for one in found)
        raise Conflict(f"{len(found)} {kind.plural} are named {text!r}: give one of the ids {ids}.")
    return found[0]


def ids_of(api: ApiClient, kind: Kind, texts: list[str]) -> list[int]:
    """The ids of things that are named by id or name."""
    return [find(api, kind, text)["id"] for text in texts]


def free_name(api: ApiClient, kind: Kind, wanted: str) -> str:
    """The wanted name, with a number behind it if it is taken."""
    taken = {one["name"] for one in api.items(kind.path, search=wanted)}
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted} ({number})", number + 1
    return name


def equal_to(thing: Json, wanted: dict[str, Any]) -> bool:
    """Whether a thing has all the wanted values."""
    return all(thing[name] == value for name, value in wanted.items())


def _close(api: ApiClient, kind: Kind, text: str) -> str:
    names = [one["name"] for one in api.items(kind.path, limit=1_000)]
    close = difflib.get_close_matches(text, names, n=3, cutoff=0.5)
    if close:
        return f" Did you mean {' or '.join(repr(name) for name in close)}?"
    return f" List them with: docstage {kind.name} list"
