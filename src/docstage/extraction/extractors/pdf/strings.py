"""Texts that PDFium's functions write into a buffer."""

import ctypes
from collections.abc import Callable

from pypdfium2 import raw  # type: ignore[import-untyped]  # it ships no types

# Values of forms and comments are short; a name or a text of more than this is a bomb or a mistake.
_MOST_BYTES = 2**22
_MOST_NAME = 200


def read_text(read: Callable[..., int], *arguments: object) -> str:
    """The UTF-16 text that a function of PDFium gives, which takes a buffer and its size at last.

    Returns:
        the text, empty when there is none or when it has more than 2 million characters.
    """
    length = read(*arguments, None, 0)
    if not 2 < length <= _MOST_BYTES:
        return ""
    buffer = (ctypes.c_ushort * (length // 2 + 1))()
    read(*arguments, buffer, length)
    return bytes(buffer)[: length - 2].decode("utf-16-le", "replace").rstrip("\0")


def attached_name(handle: object) -> str:
    """The name of an embedded file, without folders."""
    name = read_text(raw.FPDFAttachment_GetName, handle).replace("\\", "/").rpartition("/")[2]
    return " ".join(name.split())[-_MOST_NAME:]
