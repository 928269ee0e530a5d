"""Packages of Office documents, as different programs write them."""

import struct

import pytest
from tests.staging.samples import OFFICE, WORD, content_types, docx, relationships, zipped

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors.base import Unreadable
from docstage.extraction.extractors.office.package import flat_package, parse_part, zip_package

BODY = f'<w:document xmlns:w="{WORD}"><w:body/></w:document>'


def test_main_part_wherever_it_lies() -> None:
    """The package says which part is the main one, from the root or from beside, in upper or lower case."""
    for target in (
        "word/document2.xml",
        "/word/document2.xml",
        "./WORD/Document2.XML",
        "word\\document2.xml",
    ):
        data = zipped({"_rels/.rels": relationships({target: "officeDocument"}), "word/document2.xml": BODY})
        opened = zip_package(data)
        assert opened.main is not None
        found = opened.xml(opened.main)
        assert found is not None
        assert found.tag == f"{{{WORD}}}document"


def test_names_of_other_programs() -> None:
    """Backslashes and a leading slash in the names of a ZIP file make no difference."""
    opened = zip_package(zipped({"/word\\Document.xml": BODY}))
    assert "word/document.xml" in opened
    assert opened.read("WORD/document.xml") == BODY.encode()
    assert opened.read("word/other.xml") is None
    assert opened.xml("word/other.xml") is None


def test_links_of_a_part() -> None:
    """Targets are names from the root; what leads outside stays as it is written."""
    links = (
        f'<Relationships><Relationship Id="a" Type="{OFFICE}/image" Target="media/a%20b.png"/>'
        f'<Relationship Id="b" Type="{OFFICE}/image" Target="../top.png#x"/>'
        f'<Relationship Id="c" Type="{OFFICE}/hyperlink" Target="../x y" TargetMode="External"/>'
        "</Relationships>"
    )
    opened = zip_package(zipped({"word/_rels/document.xml.rels": links, "top.png": "x"}))
    found = opened.relationships("word/document.xml")
    assert found["a"].target == "word/media/a b.png"
    assert (found["b"].target, found["b"].external) == ("top.png", False)
    assert (found["c"].target, found["c"].external, found["c"].kind) == ("../x y", True, "hyperlink")
    assert opened.related("word/document.xml", "image") == ["word/media/a b.png", "top.png"]
    assert opened.relationships("word/nothing.xml") == {}


def test_content_types() -> None:
    """A part's type is its own, or the one of its extension."""
    opened = zip_package(docx("x"))
    assert opened.content_type("WORD/document.xml").endswith("document.main+xml")
    types = '<Types><Default Extension="PNG" ContentType="image/PNG"/></Types>'
    opened = zip_package(zipped({"[Content_Types].xml": types}))
    assert opened.content_type("/media/a.png") == "image/png"
    assert opened.content_type("a.other") == ""


def test_strict_namespaces() -> None:
    """Strict documents come out with the namespaces of transitional ones, attributes included."""
    strict = "http://purl.oclc.org/ooxml"
    root = parse_part(
        f'<w:document xmlns:w="{strict}/wordprocessingml/main" xmlns:a="{strict}/drawingml/main" '
        f'xmlns:r="{strict}/officeDocument/relationships"><a:blip r:embed="r1" w:val="2" plain="3"/>'
        "</w:document>".encode()
    )
    assert root.tag == f"{{{WORD}}}document"
    assert root[0].tag == "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"
    assert root[0].attrib == {f"{{{OFFICE}}}embed": "r1", f"{{{WORD}}}val": "2", "plain": "3"}


def test_flat_document() -> None:
    """A flat document is the same package in one file of XML."""
    space = "http://schemas.microsoft.com/office/2006/xmlPackage"
    rels = relationships({"word/document.xml": "officeDocument"}).partition("?>")[2]
    root = parse_part(
        f'<pkg:package xmlns:pkg="{space}"><pkg:part pkg:name="/_rels/.rels"><pkg:xmlData>{rels}'
        f"</pkg:xmlData></pkg:part>"
        f'<pkg:part pkg:name="/word/document.xml"><pkg:xmlData>{BODY}</pkg:xmlData></pkg:part>'
        '<pkg:part pkg:name="/word/media/a.png"><pkg:binaryData>iVBO\nRw==</pkg:binaryData></pkg:part>'
        "</pkg:package>".encode()
    )
    opened = flat_package(root)
    assert opened.main == "word/document.xml"
    body = opened.xml(opened.main)
    assert body is not None
    assert body.tag == f"{{{WORD}}}document"
    assert opened.read("word/media/a.png") == b"\x89PNG"


def test_damaged_part() -> None:
    """A part whose sum is wrong, or whose markup ends early, is damaged; the others can be read."""
    data = bytearray(zipped({"a.xml": "<a/>", "b.xml": "<b>", "[Content_Types].xml": content_types({})}))
    entry = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, entry + 16, 0xDEADBEEF)
    opened = zip_package(bytes(data))
    for name in ("a.xml", "b.xml"):
        with pytest.raises(Unreadable) as caught:
            opened.xml(name)
        assert caught.value.reason is DocumentReason.DAMAGED
    assert opened.content_type("a.xml") == "application/xml"
