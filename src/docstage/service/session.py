"""One request: who asks, and on what conditions it is to be carried out."""

from dataclasses import dataclass

from docstage.service.context import Services
from docstage.store.request_keys import RequestKey

USER = "user"
_OWN_ACTORS = frozenset({"engine", "restore"})  # what docstage itself does is told apart by these
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Session:
    """What a function that changes something works with; made once a request.

    Attributes:
        actor: who asks, as the audit log tells it; `user` where nobody is known by name.
        expected: tags, one of which what is changed must still have; None for any.
        key: how the caller marked the request; an equal one that was carried out before is not repeated.
    """

    services: Services
    actor: str = USER
    expected: frozenset[str] | None = None
    key: RequestKey | None = None


def actor_named(name: str | None) -> str:
    """Who is meant by a name from outside, such as that of a proxy or of the operating system.

    It is one line of at most 200 characters, and never what docstage calls itself.
    """
    shown = " ".join("".join(sign if sign.isprintable() else " " for sign in name or "").split())[:_LONGEST]
    return f"{USER} {shown}" if shown in _OWN_ACTORS else shown or USER
