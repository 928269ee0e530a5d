"""The engine with a sampling profiler: `python -m benchmarks.support.profiled_engine --until-idle`.

Every few milliseconds it looks where each thread is, and books to that place the CPU time that the thread has
used since, as the operating system counts it. It prints the milliseconds by thread and part of the program.
Samples are taken where a thread lets go of Python's lock, so the split within a thread is an approximation.
"""

import sys
import threading
import time
from collections import defaultdict
from types import FrameType

from docstage.engine.__main__ import main

EVERY_SECONDS = 0.002
# The innermost frame whose file contains one of these tells the part.
PARTS = {
    "/aiohttp/": "client: aiohttp",
    "/docstage/models/": "client: docstage.models",
    "/docstage/analysis/recorder": "recorder",
    "/docstage/store/recording": "recorder: statements",
    "/docstage/analysis/task_queue": "queue",
    "/docstage/analysis/contents": "contents",
    "/docstage/store/contents": "contents",
    "/docstage/store/tasks": "queue",
    "/docstage/analysis/": "lane",
    "/docstage/engine/": "engine loop",
    "/docstage/": "other docstage",
    "/asyncio/": "event loop",
}


class Sampler:
    """Books CPU time to places."""

    def __init__(self) -> None:
        self.booked: defaultdict[tuple[str, str], float] = defaultdict(float)
        self._used: dict[int, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sampler", daemon=True)

    def start(self) -> None:
        """Begin to sample."""
        self._thread.start()

    def stop(self) -> None:
        """End sampling."""
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stop.wait(EVERY_SECONDS):
            frames = sys._current_frames()
            for thread in threading.enumerate():
                if thread is not self._thread and thread.ident in frames and "shutdown" not in thread.name:
                    self._book(thread, frames[thread.ident])

    def _book(self, thread: threading.Thread, frame: FrameType) -> None:
        assert thread.ident is not None
        try:
            used = time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
        except OSError:
            return  # it has just ended
        name = "workers" if thread.name.startswith("asyncio_") else thread.name
        self.booked[name, _part(frame)] += used - self._used.get(thread.ident, used)
        self._used[thread.ident] = used


def _part(innermost: FrameType) -> str:
    frame: FrameType | None = innermost
    while frame is not None:
        for place, part in PARTS.items():
            if place in frame.f_code.co_filename:
                return part
        frame = frame.f_back
    return "elsewhere"


if __name__ == "__main__":
    sys.setswitchinterval(0.0005)
    sampler = Sampler()
    sampler.start()
    code = main()
    sampler.stop()
    for (thread_name, part_name), seconds in sorted(sampler.booked.items(), key=lambda item: -item[1]):
        print(f"{seconds * 1_000:9.0f} ms  {thread_name:12} {part_name}")
    sys.exit(code)
