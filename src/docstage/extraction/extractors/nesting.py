"""Guards against markup whose elements lie so deep in each other that its reader runs out of stack."""

import io
import zipfile
import zlib
from contextlib import suppress
from typing import IO
from xml.parsers import expat

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Unreadable

# xberg 1.3.9 calls itself for each section, list, span or group inside another one, and bears at least 1,000
# elements in each other, but not 3,000 (measured). People's documents have some thirty.
_DEEPEST = 500
_OTHERS_MATTER = (
    expat.ExpatError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)


def check_nesting(data: bytes) -> None:
    """Make sure that no markup in a ZIP container is nested too deeply; the reader judges what is damaged.

    Raises:
        Unreadable: TOO_COMPLEX.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            if member.filename.endswith(".xml"):
                with suppress(*_OTHERS_MATTER), archive.open(member) as part:
                    _check(part)


def _check(part: IO[bytes]) -> None:
    depth = 0

    def enter(_name: str, _attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            detail = f"Its parts lie more than {_DEEPEST} deep in each other. Ungroup them, and save it anew."
            raise Unreadable(DocumentReason.TOO_COMPLEX, detail)

    def leave(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = enter, leave
    parser.ParseFile(part)
