"""What all resources have in common as they are shown: JSON of the API, which the CLI shows too."""

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

T = TypeVar("T")


def _utc(value: Any) -> Any:
    return datetime.fromtimestamp(value, UTC) if isinstance(value, int | float) else value


Timestamp = Annotated[datetime, BeforeValidator(_utc)]


class View(BaseModel):
    """A resource."""

    model_config = ConfigDict(
        from_attributes=True, protected_namespaces=(), populate_by_name=True, defer_build=True
    )


class Editable(View):
    """A resource that can be edited, with a tag that every edit changes."""

    edited: ClassVar[tuple[str, ...]] = ("id", "updated_at")

    @property
    def tag(self) -> str:
        """What two states of the resource with the same editable members have in common."""
        members = self.model_dump_json(include=set(self.edited))
        return hashlib.sha256(members.encode()).hexdigest()[:20]


class PageView(View, Generic[T]):
    """One page of a listing."""

    items: list[T]
    next: str | None = Field(None, description="Pass it as `cursor` for the next page; null at the end.")


class MarksView(View):
    """Where the pages of a listing begin, so that any of them can be fetched at once."""

    total: int = Field(description="How many rows there are.")
    cursors: list[str] = Field(description="The `cursor` of the second page and of all further ones.")
    position: int | None = Field(description="Place of the wanted row, from 0; null when it is not there.")
