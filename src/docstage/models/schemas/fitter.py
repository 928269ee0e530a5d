"""A client's memory of how its schemas reach its model, and what it does when they are refused."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from docstage.domain.tasks import FailureKind
from docstage.models.protocol import ConnectionConfig, ModelFailure, ModelReply
from docstage.models.schemas.choosing import dialect_of
from docstage.models.schemas.dialects import Way
from docstage.models.schemas.fitting import Fitted, fit, fit_in_words

Schema = Mapping[str, Any]

_KEPT = 256
# What a refusal of the schema itself speaks of.
_OF_SCHEMAS = re.compile(
    r"schema|response[_ ]?format|grammar|structured[_ ]output|output_(?:config|format)|json mode|json_object"
    r"|too many states|require_parameters|(?:requested|support .{0,40})parameters|guided|outlines",
    re.IGNORECASE,
)
# Statuses of a request that the server does not like, 200 where a gateway put the error into an answer, None
# where the library refused it itself; of others only the words tell.
_DISLIKED = (400, 422, 200, None)
# Some servers fail without a word on schemas that they cannot compile (500). After so many failures of a
# schema that never brought an answer it is suspected.
_SUSPECT_AFTER = 2
_NEVER = frozenset(
    {
        FailureKind.AUTH,
        FailureKind.QUOTA,
        FailureKind.RATE_LIMITED,
        FailureKind.REFUSAL,
        FailureKind.TIMEOUT,
        FailureKind.CONNECTION,
        FailureKind.BAD_ANSWER,
    }
)


class Fitter:
    """Fits each schema once, and remembers those that the server refused all the same."""

    def __init__(self, config: ConnectionConfig) -> None:
        self._dialect = dialect_of(config.provider, config.model, config.extra)
        # A schema is kept beside its identity, so that this cannot pass to another one.
        self._fitted: dict[int, tuple[Schema, Fitted]] = {}
        self._answered: set[int] = set()  # brought an answer: only words can blame them
        self._innocent: set[int] = set()  # refused without the schema too
        self._failures: dict[int, int] = {}

    def fit(self, schema: Schema | None) -> Fitted | None:
        """How the schema is asked for. It must not be changed after its first use."""
        if schema is None:
            return None
        known = self._fitted.get(id(schema))
        if known is not None and known[0] is schema:
            return known[1]
        return self._keep(schema, fit(schema, self._dialect))

    async def ask(
        self, schema: Schema | None, call: Callable[[Fitted | None], Awaitable[ModelReply]]
    ) -> ModelReply:
        """Make a call with the schema; if the server refuses that, at once another with it in the prompt.

        A refusal is an HTTP error and costs nothing. That it was the schema is known when the server takes
        the same question without it, whatever its words were; from then on it is asked so.

        Raises:
            ModelFailure: as the call raises; the refusal itself where the schema was not to blame.
        """
        fitted = self.fit(schema)
        try:
            reply = await call(fitted)
        except ModelFailure as failure:
            if schema is None or fitted is None or not self._may_be_refused(schema, fitted, failure):
                raise
            refusal = failure
        else:
            self._answered.add(id(schema))
            return reply
        return await self._ask_in_words(schema, call, refusal)

    async def _ask_in_words(
        self, schema: Schema, call: Callable[[Fitted | None], Awaitable[ModelReply]], refusal: ModelFailure
    ) -> ModelReply:
        in_words = fit_in_words(schema)
        try:
            reply = await call(in_words)
        except ModelFailure as failure:
            if failure.kind in (FailureKind.BAD_REQUEST, refusal.kind):
                self._innocent.add(id(schema))
                raise refusal from None
            if failure.kind in (FailureKind.BAD_ANSWER, FailureKind.REFUSAL):
                self._keep(schema, in_words)
            raise
        self._keep(schema, in_words)
        said = refusal.message.partition("It said: ")[2] or refusal.message
        note = f"The server did not take the schema, so it was put into the prompt. It said: {said}"
        return replace(reply, note=f"{reply.note} {note}" if reply.note else note)

    def _may_be_refused(self, schema: Schema, fitted: Fitted, failure: ModelFailure) -> bool:
        if fitted.way is Way.PROMPT or id(schema) in self._innocent or failure.kind in _NEVER:
            return False
        status, disliked = failure.status_code, failure.kind is FailureKind.BAD_REQUEST
        if (disliked or (status or 0) >= 400) and _OF_SCHEMAS.search(failure.message):
            return True
        if id(schema) in self._answered:
            return False
        return (disliked and status in _DISLIKED) or (status == 500 and self._fails_again(schema))

    def _fails_again(self, schema: Schema) -> bool:
        self._failures[id(schema)] = self._failures.get(id(schema), 0) + 1
        return self._failures[id(schema)] >= _SUSPECT_AFTER

    def _keep(self, schema: Schema, fitted: Fitted) -> Fitted:
        if len(self._fitted) >= _KEPT:
            self._fitted.clear()
            self._answered.clear()
            self._innocent.clear()
            self._failures.clear()
        self._fitted[id(schema)] = (schema, fitted)
        return fitted
