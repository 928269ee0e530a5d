"""Presentations (PPTX) that tests build themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.staging.samples import OFFICE, PACKAGE, TYPES, zipped

_SPACES = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    f'xmlns:r="{OFFICE}" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:p14="http://schemas.microsoft.com/office/powerpoint/2010/main" '
    'xmlns:p188="http://schemas.microsoft.com/office/powerpoint/2018/8/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
)
INCH = 914_400


def box(left: float, top: float, width: float = 2, height: float = 0.5) -> str:
    """A place in inches; slides are 10 wide and 7.5 high."""
    x, y, cx, cy = (int(value * INCH) for value in (left, top, width, height))
    return f'<a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{cx}" cy="{cy}"/></a:xfrm>'


def shape(text: str, place: str = "", held: str = "", named: str = "") -> str:
    """A shape with words; `held` are attributes of its placeholder, `named` more of its name's."""
    stands = f"<p:ph {held}/>" if held else ""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="x" {named}/><p:cNvSpPr/><p:nvPr>{stands}</p:nvPr></p:nvSpPr>'
        f"<p:spPr>{place}</p:spPr><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )


def picture(place: str, link: str = "pic", named: str = "", media: str = "", crop: str = "") -> str:
    """A picture."""
    return (
        f'<p:pic><p:nvPicPr><p:cNvPr id="3" name="y" {named}/><p:cNvPicPr/><p:nvPr>{media}</p:nvPr>'
        f'</p:nvPicPr><p:blipFill><a:blip r:embed="{link}"/>{crop}</p:blipFill>'
        f"<p:spPr>{place}</p:spPr></p:pic>"
    )


def frame(kind: str, inner: str, place: str = "") -> str:
    """What is neither shape nor picture: tables, charts, diagrams, objects."""
    where = place.replace("a:xfrm", "p:xfrm")
    uri = f"http://schemas.openxmlformats.org/drawingml/2006/{kind}"
    data = f'<a:graphicData uri="{uri}">{inner}</a:graphicData>'
    return f"<p:graphicFrame>{where}<a:graphic>{data}</a:graphic></p:graphicFrame>"


@dataclass(frozen=True, slots=True)
class Slide:
    """A slide.

    Attributes:
        shapes: what is on it.
        links: more of its links: kind and target by id; one that leads to the outside holds `://`.
        attributes: of its element.
        before: what stands before its shapes, such as its background.
    """

    shapes: str
    links: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    attributes: str = ""
    before: str = ""


def sheet(tag: str, shapes: str, attributes: str = "", before: str = "", after: str = "") -> str:
    """A slide, a layout, a master or a page of notes."""
    tree = f"<p:cSld>{before}<p:spTree>{shapes}</p:spTree></p:cSld>"
    return f"<p:{tag} {_SPACES} {attributes}>{tree}{after}</p:{tag}>"


def links(targets: Mapping[str, tuple[str, str]]) -> str:
    """A part of relationships."""
    outside = ' TargetMode="External"'
    entries = "".join(
        f'<Relationship Id="{name}" Type="{OFFICE}/{kind}" Target="{target}"{outside * ("://" in target)}/>'
        for name, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{entries}</Relationships>'


def deck(
    slides: Sequence[Slide],
    more: Mapping[str, str | bytes] | None = None,
    *,
    order: Sequence[int] | None = None,
    after: str = "",
    links_of_deck: Mapping[str, tuple[str, str]] | None = None,
    layout: str | None = None,
    master: str | None = None,
) -> bytes:
    """A presentation of these slides, shown in this order."""
    members: dict[str, str | bytes] = {}
    named = {f"s{n}": ("slide", f"slides/slide{n}.xml") for n in range(1, len(slides) + 1)}
    listed = "".join(f'<p:sldId id="{255 + n}" r:id="s{n}"/>' for n in order or range(1, len(slides) + 1))
    members["_rels/.rels"] = links({"m": ("officeDocument", "ppt/presentation.xml")})
    members["[Content_Types].xml"] = (
        f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="{TYPES}.x+xml"/>'
        "</Types>"
    )
    members["ppt/presentation.xml"] = (
        f"<p:presentation {_SPACES}><p:sldIdLst>{listed}</p:sldIdLst>"
        f'<p:sldSz cx="{10 * INCH}" cy="{int(7.5 * INCH)}"/>{after}</p:presentation>'
    )
    members["ppt/_rels/presentation.xml.rels"] = links({**named, **(links_of_deck or {})})
    base = {"lay": ("slideLayout", "../slideLayouts/slideLayout1.xml")} if layout is not None else {}
    for number, slide in enumerate(slides, 1):
        members[f"ppt/slides/slide{number}.xml"] = sheet("sld", slide.shapes, slide.attributes, slide.before)
        members[f"ppt/slides/_rels/slide{number}.xml.rels"] = links({**base, **slide.links})
    if layout is not None:
        members["ppt/slideLayouts/slideLayout1.xml"] = layout
        members["ppt/slideLayouts/_rels/slideLayout1.xml.rels"] = links(
            {"mas": ("slideMaster", "../slideMasters/slideMaster1.xml")}
        )
        members["ppt/slideMasters/slideMaster1.xml"] = master or sheet("sldMaster", "")
    return zipped({**members, **(more or {})})
