"""Every test document, by phrases that other programs found in it.

The phrases come from pdftotext, catdoc, xls2csv, catppt, unzip and strings, not from the code under test.
"""

from contextlib import suppress
from pathlib import Path

import pytest

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors import Extracted, Limits, Unreadable, extract

PHRASES = {
    "README.md": ["## Example Docs"],
    "README.rst": ["Example Docs\n------------"],
    "RECEIPT-2024-TXN-98765_retail_purchase.pdf": ["San Francisco, CA 94103", "Noise-Cancelling"],
    "REPAIR-2022-INV-001_multipage.pdf": ["123 Main Street, Redmond, WA 98052"],
    "SPARSE-2024-INV-1234_borderless_table.pdf": ["Warehouse: Distribution Center East"],
    "book-war-and-peace-1p.txt": ['"Well, Prince, so Genoa and Lucca are now just fa'],
    "csv-with-escaped-commas.csv": ['A,A,A,"A,A",A'],
    "email-with-image.eml": [
        "Subject: email-with-image",
        "From: Mallori Harrell",
        "Date: Wed, 4 Jan 2023 11:36:14 -0600",
        "The unstructured logo is attached to this email.",
    ],
    "equations.docx": ["From Eq. 36.1.3,", "550"],
    "factbook.xml": ['<?xml version="1.0" encoding="UTF-8"?>\n<factbook>'],
    "fake-email.eml": [
        "Subject: Test Email",
        "To: NotMatthew <NotMatthew@notunstructured.com>",
        "Roses are red",
    ],
    "fake-memo.pdf": ["There were 20,000 bottles of water, 10,000 blankets, and 200 laptops"],
    "fake-power-point-malformed.pptx": ["Problem Date Placeholder"],
    "fake-power-point.ppt": ["Find the bullet slide layout", "Here is a lot of text!"],
    "fake-text-utf-16.txt": ["This is a test document to use"],
    "fake.doc": ["Lorem ipsum dolor sit amet."],
    "fake.odt": ["Lorem ipsum dolor sit amet.", "| Leader | Sarah | Mark | Ryan |"],
    "masterformat_partial_numbering.pdf": ["Ken Sargent House"],
    "movie-theater-booking-2024.pdf": ["Booking Agency"],
    "multi-column-2p.pdf": ["Dense Passage Retrieval", "practically implemented using dense representations"],
    "rlink.docx": ["Testing Linked Images"],
    "test.docx": [
        "314b0a30-5b04-470b-b9f7-eed2c2bec74a",
        "| 13 | 14 | 49e168b7-d2ae-407f-a055-2167576f39a1 |",
    ],
    "test.epub": ["This is a blockquote for testing."],
    "test.json": ['{\n    "key1": "string_value",\n    "key2": 1234,'],
    "test.pdf": ["that utilize LLMs for reasoning, tool usage, and adapting to new observations"],
    "test.pptx": [
        "04191ea8-5c73-4215-a1d3-1cfb43aaaf12",
        "| 7 | 8 | 9 | 1b92870d-e3b5-4e65-8153-919f4ff45592 |",
        "This is a nested shape with content in 2 shapes",
    ],
    "test.rtf": ["This is a Sample RTF File"],
    "test.xls": ["| 13 | 14 | 15 | affc7dad-52dc-4b98-9b5d-51e65d8a8ad0 |"],
    "test.xlsx": ["| 13 | 14 | 15 | affc7dad-52dc-4b98-9b5d-51e65d8a8ad0 |"],
    "test_blog.html": ["Does Model and Inference Parameter Matter in LLM Applications?"],
    "test_mskanji.csv": ["名前,年齢,住所\r\n佐藤太郎,30,東京", "髙橋淳,35,名古屋"],
    "test_notebook.ipynb": ['print("markitdown")', "42"],
    "test_outlook_msg.msg": [
        "Subject: Test Email Message",
        "From: M. C. Kurtuluş <test.sender@example.com>",
        "To: test.recipient@example.com",
        "Date: 2024-12-22",
        "This is the body of the test email message",
    ],
    "test_rss.xml": ['<rss xmlns:dc="http://purl.org/dc/elements/1.1/"'],
    "test_wikipedia.html": ["Microsoft was founded by", "designed to power general cloud services on Azure."],
    "test_with_comment.docx": [
        "This is a test comment. 12df-321a",
        "Yet another comment in the doc. 55yiyi-asd09",
    ],
}
PICTURES = {
    "DA-1p.png": 1,
    "MEDRPT-2024-PAT-3847_medical_report_scan.pdf": 3,
    "test.jpg": 1,
    "test_llm.jpg": 1,
}
REASONS = {
    "empty.txt": DocumentReason.EMPTY,
    "password.pdf": DocumentReason.PASSWORD,
    "password_protected.xlsx": DocumentReason.PASSWORD,
    "random.bin": DocumentReason.UNKNOWN_TYPE,
}
AS_THEY_STAND = (".md", ".rst", ".txt", ".csv", ".xml", ".json")


def extracted(corpus: Path, name: str) -> Extracted:
    """What a test document is turned into."""
    return extract((corpus / name).read_bytes(), name, Limits())


def test_every_document_is_accounted_for(corpus: Path) -> None:
    """No test document goes unchecked."""
    assert {path.name for path in corpus.iterdir()} == PHRASES.keys() | PICTURES.keys() | REASONS.keys()


@pytest.mark.parametrize("name", PHRASES)
def test_phrases(corpus: Path, name: str) -> None:
    """What other programs find in a document is in its text."""
    document = extracted(corpus, name)
    for phrase in PHRASES[name]:
        assert phrase in document.text
    assert "\ufffd" not in document.text


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(corpus: Path, name: str) -> None:
    """Scans and images become pictures of a type and size that every model takes."""
    document = extracted(corpus, name)
    assert document.text == ""
    assert len(document.images) == PICTURES[name]
    assert all(part.pictured for part in document.parts)
    for image in document.images:
        starts = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG"}
        assert image.data.startswith(starts[image.media_type])


@pytest.mark.parametrize("name", REASONS)
def test_reasons(corpus: Path, name: str) -> None:
    """What cannot be read says why."""
    with pytest.raises(Unreadable) as caught:
        extracted(corpus, name)
    assert caught.value.reason is REASONS[name]
    assert caught.value.detail.endswith(".")


def test_text_stays_as_it_is(corpus: Path) -> None:
    """Formats that models read as they are lose not a single character."""
    for path in corpus.iterdir():
        if path.suffix in AS_THEY_STAND and path.name not in ("empty.txt", "test_mskanji.csv"):
            encoding = "utf-16" if "utf-16" in path.name else "utf-8"
            assert extracted(corpus, path.name).text == path.read_bytes().decode(encoding)
    assert extracted(corpus, "test_mskanji.csv").text == (corpus / "test_mskanji.csv").read_bytes().decode(
        "cp932"
    )


def test_cut_and_patched_documents_do_no_harm(corpus: Path) -> None:
    """Half of any document, or one with a hole, is content or unreadable, and raises nothing else."""
    for path in sorted(corpus.iterdir()):
        data = path.read_bytes()
        half = len(data) // 2
        for broken in (data[:half], data[:half] + b"\x00" * min(400, half) + data[half + 400 :]):
            with suppress(Unreadable):
                assert not all(part.is_empty for part in extract(broken, path.name, Limits()).parts)
