"""The connections, documents and prompts of the lives, and what calls cost by the figures that users know.

Names, documents and prompts are all of one length, so that no call may cost more than another.
"""

from tests.model.calls import Fee
from tests.model.desk import USED

from docstage.service.connections.inputs import ConnectionInput, Limits, Prices

CONNECTIONS = ("priced", "unpriced")
QUESTION = "Question {:03}"
_CONCURRENCY = 2
_READ, _WRITTEN = 10.0, 100.0  # dollars per million tokens
_OUTPUT_LIMIT = 100
# At most there is a token for each byte of document and prompt, 6 for a character of the document's name, and
# what servers add of their own.
_OF_NAME, _ADDED = 6, 2_048


def document(name: str, version: int) -> str:
    """The text of a version of a document."""
    return f"Document {name} as of {version:04}."


def connection_of(name: str) -> ConnectionInput:
    """One of the connections as a user saves it."""
    return ConnectionInput(
        name=name,
        provider="openai-compatible",
        model=name,
        base_url="http://127.0.0.1:9/v1",
        limits=Limits(concurrency=_CONCURRENCY),
        timeout=3_600,
        max_output_tokens=_OUTPUT_LIMIT,
        prices=Prices(input=_READ, output=_WRITTEN) if name in FEES else None,
    )


def _fee() -> Fee:
    name = "a.txt"
    sent = len(document(name, 1)) + _OF_NAME * len(name) + len(QUESTION.format(1)) + _ADDED
    return Fee(most=_nanos(sent, _OUTPUT_LIMIT), answer=_nanos(USED.input_tokens, USED.output_tokens))


def _nanos(read: int, written: int) -> int:
    """Nano-dollars of so many tokens."""
    return round(1_000 * (read * _READ + written * _WRITTEN))


FEES = {"priced": _fee()}
