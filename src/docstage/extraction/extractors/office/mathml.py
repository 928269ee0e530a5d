"""Formulas of MathML as people type them on one line: `x^2 + (a+b)/c`."""

import re
from collections.abc import Callable
from xml.etree.ElementTree import Element

_SCRIPTS = {"msup": "^", "msub": "_", "mover": "^", "munder": "_", "msubsup": "_^", "munderover": "_^"}
_SPACED = frozenset("=+-−±×·<>≤≥≠≈→∈")
_UNSEEN = re.compile("[\u2061-\u2064]")
_SIGN = re.compile(r"^\s*([+−-])\s+")  # in front of a number or a sign, not between two
_UNREAD = frozenset({"annotation", "annotation-xml", "mphantom"})


def math_text(element: Element) -> str:
    """The formula on one line."""
    return " ".join(_UNSEEN.sub("", _typed(element)).split())


def _typed(element: Element) -> str:
    name, inner = element.tag.rpartition("}")[2], list(element)
    if name in _UNREAD:
        return ""
    if name in _SCRIPTS:
        return _scripts(_SCRIPTS[name], inner)
    if name in _FORMS:
        return _FORMS[name](element, inner)
    return _row(inner) if inner else (element.text or "").strip()


def _row(inner: list[Element]) -> str:
    pieces = [_typed(one) for one in inner]
    typed = ""
    for piece in pieces:
        # Two words or numbers beside each other would be read as one.
        apart = typed[-1:].isalnum() and piece[:1].isalnum() and (len(piece) > 1 or typed[-2:].isalnum())
        typed += f" {piece}" if apart else piece
    return _SIGN.sub(r"\1", typed)


def _scripts(marks: str, inner: list[Element]) -> str:
    if not inner:
        return ""
    return _atom(inner[0]) + "".join(mark + _atom(one) for mark, one in zip(marks, inner[1:], strict=False))


def _atom(element: Element) -> str:
    """An operand that cannot be misread: within parentheses where it is of several."""
    typed = _typed(element).strip()
    plain = typed.replace(".", "").replace(",", "").isalnum() or len(typed) <= 1
    return typed if plain or _is_enclosed(typed) else f"({typed})"


def _is_enclosed(typed: str) -> bool:
    depth = 0
    for place, sign in enumerate(typed):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return place == len(typed) - 1 and sign == ")"
    return False


def _operator(element: Element, _inner: list[Element]) -> str:
    sign = (element.text or "").strip()
    return f" {sign} " if sign in _SPACED else sign


def _fraction(_element: Element, inner: list[Element]) -> str:
    return "/".join(_atom(one) for one in inner)


def _root(_element: Element, inner: list[Element]) -> str:
    return f"root({', '.join(_typed(one) for one in inner)})"


def _square_root(_element: Element, inner: list[Element]) -> str:
    return f"sqrt({_row(inner)})"


def _table(_element: Element, inner: list[Element]) -> str:
    return f"[{'; '.join(_typed(row).strip() for row in inner)}]"


def _cells(_element: Element, inner: list[Element]) -> str:
    return ", ".join(_typed(cell).strip() for cell in inner)


def _fenced(element: Element, inner: list[Element]) -> str:
    return element.get("open", "(") + ", ".join(map(_typed, inner)) + element.get("close", ")")


_FORMS: dict[str, Callable[[Element, list[Element]], str]] = {
    "mo": _operator,
    "mfrac": _fraction,
    "mroot": _root,
    "msqrt": _square_root,
    "mtable": _table,
    "mtr": _cells,
    "mlabeledtr": _cells,
    "mfenced": _fenced,
}
