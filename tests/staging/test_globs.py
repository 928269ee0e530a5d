"""Include and exclude patterns."""

import pytest

from docstage.staging.globs import Globs


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*.pdf", "a.pdf"),
        ("*.pdf", "deep/er/a.PDF"),
        ("a/**/*.txt", "a/b/c/d.txt"),
        ("a/**/*.txt", "a/d.txt"),
        ("/notes.md", "notes.md"),
        ("drafts", "x/drafts/y/z.txt"),
        ("drafts/", "drafts/z.txt"),
        ("a/**", "a/b/c"),
        ("file?.txt", "file1.txt"),
        ("[a-c]*.txt", "b1.txt"),
        ("[!a-c]*.txt", "d.txt"),
        ("[!]x].txt", "y.txt"),
        ("[[]1].txt", "[1].txt"),
        ("caf\u00e9.txt", "cafe\u0301.txt"),
        ("a+b(1).txt", "a+b(1).txt"),
    ],
)
def test_matches(pattern: str, path: str) -> None:
    """A pattern matches by name at any depth, or by path when it has a slash, whatever the case."""
    assert Globs([pattern]).match(path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("*.pdf", "a.pdfx"),
        ("a/*.txt", "a/b/c.txt"),
        ("/notes.md", "x/notes.md"),
        ("a/**/*.txt", "b/a/c.txt"),
        ("[a-c].txt", "d.txt"),
        ("file?.txt", "file/.txt"),
        ("a.b", "axb"),
        ("[unclosed", "u"),
    ],
)
def test_does_not_match(pattern: str, path: str) -> None:
    """Wildcards stay within one name and other characters mean themselves."""
    assert not Globs([pattern]).match(path)


def test_no_patterns() -> None:
    """Blank patterns do not count."""
    assert not Globs(["", " ", "/"])
    assert not Globs(["", "/"]).match("a")
