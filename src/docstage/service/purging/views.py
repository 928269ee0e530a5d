"""What can be asked to be deleted everywhere, and what is answered."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from docstage.service.fields import Id, Input, Storable
from docstage.service.views import View


class DocumentChoice(Input):
    """A document: by its path, by its bytes, or as it is in a batch. Copies of the same bytes go with it."""

    path: Annotated[str, StringConstraints(min_length=1, max_length=8_192), Storable] | None = Field(
        None, description="Absolute, on the machine docstage runs on; or as documents of a run show it."
    )
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{64}$", to_lower=True)] | None = Field(
        None, description="SHA-256 of its bytes, in hexadecimal."
    )
    batch_id: Id | None = Field(None, description="With `document_id`: a batch that has it.")
    document_id: Id | None = Field(None, description="Its id in a run of that batch.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [self.path is not None, self.sha256 is not None, self.document_id is not None]
        if sum(ways) != 1 or (self.batch_id is None) != (self.document_id is None):
            raise ValueError("Give one of path, sha256, or batch_id with document_id.")
        return self


class RunsChoice(Input):
    """Earlier runs of a batch or of all, older than an age; with `current`, the current ones too."""

    batch_id: Id | None = Field(None, description="Default: all batches.")
    number: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = Field(
        None, description="With `batch_id`: only this earlier run."
    )
    older_than_days: Annotated[float, Field(ge=0, le=36_500)] | None = Field(
        None, description="Only runs that came to rest, or became history, before that many days."
    )
    current: bool = Field(
        False,
        description="Also current runs of batches at rest, which are SAVED then. Those that are PAUSED only "
        "where `batch_id` names them.",
    )

    @model_validator(mode="after")
    def _some_bound(self) -> Self:
        if self.batch_id is None and self.older_than_days is None:
            raise ValueError("Give batch_id, older_than_days, or both.")
        if self.number is not None and (self.batch_id is None or self.current):
            raise ValueError("number goes with batch_id, and without current.")
        return self


class PurgeInput(Input):
    """What is deleted everywhere; without `document` and `runs`, what nothing refers to any more."""

    document: DocumentChoice | None = None
    runs: RunsChoice | None = None
    rewrite: bool = Field(
        False, description="Also write the database anew, so that no copy of a deleted row is left in it."
    )
    dry_run: bool = Field(False, description="Only tell what would go.")

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        if self.document is not None and self.runs is not None:
            raise ValueError("Give document or runs, not both.")
        return self


class PurgeView(View):
    """What went, or would go."""

    dry_run: bool
    done: bool = Field(
        description="All of it is gone from the disk. Else the engine goes on with it; or ask for a purge of "
        "nothing (`{}`) until it is done."
    )
    batches: list[int] = Field(description="Those that had some of it.")
    runs: int = 0
    documents: int = 0
    answers: int = 0
    calls: int = Field(
        0, description="Attempts that lose their messages. What they cost stays in the ledger."
    )
    bytes: int = Field(0, description="Of texts and pictures that no other document has, compressed.")
    paths: list[str] = Field([], description="Where the documents were found: the first hundred.")
    uploads: list[str] = Field([], description="Uploaded files that are deleted.")
    remaining: list[str] = Field(
        [],
        description="Files in folders of your own, which docstage never deletes: the next staging would read "
        "them again.",
    )
