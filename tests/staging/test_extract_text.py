"""Text in all encodings."""

import os
import re

import pytest

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors import Limits, Unreadable, extract

RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю. " * 5
GERMAN = "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. " * 5
JAPANESE = "これは日本語の文書です。東京と大阪の間を新幹線で移動しました。" * 5


def text(data: bytes, name: str = "a.txt") -> str:
    """The text of a document."""
    return extract(data, name, Limits()).text


def reason(data: bytes, name: str = "a.txt", limits: Limits | None = None) -> DocumentReason:
    """Why a document cannot be read."""
    with pytest.raises(Unreadable) as caught:
        extract(data, name, limits or Limits())
    return caught.value.reason


@pytest.mark.parametrize(
    ("original", "encoding"),
    [
        (GERMAN, "utf-8"),
        (GERMAN, "utf-8-sig"),
        (GERMAN, "utf-16"),
        (GERMAN, "utf-16-le"),
        (GERMAN, "utf-16-be"),
        (GERMAN, "utf-32"),
        (GERMAN, "cp1252"),
        (JAPANESE, "utf-16"),
        (JAPANESE, "shift_jis"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
    ],
)
def test_encodings(original: str, encoding: str) -> None:
    """Every usual encoding is found out, and a byte order mark is no part of the text."""
    assert text(original.encode(encoding)) == original


def test_declared_encoding() -> None:
    """XML and HTML are read in the encoding they declare, even if there is too little to guess from."""
    declared = '<?xml version="1.0" encoding="ISO-8859-7"?><a>αβγ</a>'
    assert text(declared.encode("iso-8859-7"), "a.xml") == declared
    page = '<html><head><meta charset="windows-1251"><title>Да</title></head><body>Нет</body></html>'
    assert text(page.encode("cp1251"), "a.html") == "Title: Да\n\nНет"


def test_nothing_is_changed() -> None:
    """Line breaks, blanks and tabs stay as they stand."""
    odd = "a\r\nb\rc\n\n\n\n\n\td  \n\x0c"
    assert text(odd.encode()) == odd


def test_mostly_utf8() -> None:
    """A log with a few broken bytes is still UTF-8, not garbled as a whole."""
    line = "Größe geändert\n"
    assert text((line * 300).encode() + b"\xff\n").startswith(line * 300)


def test_large_legacy_text() -> None:
    """A text longer than what is looked at to find its encoding is decoded to its end."""
    long = GERMAN * 2_000
    assert text(long.encode("cp1252")) == long


def test_escape_sequences_are_text() -> None:
    """Coloured logs are text; what no database keeps is replaced."""
    log = "\x1b[31merror\x1b[0m " * 20
    assert text(log.encode()) == log
    assert (
        text(b"a fine text with one NUL \x00" + b"x" * 100) == "a fine text with one NUL \ufffd" + "x" * 100
    )


def test_junk_named_text() -> None:
    """Binary junk is never passed on as text, whatever its name."""
    for _ in range(30):
        assert reason(os.urandom(2_000)) is DocumentReason.DAMAGED
    assert reason(b"\x00" * 1_000, "a.csv") is DocumentReason.DAMAGED
    assert reason(bytes(range(256)) * 8, "a.md") is DocumentReason.DAMAGED


def test_empty() -> None:
    """Empty and blank files are told apart from damaged ones."""
    assert reason(b"") is DocumentReason.EMPTY
    assert reason(b" \r\n\t ") is DocumentReason.EMPTY
    assert reason(b"\xef\xbb\xbf") is DocumentReason.EMPTY


def test_too_long() -> None:
    """A text above the limit is refused, never cut in silence."""
    assert reason(b"x" * 101, limits=Limits(text_characters=100)) is DocumentReason.TOO_LARGE


def test_html() -> None:
    """A page keeps its title, navigation, forms and tables, and loses scripts and inlined pictures."""
    page = (
        b"<html><head><title>A &amp; B</title><style>p{}</style></head><body><nav>Menu</nav>"
        b"<header><h1>Head</h1></header><p>One <b>two</b><img alt=dot src='data:image/png;base64,AAAA'></p>"
        b"<table><tr><th>x<th>y<tr><td>1<td>2</table><form><label>Name</label></form><script>alert(1)</script>"
        b"<footer>Foot</footer></body>"
    )
    result = text(page, "a.html")
    for part in ("Title: A & B", "Menu", "# Head", "One **two**", "| 1 | 2 |", "Name", "Foot"):
        assert part in result
    assert "alert" not in result
    assert "base64" not in result


@pytest.mark.parametrize("depth", [100, 190, 1_000, 50_000])
@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "table><tr><td"])
def test_deeply_nested_pages_keep_their_words(tag: str, depth: int) -> None:
    """Where the converter gives up, the words come without their form; hidden ones stay out."""
    hidden = "<!-- <b>one two three</b> --><script>four five six seven</script>"
    page = f"<html><head><style>a b c</style></head><body>{hidden}{f'<{tag}>' * depth}Buried &amp; found."
    found = text(page.encode(), "a.html")
    assert "Buried & found." in found
    assert not re.search("three|seven|b c", found)
