"""Links of old workbooks ([MS-XLS] 2.4.140, [MS-OSHARED] 2.3.7)."""

import struct

# What a link consists of, by its flags, and the kinds of addresses.
_MONIKER, _MARK, _DISPLAYED, _FRAME, _TEXT_MONIKER = 0x01, 0x08, 0x10, 0x80, 0x100
_URL = bytes.fromhex("e0c9ea79f9bace118c8200aa004ba90b")
_FILE = bytes.fromhex("0303000000000000c000000000000046")
_HEAD = 8 + 16 + 4


def target_of(data: bytes) -> str:
    """The address that a link leads to, empty where it cannot be told."""
    try:
        return _target(data)
    except (struct.error, UnicodeDecodeError):
        return ""


def _target(data: bytes) -> str:
    (flags,) = struct.unpack_from("<I", data, _HEAD)
    at, target = _HEAD + 4, ""
    for flag in (_DISPLAYED, _FRAME):
        if flags & flag:
            at = _string(data, at)[1]
    if flags & _MONIKER and flags & _TEXT_MONIKER:
        target, at = _string(data, at)
    elif flags & _MONIKER:
        target, at = _moniker(data, at)
    if flags & _MARK:
        mark, _ = _string(data, at)
        target = f"{target}#{mark}"
    return target


def _string(data: bytes, at: int) -> tuple[str, int]:
    (count,) = struct.unpack_from("<I", data, at)
    end = at + 4 + 2 * count
    return data[at + 4 : end].decode("utf-16-le").rstrip("\0"), end


def _moniker(data: bytes, at: int) -> tuple[str, int]:
    kind, at = data[at : at + 16], at + 16
    if kind == _URL:
        (size,) = struct.unpack_from("<I", data, at)
        text = data[at + 4 : at + 4 + size].decode("utf-16-le", "replace")
        return text.partition("\0")[0], at + 4 + size
    if kind == _FILE:
        (size,) = struct.unpack_from("<I", data, at + 2)
        text = data[at + 6 : at + 6 + size].decode("cp1252", "replace").rstrip("\0")
        (more,) = struct.unpack_from("<I", data, at + 6 + size + 24)
        return text, at + 6 + size + 28 + more
    return "", at
