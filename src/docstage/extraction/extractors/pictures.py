"""Pictures: photographs, scans, faxes, screenshots, in a form and size that every model takes."""

import io
import warnings
from collections.abc import Iterator

import pillow_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from docstage.domain.content import DocumentReason, ImagePart, Part, PartKind
from docstage.extraction.extractors.base import Extracted, Limits, Unreadable
from docstage.extraction.extractors.png import is_whole_png
from docstage.extraction.known_types import JPEG, PNG

pillow_heif.register_heif_opener()

# 100 megapixels decode to 300 to 400 MB; the largest cameras and A3 scans at 600 dpi stay below.
MAX_PIXELS = 100_000_000
# Providers take 5 MB and more an image; Anthropic's 5 MB is the lowest published limit.
_MOST_PAGES = 10_000
_MAX_BYTES = 4_000_000
_JPEG_QUALITY = 88
# Screenshots become 4 % larger than by zlib's usual level, 6, in two thirds of the time.
_PNG_LEVEL = 4
_FORMATS = ("PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "HEIF")
_LOSSY = ("JPEG", "MPO", "WEBP", "HEIF")


class PictureExtractor:
    """Images by Pillow and pillow-heif."""

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Turn the image, or the pages of a TIFF, upright and to size. See `Extractor.extract`."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Pillow warns of broken metadata, which is not needed
                return _extract(data, media_type, limits)
        except Image.DecompressionBombError as error:
            detail = "The image has too many pixels. Scale it down."
            raise Unreadable(DocumentReason.TOO_COMPLEX, detail) from error
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as error:
            detail = "This image is damaged or cut off. Open it in a viewer and save it anew."
            raise Unreadable(DocumentReason.DAMAGED, detail) from error


EXTRACTOR = PictureExtractor


def encode_jpeg(image: Image.Image) -> ImagePart:
    """The image as JPEG."""
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "JPEG", quality=_JPEG_QUALITY)
    return ImagePart(JPEG, buffer.getvalue())


def _extract(data: bytes, media_type: str, limits: Limits) -> Extracted:
    with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
        total = getattr(image, "n_frames", 1) if image.format == "TIFF" else 1
        kind = _fine_as_it_is(image, len(data), limits)
        # What is sent unchanged is only looked through, a JPEG at an eighth of its size, which is quicker.
        size = (max(image.width // 8, 1), max(image.height // 8, 1)) if kind else None
        if kind == PNG and is_whole_png(data):
            parts: tuple[ImagePart, ...] = (ImagePart(PNG, data),)
        else:
            frames = _frames(image, min(total, limits.images), size)
            parts = tuple(ImagePart(kind, data) if kind else _part(frame, limits) for frame in frames)
    if total == 1:
        return Extracted((Part(PartKind.SECTION, 1, images=parts, pictured=True),), media_type)
    pages = [Part(PartKind.PAGE, number, images=(one,), pictured=True) for number, one in enumerate(parts, 1)]
    pages += [_left_out(number, limits) for number in range(len(parts) + 1, min(total, _MOST_PAGES) + 1)]
    return Extracted(tuple(pages), media_type)


def _left_out(number: int, limits: Limits) -> Part:
    why = f"It is not included: a document has at most {limits.images} pictures."
    return Part(PartKind.PAGE, number, pictured=True, left_out=(why,))


def _fine_as_it_is(image: Image.Image, size: int, limits: Limits) -> str | None:
    """The media type of a file that can be sent unchanged, which spares a JPEG a second loss, and time."""
    upright = image.getexif().get(0x0112, 1) == 1
    fine = (
        image.mode in ("RGB", "L")
        and upright
        and not image.has_transparency_data
        and getattr(image, "n_frames", 1) == 1
        and max(image.size) <= limits.image_side
        and size <= _MAX_BYTES
    )
    return {"JPEG": JPEG, "PNG": PNG}.get(image.format or "") if fine else None


def _frames(image: Image.Image, count: int, size: tuple[int, int] | None = None) -> Iterator[Image.Image]:
    """The pages, decoded; a JPEG not much larger than the size, if one is given."""
    for number in range(count):
        if number:
            image.seek(number)
        if image.width * image.height > MAX_PIXELS:
            detail = f"The image has {image.width:,} x {image.height:,} pixels. Scale it down."
            raise Unreadable(DocumentReason.TOO_COMPLEX, detail)
        image.draft("RGB", size)
        image.load()
        yield image


def _part(image: Image.Image, limits: Limits) -> ImagePart:
    lossy = image.format in _LOSSY
    upright = flat(image)
    ImageOps.exif_transpose(upright, in_place=True)
    upright.thumbnail((limits.image_side, limits.image_side), Image.Resampling.LANCZOS)
    if lossy:
        return encode_jpeg(upright)
    buffer = io.BytesIO()
    upright.save(buffer, "PNG", compress_level=_PNG_LEVEL)
    return ImagePart(PNG, buffer.getvalue()) if buffer.tell() <= _MAX_BYTES else encode_jpeg(upright)


def flat(image: Image.Image) -> Image.Image:
    """The image in grey or colour on white, since models see nothing behind transparent pixels."""
    exif = image.getexif()
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        flat = Image.new("RGB", image.size, "white")
        flat.paste(layer, mask=layer.getchannel("A"))
    elif image.mode.startswith(("I", "F")):
        # Sixteen bits a pixel and more: scale to what is there, a plain conversion would clip it to white.
        flat = ImageOps.autocontrast(_eight_bits(image))
    else:
        flat = image.convert("L" if image.mode in ("1", "L") else "RGB")
    flat.getexif()[0x0112] = exif.get(0x0112, 1)
    return flat


def _eight_bits(image: Image.Image) -> Image.Image:
    low, high = image.convert("F").getextrema()
    assert isinstance(low, float)
    assert isinstance(high, float)
    scale = 255.0 / (high - low) if high > low else 0.0
    return image.convert("F").point(lambda value: value * scale - low * scale).convert("L")
