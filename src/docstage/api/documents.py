"""Endpoints of the documents of a batch's runs."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import StringConstraints

from docstage.api.parameters import (
    LARGEST,
    MOST_CHOSEN,
    AllPages,
    BatchId,
    Context,
    ItemId,
    Paging,
    RunNumber,
    Search,
)
from docstage.domain.content import DocumentReason, DocumentStatus
from docstage.domain.finding import MOST_WORDS
from docstage.service.fields import Storable
from docstage.service.results import documents, originals, reading
from docstage.service.results.reading import DocumentText, FoundView, ReceiptView
from docstage.service.results.views import DocumentView
from docstage.service.views import MarksView, PageView
from docstage.store.documents import DocumentFilter
from docstage.web.admission import Work, heavy, in_turns
from docstage.web.problems import documented

router = APIRouter(
    prefix="/api/batches/{batch_id:int}/documents", tags=["results"], responses=documented(404)
)
_MOST_HITS = 1_000


def _document_filter(
    status: Annotated[
        list[DocumentStatus] | None, Query(max_length=MOST_CHOSEN, description="May be repeated.")
    ] = None,
    reason: Annotated[DocumentReason | None, Query(description="Why it cannot be used.")] = None,
    search: Search = None,
    *,
    whole: Annotated[
        bool | None,
        Query(description="Only documents of which nothing is left out, or only those that are not whole."),
    ] = None,
) -> DocumentFilter:
    return DocumentFilter(status or (), reason, search, whole)


_Documents = Annotated[DocumentFilter, Depends(_document_filter)]


@router.get("")
@heavy(Work.TABLE)
def list_documents(
    services: Context,
    batch_id: BatchId,
    page: Paging,
    wanted: _Documents,
    run: RunNumber = None,
) -> PageView[DocumentView]:
    """List the documents of a run."""
    return documents.list_documents(services, batch_id, page, wanted, run)


@router.get("/pages")
@heavy(Work.TABLE)
def document_pages(
    services: Context,
    batch_id: BatchId,
    page: AllPages,
    wanted: _Documents,
    run: RunNumber = None,
    document_id: Annotated[
        int | None, Query(ge=1, le=LARGEST, description="Tell the position of this document.")
    ] = None,
) -> MarksView:
    """Tell where each page of the listing of documents begins, and how many documents are in it."""
    return documents.document_pages(services, batch_id, page, wanted, run, document_id)


@router.get("/{document_id:int}")
def get_document(
    services: Context, batch_id: BatchId, document_id: ItemId, run: RunNumber = None
) -> DocumentView:
    """Get a document of a run."""
    return documents.get_document(services, batch_id, document_id, run)


@router.get("/{document_id:int}/receipt")
@heavy(Work.TABLE)
def get_document_receipt(
    services: Context, batch_id: BatchId, document_id: ItemId, run: RunNumber = None
) -> ReceiptView:
    """Get what of a document is in what models receive, part by part, and what is not."""
    return reading.document_receipt(services, batch_id, document_id, run)


@router.get("/{document_id:int}/text")
@heavy(Work.TABLE)
def get_document_text(
    services: Context,
    batch_id: BatchId,
    document_id: ItemId,
    run: RunNumber = None,
    start: Annotated[int, Query(ge=0, le=LARGEST, description="Leave out so many characters.")] = 0,
    characters: Annotated[
        int | None, Query(ge=1, le=LARGEST, description="How many characters at most; default: all.")
    ] = None,
) -> DocumentText:
    """Get what models are shown of a document, or a stretch of it."""
    return reading.document_text(services, batch_id, document_id, run, start, characters)


@router.get("/{document_id:int}/find")
@heavy(Work.TABLE)
def find_in_document(
    services: Context,
    batch_id: BatchId,
    document_id: ItemId,
    q: Annotated[
        Annotated[str, StringConstraints(min_length=1, max_length=MOST_WORDS), Storable],
        Query(description="Words; case, accents and blanks make no difference."),
    ],
    limit: Annotated[int, Query(ge=1, le=_MOST_HITS, description="How many hits at most.")] = 100,
    run: RunNumber = None,
) -> FoundView:
    """Find words in the parts of a document."""
    return reading.find_in_document(services, batch_id, document_id, q, limit, run)


@router.get(
    "/{document_id:int}/original",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/octet-stream": {}}}, **documented(403, 409)},
)
@heavy(Work.EXPORT)
def get_original(
    services: Context, batch_id: BatchId, document_id: ItemId, run: RunNumber = None
) -> StreamingResponse:
    """Download the file that a document is, if it is still what it was when the batch was staged."""
    found = originals.original(services, batch_id, document_id, run)
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
        "content-length": str(found.size),
    }
    pieces = in_turns(Work.EXPORT, found.pieces)
    return StreamingResponse(pieces, media_type="application/octet-stream", headers=headers)


@router.get(
    "/{document_id:int}/images/{number:int}",
    response_class=Response,
    responses={200: {"content": {"image/png": {}, "image/jpeg": {}}}},
)
def get_document_image(
    services: Context, batch_id: BatchId, document_id: ItemId, number: ItemId, run: RunNumber = None
) -> Response:
    """Get one picture of a document, counted from 1."""
    image = reading.document_image(services, batch_id, document_id, number, run)
    return Response(image.data, media_type=image.media_type)
