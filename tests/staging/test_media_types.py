"""Finding out what a file is."""

import os
from importlib import import_module
from pathlib import Path

import pytest
from tests.staging.samples import docx, pdf, text_page, xlsx, zipped

from docstage.extraction.known_types import (
    BY_EXTENSION,
    DOCX,
    ENCRYPTED_OOXML,
    EPUB,
    EXTRACTORS,
    HTML,
    MBOX,
    OOXML,
    PDF,
    PLAIN,
    RFC822,
    RTF,
    XLSX,
    XML,
)
from docstage.extraction.media_types import detect


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("fake.doc", "application/msword"),
        ("test.xls", "application/vnd.ms-excel"),
        ("fake-power-point.ppt", "application/vnd.ms-powerpoint"),
        ("test_outlook_msg.msg", "application/vnd.ms-outlook"),
        ("password_protected.xlsx", ENCRYPTED_OOXML),
        ("test.docx", DOCX),
        ("test.xlsx", XLSX),
        ("fake.odt", "application/vnd.oasis.opendocument.text"),
        ("test.epub", EPUB),
        ("test.rtf", RTF),
        ("test.pdf", PDF),
        ("test.jpg", "image/jpeg"),
        ("DA-1p.png", "image/png"),
        ("test_blog.html", HTML),
        ("fake-email.eml", RFC822),
        ("factbook.xml", XML),
        ("book-war-and-peace-1p.txt", PLAIN),
        ("fake-text-utf-16.txt", PLAIN),
        ("random.bin", None),
    ],
)
def test_contents_tell(corpus: Path, name: str, media_type: str | None) -> None:
    """Real files are known by their contents, without any help of their names."""
    assert detect((corpus / name).read_bytes(), "nameless") == media_type


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (pdf(text_page("a")), "a.txt", PDF),
        (b"junk before\n" + pdf(text_page("a")), "a.pdf", PDF),
        (b"How to recognise a file: %PDF-1.4 comes first", "a.txt", PLAIN),
        (docx("a"), "a.xlsx", DOCX),
        (docx("a"), "a.docm", "application/vnd.ms-word.document.macroEnabled.12"),
        (xlsx(1, 1), "a", XLSX),
        (zipped({"a.txt": "a"}), "a.zip", "application/zip"),
        (b"PK\x03\x04 cut off", "a.docx", DOCX),
        (b"", "a.txt", PLAIN),
        (b"\x00" * 100, "a.pdf", PDF),
        (b"\x00" * 100, "a.bin", None),
        (b"GIF89a...", "a", "image/gif"),
        (b"II*\x00....", "a", "image/tiff"),
        (b"MM\x00*....", "a", "image/tiff"),
        (b"RIFF1234WEBPVP8 ", "a", "image/webp"),
        (b"\x00\x00\x00\x18ftypheic", "a", "image/heic"),
        (b"BM is a short word", "a", PLAIN),
        (b"<!-- hello -->\n<!DOCTYPE html>", "a", HTML),
        (b"<?xml version='1.0'?><a/>", "a", XML),
        (b"From: a@b\nTo: c@d\nSubject: s\n\nhello", "a", RFC822),
        (b"From a@b Mon Jan  1 00:00:00 2024\nFrom: a@b\nTo: c@d\nSubject: s\n\nhello", "a", MBOX),
        (b"From: the beginning\n\nTo: the end", "a", PLAIN),
        (b"def f(): ...", "a.py", "text/x-source"),
        (b"a,b", "a.csv", "text/csv"),
        ("grün".encode("utf-16-le"), "a", PLAIN),
        ("grün".encode("utf-16-be"), "a", PLAIN),
    ],
)
def test_contents_before_name(data: bytes, name: str, media_type: str | None) -> None:
    """Contents win over the name; the name decides where contents do not."""
    assert detect(data, name) == media_type


def test_junk_is_unknown() -> None:
    """Random bytes without a known name are of no type."""
    assert all(detect(b"\x01" + os.urandom(4_000), "junk") is None for _ in range(50))


@pytest.mark.parametrize("media_type", sorted({*BY_EXTENSION.values(), *OOXML, ENCRYPTED_OOXML}))
def test_every_type_has_an_extractor(media_type: str) -> None:
    """Whatever is recognised is read by a module that names its extractor."""
    module = import_module(f"docstage.extraction.extractors.{EXTRACTORS[media_type]}")
    assert callable(module.EXTRACTOR().extract)
