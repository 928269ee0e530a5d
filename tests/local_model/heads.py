"""Heads of model files, as the format says: a name, a kind and a value for each entry, in little endian."""

import struct
from pathlib import Path

STRING, ARRAY, UINT32 = 8, 9, 4


def text(words: str) -> bytes:
    """A text with its length before it."""
    data = words.encode()
    return struct.pack("<Q", len(data)) + data


def number(name: str, value: int) -> bytes:
    """An entry that is a number."""
    return text(name) + struct.pack("<II", UINT32, value)


def words(name: str, value: str) -> bytes:
    """An entry that is a text."""
    return text(name) + struct.pack("<I", STRING) + text(value)


def listed(name: str, kind: int, *items: bytes) -> bytes:
    """An entry that is a list."""
    return text(name) + struct.pack("<IIQ", ARRAY, kind, len(items)) + b"".join(items)


def head(*entries: bytes, version: int = 3, count: int | None = None) -> bytes:
    """The head of a file with these entries."""
    size = len(entries) if count is None else count
    return b"GGUF" + struct.pack("<IQQ", version, 0, size) + b"".join(entries)


LLAMA = (
    words("general.architecture", "llama"),
    number("llama.block_count", 30),
    number("llama.context_length", 8_192),
    number("llama.embedding_length", 576),
    number("llama.attention.head_count", 9),
    number("llama.attention.head_count_kv", 3),
)
"""What the file of SmolLM2-135M says of its sizes."""


def write(folder: Path, *entries: bytes, name: str = "model.gguf") -> Path:
    """A file with nothing but a head."""
    file = folder / name
    file.write_bytes(head(*(entries or LLAMA)))
    return file
