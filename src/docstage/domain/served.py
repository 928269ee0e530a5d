"""What a provider says of an answer, carried unchanged from its reply to the database."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Served:
    """What a provider says of an answer besides its text and tokens.

    Each member is a text, a column of the table of results, and a member of `TaskRow`, under the same name.

    Attributes:
        model: the model's name as served.
        finish_reason: `stop`, `length`, or the provider's own word.
    """

    model: str | None = None
    finish_reason: str | None = None


NOTHING_SAID = Served()
