"""Mails and mailboxes."""

from collections.abc import Iterator
from dataclasses import replace

from docstage.domain.content import Part, PartKind
from docstage.extraction.extractors.base import Attachment, Extracted, Limits, Unreadable, check_length, tidy
from docstage.extraction.extractors.mail.message import Letter, as_file
from docstage.extraction.extractors.mail.mime import read_mail, split_mailbox
from docstage.extraction.known_types import MBOX, MSG

_MOST_ATTACHMENTS = 1_000
_MOST_SENTENCES = 100


class MailExtractor:
    """EML and mbox by Python's email package, Outlook's MSG by olefile."""

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Headers and body of each mail, and what is attached. See `Extractor.extract`."""
        parts: list[Part] = []
        attachments: list[Attachment] = []
        notes: list[str] = []
        pictures, characters = limits.images, 0
        for number, letter in enumerate(_letters(data, media_type, limits), 1):
            part = _part(letter, number, pictures)
            characters += len(part.text)
            check_length(characters, limits)  # before a mailbox of many years is read to its end
            parts.append(replace(part, left_out=(*part.left_out, *_enclosed(letter, attachments))))
            pictures -= len(part.images)
            notes.extend(letter.body.notes)
        return Extracted(tuple(parts), media_type, tuple(notes[:_MOST_SENTENCES]), (), tuple(attachments))


EXTRACTOR = MailExtractor


def _part(letter: Letter, number: int, pictures: int) -> Part:
    text = tidy("\n\n".join(piece for piece in (letter.headers, letter.body.text) if piece.strip()))
    left_out = (*letter.left_out, *letter.body.left_out)
    images = letter.body.images[:pictures]
    if len(images) < len(letter.body.images):
        left_out += ("Pictures are not included: the document has too many.",)
    return Part(PartKind.MESSAGE, number, text, images, letter.subject or None, left_out=left_out)


def _enclosed(letter: Letter, attachments: list[Attachment]) -> Iterator[str]:
    """Add what comes with a mail; what cannot be had is told."""
    for enclosed in letter.attachments:
        if len(attachments) >= _MOST_ATTACHMENTS:
            yield f"Attachments from {enclosed.name} on are not included: there are too many."
            return
        try:
            content = enclosed.open()
            if isinstance(content, Letter):
                attachments.append(Attachment(f"{enclosed.name.removesuffix('.msg')}.eml", as_file(content)))
            else:
                attachments.append(Attachment(enclosed.name, content))
        except Unreadable as problem:
            yield f"The attachment {enclosed.name} is not included: {problem.detail}"
        except RecursionError:
            yield f"The attachment {enclosed.name} is not included: it lies too deep in other mails."


def _letters(data: bytes, media_type: str, limits: Limits) -> Iterator[Letter]:
    if media_type == MSG:
        from docstage.extraction.extractors.mail.outlook import read_outlook

        yield read_outlook(data, limits)
    else:
        for mail in split_mailbox(data) if media_type == MBOX else [data]:
            yield read_mail(mail, limits)
