"""`python -m docstage.engine`: the engine as a process of its own.

Settings come from the environment and the settings file, as for every command; `docstage engine` and the
supervisor of `docstage serve` both start it this way.
"""

import asyncio
import logging
import signal
import sys
from contextlib import ExitStack

from docstage import logs
from docstage.clock import SystemClock
from docstage.domain.errors import DocstageError
from docstage.engine.engine import EngineParts, LockLost, run_engine
from docstage.files import allow_open_files
from docstage.own_files import tighten
from docstage.processes.deadline import ENGINE_SECONDS, end_within
from docstage.processes.supervisor import HELD
from docstage.secrets import Secrets
from docstage.settings import Settings
from docstage.store.database import Database
from docstage.store.migrating import migration_of
from docstage.store.opening import begin_use
from docstage.store.presence import Presence, keep_presence

log = logging.getLogger(__name__)

UNTIL_IDLE = "--until-idle"
# Seconds after which a thread that waits for Python's lock gets it. Every statement of the recorder gives the
# lock up and has to win it back from a busy event loop: with the usual 5 ms a commit took twice as long.
SWITCH_SECONDS = 0.0005


def run(settings: Settings, *, until_idle: bool = False) -> None:
    """Be the engine until SIGTERM or SIGINT, or until there is nothing left to do.

    Raises:
        DocstageError: the database cannot be opened or migrated.
    """
    allow_open_files()
    sys.setswitchinterval(SWITCH_SECONDS)
    clock = SystemClock()
    database = Database(settings.database_url, synchronous=settings.synchronous)
    tighten(settings)
    secrets = Secrets.of(settings, clock)
    parts = EngineParts(database, settings, secrets, clock)
    with ExitStack() as ending:
        ending.callback(database.close)
        word = begin_use(database, "engine", migration_of(settings, secrets.seal, log.warning))
        ending.callback(word.release)
        asyncio.run(_until_signal(parts, word, ending, until_idle=until_idle))


async def _until_signal(parts: EngineParts, word: Presence, ending: ExitStack, *, until_idle: bool) -> None:
    stop = asyncio.Event()

    def obey() -> None:
        if not stop.is_set():
            stop.set()
            ending.callback(end_within(parts.settings.stop_grace + ENGINE_SECONDS).cancel)

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, obey)
    keeper = asyncio.create_task(keep_presence(word), name="presence")
    try:
        await run_engine(parts, stop, until_idle=until_idle)
    finally:
        keeper.cancel()


def main() -> int:
    """Run from the command line; returns the exit code."""
    if HELD in sys.argv[1:]:
        sys.stdin.buffer.read()  # what takes long, the imports above, is done already
    try:
        settings = Settings.load()
        logs.set_up("engine", settings.log_level)
        run(settings, until_idle=UNTIL_IDLE in sys.argv[1:])
    except DocstageError as error:
        sys.stderr.write(f"{error.title}: {error.detail}\n")
        return 1
    except LockLost:
        sys.stderr.write("The engine's lock is gone: its connection was cut or its file removed.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
