"""Formulas of Office (OMML, ECMA-376 part 1, 22.1) as people type them on one line: `x^2 + (a+b)/c`."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_GONE = frozenset({f"{_WORD}del", f"{_WORD}moveFrom"})
# Deeper than that is nothing people write; what lies there is shown without its structure.
_DEEPEST = 50
_ATOM = re.compile(r"[-−+]?(?:\d+(?:[.,]\d+)*|\w[\u0300-\u036f\u20d0-\u20ff]?)[′″‴'!%°]*")
_WORDS = re.compile(r"\w+")
# Mathematical letters are letters in a typeface: 𝑥 is x.
_TYPEFACES = re.compile("[\U0001d400-\U0001d7ff\u210e]")
# Function application, and invisible times, separator and plus.
_INVISIBLE = str.maketrans({"\u2061": " ", "\u2062": "", "\u2063": "", "\u2064": "", "\u200b": "", "&": ""})
_BRACES = frozenset("\u23de\u23df\u23dc\u23dd\ufe37\ufe38")
# Signs that are typed as they are, though they stand in the place of an exponent.
_HIGH = frozenset({"∘", "°", "′", "″", "'"})
_OFF = frozenset({"0", "off", "false"})


@dataclass(frozen=True, slots=True)
class _Piece:
    """A bit of a formula.

    Attributes:
        text: how it is typed.
        built: whether it is of several parts, such as a fraction, which must not run into what is beside it.
        glued: whether it may follow a letter all the same, as in `mc^2`.
    """

    text: str
    built: bool = False
    glued: bool = False


def linear(formula: Element) -> str:
    """A formula on one line; several of a paragraph of formulas each on its own.

    Args:
        formula: `m:oMath`, `m:oMathPara` or anything that holds such.
    """
    if formula.tag == f"{_MATH}oMathPara":
        lines = [linear(one) for one in formula if one.tag == f"{_MATH}oMath"]
        return "\n".join(line for line in lines if line)
    return " ".join(_joined(_pieces(formula, 0)).split())


def _joined(pieces: Iterable[_Piece]) -> str:
    """The pieces beside each other, with a blank where two would be read as one."""
    text, built = "", False
    for piece in pieces:
        if not piece.text:
            continue
        touching = bool(text) and (text[-1].isalnum() or text[-1] in ")]")
        if touching and (
            (built and _begins(piece.text)) or (piece.built and not piece.glued and piece.text[0].isalnum())
        ):
            text += " "
        text += piece.text
        built = piece.built
    return text


def _begins(text: str) -> bool:
    return text[0].isalnum() or text[0] in "(["


def _pieces(parent: Element, depth: int) -> Iterable[_Piece]:
    for child in parent:
        name = child.tag.rpartition("}")[2]
        if child.tag in _GONE or name.endswith("Pr"):
            continue
        if depth >= _DEEPEST or (child.tag.startswith(_MATH) and name == "r"):
            yield _Piece(_plain(child))
        elif child.tag.startswith(_MATH) and name in _STRUCTURES:
            yield _STRUCTURES[name](child, depth + 1)
        else:
            yield from _pieces(child, depth + 1)


def _plain(element: Element) -> str:
    text = "".join(one.text or "" for one in element.iter() if one.tag in _TEXTS)
    return _TYPEFACES.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text).translate(_INVISIBLE)


_TEXTS = frozenset({f"{_MATH}t", f"{_WORD}t"})


def _inner(parent: Element, name: str, depth: int) -> str:
    """What an operand holds; nothing where it is missing."""
    child = parent.find(f"{_MATH}{name}")
    return "" if child is None else _joined(_pieces(child, depth)).strip()


def _property(element: Element, name: str, default: str | None = None) -> str | None:
    """The value of a property; the default where it is not said."""
    kind = element.tag.rpartition("}")[2]
    found = element.find(f"{_MATH}{kind}Pr/{_MATH}{name}")
    return default if found is None else found.get(f"{_MATH}val", found.get("val", ""))


def _is_on(element: Element, name: str) -> bool:
    value = _property(element, name)
    return value is not None and value not in _OFF


def _atom(text: str) -> str:
    """An operand that cannot be misread: within parentheses where it is of several."""
    return text if not text or _ATOM.fullmatch(text) or _is_enclosed(text) else f"({text})"


def _is_enclosed(text: str) -> bool:
    """Whether one pair of brackets holds all of it."""
    if text[0] not in "([{|" or text[-1] not in ")]}|":
        return False
    depth = 0
    for place, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if depth == 0 and place < len(text) - 1:
            return False
    return depth == 0


def _fraction(element: Element, depth: int) -> _Piece:
    above, below = _inner(element, "num", depth), _inner(element, "den", depth)
    if _property(element, "type") == "noBar":  # one above the other, as in binomials
        return _Piece(f"{above} over {below}", built=True)
    words = above if _WORDS.fullmatch(above) else _atom(above)
    return _Piece(f"{words}/{_atom(below)}", built=True)


def _scripts(element: Element, depth: int) -> _Piece:
    base, below, above = (_inner(element, name, depth) for name in ("e", "sub", "sup"))
    text = base if _WORDS.fullmatch(base) else _atom(base)
    high = above.replace("∘", "°") if above in _HIGH else _script("^", above)
    return _Piece(text + _script("_", below) + high, built=True, glued=len(base) == 1)


def _scripts_before(element: Element, depth: int) -> _Piece:
    base, below, above = (_inner(element, name, depth) for name in ("e", "sub", "sup"))
    return _Piece(f"{_script('^', above)}{_script('_', below)} {base}", built=True)


def _script(mark: str, text: str) -> str:
    return mark + _atom(text) if text else ""


def _root(element: Element, depth: int) -> _Piece:
    degree = "" if _is_on(element, "degHide") else _inner(element, "deg", depth)
    return _Piece(f"sqrt{f'[{degree}]' if degree else ''}({_inner(element, 'e', depth)})", built=True)


def _large_operator(element: Element, depth: int) -> _Piece:
    sign = _property(element, "chr", "∫")
    below = "" if _is_on(element, "subHide") else _inner(element, "sub", depth)
    above = "" if _is_on(element, "supHide") else _inner(element, "sup", depth)
    operand = _inner(element, "e", depth)
    return _Piece(f"{sign}{_script('_', below)}{_script('^', above)} {operand}", built=True)


def _delimited(element: Element, depth: int) -> _Piece:
    start, end = _property(element, "begChr", "("), _property(element, "endChr", ")")
    separator = _property(element, "sepChr", "|")
    operands = []
    for child in element.findall(f"{_MATH}e"):
        inner = [one for one in child if not one.tag.endswith("Pr")]
        if len(inner) == 1 and inner[0].tag == f"{_MATH}m":
            operands.append(_rows(inner[0], depth + 1))
        else:
            operands.append(_joined(_pieces(child, depth)).strip())
    return _Piece(f"{start}{(separator or '').join(operands)}{end}")


def _matrix(element: Element, depth: int) -> _Piece:
    return _Piece(f"[{_rows(element, depth)}]", built=True)


def _rows(matrix: Element, depth: int) -> str:
    rows = (
        ", ".join(_joined(_pieces(cell, depth)).strip() for cell in row.findall(f"{_MATH}e"))
        for row in matrix.findall(f"{_MATH}mr")
    )
    return "; ".join(rows)


def _equations(element: Element, depth: int) -> _Piece:
    lines = (_joined(_pieces(line, depth)).strip() for line in element.findall(f"{_MATH}e"))
    return _Piece("; ".join(line for line in lines if line))


def _function(element: Element, depth: int) -> _Piece:
    name, operand = _inner(element, "fName", depth), _inner(element, "e", depth)
    return _Piece(f"{name}{operand}" if _is_enclosed(operand or "x") else f"{name} {operand}", built=True)


def _limit(mark: str) -> Callable[[Element, int], _Piece]:
    def limit(element: Element, depth: int) -> _Piece:
        return _Piece(_inner(element, "e", depth) + _script(mark, _inner(element, "lim", depth)), built=True)

    return limit


def _accent(element: Element, depth: int) -> _Piece:
    base, accent = _inner(element, "e", depth), _property(element, "chr", "\u0302") or ""
    if accent and not unicodedata.combining(accent):
        return _Piece(f"{_atom(base)}{_script('^', accent)}", built=True)
    return _Piece(unicodedata.normalize("NFC", _atom(base) + accent))


def _bar(element: Element, depth: int) -> _Piece:
    name = "overline" if _property(element, "pos", "bot") == "top" else "underline"
    return _Piece(f"{name}({_inner(element, 'e', depth)})", built=True)


def _group_sign(element: Element, depth: int) -> _Piece:
    base, sign = _inner(element, "e", depth), _property(element, "chr", "\u23df") or ""
    if not sign or sign in _BRACES:
        return _Piece(base)
    mark = "_" if _property(element, "pos", "bot") == "top" else "^"
    return _Piece(f" {sign}{_script(mark, base)} ", built=True)


def _phantom(element: Element, depth: int) -> _Piece:
    shown = _property(element, "show") not in _OFF
    return _Piece(_inner(element, "e", depth) if shown else "")


_STRUCTURES: dict[str, Callable[[Element, int], _Piece]] = {
    "f": _fraction,
    "sSub": _scripts,
    "sSup": _scripts,
    "sSubSup": _scripts,
    "sPre": _scripts_before,
    "rad": _root,
    "nary": _large_operator,
    "d": _delimited,
    "m": _matrix,
    "eqArr": _equations,
    "func": _function,
    "limLow": _limit("_"),
    "limUpp": _limit("^"),
    "acc": _accent,
    "bar": _bar,
    "groupChr": _group_sign,
    "phant": _phantom,
}
