"""What a mail says: the fuller one of its forms, with the pictures and appointments in it."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from functools import partial

from docstage.extraction.extractors.base import Attachment, Limits, Unreadable
from docstage.extraction.extractors.mail.calendar import read_calendar
from docstage.extraction.extractors.mail.message import Enclosed
from docstage.extraction.extractors.mail.mime_parts import part_text, payload
from docstage.extraction.extractors.mail.uuencoded import without_files
from docstage.extraction.extractors.web.page import Page, read_page
from docstage.extraction.extractors.web.pictures import Find
from docstage.extraction.known_types import RFC822

_MOST_DEPTH = 50
_HTML = ("text/html", "application/xhtml+xml")
# Signatures, and forms of the body for watches and for programs that show it as a page with programs in it.
_SILENT = frozenset(
    {
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "text/x-amp-html",
        "text/watch-html",
    }
)
_ELSEWHERE = frozenset({"message/external-body", "message/partial"})
_REPORTS = frozenset({"message/delivery-status", "message/disposition-notification", "text/rfc822-headers"})
_ADDRESS = re.compile(r"<?(?:https?://|mailto:|cid:)[^\s>)\]]*[>)]?", re.IGNORECASE)
_TAGGED = re.compile(r"<[^<>]*>")
# Of the words of a page, a plain form may lack so many and still be its equal.
_MAY_LACK_SHARE, _MAY_LACK = 0.1, 20
_ENCRYPTED = "The mail is encrypted. Decrypt it in the mail program, and save it anew."
_PGP = "-----BEGIN PGP MESSAGE-----"
_QUOTED = re.compile(r"(>*)( ?)(.*)", re.DOTALL)


@dataclass(slots=True)
class Body:
    """What was found in the parts of a mail.

    Attributes:
        pages: what it says, piece by piece.
        others: the parts that are no text of its own.
        left_out: sentences about what cannot be read.
        enclosed: files that lie in parts which only wrap them.
    """

    pages: list[Page] = field(default_factory=list)
    others: list[Message] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    enclosed: list[Enclosed] = field(default_factory=list)

    def page(self) -> Page:
        """All of it as one."""
        said = [page for page in self.pages if page.text or page.images]
        return Page(
            "\n\n".join(dict.fromkeys(page.text.strip("\r\n") for page in said)),
            tuple(image for page in said for image in page.images),
            tuple(note for page in self.pages for note in page.notes),
            (*(told for page in self.pages for told in page.left_out), *dict.fromkeys(self.left_out)),
        )

    def add(self, other: "Body") -> None:
        """Take in what another one has."""
        self.pages += other.pages
        self.others += other.others
        self.left_out += other.left_out
        self.enclosed += other.enclosed


def read_body(part: Message, limits: Limits, find: Find | None = None, depth: int = 0) -> Body:
    """Go through the parts of a mail.

    Args:
        find: gives the files that belong to its pages.
    """
    kind = part.get_content_type()
    inner = part.get_payload()
    if not part.is_multipart() or not isinstance(inner, list) or kind == RFC822 or kind in _REPORTS:
        return _leaf(part, kind, limits, find)
    parts = [each for each in inner if isinstance(each, Message)]
    if depth >= _MOST_DEPTH:
        return Body(left_out=["Parts of the mail lie too deep in each other and are not included."])
    if kind == "multipart/encrypted":
        return Body(left_out=[_ENCRYPTED])
    if kind == "multipart/related":
        return _related(part, parts, limits, depth)
    bodies = [read_body(each, limits, find, depth + 1) for each in parts]
    if kind == "multipart/alternative":
        return _fullest(parts, bodies)
    whole = Body()
    for body in bodies:
        whole.add(body)
    return whole


def _leaf(part: Message, kind: str, limits: Limits, find: Find | None) -> Body:
    if kind in _SILENT:
        return Body()
    if kind in _ELSEWHERE:
        return Body(left_out=["A part of the mail lies elsewhere and is not included."])
    if kind not in _REPORTS and (part.get_filename() is not None or _is_attached(part)):
        return Body(others=[part])
    page = _page(part, kind, limits, find)
    if page is None:
        return Body(others=[part])
    files: tuple[Attachment, ...] = ()
    if kind == "text/plain":
        text, files = without_files(page.text)
        page = Page(text) if files else page
    enclosed = [Enclosed(file.name, partial(_data_of, file)) for file in files]
    return Body([page], left_out=[_ENCRYPTED] if _PGP in page.text else [], enclosed=enclosed)


def _data_of(file: Attachment) -> bytes:
    return file.data


def _is_attached(part: Message) -> bool:
    return part.get_content_disposition() == "attachment"


def _page(part: Message, kind: str, limits: Limits, find: Find | None) -> Page | None:
    """What a part says, None when it is none that says something."""
    if kind in _HTML:
        return read_page(part_text(part), limits, find)
    if kind == "text/calendar":
        return Page(read_calendar(part_text(part)))
    if kind in ("text/enriched", "text/richtext"):
        return Page(_TAGGED.sub("", part_text(part)))
    if kind in _REPORTS:
        return Page(_report(part))
    return Page(_plain(part)) if kind == "text/plain" else None


def _report(part: Message) -> str:
    """The fields of a report of delivery, which the parser took for mails."""
    inner = part.get_payload()
    if isinstance(inner, list):
        return "\n\n".join(str(each).strip() for each in inner)
    return part_text(part).strip()


def _related(part: Message, parts: list[Message], limits: Limits, depth: int) -> Body:
    """A page with what belongs to it; what does not stand in it is attached."""
    if not parts:
        return Body()
    start = part.get_param("start")
    root = next((each for each in parts if start and each.get("Content-ID", "").strip() == start), parts[0])
    others = [each for each in parts if each is not root]
    places = {
        str(each.get(name, "")).strip(" <>"): each
        for each in others
        for name in ("Content-Location", "Content-ID")
        if each.get(name)
    }
    shown: list[Message] = []

    def find(address: str) -> bytes | None:
        belonging = places.get(re.sub(r"(?i)^cid:", "", address))
        if belonging is None:
            return None
        shown.append(belonging)
        return payload(belonging)

    body = read_body(root, limits, find, depth + 1)
    for each in others:
        if not any(each is one for one in shown):
            body.add(read_body(each, limits, find, depth + 1))
    return body


def _fullest(parts: list[Message], bodies: list[Body]) -> Body:
    """The form that says most: plain text when it has the words of the page, and no table is lost in it."""
    whole = Body()
    plain, rich = Body(), Body()
    for part, body in zip(parts, bodies, strict=True):
        kind = part.get_content_type()
        if kind == "text/plain":
            plain.add(body)
        elif kind in _HTML or part.is_multipart():
            rich.add(body)
        else:
            whole.add(body)
    chosen = plain if _says_all(plain.page(), rich.page()) else rich
    other = rich if chosen is plain else plain
    whole.pages[:0] = chosen.pages
    whole.others[:0] = chosen.others + [each for each in other.others if each not in chosen.others]
    whole.left_out += chosen.left_out
    whole.enclosed += chosen.enclosed
    return whole


def fuller(plain: str, rich: Callable[[], Page]) -> Page:
    """A body in plain text, or its other form where that says more.

    Raises:
        Unreadable: what the other form raises, where there is no plain one.
    """
    if not plain.strip():
        return rich()
    try:
        other = rich()
    except Unreadable:
        return Page(plain)
    return Page(plain) if _says_all(Page(plain), other) else other


def _says_all(plain: Page, rich: Page) -> bool:
    if not plain.text.strip():
        return False
    if rich.images or "\n| --- |" in rich.text:
        return False
    words = _words(rich.text)
    lacking = (words - _words(plain.text)).total()
    return lacking <= min(_MAY_LACK, _MAY_LACK_SHARE * words.total())


def _words(text: str) -> "Counter[str]":
    return Counter(re.findall(r"[^\W_]+", _ADDRESS.sub(" ", text).casefold()))


def _plain(part: Message) -> str:
    text = part_text(part)
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    is_joined = str(part.get_param("delsp", "")).lower() == "yes"
    return "\n".join(_unflowed(text.replace("\r\n", "\n").split("\n"), is_joined))


def _unflowed(lines: list[str], is_joined: bool) -> Iterator[str]:
    """The paragraphs of text that was broken for the way (RFC 3676)."""
    paragraph, last_depth = "", ""
    for line in lines:
        found = _QUOTED.fullmatch(line)
        assert found is not None
        depth, words = found[1], found[3]
        if paragraph and depth != last_depth:
            yield _quoted(last_depth, paragraph)
            paragraph = ""
        last_depth = depth
        if words.endswith(" ") and words != "-- ":
            paragraph += words[:-1] if is_joined else words
        else:
            yield _quoted(depth, paragraph + words)
            paragraph = ""
    if paragraph:
        yield _quoted(last_depth, paragraph)


def _quoted(depth: str, text: str) -> str:
    return f"{depth} {text}" if depth else text
