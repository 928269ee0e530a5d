"""What the elements of HTML are for a reader."""

import re

from docstage.extraction.extractors.web import flow

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hgroup",
        "hr",
        "html",
        "legend",
        "li",
        "main",
        "menu",
        "nav",
        "ol",
        "optgroup",
        "p",
        "pre",
        "search",
        "section",
        "summary",
        "table",
        "ul",
        "caption",
    ]
)
"""Elements that stand on lines of their own."""

_ROMAN = {
    1000: "m",
    900: "cm",
    500: "d",
    400: "cd",
    100: "c",
    90: "xc",
    50: "l",
    40: "xl",
    10: "x",
    9: "ix",
    5: "v",
    4: "iv",
    1: "i",
}

HEADINGS = {f"h{level}": f"{'#' * level} " for level in range(1, 7)}

STYLES = {
    **dict.fromkeys(("b", "strong"), flow.BOLD),
    **dict.fromkeys(("i", "em", "cite", "var", "dfn"), flow.ITALIC),
    **dict.fromkeys(("s", "strike", "del"), flow.STRUCK),
    "ins": flow.INSERTED,
    **dict.fromkeys(("code", "kbd", "samp"), flow.CODE),
    "sup": flow.RAISED,
    "sub": flow.LOWERED,
}

UNSEEN = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "datalist",
        "video",
        "audio",
        "canvas",
        "iframe",
        "noembed",
        "noframes",
        "xml",
        "ix:header",
        "ix:hidden",
        "rp",
        "metadata",
    ]
)
"""Elements that nobody sees in a browser, or only where it is not able to show something better."""

SEEN_IN_DRAWINGS = frozenset({"text", "foreignobject", "title", "desc"})
"""Elements of SVG that have words."""

CLOSED_BY = {
    "li": ("li",),
    "dt": ("dt", "dd"),
    "dd": ("dt", "dd"),
    "option": ("option",),
    "optgroup": ("option", "optgroup"),
    "a": ("a",),
    "rt": ("rt", "rp"),
    "rp": ("rt", "rp"),
    "button": ("button",),
}
"""Elements that end others of these names, when none of `BARRIERS` lies between."""

BARRIERS = frozenset(
    [
        "table",
        "td",
        "th",
        "caption",
        "ul",
        "ol",
        "menu",
        "dir",
        "dl",
        "select",
        "object",
        "template",
        "button",
    ]
)

TABLE_PARTS = frozenset(["tr", "td", "th", "thead", "tbody", "tfoot", "caption", "colgroup", "col"])
_ROLES = {
    "table": "table",
    "grid": "table",
    "treegrid": "table",
    "row": "tr",
    "cell": "td",
    "gridcell": "td",
    "columnheader": "th",
    "rowheader": "th",
}
_DISPLAYS = {"table": "table", "inline-table": "table", "table-row": "tr", "table-cell": "td"}
_DISPLAY = re.compile(r"(?<![\w-])display\s*:\s*([\w-]+)", re.IGNORECASE)
_UNSEEN_STYLE = re.compile(
    r"(?<![\w-])display\s*:\s*none|(?<![\w-])visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all",
    re.IGNORECASE,
)
TELLING = re.compile(r"hidden|display|visibility|mso-|katex-html|role|line-through", re.IGNORECASE)
"""What the attributes of any element may have that matters."""


def is_unseen(attributes: dict[str, str]) -> bool:
    """Whether the element is hidden by its attributes."""
    if attributes.get("hidden", "until-found").lower() != "until-found":
        return True
    if "katex-html" in attributes.get("class", ""):
        return True  # the same formula again, for the eye
    return bool(_UNSEEN_STYLE.search(attributes.get("style", "")))


def part_of_table(attributes: dict[str, str]) -> str | None:
    """Which part of a table an element is, though it is called otherwise."""
    part = _ROLES.get(attributes.get("role", "").lower())
    if part is None and (display := _DISPLAY.search(attributes.get("style", ""))):
        part = _DISPLAYS.get(display[1].lower())
    return part


def list_number(style: str, number: int) -> str:
    """What stands before an item of a numbered list."""
    if style in ("a", "lower-alpha", "lower-latin") and number > 0:
        return f"{_letters(number)}."
    if style in ("A", "upper-alpha", "upper-latin") and number > 0:
        return f"{_letters(number).upper()}."
    if style in ("i", "lower-roman") and 0 < number < 4_000:
        return f"{_roman(number)}."
    if style in ("I", "upper-roman") and 0 < number < 4_000:
        return f"{_roman(number).upper()}."
    return f"{number}."


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(ord("a") + letter) + letters
    return letters


def _roman(number: int) -> str:
    text = ""
    for value, letters in _ROMAN.items():
        count, number = divmod(number, value)
        text += letters * count
    return text


NEVER_SEEN = frozenset({"script", "style", "iframe", "noembed", "noframes", "xml"})
TELLING_NAMES = frozenset(
    [
        "a",
        "img",
        "input",
        "select",
        "option",
        "td",
        "th",
        "table",
        "b",
        "math",
        "ol",
        "ul",
        "li",
        "iframe",
        "frame",
        "col",
        "button",
    ]
)
INLINE = frozenset({"a", "font", "span", "u", "small", "big", "label", "tt", "o:p"})
