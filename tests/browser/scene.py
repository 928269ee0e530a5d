"""A server with something of everything: batches in all statuses, long names, reasons, failures, money."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.browser.data import Data, Json, unused
from tests.browser.server import Server

LONG = (
    "Framework agreements of the northern region with their annexes, amendments and side letters, "
    "Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung, second look"
)
PRICES = {"input": 2.5, "output": 10.0}


@dataclass(slots=True)
class Scene:
    """The things of the scene by what they show."""

    batches: dict[str, Json]
    folder: Json
    connection: Json
    prompt: Json

    def address(self, pattern: str) -> str:
        """An address with the ids of the scene: `/batches/{COMPLETED}`, `/folders/{folder}`."""
        things = {"folder": self.folder, "connection": self.connection, "prompt": self.prompt, **self.batches}
        return re.sub(r"\{([^}]+)\}", lambda found: str(things[found[1]]["id"]), pattern)


def set_up(data: Data, slow: str, refusing: str) -> Scene:
    """Make everything but a STAGING batch, for which the engine has to be held: see `held_staging`.

    Args:
        data: makes it.
        slow: the address of a model that does not answer.
        refusing: the address of a model that refuses half of what it is asked.
    """
    folder, prompt = data.folder(), data.prompt(name=unused("Who and what"))
    priced = data.connection(name=unused("Priced"), prices=PRICES)
    waiting = data.connection(slow, name=unused("Slow"), prices=PRICES)
    refuses = data.connection(refusing, name=unused("Refusing"))
    of: dict[str, Any] = {"folder": folder, "prompt": prompt}
    batches = {
        "SAVED": data.batch(unused("Minutes and plans"), **of, budget=25.0),
        "STAGED": data.staged(LONG, connection=priced, **of, budget=5.0),
        "COMPLETED": data.completed(unused("Leases 2026"), connection=priced, **of),
        "with failures": data.completed(unused("Complaints"), connection=refuses, **of),
        "FAILED_STAGING": data.failed_staging(unused("Archive"), prompt=prompt),
        "PAUSED": data.paused(slow, unused("Invoices of May"), connection=waiting, **of, budget=2.0),
        "FAILED": data.failed(slow, unused("Surveys"), connection=waiting, **of),
        "ANALYZING": data.analyzing(slow, unused("Letters and mail"), connection=waiting, **of, budget=2.0),
    }
    return Scene(batches, folder, priced, prompt)


@contextmanager
def held_staging(server: Server, data: Data) -> Iterator[Json]:
    """A batch that stays STAGING, because the engine is stopped until the block ends."""
    batch = data.batch(unused("Scans of the cellar"), folder=data.folder())
    engine = server.engine()
    assert engine is not None
    os.kill(engine, signal.SIGSTOP)
    try:
        yield data.act(batch, "stage")
    finally:
        os.kill(engine, signal.SIGCONT)
