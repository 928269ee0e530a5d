"""The client of a connection that makes no calls, because the library for them is not installed."""

from docstage.domain.tasks import FailureKind
from docstage.models.protocol import ModelFailure, ModelReply, ModelRequest, OfferedModel


class IdleClient:
    """In the place of a client that could not be made, for a lane that is held.

    Attributes:
        reason: what is missing and how to install it.
    """

    def __init__(self, reason: str) -> None:
        """Take the sentence that users are told."""
        self.reason = reason

    async def complete(self, request: ModelRequest) -> ModelReply:  # noqa: ARG002
        """Nothing is sent. Raises ModelFailure."""
        raise self._failure()

    async def models(self) -> list[OfferedModel]:
        """Nothing is asked. Raises ModelFailure."""
        raise self._failure()

    async def context_tokens(self) -> int | None:
        """Nothing is asked."""
        return None

    async def close(self) -> None:
        """There is nothing to release."""

    def _failure(self) -> ModelFailure:
        return ModelFailure(FailureKind.CONNECTION, self.reason, sent=False)
