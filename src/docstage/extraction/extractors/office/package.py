"""Packages of Open Packaging Conventions (ECMA-376 part 2), as which Office keeps its documents.

Programs write them in many ways: names in upper or lower case, with backslashes or a leading slash, targets
from the root or from beside, namespaces of the strict or the transitional kind. Here all look alike.
"""

import base64
import binascii
import io
import posixpath
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote
from xml.etree.ElementTree import Element, tostring

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.archive import DAMAGED, check_archive, damage_told
from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.extractors.xml_tree import parse

LARGEST_PART = 100 * 2**20
"""Bytes of a part's markup, unpacked. Its tree takes some ten times as much memory."""

_CONTENT_TYPES = "[Content_Types].xml"
_STRICT = "http://purl.oclc.org/ooxml/"
_TRANSITIONAL = "http://schemas.openxmlformats.org/"
_FLAT = "{http://schemas.microsoft.com/office/2006/xmlPackage}"


@dataclass(frozen=True, slots=True)
class Relationship:
    """A link from a part to another one or to the outside.

    Attributes:
        kind: the last word of its type, such as `image`, the same in strict and transitional documents.
        target: the name of a part, or what lies outside as it is written.
        external: whether it leads out of the package.
    """

    kind: str
    target: str
    external: bool = False


class Package:
    """The parts of a document, each read when it is asked for. Names are the same in upper and lower case.

    Args:
        members: what reads each part, by its name.
    """

    def __init__(self, members: dict[str, Callable[[], bytes]]) -> None:
        self._members = {_key(name): (name, read) for name, read in members.items()}
        self._links: dict[str, dict[str, Relationship]] = {}

    @property
    def names(self) -> list[str]:
        """The names of all parts."""
        return [name for name, _ in self._members.values()]

    def __contains__(self, name: str) -> bool:
        return _key(name) in self._members

    def read(self, name: str) -> bytes | None:
        """The bytes of a part, None when there is no such part.

        Raises:
            Unreadable: DAMAGED, when they cannot be had.
        """
        found = self._members.get(_key(name))
        return found[1]() if found else None

    def xml(self, name: str) -> Element | None:
        """The markup of a part with transitional namespaces, None when there is no such part.

        Raises:
            Unreadable: DAMAGED or TOO_COMPLEX, when it cannot be read.
        """
        data = self.read(name)
        return None if data is None else parse_part(data)

    def relationships(self, source: str = "") -> dict[str, Relationship]:
        """The links of a part by their ids; of the package itself without a name.

        Raises:
            Unreadable: like `xml`.
        """
        if source not in self._links:
            folder, _, name = source.rpartition("/")
            root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
            found = root.iter() if root is not None else iter(())
            self._links[source] = dict(_relationships(found, folder))
        return self._links[source]

    def related(self, source: str, kind: str) -> list[str]:
        """The names of the parts that a part names as being of this kind, in the order of the links."""
        links = self.relationships(source).values()
        return [link.target for link in links if link.kind == kind and not link.external]

    @cached_property
    def main(self) -> str | None:
        """The name of the main part, None where the package names none that is there."""
        return next((name for name in self.related("", "officeDocument") if name in self), None)

    def content_type(self, name: str) -> str:
        """The media type of a part in lower case, empty where it has none."""
        by_name, by_extension = self._content_types
        extension = name.rpartition(".")[2].lower()
        return by_name.get(_key(name)) or by_extension.get(extension, "")

    @cached_property
    def _content_types(self) -> tuple[dict[str, str], dict[str, str]]:
        root = self.xml(_CONTENT_TYPES)
        by_name, by_extension = {}, {}
        for entry in () if root is None else root:
            kind = entry.get("ContentType", "").lower()
            if part := entry.get("PartName"):
                by_name[_key(part)] = kind
            elif extension := entry.get("Extension"):
                by_extension[extension.lower()] = kind
        return by_name, by_extension


def zip_package(data: bytes, largest_part: int = LARGEST_PART) -> Package:
    """The package in a ZIP file, which is as `check_archive` wants it.

    Raises:
        Unreadable: TOO_COMPLEX, PASSWORD or DAMAGED.
    """
    check_archive(data, largest_part)
    archive = zipfile.ZipFile(io.BytesIO(data))
    return Package({info.filename: _Member(archive, info) for info in archive.infolist()})


def flat_package(root: Element) -> Package:
    """The package in a flat document, whose outermost element is `pkg:package`."""
    return Package(
        {part.get(f"{_FLAT}name", ""): _FlatMember(part) for part in root if part.tag == f"{_FLAT}part"}
    )


def parse_part(data: bytes) -> Element:
    """The markup with transitional namespaces.

    Raises:
        Unreadable: DAMAGED or TOO_COMPLEX, when it cannot be read.
    """
    root = parse(data)
    if _STRICT in root.tag or _STRICT.encode() in data[: 1 << 16]:
        for element in root.iter():
            _rename(element)
    return root


@dataclass(frozen=True, slots=True)
class _Member:
    archive: zipfile.ZipFile
    info: zipfile.ZipInfo

    def __call__(self) -> bytes:
        with damage_told(), self.archive.open(self.info) as member:
            return member.read()


@dataclass(frozen=True, slots=True)
class _FlatMember:
    part: Element

    def __call__(self) -> bytes:
        content = next(iter(self.part), None)
        if content is None:
            return b""
        if content.tag == f"{_FLAT}xmlData":
            inner = next(iter(content), None)
            return b"" if inner is None else tostring(inner, "utf-8")
        try:
            return base64.b64decode(content.text or "")
        except binascii.Error as error:
            raise Unreadable(DocumentReason.DAMAGED, DAMAGED) from error


def _key(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _relationships(elements: Iterator[Element], folder: str) -> Iterator[tuple[str, Relationship]]:
    for element in elements:
        name, target = element.get("Id"), element.get("Target")
        if name is not None and target is not None:
            kind = element.get("Type", "").rpartition("/")[2]
            external = element.get("TargetMode", "").lower() == "external"
            yield name, Relationship(kind, target if external else _resolved(folder, target), external)


def _resolved(folder: str, target: str) -> str:
    """The name of a part from the root, as a part in this folder says it."""
    path = unquote(target).replace("\\", "/").partition("#")[0]
    return posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")


def _rename(element: Element) -> None:
    if element.tag.startswith("{" + _STRICT):
        element.tag = _renamed(element.tag)
    for name in [name for name in element.keys() if name.startswith("{" + _STRICT)]:  # noqa: SIM118
        element.set(_renamed(name), element.attrib.pop(name))


def _renamed(name: str) -> str:
    """A qualified name of the strict kind as the transitional one, which has the year after the family."""
    space, _, local = name[1:].partition("}")
    family, _, rest = space.removeprefix(_STRICT).partition("/")
    return f"{{{_TRANSITIONAL}{family}/2006/{rest}}}{local}"
