"""What is read in a picture."""

from dataclasses import dataclass

from docstage.domain.content import DocumentReason


@dataclass(frozen=True, slots=True)
class PictureText:
    """The words of a picture.

    Attributes:
        text: in the order in which it is read, with its lines and paragraphs, columns one after the other and
            tables as pipe tables; empty where there are no words.
        turned: degrees (0, 90, 180, 270) by which the picture had to be turned clockwise to be upright.
    """

    text: str
    turned: int = 0


@dataclass(frozen=True, slots=True)
class NotRead:
    """A picture whose words are not known.

    Attributes:
        reason: a sentence for people.
        kind: of problem: TIMEOUT, MEMORY, CRASHED, DAMAGED or TOO_COMPLEX.
    """

    reason: str
    kind: DocumentReason = DocumentReason.CRASHED
