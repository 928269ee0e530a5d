"""What models are shown of a document, for people: its parts, its text, its pictures, and words in it."""

from time import monotonic

from pydantic import Field
from sqlalchemy import Connection

from docstage.domain import finding
from docstage.domain.content import DocumentReason, DocumentStatus, ImagePart, PartKind
from docstage.domain.errors import NotFound
from docstage.service.context import Services
from docstage.service.results.run_lookup import select_document
from docstage.service.views import View
from docstage.store import content_pieces, contents
from docstage.store.records import Document

_MOST_SECONDS = 3.0


class ImageView(View):
    """A picture of a document; its bytes are an endpoint of their own."""

    number: int
    media_type: str
    size: int


class DocumentText(View):
    """A document as models receive it, or a stretch of that."""

    id: int
    path: str
    start: int = Field(description="Characters of the document's text before this stretch.")
    characters: int = Field(description="Of the whole text.")
    text: str
    images: list[ImageView] = Field(description="All of the document's, wherever they stand.")


class PartView(View):
    """A part of a document as it is in what models receive."""

    kind: PartKind
    number: int = Field(description="As a reader counts it: among the parts of its kind in its file, from 1.")
    name: str | None = Field(description="Such as a sheet's name, or a message's subject.")
    within: str | None = Field(description="What it was attached in; null: the document itself.")
    start: int = Field(description="Where its text begins in the document's, in characters.")
    characters: int
    pictures: list[int] = Field(description="Numbers of its pictures.")
    pictured: bool = Field(description="Its words are, for the most part, in its pictures alone.")
    left_out: list[str] = Field(description="What of it is not in it, and why.")


class ReceiptView(View):
    """What of a document models receive, and what not."""

    id: int
    path: str
    characters: int = Field(description="Of the whole text, with the tags that tell its parts.")
    images: int
    parts: list[PartView]
    notes: list[str] = Field(description="Worth knowing; nothing is missing because of it.")
    left_out: list[str] = Field(description="What of the document is in none of its parts, and why.")


class HitView(View):
    """A place where the words stand."""

    part: int = Field(description="Which of the receipt's parts, from 1; 1 where there is no receipt.")
    start: int = Field(description="Where in the document's text, in characters.")
    text: str = Field(description="The words as they stand there, at most to the end of the part.")
    before: str = Field(description="At most 60 characters before them.")
    after: str = Field(description="At most 60 characters behind them, or of the part where they go on.")


class FoundView(View):
    """Where words stand in a document."""

    hits: list[HitView]
    complete: bool = Field(description="False: there may be more than these, later in the document.")


def document_receipt(
    services: Services, batch_id: int, document_id: int, run: int | None = None
) -> ReceiptView:
    """What is in a document's content. Raises NotFound, also when an earlier version encoded it."""
    with services.database.read() as c:
        document, key = _encoded(c, batch_id, document_id, run)
        receipt = contents.load_receipt(c, key)
    if receipt is None:
        raise NotFound(
            f"An earlier version of docstage read {document.path}, and kept no receipt of its parts. "
            "Stage the batch again to have one."
        )
    return ReceiptView(
        id=document.id,
        path=document.path,
        characters=document.characters,
        images=document.images,
        parts=[PartView.model_validate(one) for one in receipt.parts],
        notes=list(receipt.notes),
        left_out=list(receipt.left_out),
    )


def document_text(
    services: Services,
    batch_id: int,
    document_id: int,
    run: int | None = None,
    start: int = 0,
    characters: int | None = None,
) -> DocumentText:
    """What models are shown of a document: all of its text, or `characters` from `start` on.

    Raises:
        NotFound: there is no such document, or it has no content.
    """
    with services.database.read() as c:
        document, key = _encoded(c, batch_id, document_id, run)
        text = _text(c, document, key)
        images = content_pieces.list_images(c, key)
    return DocumentText(
        id=document.id,
        path=document.path,
        start=min(start, len(text)),
        characters=len(text),
        text=text[start:] if characters is None else text[start : start + characters],
        images=[ImageView.model_validate(one) for one in images],
    )


def document_image(
    services: Services, batch_id: int, document_id: int, number: int, run: int | None = None
) -> ImagePart:
    """One picture of a document, counted from 1. Raises NotFound."""
    with services.database.read() as c:
        document, key = _encoded(c, batch_id, document_id, run)
        image = content_pieces.load_image(c, key, number)
    if image is None:
        raise NotFound(f"The document has {document.images} pictures; there is no number {number}.")
    return image


def find_in_document(
    services: Services, batch_id: int, document_id: int, words: str, limit: int, run: int | None = None
) -> FoundView:
    """Where words stand in a document, whatever their case, accents and blanks. Raises NotFound."""
    with services.database.read() as c:
        document, key = _encoded(c, batch_id, document_id, run)
        text, receipt = _text(c, document, key), contents.load_receipt(c, key)
    end = monotonic() + _MOST_SECONDS
    return FoundView.model_validate(
        finding.find(text, receipt, words, limit, goes_on=lambda: monotonic() < end)
    )


def _encoded(c: Connection, batch_id: int, document_id: int, run: int | None) -> tuple[Document, str]:
    """The document, and the key of its content."""
    _run, document = select_document(c, batch_id, document_id, run)
    if document.status != DocumentStatus.ENCODED or document.content_key is None:
        raise _no_content(document)
    return document, document.content_key


def _text(c: Connection, document: Document, key: str) -> str:
    text = content_pieces.load_text(c, key)
    if text is None:
        raise _no_content(document)
    return text


def _no_content(document: Document) -> NotFound:
    if document.status == DocumentStatus.ENCODED and document.reason != DocumentReason.PURGED:
        why = "what was read of it is gone or damaged. Stage the batch again"
    else:
        why = (document.detail or document.reason or "it is not encoded yet").rstrip(".")
    return NotFound(f"The document {document.path} has no content: {why}.")
