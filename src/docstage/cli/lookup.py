"""Things by id or by name."""

import difflib
import unicodedata
from dataclasses import dataclass
from typing import Any

from docstage.cli.client import ApiClient, Json
from docstage.cli.failures import ApiProblem
from docstage.domain.errors import Conflict, NotFound

_LARGEST = 2**53


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
    """The thing with that id or name; `id:2` and `name:2` say which is meant.

    Of names, letter case, blanks at the ends and the Unicode form count only where they must.

    Raises:
        NotFound: there is none; close matches are named.
        Conflict: several have the name, or one has it and another the id.
    """
    way, _, rest = text.partition(":")
    if way == "id" and _is_id(rest):
        thing: Json = api.get(f"{kind.path}/{int(rest)}")
        return thing
    name = rest if way == "name" and rest else text
    found = _named(api, kind, name)
    if len(found) > 1:
        ids = ", ".join(str(one["id"]) for one in found)
        raise Conflict(f"{len(found)} {kind.plural} are named {name!r}: give one of the ids {ids}.")
    numbered = _numbered(api, kind, text)
    if numbered and found and numbered["id"] != found[0]["id"]:
        raise Conflict(
            f"{text} is the id of the {kind.name} {numbered['name']!r}, and the name of that with the id "
            f"{found[0]['id']}: write id:{text} or name:{text}."
        )
    if not numbered and not found:
        shown = name if _is_id(name) else repr(name)
        raise NotFound(f"There is no {kind.name} {shown}.{_close(api, kind, name)}")
    return numbered or found[0]


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdecimal() and 0 < int(text[:20]) <= _LARGEST


def _numbered(api: ApiClient, kind: Kind, text: str) -> Json | None:
    if not _is_id(text):
        return None
    try:
        thing: Json = api.get(f"{kind.path}/{int(text)}")
    except ApiProblem as problem:
        if problem.status != NotFound.status:
            raise
        return None
    return thing


def _named(api: ApiClient, kind: Kind, name: str) -> list[Json]:
    """Those with the name: exactly, or else in a form that reads the same."""
    similar = api.items(kind.path, search=name)
    exact = [one for one in similar if one["name"] == name]
    if exact:
        return exact
    if not name.isascii() or name != name.strip():  # it may be stored in another form than it was typed in
        similar = api.items(kind.path)
    return [one for one in similar if _folded(one["name"]) == _folded(name)]


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()


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
