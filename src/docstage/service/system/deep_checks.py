"""The deep check: every invariant of the database, in words.

All of them are looked at in one reading transaction, so that they see one state of a database that is in use.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from docstage.domain.errors import DocstageError
from docstage.service.context import Services
from docstage.service.system.views import Check
from docstage.store.invariants import INVARIANTS, Broken, Invariant

_NAMED = 3  # places that the message names; all that were kept are in `where`


@dataclass(frozen=True, slots=True)
class _Words:
    """What is said of an invariant.

    Attributes:
        well: what holds, when it does.
        ill: what each of the rows that break it is.
        means: what follows from that, and what to do.
    """

    well: str
    ill: str
    means: str


_REPORT = "This is a defect of docstage or of the disk: please report it with this output."
_RESTAGE = "Restage the batch: what is wrong is encoded anew."
_BY_HAND = "Numbers shown for the run are wrong, its answers are not. Please report it with this output."

_WORDS: Mapping[str, _Words] = {
    "database files": _Words(
        "The files are whole.",
        "damaged places",
        "The disk or a copy made while docstage wrote has damaged the file. Go back to a backup.",
    ),
    "references": _Words("Every row has what it belongs to.", "rows without what they belong to", _REPORT),
    "current runs": _Words(
        "Every batch leads to its last run, which is open.",
        "batches that lead to another run than their last",
        f"Their results may be those of another run. Reset these batches. {_REPORT}",
    ),
    "closed runs": _Words(
        "Every earlier run is closed.",
        "earlier runs that are still open",
        f"They count as current. {_REPORT}",
    ),
    "staged runs": _Words(
        "Runs are staged where their batches say so.",
        "runs whose staging does not fit the status of their batch",
        f"Documents may be missing. {_RESTAGE}",
    ),
    "work of closed runs": _Words(
        "No task of a closed run waits or runs.",
        "tasks of closed runs that wait or run",
        f"They are never called, but are counted as waiting. {_REPORT}",
    ),
    "work of batches at rest": _Words(
        "No task runs where its batch rests.",
        "tasks that wait or run although their batch rests",
        "They have no result and nothing will come of them. Retry the batch, or restage it.",
    ),
    "completed batches": _Words(
        "Every completed batch has an answer.",
        "completed batches without any answer",
        "Restage these batches.",
    ),
    "events": _Words(
        "The log of every batch follows the lifecycle.",
        "events that do not follow from the one before",
        f"A status was changed in a way that the lifecycle does not know. {_REPORT}",
    ),
    "last events": _Words(
        "The log of every batch ends at its status.",
        "batches whose log ends at another status",
        f"A status was changed without an event, or an event is missing. {_REPORT}",
    ),
    "task counters": _Words(
        "Counters of tasks are what counting gives.", "cells whose counters of tasks are off", _BY_HAND
    ),
    "call counters": _Words(
        "Sums of calls, tokens and cost are what adding up gives.",
        "cells whose sums of calls, tokens or cost are off",
        _BY_HAND,
    ),
    "ledger": _Words(
        "The ledger has every call that is kept.",
        "quarters of an hour in which the ledger lacks calls, tokens or cost",
        "Spending over time is shown too low. Please report it with this output.",
    ),
    "matrix": _Words(
        "Every document has a task for each connection and prompt.",
        "runs or tasks that do not fit the matrix of documents, connections and prompts",
        "Answers are missing or twice there. Restage the batch.",
    ),
    "answers": _Words(
        "Every completed task has one answer, and no other has any.",
        "tasks without their answer, or with one that they should not have",
        f"A finished result was lost or belongs to nothing. {_REPORT}",
    ),
    "failures": _Words(
        "Every failed task says why.", "failed tasks without a kind of failure", f"Retry them. {_REPORT}"
    ),
    "calls in flight": _Words(
        "Every running task has its call in flight.",
        "tasks that run without a call, or calls without their task",
        "The engine waits for nothing. Stop docstage and start it again: it queues these tasks anew.",
    ),
    "attempts": _Words(
        "Calls of every task are numbered without a gap.",
        "tasks whose recorded calls are not those that they count",
        f"A call may have been made, and billed, that is not shown. {_REPORT}",
    ),
    "answers paid once": _Words(
        "Every answer was made by one call that counts.",
        "tasks with answers of more or other calls than one",
        f"An answer was paid for twice, or its usage is off. {_REPORT}",
    ),
    "document counters": _Words(
        "Counters of documents are what counting gives.", "runs whose counters of documents are off", _BY_HAND
    ),
    "documents": _Words(
        "Every encoded document has its content, every other says why not.",
        "documents without their content, or without a reason",
        f"Calls for them fail. {_RESTAGE}",
    ),
    "purged documents": _Words(
        "Nothing is left of documents that were deleted everywhere.",
        "documents that were deleted everywhere, of which something is left",
        "Delete them again: docstage purge document. Please report it with this output.",
    ),
    "unused contents": _Words(
        "Every content belongs to a document, or is young.",
        "contents older than a day that no document refers to",
        "The engine deletes them once it runs; or at once: docstage purge rest.",
    ),
    "texts": _Words(
        "Every stored text is whole.",
        "stored texts that are damaged",
        "Models would read something else than the document. Go back to a backup of the contents.",
    ),
    "pictures": _Words(
        "Every stored content has its pictures.",
        "contents with other pictures than they count",
        "Models would not see every page. Go back to a backup of the contents.",
    ),
    "picture data": _Words(
        "Every stored picture is one.",
        "stored pictures that are none",
        "Providers would reject them. Go back to a backup of the contents.",
    ),
}


def deep_checks(services: Services) -> Iterator[Check]:
    """Look at every invariant; each check comes as soon as it is made."""
    try:
        with services.database.read() as c:
            for invariant in INVARIANTS:
                yield look_at(c, invariant)
    except DocstageError as error:
        yield Check(name="deep check", ok=False, message=error.detail, milliseconds=0.0)


def look_at(c: Connection, invariant: Invariant) -> Check:
    """Look at one invariant."""
    began = time.perf_counter()
    words = _WORDS[invariant.name]
    try:
        broken = invariant.broken(c)
    except DatabaseError as error:
        if c.dialect.name != "sqlite":  # whose transactions end at an error
            raise
        message = f"Cannot be looked at: {error.orig}. {_WORDS['database files'].means}"
        return Check(name=invariant.name, ok=False, message=message, milliseconds=_since(began))
    message = _told(words, broken) if broken.count else words.well
    return Check(
        name=invariant.name,
        ok=not broken.count,
        message=message,
        milliseconds=_since(began),
        broken=broken.count,
        where=[dict(place) for place in broken.where],
    )


def _since(began: float) -> float:
    return (time.perf_counter() - began) * 1_000


def _told(words: _Words, broken: Broken) -> str:
    places = "; ".join(_place(place) for place in broken.where[:_NAMED])
    more = "; ..." if broken.count > _NAMED else ""
    return f"{broken.count:,} {words.ill} ({places}{more}). {words.means}"


def _place(place: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in place.items() if value is not None)
