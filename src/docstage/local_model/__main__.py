"""`python -m docstage.local_model`: serve a model on a free port until standard input is closed.

The first line of standard input says how, as JSON; the first of standard output is the address, once the
model answers, or why there is none. Nobody can ask the model but who has the key that was given.
"""

import fcntl
import json
import os
import sys
import tempfile
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUIET = 2  # llama.cpp tells warnings and errors
_UNLIMITED_SECONDS = 24 * 3_600  # who asks knows how long to wait


def main() -> None:
    """Serve until whoever started this is gone."""
    order = json.loads(sys.stdin.buffer.readline())
    _end_with_starter()
    with _silenced() as told:
        try:
            server = _serve(order)
        except Exception as error:
            _say(f"error: {_reason(told) or error}")
            sys.exit(1)
    _say(server.listening_address)
    threading.Event().wait()


def _serve(order: dict[str, Any]) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = order["path"]
    params.model_alias = {order["name"]}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [order["key"]]
    params.n_parallel = order["slots"]
    params.n_ctx = order["context"] * order["slots"]
    params.fit_params = False  # the context is what was said
    params.ctx_shift = False  # a text that is too long is refused, not cut
    params.cache_ram_mib = 0  # else up to 8 GB of earlier texts are kept
    params.cpuparams.n_threads = order["threads"]
    params.cpuparams_batch.n_threads = order["threads"]
    params.warmup = False
    params.verbosity = _QUIET
    params.timeout_read = params.timeout_write = _UNLIMITED_SECONDS
    return xllamacpp.Server(params)


def _end_with_starter() -> None:
    """End when standard input is closed, which the system does when the starter dies, however it dies.

    While a model is loaded no Python runs: then it is the signal that ends the process.
    """
    starter = sys.stdin.fileno()
    fcntl.fcntl(starter, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(starter, fcntl.F_SETFL, fcntl.fcntl(starter, fcntl.F_GETFL) | os.O_ASYNC)

    def wait_for_end() -> None:
        os.read(starter, 1)
        os._exit(0)

    threading.Thread(target=wait_for_end, daemon=True).start()


@contextmanager
def _silenced() -> "Iterator[int]":
    """Take what llama.cpp writes to standard error: a place to read it from, while a model is loaded."""
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield file.fileno()
        finally:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 2)
            os.close(nowhere)


def _reason(told: int) -> str:
    """Why llama.cpp could not load the model, in its words."""
    text = os.pread(told, 20_000, 0).decode(errors="replace")
    errors = [line.partition(" E ")[2].strip() for line in text.splitlines() if " E " in line]
    return errors[0] if errors else ""


def _say(line: str) -> None:
    sys.stdout.write(f"{' '.join(line.split())}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
