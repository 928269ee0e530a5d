"""A mail as all its formats come to."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

from docstage.domain.content import PICTURE_MARK
from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.extractors.web.page import Page

SHOWN = ("Subject", "From", "To", "Cc", "Bcc", "Reply-To", "Date")
"""The header fields that models get to see, in this order."""

_MOST_ATTACHMENTS = 100
_MOST_DEPTH = 5


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail, taken apart.

    Attributes:
        subject: in one line.
        headers: the lines that stand above its body.
        body: its text, with the pictures in it.
        attachments: what comes with it; none is opened before it is wanted.
        left_out: sentences about what is left out of it.
    """

    subject: str
    headers: str
    body: Page
    attachments: Iterable["Enclosed"] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Enclosed:
    """Something that is attached to a mail.

    Attributes:
        name: of the file, in one line.
        open: gives the file, or the mail that is attached. Raises `Unreadable` when that cannot be had.
    """

    name: str
    open: Callable[[], "bytes | Letter"]


def header_lines(fields: Mapping[str, Iterable[str]]) -> str:
    """The fields that are shown, each as often as it occurs."""
    return "\n".join(f"{name}: {value}" for name in SHOWN for value in fields.get(name, ()) if value)


def as_file(letter: Letter, depth: int = 0) -> bytes:
    """A mail that lies in another one in a form of its own, as a file that can be read by itself."""
    mail = MIMEMultipart()
    for line in letter.headers.splitlines():
        name, _, value = line.partition(": ")
        mail.add_header(name, Header(value, "utf-8").encode())
    mail.attach(MIMEText(letter.body.text.replace(PICTURE_MARK, ""), "plain", "utf-8"))
    for number, enclosed in enumerate(letter.attachments):
        if number >= _MOST_ATTACHMENTS or depth >= _MOST_DEPTH:
            break
        with suppress(Unreadable):
            content = enclosed.open()
            is_mail = isinstance(content, Letter)
            part = MIMEApplication(as_file(content, depth + 1) if isinstance(content, Letter) else content)
            name = f"{enclosed.name.removesuffix('.msg')}.eml" if is_mail else enclosed.name
            part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", name))
            mail.attach(part)
    return mail.as_bytes()
