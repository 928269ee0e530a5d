"""What users hand in for folders."""

from typing import Annotated

from pydantic import Field, StringConstraints

from docstage.domain.handling import Archives, Attachments, Ocr
from docstage.service.fields import NAMED, Glob, Input, Name, Storable


class FolderInput(Input):
    """A place documents come from."""

    path: Annotated[str, StringConstraints(min_length=1, max_length=4_096), Storable] = Field(
        description="Absolute path on the machine docstage runs on; `~` is its user's home.",
        examples=["/data/contracts"],
    )
    name: Annotated[Name, Storable] | None = Field(None, description="Default: the last part of the path.")
    recursive: bool = Field(True, description="Also take the folders below it.")
    hidden: bool = Field(False, description="Also take files and folders whose names begin with a dot.")
    include: list[Glob] = Field(
        default_factory=list,
        max_length=100,
        description="Globs; empty takes everything.",
        examples=[["*.pdf"]],
    )
    exclude: list[Glob] = Field(
        default_factory=list, max_length=100, description="Globs; stronger than `include`."
    )
    archives: Annotated[Archives, NAMED] = Field(
        Archives.OPEN,
        description="`open`: the files in archives and mailboxes are documents of their own; `skip`: "
        "archives are left out, and a mailbox is one document.",
    )
    attachments: Annotated[Attachments, NAMED] = Field(
        Attachments.IN_PLACE,
        description="Files that lie in mails, PDFs and Office documents. `in_place`: read with their "
        "document; `apart`: documents of their own; `leave_out`: not read.",
    )
    ocr: Annotated[Ocr, NAMED] = Field(
        Ocr.WHEN_NEEDED,
        description="Words in pictures, such as scanned pages. `when_needed`: read for connections that take "
        "no pictures; `always`: for all, beside the pictures; `never`: not read.",
    )


class FolderChange(Input):
    """What to change of a folder; absent members stay as they are."""

    path: Annotated[str, StringConstraints(min_length=1, max_length=4_096), Storable] | None = None
    name: Annotated[Name, Storable] | None = None
    recursive: bool | None = None
    hidden: bool | None = None
    include: list[Glob] | None = Field(None, max_length=100)
    exclude: list[Glob] | None = Field(None, max_length=100)
    archives: Annotated[Archives, NAMED] | None = None
    attachments: Annotated[Attachments, NAMED] | None = None
    ocr: Annotated[Ocr, NAMED] | None = None
