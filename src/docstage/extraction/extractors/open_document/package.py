"""The members of an OpenDocument file, and what of them is embedded in each other."""

import base64
import binascii
import io
import posixpath
import zipfile
from dataclasses import dataclass, field
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.archive import DAMAGED, check_archive, damage_told
from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.extractors.open_document.names import OFFICE, find
from docstage.extraction.extractors.xml_tree import parse

LARGEST_PART = 50 * 2**20
"""Bytes of markup in one part, unpacked. Its tree takes some ten times as much memory."""

_LOCKED = "The document is locked with a password. Save a copy without one."
_MANIFEST = "META-INF/manifest.xml"


class Members:
    """The members of a document by their names; those of a flat document stand in its markup."""

    def __init__(self, data: bytes | None = None) -> None:
        self._archive = zipfile.ZipFile(io.BytesIO(data)) if data is not None else None

    def read(self, name: str) -> bytes | None:
        """The bytes of a member, None when there is none of this name or it cannot be had."""
        if self._archive is None:
            return None
        try:
            with damage_told(), self._archive.open(posixpath.normpath(unquote(name)).lstrip("/")) as member:
                return member.read()
        except KeyError:
            return None

    def markup(self, name: str) -> Element | None:
        """The markup of a member.

        Raises:
            Unreadable: DAMAGED or TOO_COMPLEX, when it cannot be read.
        """
        data = self.read(name)
        return None if data is None else parse(data)


@dataclass(frozen=True, slots=True)
class Source:
    """The markup of a document.

    Attributes:
        content: its body and the styles of its own.
        styles: the styles and master pages that it shares with others.
    """

    content: Element
    styles: Element
    members: Members = field(default_factory=Members)

    @property
    def roots(self) -> list[Element]:
        """Both, of which the second prevails."""
        return [self.styles, self.content] if self.styles is not self.content else [self.content]

    @property
    def body(self) -> Element | None:
        """What holds the text, the slides or the sheets: the one child of `office:body`."""
        body = find(self.content, f"{OFFICE}body")
        return None if body is None else next(iter(body), None)


def open_source(data: bytes, largest_part: int = LARGEST_PART) -> Source:
    """The document in a ZIP file, or in one file of markup.

    Args:
        largest_part: bytes of markup that one of its parts may have, unpacked.

    Raises:
        Unreadable: PASSWORD, DAMAGED or TOO_COMPLEX.
    """
    if not data.startswith(b"PK"):
        root = parse(data)
        return Source(root, root)
    check_archive(data, largest_part)
    members = Members(data)
    if b"encryption-data" in (members.read(_MANIFEST) or b""):
        raise Unreadable(DocumentReason.PASSWORD, _LOCKED)
    content = members.markup("content.xml")
    if content is None:
        raise Unreadable(DocumentReason.DAMAGED, DAMAGED)
    styles = members.markup("styles.xml")
    return Source(content, content if styles is None else styles, members)


def inline_data(element: Element) -> bytes | None:
    """What stands in the markup itself, as base64 (`office:binary-data`)."""
    found = find(element, f"{OFFICE}binary-data")
    if found is None or not found.text:
        return None
    try:
        return base64.b64decode(found.text)
    except (binascii.Error, ValueError):
        return None


def embedded(element: Element, href: str, members: Members) -> Element | None:
    """The markup of an embedded object: as it stands in a flat document, or as a member."""
    inline = next(
        (one for one in element if one.tag == f"{OFFICE}document" or one.tag.endswith("}math")), None
    )
    if inline is not None or not href:
        return inline
    return members.markup(posixpath.join(href, "content.xml"))
