"""Mails with what is attached to them."""

from collections.abc import Iterator
from contextlib import contextmanager

from docstage.extraction.extractors import extract
from docstage.extraction.extractors.base import Extracted, Limits, Unreadable, tidy
from docstage.extraction.extractors.mail_message import Attachment, Letter
from docstage.extraction.extractors.mime import read_mail, split_mailbox
from docstage.extraction.known_types import IMAGE_EXTENSIONS, MBOX, MSG
from docstage.extraction.media_types import detect

_MOST_ATTACHMENTS = 100
_MOST_DEPTH = 5
_MOST_NOTES = 300


class MailExtractor:
    """EML and mbox by Python's email package, Outlook's MSG by olefile."""

    def __init__(self) -> None:
        # One extractor reads the mails that are attached as files, too: it knows how deep it is.
        self._depth = 0

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Headers, body and the text of attachments. See `Extractor.extract`."""
        notes: list[str] = []
        letters = _letters(data, media_type)
        text = "\n\n---\n\n".join(self._text(letter, limits, notes) for letter in letters)
        if len(notes) > _MOST_NOTES:
            notes[_MOST_NOTES:] = [f"{len(notes) - _MOST_NOTES:,} more notes are left out."]
        return Extracted.whole(text, media_type, left_out=tuple(notes))

    def _text(self, letter: Letter, limits: Limits, notes: list[str]) -> str:
        parts = [letter.headers, letter.body]
        notes.extend(letter.notes)
        for number, attachment in enumerate(letter.attachments):
            if number >= _MOST_ATTACHMENTS or self._depth >= _MOST_DEPTH:
                why = "there are too many" if number else "this mail lies too deep in others"
                notes.append(f"Attachments from {attachment.name} on are not included: {why}.")
                break
            parts.append(f"## Attachment: {attachment.name}")
            with self._one_deeper():
                parts.append(self._attached(attachment, limits, notes))
        return tidy("\n\n".join(part for part in parts if part.strip()))

    def _attached(self, attachment: Attachment, limits: Limits, notes: list[str]) -> str:
        name = attachment.name
        try:
            content = attachment.open()
            if isinstance(content, Letter):
                return self._text(content, limits, notes)
            if detect(content, name) in IMAGE_EXTENSIONS.values():
                notes.append(f"The attachment {name} is a picture and not included.")
                return ""
            extracted = extract(content, name, limits)
        except Unreadable as problem:
            notes.append(f"The attachment {name} is not included: {problem.detail}")
            return ""
        notes.extend(f"In {name}: {note}" for note in extracted.left_out)
        if any(part.images for part in extracted.parts):
            notes.append(f"The pictures of the attachment {name} are not included.")
        return extracted.text

    @contextmanager
    def _one_deeper(self) -> Iterator[None]:
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1


EXTRACTOR = MailExtractor


def _letters(data: bytes, media_type: str) -> Iterator[Letter]:
    if media_type == MSG:
        from docstage.extraction.extractors.outlook import read_outlook

        yield read_outlook(data)
    else:
        yield from map(read_mail, split_mailbox(data) if media_type == MBOX else [data])
