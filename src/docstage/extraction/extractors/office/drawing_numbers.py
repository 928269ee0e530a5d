"""Numbers of paragraphs in DrawingML, which no file holds: `a:buAutoNum` (ECMA-376 part 1, 20.1.10.61)."""

import re

_KIND = re.compile(r"(alpha|roman|arabic)(Lc|Uc)?(ParenBoth|ParenR|Period|Plain)")
_ROMAN = (
    (1_000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_MOST_ROMAN = 4_000
_CIRCLED = 0x2460  # "1" in a circle, of which there are twenty
_AROUND = {"ParenBoth": "({})", "ParenR": "{})", "Period": "{}.", "Plain": "{}"}


def auto_number(kind: str, number: int) -> str:
    """The number as paragraphs of this kind show it: `3.`, `(b)`, `IV.`. Unknown kinds show `3.`."""
    if kind.startswith("circleNum") and number <= 20:
        return chr(_CIRCLED + number - 1)
    found = _KIND.fullmatch(kind)
    if found is None:
        return f"{number}{'' if kind.endswith('Plain') else '.'}"
    shown = letters(number) if found[1] == "alpha" else roman(number) if found[1] == "roman" else str(number)
    return _AROUND[found[3]].format(shown.upper() if found[2] == "Uc" else shown)


def roman(number: int) -> str:
    """The number in small Roman numerals; as it is where they end."""
    if not 0 < number < _MOST_ROMAN:
        return str(number)
    shown = ""
    for value, letter in _ROMAN:
        shown += letter * (number // value)
        number %= value
    return shown


def letters(number: int) -> str:
    """The number as a small letter; after `z` letters are doubled, `aa`, `bb`, as Office does."""
    if not 0 < number <= 26 * 30:
        return str(number)
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
