"""Groups of Rich Text Format: which of them hold text, which something else, which nothing."""

from dataclasses import dataclass, field

from docstage.extraction.extractors.rtf.story import Story

# Groups whose contents are gathered, and used when they end.
GATHERED = frozenset(
    {
        "fonttbl", "stylesheet", "fldinst", "listtext", "pntext", "atnauthor", "sn", "sv", "pict", "objdata",
        "objclass", "ffl", "mchr", "leveltext",
    }
)  # fmt: skip
# Groups that are stories of their own.
STORIES = frozenset(
    {
        "footnote", "annotation", "shptxt", "dptxbxtext", "header", "headerl", "headerr", "headerf", "footer",
        "footerl", "footerr", "footerf",
    }
)  # fmt: skip
# Groups that are no part of what a reader sees, though no star says so.
NOWHERE = frozenset(
    {
        "colortbl", "info", "nonshppict", "shprslt", "nonesttables", "xe", "tc", "rxe", "bkmkstart",
        "bkmkend", "txe", "filetbl", "revtbl", "template", "mmathPict",
        "levelnumbers", "listname", "liststylename", "private", "buptim", "creatim", "revtim", "printim",
        "keycode", "pnseclvl", "datafield", "private1",
    }
)  # fmt: skip
# Groups with a star, which readers may skip, that hold what a reader sees.
KNOWN = frozenset(
    {
        "shppict", "shpinst", "nesttableprops", "ud", "upr", "formfield", "do", "field", "object", "result",
        "moMath", "moMathPara", "objattph", "sp", "fldrslt", "mmath",
    }
)  # fmt: skip
# What is written before and behind parts of formulas, so that they can be read on one line.
FORMULAS = {
    "mnum": ("(", ")"), "mden": ("/(", ")"), "msup": ("^(", ")"), "msub": ("_(", ")"), "mrad": ("√(", ")"),
    "mdeg": ("", ""), "md": ("(", ")"),
}  # fmt: skip
RAW = frozenset({"pict", "objdata"})


@dataclass(slots=True)
class Group:
    """A group that is open.

    Attributes:
        kind: the word that it begins with, where that tells what it holds.
        pieces: what was gathered.
        raw: bytes that were gathered.
        story: the story that it is.
        start: how many pieces its story had when it began.
        instruction: of a field.
        is_shown: whether a field has a result, an object a file.
        numbers: what words in it said.
        entries: of a list to choose from.
        children: how many groups there were in it.
    """

    kind: str = ""
    pieces: list[str] = field(default_factory=list)
    raw: bytearray = field(default_factory=bytearray)
    story: Story | None = None
    start: int = 0
    instruction: str = ""
    is_shown: bool = False
    numbers: dict[str, int] = field(default_factory=dict)
    entries: list[str] = field(default_factory=list)
    children: int = 0

    @property
    def text(self) -> str:
        """What was gathered."""
        return "".join(self.pieces)
