"""Folders as they are shown."""

from pydantic import Field

from docstage.domain.handling import Archives, Attachments, Ocr
from docstage.service.views import Editable, Timestamp


class FolderView(Editable):
    """A place documents come from."""

    id: int
    name: str
    path: str
    recursive: bool
    hidden: bool
    include: list[str]
    exclude: list[str]
    archives: Archives
    attachments: Attachments
    ocr: Ocr
    batches: int = Field(0, description="How many batches use it.")
    created_at: Timestamp
    updated_at: Timestamp
