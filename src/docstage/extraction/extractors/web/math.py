"""Formulas of pages (MathML) in one line."""

import re
from dataclasses import dataclass, field

from docstage.extraction.extractors.web.tokens import VOID, attributes, tokens

_DEEPEST = 60
_SIMPLE = re.compile(r"[\w.,]*|.")
_SCRIPTS = {"msup": "^", "msub": "_", "mover": "^", "munder": "_", "munderover": "_^", "msubsup": "_^"}
_SPACED = re.compile(r"[=+<>≤≥≠≈→←↔∈±×÷−-]")


@dataclass(slots=True)
class _Element:
    name: str
    written: str = ""
    text: str = ""
    children: list["_Element"] = field(default_factory=list)


def linear(source: str, alternative: str = "") -> str:
    """A formula in one line: its TeX where the page has it, else its parts as one would type them.

    Args:
        source: what lies between `<math>` and `</math>`.
        alternative: the `alttext` of the formula.
    """
    root = _tree(source)
    tex = next((each.text for each in _elements(root) if _is_tex(each)), "") or alternative
    return f"${' '.join(tex.split())}$" if tex.strip() else " ".join(_typed(root).split())


def _tree(source: str) -> _Element:
    root = _Element("math")
    open_ones = [root]
    for name, text, is_end, _ in tokens(source):
        if not name:
            open_ones[-1].text += text
            if text.strip():
                open_ones[-1].children.append(_Element("", text=text))
        elif is_end:
            if any(each.name == name for each in open_ones[1:]):
                while open_ones.pop().name != name:
                    pass
        else:
            made = _Element(name, text)
            open_ones[-1].children.append(made)
            if not text.endswith("/") and name not in VOID and len(open_ones) < _DEEPEST:
                open_ones.append(made)
    return root


def _elements(root: _Element) -> list[_Element]:
    found = [root]
    for each in found:
        found += each.children
    return found


def _is_tex(element: _Element) -> bool:
    return element.name == "annotation" and "tex" in attributes(element.written).get("encoding", "").lower()


def _typed(element: _Element) -> str:
    if not element.name:
        return element.text.strip()
    if element.name in ("annotation", "annotation-xml"):
        return ""
    parts = [_typed(each) for each in element.children]
    if element.name == "mfrac" and len(parts) == 2:
        return f"{_grouped(parts[0])}/{_grouped(parts[1])}"
    if element.name in _SCRIPTS and len(parts) == len(_SCRIPTS[element.name]) + 1:
        signs = zip(_SCRIPTS[element.name], parts[1:], strict=True)
        return _grouped(parts[0]) + "".join(sign + _grouped(part) for sign, part in signs)
    return _composed(element, parts)


def _composed(element: _Element, parts: list[str]) -> str:
    if element.name == "msqrt":
        return f"√({''.join(parts)})"
    if element.name == "mroot" and len(parts) == 2:
        return f"root({parts[0]}, {parts[1]})"
    if element.name == "mfenced":
        return f"({', '.join(parts)})"
    if element.name in ("mtable", "mtr"):
        return f"[{'; '.join(parts)}]" if element.name == "mtable" else ", ".join(parts)
    joined = "".join(parts)
    if element.name == "mo" and _SPACED.fullmatch(joined):
        return f" {joined} "
    return f" {joined} " if element.name == "mtext" else joined


def _grouped(text: str) -> str:
    text = text.strip()
    return text if _SIMPLE.fullmatch(text) else f"({text})"
