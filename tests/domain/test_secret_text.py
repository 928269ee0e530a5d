"""A secret is one line of printable characters; what is wrong with another is told without a part of it."""

import pytest

from docstage.domain.secret_text import clean_header, clean_name, clean_secret

KEY = "sk-hunter2-0123456789"


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        f"{KEY}\n",
        f"{KEY}\r\n",
        f"{KEY}\r\n\r\n",
        f"\ufeff{KEY}",
        f"\ufeff{KEY}\r\n",
        f"  {KEY} ",
        f"\t{KEY}\t\n",
        f"{KEY} \n \n",
    ],
)
def test_what_comes_along_is_taken_off(text: str) -> None:
    """A mark at the beginning, and blanks and line ends around it."""
    assert clean_secret(text) == KEY


@pytest.mark.parametrize(
    "text", ["sk-1 and more", "sk-ü", "ABC=", "YWJjZGVm==", "'", "a'b", "bearer", "KEY=x"]
)
def test_what_can_be_sent_is_a_secret(text: str) -> None:
    """Blanks inside, letters of Latin-1, padding, lone quotation marks."""
    assert clean_secret(text) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (" \r\n", "is empty"),
        ("\ufeff", "is empty"),
        (f"{KEY}\n{KEY}", "several lines"),
        (f"\n{KEY}", "several lines"),
        (f"{KEY}\rX: {KEY}", "several lines"),
        (f"{KEY}\x0b{KEY}", "several lines"),
        (f"{KEY}\x85{KEY}", "several lines"),
        (f"{KEY}\u2028{KEY}", "several lines"),
        (f"{KEY}\u2028", r"line separator \(U\+2028\)"),
        (f"{KEY}\x00", r"a control character \(U\+0000\)"),
        (f"{KEY}\t{KEY}", r"at place 22 .* \(U\+0009\)"),
        (f"{KEY}\x7f", r"U\+007F"),
        (f"\u200b{KEY}", r"at place 1 .* zero width space \(U\+200B\)"),
        (f"{KEY}\u200d", "zero width joiner"),
        (f"{KEY}\u202e", "right-to-left override"),
        (f"{KEY}\xa0", "no-break space"),
        (f"\ufeff\ufeff{KEY}", r"U\+FEFF"),
        (f"{KEY}\ud800", r"U\+D800"),
        (f"{KEY}ключ", "place 22 that no request can carry"),
        (f"{KEY}🔑", "no request can carry"),
        (f"Bearer {KEY}", "begins with 'Bearer'"),
        (f"bearer\t{KEY}", "begins with 'Bearer'"),
        (f'"{KEY}"', "quotation marks"),
        (f"'{KEY}'\n", "quotation marks"),
        (f"\u201c{KEY}\u201d", "quotation marks"),
        (f"OPENAI_API_KEY={KEY}", "name and ="),
        (f"export MY_TOKEN = {KEY}", "name and ="),
        ("hunter2" * 2_000, "more than 10,000 characters"),
        ("hunter2" * 1_500_000, "more than 10,000 characters"),
    ],
)
def test_anything_else_is_refused_in_words(text: str, words: str) -> None:
    """The words say what to look for, and have nothing of the secret in them."""
    with pytest.raises(ValueError, match=words) as caught:
        clean_secret(text)
    assert "hunter2" not in str(caught.value)
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize(
    ("text", "clean"), [("", ""), ("Bearer x\r\n", "Bearer x"), ('"quoted"', '"quoted"'), ("\ufeffa ", "a")]
)
def test_headers_may_be_more(text: str, clean: str) -> None:
    """They may be empty, have a scheme and quotation marks."""
    assert clean_header(text) == clean


@pytest.mark.parametrize("text", ["a\nb", "a\x00", "\n", "ü", "a\u200b", "x" * 4_001])
def test_headers_are_one_line_of_ascii(text: str) -> None:
    """As the libraries of all providers can send it."""
    if text == "\n":
        assert clean_header(text) == ""
        return
    with pytest.raises(ValueError, match="has "):
        clean_header(text)


def test_names_may_be_of_any_script() -> None:
    """But of one line, and printable."""
    assert clean_name("/schlüssel/ключ\n") == "/schlüssel/ключ"
    for bad in ("/a\nb", "/a\x00b", "/a\u200bb"):
        with pytest.raises(ValueError, match="has "):
            clean_name(bad)
