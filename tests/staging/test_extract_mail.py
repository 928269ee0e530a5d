"""Mails and mailboxes."""

from email.message import EmailMessage

import pytest
from tests.staging.samples import docx, pdf, text_page

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors import Extracted, Limits, Unreadable, extract


def mail(body: str = "Hello", **headers: str) -> EmailMessage:
    """A mail with a plain body."""
    message = EmailMessage()
    for name, value in ({"Subject": "Grüße", "From": "Änne <a@b.c>", "To": "d@e.f"} | headers).items():
        message[name] = value
    message.set_content(body)
    return message


def extracted(message: EmailMessage) -> Extracted:
    """What a mail is turned into."""
    return extract(message.as_bytes(), "a.eml", Limits())


def test_headers_and_body() -> None:
    """Who, to whom, when and about what stand above the body, decoded."""
    text = extracted(mail("Schöne Grüße", Date="Fri, 16 Dec 2022 17:04:16 -0500", Cc="g@h.i")).text
    assert text == (
        "Subject: Grüße\nFrom: Änne <a@b.c>\nTo: d@e.f\nCc: g@h.i\n"
        "Date: Fri, 16 Dec 2022 17:04:16 -0500\n\nSchöne Grüße"
    )


def test_plain_body_before_html() -> None:
    """Of a body in two forms the plain one is taken; an HTML body alone is converted."""
    both = mail("Plain words")
    both.add_alternative("<p>Marked up</p>", subtype="html")
    assert "Plain words" in extracted(both).text
    assert "Marked up" not in extracted(both).text
    html = mail()
    html.set_content("<p>Only <b>marked</b> up</p>", subtype="html")
    assert "Only **marked** up" in extracted(html).text


def test_attachments() -> None:
    """Attachments are named and their text is included, mails in mails as well; pictures are noted."""
    message = mail()
    message.add_attachment("a,b\n1,2\n", subtype="csv", filename="table.csv")
    message.add_attachment(docx("In Word"), maintype="application", subtype="octet-stream", filename="w.docx")
    message.add_attachment(
        pdf(text_page("In a PDF with words")), maintype="application", subtype="pdf", filename="p.pdf"
    )
    message.add_attachment(b"\x00\x01", maintype="application", subtype="octet-stream", filename="x.bin")
    message.add_attachment(b"\x89PNG\r\n\x1a\n", maintype="image", subtype="png", filename="i.png")
    message.add_attachment(mail("Inner body", Subject="Inner subject"))
    document = extracted(message)
    for part in (
        "## Attachment: table.csv\n\na,b\n1,2",
        "In Word",
        "In a PDF with words",
        "Inner subject",
        "Inner body",
    ):
        assert part in document.text
    assert [note.split()[2] for note in document.left_out] == ["x.bin", "i.png"]


def test_mailbox() -> None:
    """All mails of a mailbox are read, and quoted From lines restored."""
    separator = b"From a@b.c Fri Dec 16 17:04:16 2022\n"
    box = b"\n".join(separator + mail(body, Subject=body).as_bytes() for body in ("First", ">From here on"))
    text = extract(box, "a.mbox", Limits()).text
    assert "Subject: First" in text
    assert "\nFrom here on" in text


def test_broken_headers() -> None:
    """Headers in an old encoding or a wrong one are read as well as can be."""
    raw = "From: a@b.c\nTo: Jürgen <d@e.f>\nSubject: =?no-such?Q?x?=\nX: y\n\nHello there".encode("cp1252")
    text = extract(raw, "a.eml", Limits()).text
    assert "Hello there" in text
    assert "\ufffd" not in text


def test_no_mail() -> None:
    """A text that only claims to be a mail is damaged."""
    with pytest.raises(Unreadable) as caught:
        extract(b"\n\nnothing like a mail", "a.eml", Limits())
    assert caught.value.reason is DocumentReason.DAMAGED
    with pytest.raises(Unreadable) as caught:
        extract(b"nothing like a mailbox", "a.mbox", Limits())
    assert caught.value.reason is DocumentReason.DAMAGED


@pytest.mark.parametrize("subject", ["=?utf-8?b?abcde?=", "=?utf\ufffd?q?x?="])
def test_headers_that_no_decoder_takes(subject: str) -> None:
    """Encoded words that are none stay as they are."""
    text = extract(f"From: a@b.c\nTo: d@e.f\nSubject: {subject}\n\nHello".encode(), "a.eml", Limits()).text
    assert text.startswith(f"Subject: {subject}\n")


def test_mails_in_mails_as_files() -> None:
    """A mail that is attached as a file counts as deep as one that is attached as a mail."""
    inner = mail("Innermost")
    for level in range(8):
        outer = mail(f"Level {level}")
        outer.add_attachment(
            inner.as_bytes(), maintype="application", subtype="octet-stream", filename=f"{level}.eml"
        )
        inner = outer
    document = extracted(inner)
    assert "Level 2" in document.text
    assert "Level 1" not in document.text
    (note,) = document.left_out
    assert note.endswith("Attachments from 2.eml on are not included: this mail lies too deep in others.")
    assert "In 7.eml: In 6.eml: " in note
    assert "Level 0" in extracted(mail_with_file(mail("x"), "Level 0")).text


def mail_with_file(inner: EmailMessage, body: str) -> EmailMessage:
    """A mail with another one as a file."""
    outer = mail(body)
    outer.add_attachment(inner.as_bytes(), maintype="application", subtype="octet-stream", filename="a.eml")
    return outer
