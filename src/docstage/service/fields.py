"""Kinds of values that users hand in, checked before anything is stored."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

_MAX_JSON = 65_536
_MOST_MEMBERS = 50  # no input has half as many
_MAX_DEPTH = 50  # far below what serialisers refuse


def within(most: int) -> BeforeValidator:
    """Makes spaces at the ends count for the length, as they do for whoever reads the API's document."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and len(value) > most:
            raise ValueError(f"must have at most {most:,} characters, spaces at its ends included")
        return value

    return BeforeValidator(check)


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), within(200)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000), within(1_000)]


def _storable(text: str) -> str:
    if any(character == "\x00" or "\ud800" <= character <= "\udfff" for character in text):
        raise ValueError("must not contain NUL or lone surrogate characters")
    return text


def _unique(ids: list[int]) -> list[int]:
    if len(set(ids)) != len(ids):
        raise ValueError("names something twice")
    return ids


def _small(value: dict[str, Any]) -> dict[str, Any]:
    for text in _texts(value):
        _storable(text)
    if len(json.dumps(value, ensure_ascii=False, allow_nan=False)) > _MAX_JSON:
        raise ValueError(f"is larger than {_MAX_JSON:,} characters of JSON")
    return value


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    """Every text in a JSON value, names of members included."""
    if depth > _MAX_DEPTH:
        raise ValueError(f"is nested more than {_MAX_DEPTH} deep")
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from _texts(member, depth + 1)
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member, depth + 1)


Storable = AfterValidator(_storable)
NAMED = Field(strict=False)  # JSON has only the names of an enumeration's members
Id = Annotated[int, Field(ge=1, le=2**53)]
Ids = Annotated[
    list[Id],
    Field(min_length=1, max_length=1_000),
    AfterValidator(_unique),
]
JsonObject = Annotated[dict[str, Any], AfterValidator(_small)]
Glob = Annotated[str, StringConstraints(min_length=1, max_length=1_000), Storable]


class Input(BaseModel):
    """A request body.

    Unknown members are refused, so that a misspelt one does not pass silently, and so are values of another
    type: `true` is no failure limit of 1, and `"5"` no budget.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, strict=True)

    @model_validator(mode="before")
    @classmethod
    def _few_members(cls, value: Any) -> Any:
        """Each unknown member would be a fault of its own."""
        if isinstance(value, dict) and len(value) > _MOST_MEMBERS:
            raise ValueError(f"has more than {_MOST_MEMBERS} members")
        return value
