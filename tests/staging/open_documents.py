"""OpenDocument files that tests build themselves."""

from collections.abc import Mapping

from tests.staging.samples import zipped

_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_KINDS = {
    "office": "office", "text": "text", "table": "table", "draw": "drawing", "style": "style",
    "svg": "svg-compatible", "fo": "xsl-fo-compatible", "presentation": "presentation", "chart": "chart",
    "form": "form",
}  # fmt: skip
SPACES = " ".join(
    [
        *(f'xmlns:{name}="{_ODF}:{kind}:1.0"' for name, kind in _KINDS.items()),
        'xmlns:xlink="http://www.w3.org/1999/xlink"',
        'xmlns:dc="http://purl.org/dc/elements/1.1/"',
        'xmlns:math="http://www.w3.org/1998/Math/MathML"',
        'xmlns:loext="urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0"',
    ]
)


def open_document(
    kind: str,
    body: str,
    *,
    automatic: str = "",
    styles: str = "",
    masters: str = "",
    automatic_of_masters: str = "",
    more: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """A document of this kind (`text`, `presentation`), with styles of its own and common ones."""
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": content(kind, body, automatic),
            "styles.xml": (
                f"<office:document-styles {SPACES}><office:styles>{styles}</office:styles>"
                f"<office:automatic-styles>{automatic_of_masters}</office:automatic-styles>"
                f"<office:master-styles>{masters}</office:master-styles></office:document-styles>"
            ),
            **(more or {}),
        }
    )


def content(kind: str, body: str, automatic: str = "", root: str = "document-content") -> str:
    """The markup of a document."""
    return (
        f"<office:{root} {SPACES}><office:automatic-styles>{automatic}</office:automatic-styles>"
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:{root}>"
    )


def p(text: str, style: str = "") -> str:
    """A paragraph."""
    return f'<text:p text:style-name="{style}">{text}</text:p>'


def h(text: str, level: int = 1, more: str = "") -> str:
    """A heading."""
    return f'<text:h text:outline-level="{level}" {more}>{text}</text:h>'


def item(*inner: str, more: str = "") -> str:
    """An item of a list."""
    return f"<text:list-item {more}>{''.join(inner)}</text:list-item>"


def listed(*items: str, style: str = "L", more: str = "") -> str:
    """A list."""
    return f'<text:list text:style-name="{style}" {more}>{"".join(items)}</text:list>'


def cell(text: str, more: str = "") -> str:
    """A cell of a table."""
    return f"<table:table-cell {more}>{p(text)}</table:table-cell>"


COVERED = "<table:covered-table-cell/>"


def table(*rows: str) -> str:
    """A table."""
    return (
        f"<table:table>{''.join(f'<table:table-row>{row}</table:table-row>' for row in rows)}</table:table>"
    )


def at(x: float, y: float, width: float = 4, height: float = 1) -> str:
    """A place in centimetres."""
    return f'svg:x="{x}cm" svg:y="{y}cm" svg:width="{width}cm" svg:height="{height}cm"'


def frame(inner: str, place: str = "", more: str = "") -> str:
    """A frame."""
    return f"<draw:frame {place} {more}>{inner}</draw:frame>"


def box(text: str, place: str = "", more: str = "") -> str:
    """A frame of words."""
    return frame(f"<draw:text-box>{p(text)}</draw:text-box>", place, more)


def page(shapes: str, more: str = "") -> str:
    """A slide."""
    return f'<draw:page draw:master-page-name="M" {more}>{shapes}</draw:page>'
