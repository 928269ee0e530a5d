"""Mails and mailboxes."""

import base64
import binascii
import struct
from email.message import EmailMessage

import pytest
from tests.staging.samples import docx, pdf, text_page

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors import Extracted, Limits, Unreadable, extract
from docstage.extraction.extractors.mail.message import Letter
from docstage.extraction.extractors.mail.mime import read_mail


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


def test_the_fuller_body() -> None:
    """Of a body in two forms the plain one is taken when it says the same, else the page."""
    both = mail("Marked up words")
    both.add_alternative("<p>Marked <b>up</b> words</p>", subtype="html")
    assert extracted(both).text.endswith("\n\nMarked up words")
    both = mail("Your program cannot show HTML. Open this mail in a browser.")
    both.add_alternative("<table><tr><td>Total due<td>99.00 EUR</table>", subtype="html")
    assert extracted(both).text.endswith("\n\nTotal due | 99.00 EUR")
    both = mail("Item Price A 1 B 2")
    both.add_alternative("<table><tr><th>Item<th>Price<tr><td>A<td>1<tr><td>B<td>2</table>", subtype="html")
    assert "| A | 1 |" in extracted(both).text
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
        "a,b\n1,2",
        "In Word",
        "In a PDF with words",
        "Inner subject",
        "Inner body",
    ):
        assert part in document.text
    assert [note.split()[2] for note in document.left_out] == ["x.bin", "i.png"]
    assert [part.within for part in document.parts] == [None, "table.csv", "w.docx", "p.pdf", "message.eml"]


def test_mailbox() -> None:
    """All mails of a mailbox are read, and quoted From lines restored."""
    separator = b"From a@b.c Fri Dec 16 17:04:16 2022\n"
    box = b"\n".join(separator + mail(body, Subject=body).as_bytes() for body in ("First", ">From here on"))
    text = extract(box, "a.mbox", Limits()).text
    assert "Subject: First" in text
    assert "\nFrom here on" in text


def test_a_mailbox_is_read_as_far_as_it_may_be_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it is too long, no more mails are read to find out how long it would be."""
    read: list[bytes] = []

    def counted(mail: bytes, limits: Limits) -> Letter:
        read.append(mail)
        return read_mail(mail, limits)

    monkeypatch.setattr("docstage.extraction.extractors.mail.extractor.read_mail", counted)
    mails = b"".join(
        b"From a@b.c Mon Jan  1 00:00:00 2024\nSubject: x\n\nToo many words\n\n" for _ in range(9)
    )
    with pytest.raises(Unreadable) as refused:
        extract(mails, "box.mbox", Limits(text_characters=60))
    assert refused.value.reason is DocumentReason.TOO_LARGE
    assert 1 < len(read) < 5


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
    assert (
        note == "Attachments from 7.eml/6.eml/5.eml/4.eml/3.eml/2.eml on are not included: it lies too deep."
    )
    assert "Level 0" in extracted(mail_with_file(mail("x"), "Level 0")).text


def mail_with_file(inner: EmailMessage, body: str) -> EmailMessage:
    """A mail with another one as a file."""
    outer = mail(body)
    outer.add_attachment(inner.as_bytes(), maintype="application", subtype="octet-stream", filename="a.eml")
    return outer


CALENDAR = """BEGIN:VCALENDAR
METHOD:REQUEST
BEGIN:VTIMEZONE
TZID:Berlin
BEGIN:STANDARD
DTSTART:16010101T030000
END:STANDARD
END:VTIMEZONE
BEGIN:VEVENT
SUMMARY:Board\\, second
  quarter
DTSTART;TZID=Berlin:20240701T100000
DTEND;TZID="Berlin":20240701T113000
RRULE:FREQ=WEEKLY
LOCATION:Room 5
ORGANIZER;CN=Ann Example:MAILTO:ann@x.example
ATTENDEE;PARTSTAT=NEEDS-ACTION;CN="Bo; B":mailto:bo@x.example
END:VEVENT
END:VCALENDAR
"""


def test_appointments() -> None:
    """An invitation has its times with their zone, its place and its people; as a file of its own, too."""
    invitation = mail("You are invited")
    invitation.add_alternative(CALENDAR, subtype="calendar", params={"method": "REQUEST"})
    appointment = (
        "Method: REQUEST\n\nAppointment\nSummary: Board, second quarter\nStart: 2024-07-01 10:00 (Berlin)\n"
        "End: 2024-07-01 11:30 (Berlin)\nRepeats: FREQ=WEEKLY\nLocation: Room 5\n"
        "Organizer: Ann Example <ann@x.example>\nAttendee: Bo; B <bo@x.example> (needs action)"
    )
    assert extracted(invitation).text.endswith(f"You are invited\n\n{appointment}")
    assert extract(CALENDAR.encode(), "a.ics", Limits()).text == appointment


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig"])
def test_wide_mails(encoding: str) -> None:
    """A mail that was saved as UTF-16 is read."""
    data = "Subject: Grüße\nFrom: a@b.c\nContent-Type: text/plain; charset=iso-8859-1\n\nÖl\n".encode(
        encoding
    )
    assert extract(data, "a.eml", Limits()).text == "Subject: Grüße\nFrom: a@b.c\n\nÖl"


def test_mails_of_apple() -> None:
    """A mail of Apple Mail has its length before it and a property list behind it."""
    data = mail("Words").as_bytes()
    text = extract(b"%d\n%s<?xml version='1.0'?><plist/>" % (len(data), data), "1.emlx", Limits()).text
    assert text.endswith("\n\nWords")


def test_forwarded_mails_in_base64() -> None:
    """A mail in a mail that is encoded as a file is read as the mail it is."""
    inner = base64.encodebytes(mail("Inner words", Subject="Inner").as_bytes()).decode()
    outer = (
        "Subject: Fwd\nFrom: a@b.c\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
        "--b\nContent-Type: text/plain\n\nSee below\n"
        f"--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{inner}\n--b--\n"
    )
    document = extract(outer.encode(), "a.eml", Limits())
    assert document.parts[1].text.endswith("\n\nInner words")
    assert document.parts[1].name == "Inner"


def plain(body: str, *fields: str) -> str:
    """The text of a mail that is written by hand, without its header."""
    head = ["Subject: S", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", *fields]
    text = extract(("\n".join(head) + f"\n\n{body}").encode(), "a.eml", Limits()).text
    return text.partition("\n\n")[2]


def test_texts_that_are_not_in_base64() -> None:
    """Words that are said to be in base64 and are not, all of them or those below, are not lost."""
    said = "Content-Transfer-Encoding: base64"
    words = "Dear all,\nthe price is 500 EUR."
    packed = base64.encodebytes(b"A long text that is in base64, as its mail says it is.\n" * 3).decode()
    foot = "_______________\nList foot, see\nhttp://x.org"
    assert plain(words, said) == words
    assert plain(f"Hi Ann\n{words}", said) == f"Hi Ann\n{words}"
    assert plain(packed, said).count("A long text") == 3
    assert plain(f"{packed}\n{foot}", said).endswith(f"as its mail says it is.\n\n{foot}")


def test_files_in_the_text() -> None:
    """Files that old mailers wrote into the text are attachments; a text about them stays as it is."""
    lines = "".join(binascii.b2a_uu(b"The sum is 4711. " * 2).decode() for _ in range(3))
    body = f"See below.\n\nbegin 644 note 1.txt\n{lines}`\nend\n\nRegards\n"
    document = extract(f"Subject: S\n\n{body}".encode(), "a.eml", Limits())
    assert document.parts[0].text == "Subject: S\n\nSee below.\n\n\nRegards"
    assert (document.parts[1].within, document.parts[1].text.count("4711")) == ("note 1.txt", 6)
    assert plain("begin 644 times\nas we do\nend") == "begin 644 times\nas we do\nend"


def test_headers_of_old_programs() -> None:
    """Blanks before the colon of a header field, and the line of a mailbox above it, do not cost the mail."""
    data = b">From a@b.c Mon Jul  1 10:00:00 2024\r\nFrom : Ann <a@b.c>\r\nSubject\t: Old\r\n\r\nNote : kept"
    assert extract(data, "a.eml", Limits()).text == "Subject: Old\nFrom: Ann <a@b.c>\n\nNote : kept"


def test_names_of_files_in_raw_letters() -> None:
    """A name whose letters stand in the header as they are is read, as other fields are."""
    head = 'Content-Type: text/plain\nContent-Disposition: attachment; filename="Änderung größer.txt"'
    data = f"Subject: S\nContent-Type: multipart/mixed; boundary=b\n\n--b\n{head}\n\nwords\n--b--\n"
    assert extract(data.encode(), "a.eml", Limits()).parts[1].within == "Änderung größer.txt"


def test_flowed_text() -> None:
    """Lines that were broken for the way are put together, quotations and signatures apart."""
    message = mail()
    message.set_content("One long \nline.\n> quoted \n> words\n-- \nAnn\n", params={"format": "flowed"})
    assert extracted(message).text.endswith("One long line.\n> quoted words\n--\nAnn")


def test_mislabelled_texts() -> None:
    """UTF-8 that calls itself western is UTF-8; names of Windows' encodings are understood."""
    for body, charset in (("Grüße", "iso-8859-1"), ("Привет, мир", "windows-1251"), ("x €", "latin1")):
        codec = {"iso-8859-1": "utf-8", "windows-1251": "cp1251", "latin1": "cp1252"}[charset]
        data = f"Subject: a\nContent-Type: text/plain; charset={charset}\n\n{body}".encode(codec)
        assert extract(data, "a.eml", Limits()).text.endswith(f"\n\n{body}")


def test_encrypted_mails() -> None:
    """What is encrypted is told, with a way on."""
    data = (
        b"Subject: Secret\nMIME-Version: 1.0\nContent-Type: multipart/encrypted; boundary=b\n\n"
        b"--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b--\n"
    )
    assert "Decrypt it" in extract(data, "a.eml", Limits()).parts[0].left_out[0]


def test_signed_mails() -> None:
    """A mail that lies in its signature is read, in pieces and without lengths as well."""
    inner = b"Content-Type: text/plain\n\nSigned words"
    octets = (
        b"\x24\x80\x04" + bytes([10]) + inner[:10] + b"\x04" + bytes([len(inner) - 10]) + inner[10:] + b"\0\0"
    )
    data_id, signed_id = bytes.fromhex("06092a864886f70d010701"), bytes.fromhex("06092a864886f70d010702")
    wrapped = b"\x30\x80" + data_id + b"\xa0\x80" + octets + b"\0\0\0\0"
    signed = b"\x30\x80\x02\x01\x01\x31\x00" + wrapped + b"\0\0"
    packed = base64.encodebytes(b"\x30\x80" + signed_id + b"\xa0\x80" + signed + b"\0\0\0\0").decode()
    head = "Subject: S\nContent-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n"
    mail_text = f"{head}Content-Transfer-Encoding: base64\n\n{packed}"
    assert extract(mail_text.encode(), "a.eml", Limits()).text == "Subject: S\n\nSigned words"


def tnef(*attributes: tuple[int, bytes]) -> bytes:
    """A `winmail.dat`."""
    written = b"".join(
        struct.pack("<BHHI", 1, number, 0, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)
        for number, data in attributes
    )
    return struct.pack("<IH", 0x223E9F78, 1) + written


def test_winmail() -> None:
    """What Outlook wraps is read: the body when there is no other, and the files."""
    long_name = "Angebot für Sie.txt".encode("utf-16-le") + b"\0\0"
    padded = long_name + bytes(-len(long_name) % 4)
    named = struct.pack("<IHHII", 1, 0x1F, 0x3707, 1, len(long_name)) + padded
    body = "Körper".encode("utf-16-le") + b"\0\0"
    said = struct.pack("<IHHII", 1, 0x1F, 0x1000, 1, len(body)) + body + bytes(-len(body) % 4)
    data = tnef(
        (0x9003, said), (0x9002, b""), (0x8010, b"ANGEBO~1.TXT\0"), (0x800F, b"price 77"), (0x9005, named)
    )
    message = EmailMessage()
    message["Subject"] = "W"
    message.add_attachment(data, maintype="application", subtype="ms-tnef", filename="winmail.dat")
    document = extracted(message)
    assert document.parts[0].text == "Subject: W\n\nKörper"
    assert (document.parts[1].within, document.parts[1].text) == ("Angebot für Sie.txt", "price 77")
    for end in range(6, len(data), 7):
        cut = EmailMessage()
        cut["Subject"] = "W"
        cut.add_attachment(data[:end], maintype="application", subtype="ms-tnef", filename="winmail.dat")
        assert extracted(cut).text.startswith("Subject: W")
