"""Endless pictures."""

import io
import struct
import zlib

from PIL import Image
from tests.hostile.bomb import GB
from tests.hostile.containers import (
    flate,
)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, data: bytes, *chunks: bytes) -> bytes:
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def png_text() -> bytes:
    pixel = zlib.compress(b"\0\xff")
    text = _chunk(b"zTXt", b"Comment\0\0" + flate(b"x", GB))
    return png(1, 1, pixel, *([text] * 20))


def png_profile() -> bytes:
    """Two GB of a colour profile."""
    profile = _chunk(b"iCCP", b"a\0\0" + flate(b"x", 2 * GB))
    return png(1, 1, zlib.compress(b"\0\xff"), profile)


def jpeg(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "JPEG", progressive=True)
    data = bytearray(buffer.getvalue())
    at = data.index(b"\xff\xc2") + 5
    struct.pack_into(">HH", data, at, height, width)
    return bytes(data)


def jpeg_padded(size: int) -> bytes:
    """A picture of 8 x 8 points in a file of many megabytes."""
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(buffer, "JPEG")
    return buffer.getvalue() + bytes(size)


def tiff(
    width: int,
    height: int,
    frames: int,
    *,
    circle: bool = False,
    strip: bytes = b"\xff" * 64,
    kind: int = 1,
) -> bytes:
    """A TIFF whose frames all share one strip."""
    strip += bytes(len(strip) % 2)
    head = b"II*\0"
    first = 8 + len(strip)
    length = 2 + 9 * 12 + 4
    out = io.BytesIO()
    out.write(head + struct.pack("<I", first) + strip)
    for number in range(frames):
        tags = [
            (256, 4, width), (257, 4, height), (258, 3, 8), (259, 3, kind), (262, 3, 1),
            (273, 4, 8), (277, 3, 1), (278, 4, height), (279, 4, len(strip)),
        ]  # fmt: skip
        out.write(struct.pack("<H", len(tags)))
        for tag, form, value in tags:
            out.write(struct.pack("<HHII", tag, form, 1, value))
        last = number == frames - 1
        out.write(struct.pack("<I", (first if circle else 0) if last else first + (number + 1) * length))
    return out.getvalue()


def _saved(kind: str, size: tuple[int, int] = (64, 64)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, "red").save(buffer, kind)
    return buffer.getvalue()


def heic() -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    data = bytearray(_saved("HEIF"))
    at = data.index(b"ispe") + 8
    struct.pack_into(">II", data, at, 65_535, 65_535)
    return bytes(data)


def gif(width: int, height: int) -> bytes:
    data = bytearray(_saved("GIF"))
    struct.pack_into("<HH", data, 6, width, height)
    at = data.index(b",", 13)
    struct.pack_into("<HH", data, at + 5, width, height)
    return bytes(data)


def gif_frames(count: int) -> bytes:
    """The same small frame again and again."""
    data = _saved("GIF", (1, 1))
    at = data.index(b",", 13)
    return data[:at] + data[at:-1] * count + data[-1:]


def bmp(width: int, height: int) -> bytes:
    data = bytearray(_saved("BMP"))
    struct.pack_into("<ii", data, 18, width, height)
    return bytes(data)


def webp() -> bytes:
    frame = struct.pack("<IIB", 0x2F | (0x3FFF << 8), 0, 0)
    return (
        b"RIFF" + struct.pack("<I", 4 + 8 + len(frame)) + b"WEBPVP8L" + struct.pack("<I", len(frame)) + frame
    )
