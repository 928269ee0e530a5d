"""What models wrote besides answers that count: texts of failed calls, and thoughts, kept up to a bound."""

from dataclasses import dataclass

MOST_CHARACTERS = 65_536


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote in a call.

    Attributes:
        text: its answer, usable or not, which may be empty; None where none came.
        thoughts: what it wrote before that, or None.
    """

    text: str | None = None
    thoughts: str | None = None


NOTHING_WRITTEN = Written()


@dataclass(frozen=True, slots=True)
class Repair:
    """An answer that could not be used, which a call asks the model to mend.

    Attributes:
        number: of the attempt that it came from.
        text: what the model wrote, as it was kept.
        fault: what was wrong with it.
    """

    number: int
    text: str
    fault: str

    @classmethod
    def of(cls, number: int, text: str | None, fault: str | None) -> "Repair | None":
        """Of what an attempt brought; None where the model wrote nothing that it could mend."""
        return cls(number, text, fault or "") if text and text.strip() else None

    @property
    def shown(self) -> str | None:
        """What the model is shown of its answer: all of it, or nothing where not all was kept."""
        return self.text if is_whole(self.text) else None


def kept(text: str | None) -> str | None:
    """The text as it is kept: its beginning if it is long, which says so then; None where there is none."""
    if not text or len(text) <= MOST_CHARACTERS:
        return text or None
    said = f"the first {MOST_CHARACTERS:,} of {len(text):,} characters"
    return f"{text[:MOST_CHARACTERS]}\n… [shortened: {said}]"


def is_whole(text: str) -> bool:
    """Whether a text that was kept is all that the model wrote."""
    return len(text) <= MOST_CHARACTERS
