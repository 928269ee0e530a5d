"""Documents of a run."""

from docstage.service.context import Services
from docstage.service.results.run_lookup import select_document, select_run
from docstage.service.results.views import DocumentView
from docstage.service.views import MarksView, PageView
from docstage.store import documents
from docstage.store.documents import EVERY_DOCUMENT, DocumentFilter
from docstage.store.paging import PageRequest


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
        _run, document = select_document(c, batch_id, document_id, run)
    return DocumentView.model_validate(document)
