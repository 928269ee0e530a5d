"""Whether a document fits into what a model takes, as far as that is known without its tokenizer."""

from dataclasses import dataclass

from docstage.domain.calibration import Calibration

# How much of what is expected to fit a beginning of a document takes: tokenizers differ, and less so where a
# connection has told how it counts (`benchmarks/tokens.py`).
_SAFE, _SAFE_WHERE_KNOWN = 0.8, 0.9
_KNOWN_CALLS = 8


@dataclass(frozen=True, slots=True)
class Room:
    """What a model takes, and how much of that a connection keeps for the answer.

    Attributes:
        context_tokens: prompt and answer together; None where nobody knows.
        max_output_tokens: the connection's limit.
    """

    context_tokens: int | None
    max_output_tokens: int

    @property
    def kept(self) -> int:
        """Tokens kept for the answer: its limit, though no more than half of the context."""
        if self.context_tokens is None:
            return self.max_output_tokens
        return min(self.max_output_tokens, self.context_tokens // 2)

    def for_text(self, question: int) -> int | None:
        """Tokens that are left for a document beside a question; None where nobody knows."""
        return None if self.context_tokens is None else self.context_tokens - self.kept - question

    def expected(self, question: int, known: Calibration) -> int | None:
        """Tokens that a document beside a question may have as expected; None where nobody knows.

        Args:
            question: tokens, as expected.
            known: how the connection counts.
        """
        left = self.for_text(0)
        return None if left is None else known.expecting(left) - question

    def safe(self, question: int, known: Calibration) -> int | None:
        """Likewise, of which it is likely that they fit whatever the tokenizer."""
        left = self.for_text(0)
        if left is None:
            return None
        share = _SAFE_WHERE_KNOWN if known.calls >= _KNOWN_CALLS else _SAFE
        return int(known.expecting(left) * share) - question

    def takes(self, tokens: int) -> bool:
        """Whether a document and a question of so many tokens may fit."""
        return self.context_tokens is None or tokens <= self.context_tokens - self.kept

    @property
    def too_long(self) -> str:
        """Why a document is not sent, in words."""
        return (
            f"The document is too long for the model: its context has {self.context_tokens or 0:,} tokens, "
            f"of which {self.kept:,} are kept for the answer. It was not sent. If the model takes more, say "
            "so in the connection (context_tokens)."
        )


ANY_LENGTH = Room(None, 0)
"""Of a model whose context nobody knows."""
