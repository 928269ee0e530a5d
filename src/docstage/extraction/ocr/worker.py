"""The process in which pictures are read: `python -m docstage.extraction.ocr.worker`.

Its arguments are the engine, its languages and the limits.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors import Limits, Unreadable
from docstage.extraction.ocr.page_text import text_of
from docstage.extraction.ocr.picture import decoded, is_blank
from docstage.extraction.ocr.readers import Reader, reader_of
from docstage.extraction.ocr.reading import PictureText
from docstage.extraction.serving import Answer, serve

# Address space that a worker has with its models loaded, before its first picture: 0.8 GB measured, most
# of it reserved by libraries and never touched.
_BASE_MEMORY = 3 * 2**29
_MEMORY_DETAIL = "To read it takes more memory than the limit."

Read = Callable[[bytes, Reader], PictureText]


def main(read: Read | None = None) -> None:
    """Serve until standard input ends. The engine, its languages and the limits are the arguments."""
    name, languages, limits = sys.argv[1:4]

    def prepare() -> Answer:
        sys.addaudithook(_no_network)
        reader = reader_of(name, tuple(filter(None, languages.split(","))))
        return lambda _, parts: answer(parts[0], read or read_picture, reader)

    serve(Limits(**json.loads(limits)).memory_bytes + _BASE_MEMORY, prepare)


def answer(picture: bytes, read: Read, reader: Reader) -> tuple[dict[str, Any], list[bytes]]:
    """What is answered for a picture."""
    try:
        found = read(picture, reader)
        return {"turned": found.turned}, [found.text.encode("utf-8", "replace")]
    except Unreadable as problem:
        return {"reason": problem.reason, "detail": problem.detail}, []
    except MemoryError:
        return {"reason": DocumentReason.MEMORY, "detail": _MEMORY_DETAIL}, []
    except BaseException as error:
        detail = f"The engine failed on this picture: {type(error).__name__}: {error}"
        return {"reason": DocumentReason.CRASHED, "detail": detail[:500]}, []


def read_picture(picture: bytes, reader: Reader) -> PictureText:
    """The words of a picture.

    Raises:
        Unreadable: DAMAGED or TOO_COMPLEX.
    """
    image = decoded(picture)
    if is_blank(image):
        return PictureText("")
    found = reader.read(image)
    return PictureText(text_of(found.lines), found.turned if found.lines else 0)


def _no_network(event: str, _: tuple[object, ...]) -> None:
    """Whatever a library would load from elsewhere, it does not: pictures are read with what is installed."""
    if event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        raise PermissionError("a worker that reads pictures uses no network")


if __name__ == "__main__":
    main()
