"""What the three kinds of things that batches are made of have in common."""

from typing import Any

from pydantic import BaseModel

from docstage.domain.errors import InvalidInput


def refused(field: str, message: str) -> InvalidInput:
    """The error for one value that is not acceptable."""
    return InvalidInput(message, errors=[{"field": field, "message": message}])


def given(change: BaseModel, clearable: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The members that a change names, as they were validated.

    Args:
        clearable: members for which null means that they are cleared.

    Raises:
        InvalidInput: another member is null.
    """
    values = {name: getattr(change, name) for name in change.model_fields_set}
    for name, value in values.items():
        if value is None and name not in clearable:
            raise refused(name, f"{name} cannot be null. Leave it out to keep it as it is.")
    return values
