"""What the three kinds of things that batches are made of have in common."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from docstage.domain.errors import Changed, InvalidInput
from docstage.secrets import SecretError
from docstage.service.views import Editable


def refused(field: str, message: str) -> InvalidInput:
    """The error for one value that is not acceptable."""
    return InvalidInput(message, errors=[{"field": field, "message": message}])


@contextmanager
def naming(field: str) -> Iterator[None]:
    """Make what is wrong with a secret, or how it is written, the fault of a field.

    Raises:
        InvalidInput: in place of what was raised.
    """
    try:
        yield
    except (InvalidInput, SecretError) as error:
        raise refused(field, error.detail) from error


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


def check_unchanged(current: Editable, expected: frozenset[str] | None) -> None:
    """Let an edit go on only if the resource still has one of the tags.

    Args:
        current: as it is before the edit, locked in its transaction.
        expected: the tags that the caller knows; None lets every edit go on.

    Raises:
        Changed: it has another tag.
    """
    if expected is not None and current.tag not in expected:
        raise Changed("It was changed since you read it. Read it again, then repeat what is still needed.")
