"""What holds in a group of Rich Text Format, and is as before after it."""

from dataclasses import dataclass


@dataclass(slots=True)
class State:
    """The properties of characters and paragraphs, and where text goes.

    Attributes:
        target: where text goes: `text`, `nowhere`, or the name of a group that gathers its own.
        fallback: how many characters after a Unicode one stand for it elsewhere.
        font: which font is chosen, None for the usual one.
        style: number of the paragraph's style.
        outline: level of a heading that the paragraph itself says.
        depth: tables that the paragraph lies in.
        level: of a list, from 0.
        list_number: of the list that it is of, 0 for none.
    """

    target: str = "text"
    fallback: int = 1
    font: int | None = None
    hidden: bool = False
    deleted: bool = False
    struck: bool = False
    raised: bool = False
    style: int = 0
    outline: int | None = None
    in_table: bool = False
    depth: int = 0
    level: int = 0
    list_number: int = 0

    def copy(self) -> "State":
        """The same, to be changed in an inner group."""
        return State(
            self.target, self.fallback, self.font, self.hidden, self.deleted, self.struck, self.raised,
            self.style, self.outline, self.in_table, self.depth, self.level,
            self.list_number,
        )  # fmt: skip

    @property
    def tables(self) -> int:
        """Tables that the paragraph lies in, counted from 1 where it is in one."""
        return max(self.depth, 1) if self.in_table else 0

    def plain(self) -> None:
        """Forget what is said of characters."""
        self.font = None
        self.hidden = self.struck = self.raised = self.deleted = False

    def pard(self) -> None:
        """Forget what is said of the paragraph."""
        self.style = self.depth = self.level = self.list_number = 0
        self.outline = None
        self.in_table = False
