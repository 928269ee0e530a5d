"""Whether a document fits into what a model takes, as far as that is known without its tokenizer."""

from dataclasses import dataclass


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
