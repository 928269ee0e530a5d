"""What a folder says of what lies inside its files: members of archives, attachments, words in pictures."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import product


class Archives(StrEnum):
    """What becomes of the files in an archive or a mailbox."""

    OPEN = "open"  # each is a document of its own
    SKIP = "skip"  # an archive is skipped; a mailbox is one document


class Attachments(StrEnum):
    """What becomes of the files that are attached to a mail, a PDF or an Office document."""

    IN_PLACE = "in_place"  # read inside the document they belong to
    APART = "apart"  # each is a document of its own
    LEAVE_OUT = "leave_out"  # not read, and told so


class Ocr(StrEnum):
    """Whether the words in pictures are read."""

    WHEN_NEEDED = "when_needed"  # for connections that do not see, in the pictures' place
    ALWAYS = "always"  # for all connections; those that see get the pictures as well
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Handling:
    """What a folder says of files in files."""

    archives: Archives = Archives.OPEN
    attachments: Attachments = Attachments.IN_PLACE

    @classmethod
    def of(cls, archives: str, attachments: str) -> "Handling":
        """That of a folder's words. Raises ValueError when they are none."""
        return cls(Archives(archives), Attachments(attachments))

    @property
    def tag(self) -> str:
        """What tells contents apart that were encoded otherwise than by default; empty for the default."""
        return "" if self == USUAL else f"+{self.archives}+{self.attachments}"


USUAL = Handling()
EVERY_HANDLING = tuple(Handling(*both) for both in product(Archives, Attachments))

CONTAINER_ENDINGS = (
    ".zip",
    ".tar",
    ".tgz",
    ".tbz",
    ".tbz2",
    ".txz",
    ".tzst",
    ".gz",
    ".bz2",
    ".xz",
    ".zst",
    ".7z",
    ".mbox",
    ".cbz",
    ".kmz",
)
"""The usual endings of archives and mailboxes, in lower case."""
