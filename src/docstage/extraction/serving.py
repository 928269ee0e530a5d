"""How a worker process serves its pool: within its limits, one job at a time.

It takes jobs on its standard input and answers on its standard output, in frames (see `worker_messages`). It
is meant to be killed at any time, and ends by itself with its parent.
"""

import ctypes
import os
import resource
import signal
import sys
from collections.abc import Callable
from io import BufferedReader
from typing import Any, BinaryIO

from docstage.extraction import worker_messages as frames

_PR_SET_PDEATHSIG = 1  # linux/prctl.h

Answer = Callable[[dict[str, Any], list[bytes]], tuple[dict[str, Any], list[bytes]]]
"""What answers a job, a header and byte strings, with another. It raises nothing."""


def serve(address_space: int, prepare: Callable[[], Answer]) -> None:
    """Serve until standard input ends.

    Args:
        address_space: bytes that the process may have in all.
        prepare: makes what answers, when the process is confined.
    """
    requests, replies = _private_streams()
    _confine(address_space)
    answer = prepare()
    _send(replies, {"ready": True}, [])
    while (job := _receive(requests)) is not None:
        _send(replies, *answer(*job))
    # Without this, native threads of the libraries may run into an interpreter that is being taken down.
    os._exit(0)


def die_with_parent() -> None:
    """Let this process be killed when the one that started it ends; on Linux, elsewhere nothing happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _private_streams() -> tuple[BufferedReader, BinaryIO]:
    """The pipes, out of reach of libraries that print: these get standard error instead."""
    requests = os.fdopen(os.dup(0), "rb")
    replies = os.fdopen(os.dup(1), "wb", buffering=0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return requests, replies


def _confine(address_space: int) -> None:
    """Set what the process may use, and let it die with its parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then ends its workers
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard == resource.RLIM_INFINITY or hard > address_space:
        resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
    parent = os.getppid()
    die_with_parent()
    if os.getppid() != parent:  # it died in between
        os._exit(1)


def _receive(requests: BufferedReader) -> tuple[dict[str, Any], list[bytes]] | None:
    prefix = requests.read(frames.LENGTH.size)
    if len(prefix) < frames.LENGTH.size:
        return None
    header, lengths = frames.unpack_header(requests.read(frames.header_length(prefix)))
    return header, [requests.read(length) for length in lengths]


def _send(replies: BinaryIO, header: dict[str, Any], parts: list[bytes]) -> None:
    left = memoryview(frames.pack(header, parts))
    while left:
        left = left[replies.write(left) :]
