"""E-books: pages in the order of reading, their names and pictures, what is protected or missing."""

import pytest
from tests.staging.samples import zipped
from tests.staging.word_samples import png

from docstage.domain.content import PICTURE_MARK, DocumentReason
from docstage.extraction.extractors import Extracted, Limits, Unreadable, extract

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
HTML = '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title>{}</title></head><body>{}</body></html>'


def page(body: str, title: str = "The book") -> str:
    """A page of a book."""
    return HTML.format(title, body)


def book(
    pages: dict[str, str], spine: str = "", more: dict[str, str | bytes] | None = None, items: str = ""
) -> bytes:
    """A book of these pages, by the ids that are the names of their files without extension."""
    listed = "".join(
        f'<item id="{name}" href="text/{name}.xhtml" media-type="application/xhtml+xml"/>' for name in pages
    )
    order = spine or "".join(f'<itemref idref="{name}"/>' for name in pages)
    contents = (
        f'<package xmlns="http://www.idpf.org/2007/opf"><manifest>{listed}{items}</manifest>'
        f'<spine toc="ncx">{order}</spine></package>'
    )
    parts: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OPS/book.opf": contents,
        **{f"OPS/text/{name}.xhtml": text for name, text in pages.items()},
        **(more or {}),
    }
    return zipped(parts)


def read(data: bytes) -> Extracted:
    """A book as models get it."""
    return extract(data, "a.epub", Limits())


def test_pages_in_the_order_of_reading() -> None:
    """Each page is a section, in the order of the spine, named by the contents or by its heading."""
    pages = {
        "b": page("<h1>Two</h1><p>second</p>"),
        "a": page("<h1>One</h1><p>first</p>"),
        "c": page("<p>x</p>"),
    }
    ncx = (
        '<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap><navPoint><navLabel>'
        '<text>Chapter II</text></navLabel><content src="text/b.xhtml"/></navPoint></navMap></ncx>'
    )
    order = '<itemref idref="a"/><itemref idref="b" linear="no"/><itemref idref="a"/><itemref idref="none"/>'
    item = '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    parts = read(book(pages, order, {"OPS/toc.ncx": ncx}, item)).parts
    assert [(part.number, part.name, part.text) for part in parts] == [
        (1, "One", "Title: The book\n\n# One\n\nfirst"),
        (2, "Chapter II", "# Two\n\nsecond"),
    ]


def test_tables_notes_and_links() -> None:
    """Tables and notes are read as on web pages; addresses within the book are none for its readers."""
    body = (
        "<p>Words<a href='b.xhtml#n1'>1</a>, <a href='https://a.example/'>there</a><a id='x'/>.</p>"
        "<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td/></tr></table><aside>1. A note.</aside>"
    )
    shown = read(book({"a": page(body, "")})).parts[0].text
    assert shown == (
        "Words1, [there](https://a.example/).\n\n| a | b |\n| --- | --- |\n| 1 |  |\n\n1. A note."
    )


def test_pictures() -> None:
    """Pictures stand where they are, those in drawings (covers) too, and each once in the book."""
    cover = '<svg xmlns:l="http://www.w3.org/1999/xlink"><image width="9" l:href="../a%20b.png"/></svg>'
    pages = {"a": page(cover, ""), "b": page('<p>x <img src="../A b.png"/> y</p><img src="gone.png"/>', "")}
    first, second = read(book(pages, more={"OPS/a b.png": png(300, 200)})).parts
    assert (first.text, [image.data for image in first.images]) == (PICTURE_MARK, [png(300, 200)])
    assert second.images == ()
    assert "x" in second.text


def test_protected_and_broken_books() -> None:
    """Locked books say so, scrambled fonts do not matter, a missing page is told, no book is damaged."""
    lock = '<encryption><EncryptedData><EncryptionMethod Algorithm="{}"/></EncryptedData></encryption>'
    pages = {"a": page("<p>words</p>", "")}
    fonts = {"META-INF/encryption.xml": lock.format("http://www.idpf.org/2008/embedding")}
    assert read(book(pages, more=dict(fonts))).text == "words"
    locked = {"META-INF/encryption.xml": lock.format("http://www.w3.org/2001/04/xmlenc#aes128-cbc")}
    with pytest.raises(Unreadable) as caught:
        read(book(pages, more=dict(locked)))
    assert caught.value.reason is DocumentReason.PASSWORD
    gone = '<item id="gone" href="gone.xhtml" media-type="application/xhtml+xml"/>'
    parts = read(book(pages, '<itemref idref="a"/><itemref idref="gone"/>', items=gone)).parts
    assert parts[1].left_out == ("The page gone.xhtml is not read: It is not in the file.",)
    with pytest.raises(Unreadable, match="no book"):
        read(zipped({"mimetype": "application/epub+zip", "x.txt": "x"}))
