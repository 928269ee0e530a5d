"""Values of cells that are more than a number or a text ([MS-XLSX] 2.3.6): pictures, linked data types.

Cells keep `#VALUE!` for programs that do not know them, and the number of what they show (`vm`).
"""

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from docstage.extraction.extractors.office.drawing import children, local, relation
from docstage.extraction.extractors.office.package import Package

_RICH = "XLRICHVALUE"
_PICTURE, _SHOWN, _DESCRIBED = "_rvRel:LocalImageIdentifier", "_DisplayString", "Text"


@dataclass(frozen=True, slots=True)
class RichValue:
    """What a cell shows.

    Attributes:
        text: its words, or those that describe its picture.
        picture: the name of the picture's part, empty for none.
    """

    text: str
    picture: str = ""


def rich_values(package: Package, main: str) -> dict[str, RichValue]:
    """What cells show by the number that they have for it (`vm`).

    Raises:
        Unreadable: TOO_COMPLEX or DAMAGED.
    """
    metadata = _part(package, main, "sheetMetadata")
    if metadata is None:
        return {}
    values = _values(package, main)
    kinds = [one.get("name") for one in _below(metadata, "metadataTypes")]
    blocks = next(
        (list(children(one)) for one in children(metadata) if one.get("name") == _RICH), list[Element]()
    )
    found: dict[str, RichValue] = {}
    for number, block in enumerate(_below(metadata, "valueMetadata"), 1):
        for one in children(block):
            kind, at = _whole(one.get("t")) - 1, _whole(one.get("v"))
            if 0 <= kind < len(kinds) and kinds[kind] == _RICH and 0 <= at < len(blocks):
                place = next((_whole(rvb.get("i")) for rvb in blocks[at].iter() if local(rvb) == "rvb"), -1)
                if 0 <= place < len(values) and (value := values[place]) is not None:
                    found[str(number)] = value
    return found


def _values(package: Package, main: str) -> list[RichValue | None]:
    structures = _part(package, main, "rdRichValueStructure")
    keys = [] if structures is None else [[key.get("n", "") for key in children(s)] for s in structures]
    pictures = _pictures(package, main)
    values = _part(package, main, "rdRichValue")
    found: list[RichValue | None] = []
    for one in () if values is None else values:
        kind = _whole(one.get("s"))
        names = keys[kind] if 0 <= kind < len(keys) else []
        told = dict(zip(names, (value.text or "" for value in children(one)), strict=False))
        at = _whole(told.get(_PICTURE))
        picture = pictures[at] if 0 <= at < len(pictures) else ""
        text = told.get(_DESCRIBED, "") if _PICTURE in told else told.get(_SHOWN, "")
        found.append(RichValue(text, picture) if text or picture else None)
    return found


def _pictures(package: Package, main: str) -> list[str]:
    name = next(iter(package.related(main, "richValueRel")), "")
    root = package.xml(name) if name else None
    links = package.relationships(name)
    targets = [links.get(relation(one) or "") for one in (() if root is None else root)]
    return [link.target if link is not None and not link.external else "" for link in targets]


def _part(package: Package, main: str, kind: str) -> Element | None:
    name = next(iter(package.related(main, kind)), "")
    return package.xml(name) if name else None


def _below(root: Element, name: str) -> list[Element]:
    return [one for parent in children(root) if local(parent) == name for one in children(parent)]


def _whole(said: str | None) -> int:
    return int(said) if said is not None and said.isdecimal() and len(said) < 9 else -1
