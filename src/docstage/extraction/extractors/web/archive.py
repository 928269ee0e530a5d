"""Pages that were saved with their pictures in one file (MHTML, RFC 2557)."""

from email import message_from_bytes, policy
from email.message import Message
from urllib.parse import urljoin

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.extractors.mail.mime_parts import leaves, part_text, payload
from docstage.extraction.extractors.web.pictures import Find

_PAGES = ("text/html", "application/xhtml+xml")


def open_archive(data: bytes) -> tuple[str, Find]:
    """The page that the archive is of, and how to find what belongs to it.

    Raises:
        Unreadable: DAMAGED, when there is no page in it.
    """
    archive = message_from_bytes(data.lstrip(), policy=policy.compat32)
    parts = list(leaves(archive))
    root = _root(archive, parts)
    if root is None:
        raise Unreadable(DocumentReason.DAMAGED, "There is no page in this web archive.")
    return part_text(root), _finder(root, parts)


def _root(archive: Message, parts: list[Message]) -> Message | None:
    """The part that the archive names as its beginning, else the first page."""
    start = archive.get_param("start")
    pages = [part for part in parts if part.get_content_type() in _PAGES]
    named = [part for part in pages if str(part.get("Content-ID", "")).strip() == start]
    return next(iter(named or pages), None)


def _finder(root: Message, parts: list[Message]) -> Find:
    base = str(root.get("Content-Location", "")).strip()
    places: dict[str, Message] = {}
    for part in parts:
        if location := str(part.get("Content-Location", "")).strip():
            places.setdefault(urljoin(base, location), part)
        if identity := str(part.get("Content-ID", "")).strip(" <>"):
            places.setdefault(f"cid:{identity}", part)

    def find(address: str) -> bytes | None:
        part = places.get(address) or places.get(_joined(base, address))
        return payload(part) if part is not None and part is not root else None

    return find


def _joined(base: str, address: str) -> str:
    try:
        return urljoin(base, address)
    except ValueError:
        return address
