"""What was deleted and is not yet gone from the disk.

Who deletes writes down what that leaves behind, in the same transaction. Whoever comes next, the same process
or the engine, carries on with it in steps: so it does not matter which process died in between.
"""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import Connection, delete, select

from docstage.store.documents import upsert
from docstage.store.tables import CONTENT_SCHEMA, erasure

_AT_ONCE = 500  # parameters of one statement


class Erasure(StrEnum):
    """A kind of thing that remains to be erased, with what its key is."""

    RUN = "run"  # the id of a run whose documents, tasks and answers are deleted in steps
    CONTENT = "content"  # the key of a content that a deleted document had
    UPLOAD = "upload"  # a path below the uploads, whose folder was deleted
    SPACE = "space"  # nothing: pages that deleted rows left free, and their copies in SQLite's log
    REWRITE = "rewrite"  # the SQLite file in which pages may hold copies of rows that were moved and deleted


def owe(c: Connection, kind: Erasure, keys: Iterable[str], at: float) -> None:
    """Write down what is to be erased; what is there already stays."""
    rows = [{"kind": str(kind), "key": key, "at": at} for key in sorted(set(keys))]
    if rows:
        c.execute(upsert(c, erasure).on_conflict_do_nothing(), rows)


def owe_space(c: Connection, at: float) -> None:
    """Write down that rows were deleted, so that their bytes are to go as well."""
    owe(c, Erasure.SPACE, [""], at)
    if c.dialect.name == "sqlite":
        owe(c, Erasure.REWRITE, ["main", CONTENT_SCHEMA], at)


def owed(c: Connection, kind: Erasure, limit: int) -> list[str]:
    """Keys of what remains to be erased of a kind, in order."""
    statement = select(erasure.c.key).where(erasure.c.kind == str(kind)).order_by(erasure.c.key).limit(limit)
    return list(c.execute(statement).scalars())


def is_owed(c: Connection, *kinds: Erasure) -> bool:
    """Whether anything of these kinds remains to be erased."""
    return c.execute(select(erasure.c.key).where(erasure.c.kind.in_(kinds)).limit(1)).first() is not None


def settle(c: Connection, kind: Erasure, keys: Iterable[str]) -> None:
    """Forget what was erased."""
    gone = list(keys)
    for first in range(0, len(gone), _AT_ONCE):
        some = gone[first : first + _AT_ONCE]
        c.execute(delete(erasure).where(erasure.c.kind == str(kind), erasure.c.key.in_(some)))
