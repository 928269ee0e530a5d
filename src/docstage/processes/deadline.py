"""The latest end of a process that was told to stop."""

import logging
import os
import threading

log = logging.getLogger(__name__)

# Beyond the time of calls, in this order: the engine ends itself, its starter kills it, the starter ends
# itself. With the usual grace all is over in less than 10 s, after which service managers would kill it.
ANSWER_SECONDS = 5  # for answers of the web server that are under way, beside the time of calls
ENGINE_SECONDS = 1.5
KILL_SECONDS = 2.0
STARTER_SECONDS = 2.5


def end_within(seconds: float) -> threading.Timer:
    """End this process after so long, if it has not ended by then; cancel the timer when it has.

    A thread that waits for a database or a file system cannot be told to stop, and Python would wait for it.
    What was not written is gone on with as after a crash.
    """
    timer = threading.Timer(seconds, _end)
    timer.daemon = True
    timer.start()
    return timer


def _end() -> None:
    log.error("Something does not end in time and is given up; the next start goes on with what was left")
    logging.shutdown()
    os._exit(1)
