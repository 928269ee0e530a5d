"""Mails of Outlook."""

import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from tests.hostile.compound import Fault, Storage, Stream, compound_file
from tests.hostile.open_xml import word_part
from tests.hostile.outlook import (
    attached_message,
    attachment,
    blown_up_rtf,
    compressed,
    fields,
    literal_rtf,
    message,
    recipient,
    stored_rtf,
    text_field,
)
from tests.staging.samples import docx, pdf, text_page

from docstage.domain.content import DocumentReason
from docstage.extraction.extractors import Extracted, Limits, Unreadable, extract
from docstage.extraction.extractors.mail import rtf_compressed as packed_rtf
from docstage.extraction.extractors.mail.rtf_compressed import unpack_rtf

MB = 1 << 20
CODE_PAGE, INTERNET_CODE_PAGE = 0x3FFD0003, 0x3FDE0003
SUBJECT8, BODY8 = 0x0037001E, 0x1000001E
CLASS, HEADERS, REPLY_TO = 0x001A001F, 0x007D001F, 0x0050001F
SENDER, SENDER_ADDRESS, SENDER_SMTP = 0x0C1A001F, 0x0C1F001F, 0x5D01001F
SUBMITTED = 0x00390040

ORDINARY = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss Arial;}{\f1\fswiss\fcharset204 Arial Cyr;}}"
    rb"\pard\f0 Gr\'fc\'dfe an \f1 \'cf\'f0\'e8\'e2\'e5\'f2\f0  und \u1084?\u1080?\u1088?\par "
    rb"Second line\par}"
)
HTML_IN_RTF = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \fbidis \deff0{\fonttbl{\f0\fswiss Arial;}"
    rb"{\f4\fswiss\fcharset204 Cyr;}}{\colortbl\red0\green0\blue0;}\uc1\pard\plain\deftab360 \f0\fs24 "
    rb"{\*\htmltag18 <html>}{\*\htmltag241 <style>p \{color:red\}</style>}{\*\htmltag50 <body>}"
    rb"{\*\htmltag64 <p>}\htmlrtf {\htmlrtf0 Gr\'fc\'dfe {\*\htmltag84 <b>}\htmlrtf {\b \htmlrtf0 bold"
    rb"{\*\htmltag92 </b>}\htmlrtf }\htmlrtf0  \htmlrtf\f4\htmlrtf0 \'cf\'f0\'e8\'e2\'e5\'f2"
    rb"\htmlrtf\f0\htmlrtf0  {\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0  \u-10179?\u-8704?"
    rb"{\*\mhtmltag84 <i>}\htmlrtf\par}\htmlrtf0 {\*\htmltag72 </p>}"
    rb"{\*\htmltag240 <table><tr><td>}One\htmlrtf\tab only here\htmlrtf0 {\*\htmltag240 </td><td>}"
    rb"Two{\*\htmltag240 </td></tr></table>}{\*\htmltag27 </body></html>}}"
)
TEXT_IN_RTF = (
    rb"{\rtf1\ansi\ansicpg1252\fromtext \fbidis \deff0{\fonttbl{\f0\fswiss Arial;}}\uc1\pard\plain\f0\fs20 "
    rb"Gr\'fc\'dfe,\par - one\par   - \{two\}\tab x\par}"
)


def read(data: bytes) -> Extracted:
    """What a mail is turned into."""
    return extract(data, "a.msg", Limits())


def text_of(mail: Storage) -> str:
    """Its text."""
    return read(compound_file(mail)).text


def refused(data: bytes) -> Unreadable:
    """Why a mail cannot be read."""
    with pytest.raises(Unreadable) as caught:
        read(data)
    assert caught.value.detail.endswith(".")
    return caught.value


def with_files(files: Sequence[Storage]) -> Extracted:
    """What a mail with these attachments is turned into."""
    return read(compound_file(message(fields("See below."), files)))


def test_real_mail(corpus: Path) -> None:
    """A mail that Outlook wrote reads like any other mail."""
    text = read((corpus / "test_outlook_msg.msg").read_bytes()).text
    assert text == (
        "Subject: Test Email Message\nFrom: M. C. Kurtuluş <test.sender@example.com>\n"
        "To: test.recipient@example.com\nDate: 2024-12-22T08:23:00+00:00\n\n"
        "This is the body of the test email message"
    )


def test_header_by_properties() -> None:
    """Who, to whom, when; addresses that only one organization knows are left out."""
    ticks = int(
        (datetime(2024, 2, 29, 12, 30, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()
    )
    inside = "/O=EXCHANGE/OU=FIRST/CN=RECIPIENTS/CN=ANN"
    mail = message(
        fields("Hello")
        | {
            SENDER: text_field("Änne Ö"),
            SENDER_ADDRESS: text_field(inside),
            SENDER_SMTP: text_field("ae@b.c"),
        },
        people=[
            recipient("Ann", inside, 1),
            recipient("Bob", "bob@x.y", 1),
            recipient("'c@x.y'", "c@x.y", 2),
            recipient("Dan", inside, 3, {0x39FE001F: text_field("dan@x.y")}),
            recipient("Sender", "ae@b.c", 0),
        ],
        numbers={SUBMITTED: ticks * 10_000_000},
    )
    assert text_of(mail) == (
        "Subject: A subject\nFrom: Änne Ö <ae@b.c>\nTo: Ann, Bob <bob@x.y>\nCc: c@x.y\nBcc: Dan <dan@x.y>\n"
        "Date: 2024-02-29T12:30:00+00:00\n\nHello"
    )


def test_header_with_which_it_travelled() -> None:
    """What the properties do not tell stands in the header of the mail as it was sent."""
    header = (
        "Received: from x\r\nFrom: =?utf-8?q?=C3=84nne?= <a@b.c>\r\nSubject: Old\r\nReply-To: r@b.c\r\n\r\n"
    )
    assert text_of(message(fields("Hello") | {HEADERS: text_field(header), REPLY_TO: text_field("R")})) == (
        "Subject: A subject\nFrom: Änne <a@b.c>\nReply-To: r@b.c\n\nHello"
    )


def test_too_many_recipients() -> None:
    """Of thousands of recipients the first are listed, and the rest counted."""
    document = read(compound_file(message(fields("Hello"), recipients=2_500)))
    assert "Person 1999 <person1999@example.org>\n" in document.text
    assert document.parts[0].left_out == ("500 more recipients are not listed.",)


@pytest.mark.parametrize("pack", [literal_rtf, stored_rtf])
def test_rtf_body(pack: Callable[[bytes], bytes]) -> None:
    """A body that is there as RTF only is read, compressed or not, whatever its languages."""
    text = text_of(message(fields(None, rtf=Stream(pack(ORDINARY)))))
    assert text == "Subject: A subject\n\nGrüße an Привет und мир\n\nSecond line"


def test_compressed_rtf_of_the_specification() -> None:
    """The examples of [MS-OXRTFCP] section 4: with references to the known words, and into itself."""
    for packed, text in (
        (
            "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af320"
            "68656c090020627705b06c647d0a800fa0",
            rb"{\rtf1\ansi\ansicpg1252\pard hello world}" + b"\r\n",
        ),
        ("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0", rb"{\rtf1 WXYZWXYZWXYZWXYZWXYZ}"),
    ):
        assert unpack_rtf(bytes.fromhex(packed)) == text


def test_compressed_rtf_beyond_the_window() -> None:
    """References hold also when the dictionary of 4,096 bytes has been written over."""
    assert unpack_rtf(blown_up_rtf(100_000)).startswith(b"{\\rtf1 xxxxxxxxx")
    assert set(unpack_rtf(blown_up_rtf(100_000))[16:]) <= set(b"{\\rtf1 x")
    long = b"{\\rtf1 " + bytes(range(97, 123)) * 1_000 + b"}"
    assert unpack_rtf(literal_rtf(long)) == long


def test_compressed_rtf_that_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong sums, missing ends and unknown kinds are damages; what is too large is not unpacked."""
    good = literal_rtf(ORDINARY)
    for bad in (
        good[:10],
        good[:-1],
        good[:100],
        good[:12] + b"\0\0\0\0" + good[16:],
        good[:8] + b"LZFv" + good[12:],
        struct.pack("<I", 5) + good[4:],
        stored_rtf(ORDINARY)[:-1],
        compressed(b"\0{\\rtf1 x", 1_000),
    ):
        problem = refused(compound_file(message(fields(None, rtf=Stream(bad)))))
        assert problem.reason is DocumentReason.DAMAGED
        assert "body" in problem.detail
    monkeypatch.setattr(packed_rtf, "_LARGEST", MB)
    for large in (
        compressed(b"\0{\\rtf1 x", MB + 1),
        blown_up_rtf(2 * MB)[:4] + bytes(4) + blown_up_rtf(2 * MB)[8:],
    ):
        problem = refused(compound_file(message(fields(None, rtf=Stream(large)))))
        assert problem.reason is DocumentReason.TOO_COMPLEX


def test_html_in_rtf() -> None:
    """A page that Outlook wrapped in RTF is the page again: nothing twice, nothing that only RTF shows."""
    text = text_of(message(fields(None, rtf=Stream(literal_rtf(HTML_IN_RTF)))))
    assert "Grüße **bold** Привет < \U0001f600" in text
    assert "One | Two" in text
    for hidden in ("only here", "color", "Arial", "htmltag", "<i>"):
        assert hidden not in text


def test_text_in_rtf() -> None:
    """A plain text that was wrapped in RTF keeps its lines."""
    text = text_of(message(fields(None, rtf=Stream(stored_rtf(TEXT_IN_RTF)))))
    assert text.endswith("\n\nGrüße,\n- one\n  - {two}\tx")


@pytest.mark.parametrize(
    ("page", "encoding"),
    [(1251, "cp1251"), (65001, "utf-8"), (20866, "koi8-r"), (1252, "utf-8"), (99999, "utf-8")],
)
def test_html_body(page: int, encoding: str) -> None:
    """A page in the code page that the mail names; where that is wrong, in the one it is in."""
    html = "<html><body><p>Привет, <b>мир</b> и все остальные</p></body></html>".encode(encoding)
    if page == 1252:  # bytes that Windows-1252 has no characters for
        html = html.replace(b"</p>", "\u0410\u041d\u0415\u0401\u0450".encode() + b"</p>")
    mail = message(fields(None, html=Stream(html)), numbers={INTERNET_CODE_PAGE: page})
    assert "Привет, **мир** и все остальные" in text_of(mail)


@pytest.mark.parametrize(
    ("page", "encoding"), [(1251, "cp1251"), (932, "cp932"), (65001, "utf-8"), (28595, "iso8859-5")]
)
def test_texts_in_a_code_page(page: int, encoding: str) -> None:
    """Mails of before Unicode say in which code page their texts are."""
    words = "日本語" if page == 932 else "Привет"
    texts = {SUBJECT8: Stream(words.encode(encoding)), BODY8: Stream(f"{words}!\0".encode(encoding))}
    assert text_of(message(texts, numbers={CODE_PAGE: page})) == f"Subject: {words}\n\n{words}!"


def test_texts_in_an_unknown_code_page() -> None:
    """Where no code page is named, the texts tell."""
    assert text_of(message({SUBJECT8: Stream("Grüße".encode()), BODY8: Stream(b"Hello")})) == (
        "Subject: Grüße\n\nHello"
    )


def test_bodies_in_order() -> None:
    """Plain text is taken before a page that says the same, a page before RTF."""
    html, rtf = Stream(b"<p>In <b>HTML</b></p>"), Stream(stored_rtf(ORDINARY))
    assert text_of(message(fields("In HTML", rtf, html))).endswith("\n\nIn HTML")
    assert text_of(message(fields(" \r\n", rtf, html))).endswith("\n\nIn **HTML**")


def test_fuller_body() -> None:
    """Of a body in two forms the fuller one: Outlook's plain one has the cells of tables below each other."""
    table = "<table><tr><th>Item<th>EUR<tr><td>Pen<td>5<tr><td>Ink<td>9</table>"
    plain = "Item\r\nEUR\r\nPen\r\n5\r\nInk\r\n9"
    assert "| Pen | 5 |" in text_of(message(fields(plain, html=Stream(table.encode()))))
    assert text_of(message(fields("See HTML", html=Stream(b"<p>An offer of 5,000 EUR</p>")))).endswith(
        "\n\nAn offer of 5,000 EUR"
    )
    damaged = Stream(blown_up_rtf(2 * MB)[:-9])
    assert text_of(message(fields("Still there", damaged))).endswith("\n\nStill there")


APPOINTMENT, TASK = "00062002-0000-0000-c000-000000000046", "00062003-0000-0000-c000-000000000046"


def item(
    kind: str,
    named: Sequence[tuple[str, int, int, int]],
    texts: dict[int, str] | None = None,
    *,
    embedded: bool = False,
) -> Storage:
    """An item of Outlook with named properties: the set, the number, the type, and the value of each.

    Args:
        texts: those that are texts, by their number in the file.
        embedded: it lies inside a mail.
    """
    sets = sorted({of_set for of_set, *_ in named})
    mapping = {
        "__substg1.0_00020102": Stream(b"".join(UUID(each).bytes_le for each in sets)),
        "__substg1.0_00030102": Stream(
            b"".join(
                struct.pack("<IHH", number, (sets.index(of_set) + 3) << 1, place)
                for place, (of_set, number, _, _) in enumerate(named)
            )
        ),
    }
    numbers = {
        (0x8000 + place) << 16 | of: value for place, (_, _, of, value) in enumerate(named) if of != 0x1F
    }
    streams = {place << 16 | 0x1F: text_field(text) for place, text in (texts or {}).items()}
    made = message(
        fields("What it is about") | {CLASS: text_field(kind)} | streams, numbers=numbers, embedded=embedded
    )
    return Storage({**made.entries, "__nameid_version1.0": Storage(mapping)})


def ticks(*moment: int) -> int:
    """A moment as Windows counts it."""
    since = datetime(*moment, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)  # type: ignore[misc, arg-type]
    return int(since.total_seconds()) * 10_000_000


@pytest.mark.parametrize("kind", ["IPM.Appointment", "IPM.Schedule.Meeting.Request"])
def test_appointments_have_their_times_and_places(kind: str) -> None:
    """When and where an appointment is stands before its text, also where it is attached to a mail."""
    named = [
        (APPOINTMENT, 0x820D, 0x40, ticks(2024, 7, 1, 8, 0)),
        (APPOINTMENT, 0x820E, 0x40, ticks(2024, 7, 1, 9, 30)),
        (APPOINTMENT, 0x8208, 0x1F, 0),
        (TASK, 0x8105, 0x40, ticks(2025, 1, 1)),
    ]
    told = (
        "Appointment\nStart: 2024-07-01 08:00 UTC\nEnd: 2024-07-01 09:30 UTC\nLocation: Room 5\n\n"
        "What it is about"
    )
    made = item(kind, named, {0x8002: "Room 5"})
    assert text_of(made) == f"Subject: A subject\n\n{told}"
    inner = item(kind, named, {0x8002: "Room 5"}, embedded=True)
    entries = dict(inner.entries)
    mapping = entries.pop("__nameid_version1.0")  # the file has one for all that is in it
    outer = message(fields("See it."), [attached_message("It", Storage(entries))])
    assert told in text_of(Storage({**outer.entries, "__nameid_version1.0": mapping}))


def test_tasks_and_contacts() -> None:
    """A task is told with its days and how far it is, a contact with numbers and addresses."""
    half = struct.unpack("<Q", struct.pack("<d", 0.5))[0]
    named = [(TASK, 0x8105, 0x40, ticks(2024, 12, 31)), (TASK, 0x8101, 3, 1), (TASK, 0x8102, 5, half)]
    assert text_of(item("IPM.Task", named)) == (
        "Subject: A subject\n\nTask\nDue: 2024-12-31\nStatus: In progress\nPercent complete: 50\n\n"
        "What it is about"
    )
    contact = item("IPM.Contact", [], {0x3001: "Ann Lee", 0x3A16: "ACME", 0x3A1C: "+49 30 1"})
    assert "Contact\nName: Ann Lee\nOrganization: ACME\nTelephone (mobile): +49 30 1\n" in text_of(contact)


@pytest.mark.parametrize("kind", ["IPM.Appointment", "IPM.Contact", "IPM.Task", "IPM.Note.SMIME"])
def test_items_that_are_no_mails(kind: str) -> None:
    """Whatever Outlook keeps gives its subject and its text."""
    item = message(fields("What it is about") | {CLASS: text_field(kind)})
    assert text_of(item) == "Subject: A subject\n\nWhat it is about"


def test_attachments() -> None:
    """Attachments go the way of those of other mails: read, or told why not."""
    png = b"\x89PNG\r\n\x1a\n"
    document = with_files(
        [
            attachment("notes.txt", Stream(b"some words")),
            attachment("w.docx", Stream(docx("In Word"))),
            attachment("p.pdf", Stream(pdf(text_page("In a PDF with words")))),
            attachment("broken.docx", Stream(b"PK\3\4broken")),
            attachment("bomb.docx", Stream(word_part(200 * MB))),
            attachment("i.png", Stream(png)),
            attachment("x.bin", Stream(b"\0\1")),
            attachment("empty.txt", Stream(b"")),
            attachment("cut.txt", Stream(b"x" * 5_000, 1 << 40, circle=True)),
            Storage({"__substg1.0_3707001F": Stream(b"x", 1 << 40), "__substg1.0_37010102": Stream(b"x")}),
            attachment("far.txt", None, 4),
            attachment("chart", None, 6),
            attachment("gone.txt", None),
        ]
    )
    for part in ("See below.", "some words", "In Word", "In a PDF with words"):
        assert part in document.text
    told = {note.split()[2]: note for note in sentences(document)}
    assert told.keys() > {"x.bin", "empty.txt"}
    for name, words in {
        "broken.docx": "damaged",
        "bomb.docx": "larger than 100 MiB",
        "i.png": "damaged",
        "cut.txt": "damaged",
        "unnamed": "damaged",
        "far.txt": "a link",
        "chart": "another program",
        "gone.txt": "missing",
    }.items():
        assert words in told[name]


def sentences(document: Extracted) -> list[str]:
    """All that is told about a document and its parts."""
    return [*document.notes, *document.left_out, *(told for part in document.parts for told in part.left_out)]


def test_attachment_number_101() -> None:
    """A hundred attachments are read, whatever follows is told."""
    document = with_files([attachment(f"{n}.txt", Stream(f"words {n}".encode())) for n in range(102)])
    assert document.text.count("words") == 100
    assert document.left_out == ("Attachments from 100.txt on are not included: there are more than 100.",)


def test_attached_mails() -> None:
    """Mails in mails are read with their own attachments, to a depth of five."""
    mail = message(fields("Innermost"), embedded=True)
    for level in range(7):
        files = [
            attached_message(f"mail {level}", mail),
            attachment(f"{level}.txt", Stream(f"words {level}".encode())),
        ]
        mail = message(fields(f"Level {level}"), files, embedded=level < 6)
    document = read(compound_file(mail))
    assert "Level 1" in document.text
    assert "Level 0" not in document.text
    assert document.text.count("words") == 5
    (told,) = document.left_out
    assert told.endswith(" on are not included: it lies too deep.")


def test_attached_mail_that_is_damaged() -> None:
    """An attached mail that cannot be read costs itself only; code pages are each mail's own."""
    bad = message(fields(None, rtf=Stream(b"LZFu")), embedded=True)
    good = message({BODY8: Stream("мир".encode("cp1251"))}, embedded=True, numbers={CODE_PAGE: 1251})
    document = with_files([attached_message("bad", bad), attached_message("good", good)])
    assert document.text.endswith("\n\nмир")
    (note,) = sentences(document)
    assert note.startswith("The attachment bad is not included: The body of the mail is damaged")


def test_signed_mail() -> None:
    """What a signed mail says lies in the one file that is attached to it."""
    part = b"--b\nContent-Type: text/plain\n\nSigned words\n--b--\n"
    signed = b"Content-Type: multipart/signed; boundary=b\n\n" + part
    file = attachment("smime.p7m", Stream(signed))
    file = Storage({**file.entries, "__substg1.0_370E001F": text_field("multipart/signed")})
    text = read(compound_file(message(fields(None), [file]))).text
    assert text == "Subject: A subject\n\nSigned words"


def whole_mail() -> bytes:
    """A mail with some of everything."""
    inner = message(fields("Inner body"), [attachment("n.txt", Stream(b"inner words"))], embedded=True)
    files = [attachment("long.txt", Stream(b"words " * 2_000)), attached_message("m", inner)]
    return compound_file(message(fields("Hi there. " * 300), files, 3))


@pytest.mark.parametrize("share", [0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99])
def test_cut_files(corpus: Path, share: float) -> None:
    """A mail that is cut off somewhere is damaged, and says so."""
    for data in (whole_mail(), (corpus / "test_outlook_msg.msg").read_bytes()):
        cut = data[: max(8, int(len(data) * share))]
        assert refused(cut).reason is DocumentReason.DAMAGED


def with_number(data: bytes, place: int, number: int) -> bytes:
    """A file with another number of 32 bits in this place."""
    return data[:place] + struct.pack("<I", number) + data[place + 4 :]


def test_files_that_lie() -> None:
    """Whatever numbers are in the header, the directory or the tables, a mail is read, or damaged."""
    data = whole_mail()
    assert "Inner body" in read(data).text
    directory, table = data.index("Root Entry".encode("utf-16-le")), len(data) - 4_096
    for start, end in ((24, 84), (directory, directory + 1_024), (table, table + 100)):
        for place in range(start, end, 4):
            for number in (0, 1, 0x7FFFFFFF, 0xFFFFFFFE):
                with suppress(Unreadable):
                    read(with_number(data, place, number))


@pytest.mark.parametrize("fault", [Fault.TABLES_CIRCLE, Fault.TABLES_CLAIM, Fault.MINI_CIRCLE])
def test_endless_tables(fault: Fault) -> None:
    """A table of sectors that cannot be as long as the header says is not followed, nor is a circle."""
    body = message(fields(None) | {0x1000001F: Stream(bytes(5_000))})
    assert refused(compound_file(body, fault)).reason is DocumentReason.DAMAGED


def test_directory_without_a_tree() -> None:
    """Thousands of entries in a row, as careless writers leave them, are no deeper than a tree of them."""
    mail = message(
        fields("Hello"), [attachment(f"{n}.txt", Stream(f"x{n} y".encode())) for n in range(90)], 1_500
    )
    document = read(compound_file(Storage(mail.entries, list=True)))
    assert len([part for part in document.parts if part.within]) == 90
    assert "Person 1499" in document.text


def test_no_mail() -> None:
    """A compound file without a mail in it is damaged."""
    data = compound_file(Storage({"Something": Stream(b"x" * 5_000)}))
    assert "no properties" in refused(data).detail
