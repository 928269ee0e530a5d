"""Reads documents when it is told to: `PYTHONPATH=TREE/src python benchmarks/support/timed_reading.py`.

It takes the path of a file on each line of standard input and answers with the processor time (seconds) that
extracting it took, in user and kernel mode. It imports nothing but the extractors, which are found where
PYTHONPATH says, so that those of an earlier revision can be measured by it, too.
"""

import gc
import sys
import time
from contextlib import suppress
from pathlib import Path

from docstage.extraction.extractors import Limits, Unreadable, extract


def _seconds(path: Path) -> float:
    data = path.read_bytes()
    gc.collect()  # what the document before left behind is not this one's
    begun = time.process_time()
    with suppress(Unreadable):  # to find that out is work as well
        extract(data, path.name, Limits())
    return time.process_time() - begun


if __name__ == "__main__":
    for line in sys.stdin:
        print(_seconds(Path(line.rstrip("\n"))), flush=True)
