"""Mailboxes: each message is a file of its own, called by its number and subject."""

import re
from functools import partial

from docstage.extraction.containers.base import Entry, Opened, Overfull
from docstage.extraction.containers.names import safe_paths
from docstage.extraction.extractors.mail.mime import read_headers, split_mailbox

_MOST_SUBJECT = 80
_HEADER = 16_384  # bytes in which the subject is looked for


def open_mailbox(data: bytes, _name: str, most: int, _room: int) -> Opened:
    """Open a mailbox. See `Opener`."""
    mails = split_mailbox(data)
    names = [_name_of(number, mail) for number, mail in enumerate(mails[:most], 1)]
    entries = [
        Entry(path, len(mail), partial(_read, mail))
        for path, mail in zip(safe_paths(names), mails, strict=False)
    ]
    return Opened(entries, len(mails))


def _name_of(number: int, mail: bytes) -> str:
    header = mail[:_HEADER].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    fields = read_headers(header.decode("utf-8", "surrogateescape"))
    subject = re.sub(r"[/\\\s]+", " ", fields.get("Subject", [""])[0]).strip()
    return f"{number:04} {subject[:_MOST_SUBJECT]}".strip() + ".eml"


def _read(mail: bytes, most: int) -> bytes:
    if len(mail) > most:
        raise Overfull(f"It has {len(mail) / 2**20:,.0f} MiB; the limit is {most / 2**20:,.0f} MiB.")
    return mail
