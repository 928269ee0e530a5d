"""What is to be told about a document beside its text."""

from collections import Counter


class Remarks:
    """Sentences and counts that a reader gathers on its way.

    Attributes:
        notes: sentences worth knowing, while nothing is missing.
        left_out: sentences about what is missing, and why.
    """

    def __init__(self) -> None:
        self.notes: dict[str, None] = {}
        self.left_out: dict[str, None] = {}
        self._counts: dict[tuple[str, str, bool], int] = Counter()

    def note(self, sentence: str) -> None:
        """Tell something once."""
        self.notes[sentence] = None

    def leave_out(self, sentence: str) -> None:
        """Tell once that something is missing."""
        self.left_out[sentence] = None

    def count(self, one: str, many: str, number: int = 1, *, missing: bool = True) -> None:
        """Count things of a kind.

        Args:
            one: the sentence for one of them.
            many: the sentence for several, with `{}` where their number stands.
            missing: whether the document is not whole without them.
        """
        self._counts[one, many, missing] += number

    def sentences(self, *, missing: bool) -> tuple[str, ...]:
        """The sentences about what is missing, or those about the rest."""
        counted = (
            one if number == 1 else many.format(f"{number:,}")
            for (one, many, lost), number in self._counts.items()
            if lost == missing
        )
        return (*(self.left_out if missing else self.notes), *counted)
