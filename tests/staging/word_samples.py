"""Word documents that tests write, part by part."""

import io
from collections.abc import Mapping

from PIL import Image
from tests.staging.samples import OFFICE, PACKAGE, WORD, content_types, zipped

from docstage.extraction.extractors.base import Extracted, Limits
from docstage.extraction.extractors.office.package import zip_package
from docstage.extraction.extractors.word.extractor import read_word
from docstage.extraction.known_types import DOCX

MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
SPACES = " ".join(
    (
        f'xmlns:w="{WORD}"',
        f'xmlns:r="{OFFICE}"',
        'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"',
        'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"',
        'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"',
        'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"',
        'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"',
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"',
        'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"',
        'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"',
        'xmlns:v="urn:schemas-microsoft-com:vml"',
        'xmlns:o="urn:schemas-microsoft-com:office:office"',
        'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"',
        'xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml"',
    )
)


def run(text: str, properties: str = "") -> str:
    """A run of words."""
    looks = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{looks}<w:t xml:space="preserve">{text}</w:t></w:r>'


def p(content: str, style: str = "", number: tuple[int, int] | None = None, more: str = "") -> str:
    """A paragraph of words or of runs, in a style, of a list and its level."""
    inner = content if content.startswith("<") or not content else run(content)
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    if number is not None:
        named += f'<w:numPr><w:ilvl w:val="{number[1]}"/><w:numId w:val="{number[0]}"/></w:numPr>'
    return f"<w:p><w:pPr>{named}{more}</w:pPr>{inner}</w:p>"


def tc(content: str, properties: str = "") -> str:
    """A cell of words or of paragraphs."""
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content if content.startswith('<') else p(content)}</w:tc>"


def tbl(*rows: str) -> str:
    """A table of rows, each of which holds its cells."""
    return f"<w:tbl><w:tblPr/>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"


def lvl(level: int, form: str, text: str, more: str = "", start: int = 1) -> str:
    """How numbers of a level look."""
    return (
        f'<w:lvl w:ilvl="{level}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def numbering(kinds: Mapping[int, str], lists: Mapping[int, tuple[int, str]]) -> str:
    """Kinds of lists with their levels, and lists of these kinds with what they override."""
    abstract = "".join(
        f'<w:abstractNum w:abstractNumId="{key}">{levels}</w:abstractNum>' for key, levels in kinds.items()
    )
    nums = "".join(
        f'<w:num w:numId="{key}"><w:abstractNumId w:val="{kind}"/>{more}</w:num>'
        for key, (kind, more) in lists.items()
    )
    return f"<w:numbering {SPACES}>{abstract}{nums}</w:numbering>"


def style(name: str, content: str, kind: str = "paragraph", shown: str = "") -> str:
    """A style of an id."""
    return f'<w:style w:type="{kind}" w:styleId="{name}"><w:name w:val="{shown or name}"/>{content}</w:style>'


def styles(*ones: str) -> str:
    """The part of styles."""
    return f"<w:styles {SPACES}>{''.join(ones)}</w:styles>"


def docx(
    body: str,
    parts: Mapping[str, str | bytes] | None = None,
    links: Mapping[str, tuple[str, str]] | None = None,
) -> bytes:
    """A document.

    Args:
        body: what is in `w:body`.
        parts: other parts by their names in the folder; those of a known kind are linked by it.
        links: kind and target of other links by their ids; a target with a colon lies outside.
    """
    known = {f"{kind}.xml": kind for kind in _KINDS}
    parts = dict(parts or {})
    all_links = {f"k{n}": (known[name], name) for n, name in enumerate(parts) if name in known}
    all_links |= links or {}
    rels = "".join(
        f'<Relationship Id="{key}" Type="{OFFICE}/{kind}" Target="{target}"'
        f"{_OUTSIDE if ':' in target else ''}/>"
        for key, (kind, target) in all_links.items()
    )
    return zipped(
        {
            "[Content_Types].xml": content_types({"/word/document.xml": MAIN}),
            "_rels/.rels": (
                f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r" '
                f'Type="{OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
            ),
            "word/_rels/document.xml.rels": (
                f'<Relationships xmlns="{PACKAGE}/relationships">{rels}</Relationships>'
            ),
            "word/document.xml": f"<w:document {SPACES}><w:body>{body}</w:body></w:document>",
            **{f"word/{name}": content for name, content in parts.items()},
        }
    )


_OUTSIDE = ' TargetMode="External"'
_KINDS = ("styles", "numbering", "settings", "comments", "commentsExtended", "footnotes", "endnotes")


def read(
    body: str,
    parts: Mapping[str, str | bytes] | None = None,
    links: Mapping[str, tuple[str, str]] | None = None,
) -> Extracted:
    """What becomes of a document, see `docx`."""
    return read_word(zip_package(docx(body, parts, links)), DOCX, Limits())


def text(
    body: str,
    parts: Mapping[str, str | bytes] | None = None,
    links: Mapping[str, tuple[str, str]] | None = None,
) -> str:
    """The text of a document in one part."""
    (part,) = read(body, parts, links).parts
    return part.text


def png(width: int = 200, height: int = 100, colour: str = "navy") -> bytes:
    """A picture whose left half has this colour."""
    image = Image.new("RGB", (width, height), "white")
    image.paste(colour, (0, 0, width // 2, height))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def picture(link: str, inches: float = 3.0, words: str = "", more: str = "", frame: str = "") -> str:
    """A run with a picture of an id."""
    side = int(914_400 * inches)
    return (
        f'<w:r><w:drawing><wp:inline><wp:extent cx="{side}" cy="{side}"/><wp:docPr id="1" name="Picture 1"'
        f' descr="{words}"/><a:graphic><a:graphicData uri="x"><pic:pic><pic:blipFill>'
        f'<a:blip r:embed="{link}"/>{more}</pic:blipFill><pic:spPr><a:xfrm {frame}/></pic:spPr></pic:pic>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )
