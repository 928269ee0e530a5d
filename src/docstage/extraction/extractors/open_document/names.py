"""Names of OpenDocument 1.3 (part 3, OASIS), and what its numbers and lengths say."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

_ODF = "{urn:oasis:names:tc:opendocument:xmlns:"
OFFICE, TEXT, TABLE = f"{_ODF}office:1.0}}", f"{_ODF}text:1.0}}", f"{_ODF}table:1.0}}"
DRAW, STYLE, SVG = f"{_ODF}drawing:1.0}}", f"{_ODF}style:1.0}}", f"{_ODF}svg-compatible:1.0}}"
SHOW, CHART, FORM = f"{_ODF}presentation:1.0}}", f"{_ODF}chart:1.0}}", f"{_ODF}form:1.0}}"
LIBRE = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"
LINK, DUBLIN = "{http://www.w3.org/1999/xlink}", "{http://purl.org/dc/elements/1.1/}"
MATH, XML = "{http://www.w3.org/1998/Math/MathML}", "{http://www.w3.org/XML/1998/namespace}"

_LENGTH = re.compile(r"\s*(-?\d*\.?\d+)\s*([a-z]*)")
_POINTS = {"": 1.0, "pt": 1.0, "px": 0.75, "in": 72.0, "cm": 28.346, "mm": 2.8346, "pc": 12.0}


def whole(element: Element, name: str, default: int) -> int:
    """A number of an attribute, the default where there is none."""
    try:
        return int(element.get(name, default))
    except ValueError:
        return default


def points(length: str | None) -> float | None:
    """A length in points, None where there is none."""
    found = _LENGTH.match(length or "")
    return float(found[1]) * _POINTS[found[2]] if found and found[2] in _POINTS else None


def find(element: Element | None, *path: str) -> Element | None:
    """The element that the path of names leads to."""
    for name in path:
        element = None if element is None else element.find(name)
    return element


def under(element: Element | None, *path: str) -> Iterator[Element]:
    """The children of the element that the path leads to."""
    found = find(element, *path)
    yield from () if found is None else found
