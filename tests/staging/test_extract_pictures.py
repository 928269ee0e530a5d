"""Images."""

import io
import struct
import zlib

import pillow_heif
import pytest
from PIL import Image

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors import Extracted, Limits, Unreadable, extract


def picture(kind: str, mode: str = "RGB", size: tuple[int, int] = (40, 20), **options: object) -> bytes:
    """An image file: the left half black, the right half white."""
    image = Image.new(mode, size)
    if mode != "1":
        image.paste(Image.new(mode, (size[0] // 2, size[1]), "white"), (size[0] // 2, 0))
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(document: Extracted, number: int = 0) -> Image.Image:
    """An extracted picture, decoded."""
    part = document.images[number]
    image = Image.open(io.BytesIO(part.data))
    assert image.get_format_mimetype() == part.media_type
    image.load()
    return image


def reason(data: bytes, name: str = "a.png") -> DocumentReason:
    """Why an image cannot be read."""
    with pytest.raises(Unreadable) as caught:
        extract(data, name, Limits())
    return caught.value.reason


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP"])
def test_formats(kind: str) -> None:
    """Every format becomes a PNG or a JPEG that shows the same."""
    image = opened(extract(picture(kind), "a", Limits()))
    assert image.size == (40, 20)
    grey = image.convert("L").tobytes()
    assert grey[10 * 40 + 3] < 20
    assert grey[10 * 40 + 36] > 235


def test_heic() -> None:
    """Photographs of telephones are read."""
    buffer = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 32), "red")).save(buffer)
    image = opened(extract(buffer.getvalue(), "a.heic", Limits()))
    assert image.size == (64, 32)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_modes(mode: str) -> None:
    """Every colour mode becomes one that models take."""
    kind = "PNG" if mode in ("1", "L", "LA", "P", "RGBA", "I;16") else "TIFF"
    image = (
        Image.new("RGB", (8, 8), "white").convert(mode)
        if mode not in ("I;16", "F")
        else Image.new(mode, (8, 8))
    )
    buffer = io.BytesIO()
    image.save(buffer, kind)
    assert opened(extract(buffer.getvalue(), "a", Limits())).mode in ("RGB", "L")


def test_transparent_is_white() -> None:
    """What lies behind transparent pixels is paper, not black."""
    buffer = io.BytesIO()
    Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(buffer, "PNG")
    assert opened(extract(buffer.getvalue(), "a.png", Limits())).getpixel((0, 0)) == (255, 255, 255)


def test_orientation() -> None:
    """A photograph taken sideways is turned upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    document = extract(picture("JPEG", exif=exif), "a.jpg", Limits())
    assert opened(document).size == (20, 40)


def test_size() -> None:
    """Large images are scaled down; a JPEG that fits stays byte for byte as it is."""
    assert opened(extract(picture("PNG", size=(400, 100)), "a.png", Limits(image_side=200))).size == (200, 50)
    data = picture("JPEG")
    assert extract(data, "a.jpg", Limits()).images[0].data == data


def test_pages_of_a_fax() -> None:
    """Every page of a TIFF becomes a picture, up to the limit."""
    pages = [Image.new("1", (20, 20), number % 2) for number in range(5)]
    buffer = io.BytesIO()
    pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    document = extract(buffer.getvalue(), "fax.tif", Limits(images=3))
    assert (len(document.images), document.pages) == (3, 5)
    assert [opened(document, number).getpixel((0, 0)) for number in range(3)] == [0, 255, 0]
    left_out = "It is not included: a document has at most 3 pictures."
    assert [part.left_out for part in document.parts] == [(), (), (), (left_out,), (left_out,)]


def test_damaged() -> None:
    """A cut image is damaged."""
    data = picture("PNG", size=(300, 300))
    assert reason(data[: len(data) // 2]) is DocumentReason.DAMAGED
    assert reason(b"\xff\xd8\xff junk", "a.jpg") is DocumentReason.DAMAGED


def test_a_padded_file_is_not_passed_on_as_it_is() -> None:
    """A small JPEG in a file of many megabytes would be sent with every call: it is encoded anew."""
    padded = picture("JPEG") + bytes(5_000_000)
    (part,) = extract(padded, "a.jpg", Limits()).images
    assert len(part.data) < 10_000


def test_decompression_bomb() -> None:
    """An image of billions of pixels is refused by its header, before it is unpacked."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    bomb = (
        b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\x00" * 1_000)) + chunk(b"IEND", b"")
    )
    assert reason(bomb) is DocumentReason.TOO_COMPLEX
