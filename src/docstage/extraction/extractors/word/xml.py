"""Names and values of WordprocessingML (ECMA-376 part 1, chapter 17)."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"

_OFF = frozenset({"0", "false", "off"})
# What only its own program can show stands in a choice, with a picture of it to fall back to.
_NOT_READ = frozenset({"contentPart", "model3d"})


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def value(element: Element | None, name: str) -> str | None:
    """What a child of this name has as its `w:val`."""
    found = None if element is None else element.find(W + name)
    return None if found is None else found.get(f"{W}val")


def number(text: str | None, default: int = 0) -> int:
    """A number of an attribute, the default where it is none."""
    try:
        return int(text) if text is not None else default
    except ValueError:
        return default


def is_on(element: Element | None) -> bool:
    """Whether a switch such as `w:vanish` is on, which it is without a value too."""
    return element is not None and element.get(f"{W}val", "1").lower() not in _OFF


def switch(properties: Element | None, name: str) -> bool | None:
    """What a child says as a switch, None where it is not there."""
    found = None if properties is None else properties.find(W + name)
    return None if found is None else is_on(found)


def chosen(alternatives: Element) -> list[Element]:
    """Of `mc:AlternateContent`, the one that is read."""
    for choice in alternatives.iterfind(f"{MC}Choice"):
        if not any(local(one) in _NOT_READ for one in choice.iter()):
            return list(choice)
    fallback = alternatives.find(f"{MC}Fallback")
    return [] if fallback is None else list(fallback)


def below(element: Element, names: frozenset[str]) -> Iterator[Element]:
    """The elements of these local names in an element, of alternatives once, and nothing inside of them."""
    waiting = list(reversed(element))
    while waiting:
        one = waiting.pop()
        if local(one) in names:
            yield one
        elif one.tag == f"{MC}AlternateContent":
            waiting += reversed(chosen(one))
        else:
            waiting += reversed(one)
