"""Reads the head of a GGUF file: how long a text the model takes, and what memory that needs.

The format: github.com/ggml-org/ggml, docs/gguf.md. Only lengths are believed that lie within the file.
"""

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MAGIC = b"GGUF"
_MOST_ENTRIES = 100_000  # real files have some dozens
_MOST_TEXT = 1_000  # of a value that is kept; templates of chats are longer, and of no use here
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_BYTES_A_NUMBER = 2  # of keys and values that are kept of a text, which llama.cpp holds in 16 bits

Value = int | float | str | bool | list[int]


class NotGguf(Exception):
    """The file is no GGUF file, or a damaged one; the text says what was seen."""


@dataclass(frozen=True, slots=True)
class GgufHead:
    """What the head of a model file says.

    Attributes:
        architecture: such as `llama`.
        context_tokens: the longest text that the model was made for, answer included; None: not said.
        bytes_per_token: memory that each token of a text takes while it is read; 0 where that is not said.
    """

    architecture: str
    context_tokens: int | None
    bytes_per_token: int


def read_head(path: Path) -> GgufHead:
    """The head of a model file.

    Raises:
        NotGguf: it is no such file, or its head is damaged.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise NotGguf("it does not begin with the letters GGUF")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                return _head_of(_Reader(data).entries())
            except (struct.error, IndexError, KeyError, UnicodeDecodeError) as error:
                raise NotGguf("its head is damaged") from error


class _Reader:
    """Reads one value after another."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._at = len(MAGIC)

    def entries(self) -> dict[str, Value]:
        """What the head says, by name; without long texts and lists that are no numbers."""
        version, _tensors, count = self._take("IQQ")
        if version not in {2, 3} or count > _MOST_ENTRIES:
            raise NotGguf(f"it is of version {version}, which is not known here")
        found: dict[str, Value] = {}
        for _ in range(count):
            name = self._text()
            value = self._value(self._number("I"))
            if value is not None:
                found[name] = value
        return found

    def _value(self, kind: int) -> Value | None:
        if kind == _STRING:
            text = self._text()
            return text if len(text) <= _MOST_TEXT else None
        return self._list() if kind == _ARRAY else self._number(_SCALARS[kind])

    def _list(self) -> list[int] | None:
        kind, count = self._take("IQ")
        if kind in _SCALARS:
            size = struct.calcsize(_SCALARS[kind])
            self._skip(count * size)
            return self._numbers(_SCALARS[kind], count) if count <= _MOST_TEXT else None
        if kind == _STRING:
            self._skip_texts(count)
            return None
        raise NotGguf("its head has lists of lists, which is not known here")

    def _numbers(self, code: str, count: int) -> list[int]:
        start = self._at - count * struct.calcsize(code)
        return [int(one) for one in struct.unpack_from(f"<{count}{code}", self._data, start)]

    def _skip_texts(self, count: int) -> None:
        """Walk over a list of texts, of which vocabularies have a hundred thousand."""
        data, at, most = self._data, self._at, len(self._data)
        length_at = struct.Struct("<Q").unpack_from
        for _ in range(count):
            at += 8 + length_at(data, at)[0]
            if at > most:
                raise IndexError(at)
        self._at = at

    def _text(self) -> str:
        length = int(self._number("Q"))
        start = self._at
        self._skip(length)
        return self._data[start : min(start + length, start + _MOST_TEXT + 1)].decode("utf-8", "replace")

    def _number(self, code: str) -> int:
        return int(self._take(code)[0])

    def _take(self, codes: str) -> tuple[int, ...]:
        found = struct.unpack_from(f"<{codes}", self._data, self._at)
        self._at += struct.calcsize(f"<{codes}")
        return found

    def _skip(self, size: int) -> None:
        self._at += size
        if self._at > len(self._data):
            raise IndexError(self._at)


def _head_of(entries: Mapping[str, Value]) -> GgufHead:
    architecture = str(entries.get("general.architecture", ""))
    if not architecture:
        raise NotGguf("it does not say what kind of model it is")

    def number(name: str) -> int:
        value = entries.get(f"{architecture}.{name}", 0)
        return value if isinstance(value, int) else 0

    heads = max(1, number("attention.head_count"))
    width = number("embedding_length") // heads
    keys, values = number("attention.key_length") or width, number("attention.value_length") or width
    kept = entries.get(f"{architecture}.attention.head_count_kv", heads)
    # One number for all layers, or one for each.
    all_kept = sum(kept) if isinstance(kept, list) else number("block_count") * int(kept)
    return GgufHead(
        architecture=architecture,
        context_tokens=number("context_length") or None,
        bytes_per_token=all_kept * (keys + values) * _BYTES_A_NUMBER,
    )
