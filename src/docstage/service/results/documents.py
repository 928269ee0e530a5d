"""Documents of a run, and what models are shown of them."""

from sqlalchemy import Connection

from docstage.domain.content import Content, DocumentStatus, ImagePart
from docstage.domain.errors import NotFound
from docstage.service.context import Services
from docstage.service.results.run_lookup import select_run
from docstage.service.results.views import DocumentView
from docstage.service.views import MarksView, PageView, View
from docstage.store import contents, documents
from docstage.store.documents import EVERY_DOCUMENT, DocumentFilter
from docstage.store.paging import PageRequest
from docstage.store.records import Document


class ImageView(View):
    """A picture of a document; its bytes are an endpoint of their own."""

    number: int
    media_type: str
    size: int


class DocumentText(View):
    """A document as models receive it."""

    id: int
    path: str
    text: str
    images: list[ImageView]


def list_documents(
    services: Services,
    batch_id: int,
    request: PageRequest,
    wanted: DocumentFilter = EVERY_DOCUMENT,
    run: int | None = None,
) -> PageView[DocumentView]:
    """Those documents of a run that are wanted. Raises NotFound."""
    with services.database.read() as c:
        _batch, chosen = select_run(c, batch_id, run)
        if chosen is None:
            return PageView(items=[], next=None)
        page = documents.list_documents(c, chosen.id, request, wanted)
    return PageView(items=[DocumentView.model_validate(one) for one in page.items], next=page.next)


def document_pages(
    services: Services,
    batch_id: int,
    request: PageRequest,
    wanted: DocumentFilter = EVERY_DOCUMENT,
    run: int | None = None,
    document_id: int | None = None,
) -> MarksView:
    """Where the pages of the listing of documents begin. Raises NotFound, InvalidInput for a bad sort."""
    with services.database.read() as c:
        _batch, chosen = select_run(c, batch_id, run)
        if chosen is None:
            return MarksView(total=0, cursors=[], position=None)
        marks = documents.page_marks(c, chosen.id, request, wanted, document_id)
    return MarksView.model_validate(marks)


def get_document(services: Services, batch_id: int, document_id: int, run: int | None = None) -> DocumentView:
    """A document. Raises NotFound."""
    with services.database.read() as c:
        return DocumentView.model_validate(_document(c, batch_id, document_id, run))


def document_text(
    services: Services, batch_id: int, document_id: int, run: int | None = None
) -> DocumentText:
    """What models are shown of a document. Raises NotFound, also when it has no content."""
    with services.database.read() as c:
        document = _document(c, batch_id, document_id, run)
        content = _content(c, document)
    images = [
        ImageView(number=number, media_type=image.media_type, size=len(image.data))
        for number, image in enumerate(content.images, 1)
    ]
    return DocumentText(id=document.id, path=document.path, text=content.text, images=images)


def document_image(
    services: Services, batch_id: int, document_id: int, number: int, run: int | None = None
) -> ImagePart:
    """One picture of a document, counted from 1. Raises NotFound."""
    with services.database.read() as c:
        content = _content(c, _document(c, batch_id, document_id, run))
    if not 1 <= number <= len(content.images):
        raise NotFound(f"The document has {len(content.images)} pictures; there is no number {number}.")
    return content.images[number - 1]


def _document(c: Connection, batch_id: int, document_id: int, run: int | None) -> Document:
    _batch, chosen = select_run(c, batch_id, run)
    if chosen is None:
        raise NotFound(f"The batch has no run yet, so there is no document {document_id}.")
    return documents.get_document(c, chosen.id, document_id)


def _content(c: Connection, document: Document) -> Content:
    key = document.content_key
    found = contents.load_contents(c, [key]) if key is not None else {}
    if document.status != DocumentStatus.ENCODED or key not in found:
        why = document.detail or document.reason or "it is not encoded yet"
        raise NotFound(f"The document {document.path} has no content: {why}.")
    return found[key]
