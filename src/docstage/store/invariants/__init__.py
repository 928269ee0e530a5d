"""What must be true of every database, whatever happened to its processes, and how to find what is not.

Each invariant looks for the rows that break it, in a few statements or one streaming pass, so that a million
tasks take seconds. All of them can be looked at in one reading transaction, while the engine works.
"""

from docstage.store.invariants.batches import BATCHES
from docstage.store.invariants.contents import CONTENTS
from docstage.store.invariants.files import FILES
from docstage.store.invariants.finding import EXAMPLES, Broken, Invariant
from docstage.store.invariants.tasks import TASKS

__all__ = ["EXAMPLES", "INVARIANTS", "Broken", "Invariant"]

# The most fundamental first: with a damaged file nothing else can be trusted.
INVARIANTS: tuple[Invariant, ...] = (*FILES, *BATCHES, *TASKS, *CONTENTS)
