"""What is attached to a document is read in its place, within limits over the whole."""

import io
from collections.abc import Mapping

import pytest
from PIL import Image
from tests.staging.archives import tar_of, zip_of

from docstage.domain.content import DocumentReason, ImagePart, Part, PartKind
from docstage.domain.handling import Attachments
from docstage.domain.rendering import render
from docstage.extraction.containers.names import decoded, safe_paths
from docstage.extraction.extractors import attachments
from docstage.extraction.extractors.attachments import leave_out, read_in_place
from docstage.extraction.extractors.base import Attachment, Extracted, Limits, Unreadable


def letter(files: Mapping[str, bytes], text: str = "Dear all") -> Extracted:
    """A document with files in it."""
    attachments = tuple(Attachment(name, data) for name, data in files.items())
    return Extracted.whole(text, "message/rfc822", attachments=attachments)


def picture(width: int, height: int) -> bytes:
    """A picture of so many pixels."""
    buffer = io.BytesIO()
    Image.effect_noise((width, height), 64).save(buffer, "PNG")
    return buffer.getvalue()


def read(data: bytes, name: str, _limits: Limits) -> Extracted:
    """Text as it stands, pictures, and `letter:` with a file in it; anything else is damaged."""
    if data.startswith(b"\x89PNG"):
        part = Part(PartKind.SECTION, 1, images=(ImagePart("image/png", data),), pictured=True)
        return Extracted((part,), "image/png")
    if data.startswith(b"letter:"):
        return letter({"inner.txt": data.removeprefix(b"letter:")})
    if data.startswith(b"!"):
        raise Unreadable(DocumentReason.DAMAGED, "It is damaged.")
    return Extracted.whole(
        data.decode(), "text/plain", left_out=("A page is missing.",) * (name == "odd.txt")
    )


def within(document: Extracted) -> dict[str | None, str]:
    """The texts of the parts by what they lie in."""
    return {part.within: part.text for part in document.parts}


def test_files_in_files_keep_their_way() -> None:
    """Files of attached documents and of archives have paths; their own losses are told with these."""
    found = read_in_place(
        letter(
            {"a.txt": b"A", "m.eml": b"letter:deep", "box.zip": zip_of({"in/odd.txt": "B", ".DS_Store": "x"})}
        ),
        Limits(),
        read,
    )
    assert within(found) == {
        None: "Dear all",
        "a.txt": "A",
        "m.eml": "Dear all",
        "m.eml/inner.txt": "deep",
        "box.zip/in/odd.txt": "B",
    }
    assert found.left_out == ("In box.zip/in/odd.txt: A page is missing.",)
    assert found.attachments == ()
    text = render(found.parts)[0].text
    assert '<attachment name="m.eml/inner.txt">\n<section n="1">\ndeep\n</section>\n</attachment>' in text


def test_what_cannot_be_read_is_told_and_costs_itself_only() -> None:
    """A damaged file and one of no known kind are left out; an empty one and a copy are only noted."""
    files = {
        "bad.bin": b"!",
        "good.txt": b"Good",
        "copy.txt": b"Good",
        "empty.txt": b"",
        "x.zip": b"PK\x03\x04",
    }
    found = read_in_place(letter(files), Limits(), read)
    assert within(found) == {None: "Dear all", "good.txt": "Good"}
    assert [one.split()[2] for one in found.left_out] == ["bad.bin", "x.zip"]
    assert found.notes == (
        "The attachment copy.txt is the same as good.txt.",
        "The attachment empty.txt is empty.",
    )


def test_pictures_are_pictures_and_logos_are_noted() -> None:
    """As many as the document may have; the small ones beside signatures are none."""
    files = {"logo.png": picture(150, 60), "scan.png": picture(300, 400), "two.png": picture(301, 400)}
    found = read_in_place(letter(files), Limits(images=1), read)
    assert [len(part.images) for part in found.parts] == [0, 1, 0]
    assert found.parts[2].left_out == ("1 of its pictures are not included: the document has too many.",)
    assert found.notes == ("The attachment logo.png is a small picture, such as a logo, and not included.",)


def test_limits_hold_over_the_whole() -> None:
    """Of characters, of files, of depth, and of what archives unpack to."""
    long = read_in_place(
        letter({"a.txt": b"a" * 60, "b.txt": b"b" * 60, "c.txt": b"c" * 20}),
        Limits(text_characters=100),
        read,
    )
    assert list(within(long)) == [None, "a.txt", "c.txt"]
    many = read_in_place(letter({f"{n}.txt": b"%d" % n for n in range(150)}), Limits(), read)
    assert len(many.parts) == 101
    assert many.left_out == ("Attachments from 100.txt on are not included: there are more than 100.",)
    nested = b"Deep"
    for _ in range(7):
        nested = zip_of({"in.zip" if nested.startswith(b"PK") else "in.txt": nested})
    deep = read_in_place(letter({"out.zip": nested}), Limits(), read)
    assert list(within(deep)) == [None]
    assert deep.left_out[0].endswith("on are not included: it lies too deep.")


def test_archives_unpack_within_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What all of them together may unpack to."""
    monkeypatch.setattr(attachments, "_MOST_UNPACKED", 25_000)
    bomb = zip_of({f"{n}.txt": b"%d" % n + b" " * 10_000 for n in range(4)})
    found = read_in_place(letter({"bomb.zip": bomb}), Limits(), read)
    assert len(found.parts) == 3
    assert [one.split()[2] for one in found.left_out] == ["bomb.zip/2.txt", "bomb.zip/3.txt"]


def test_attachments_that_are_left_out_are_named() -> None:
    """A folder may say that they are not read."""
    assert leave_out(letter({"a.txt": b"A", "../b.txt": b"B"})).left_out == (
        "What is attached to it is not read, as the folder says: a.txt, b.txt.",
    )
    assert set(Attachments) == {"in_place", "apart", "leave_out"}


@pytest.mark.parametrize(
    ("names", "paths"),
    [
        (
            ["../../etc/passwd", "/etc/passwd", "C:\\etc\\passwd"],
            ["etc/passwd", "etc/passwd (2)", "etc/passwd (3)"],
        ),
        (["A.txt", "a.TXT", "a.txt"], ["A.txt", "a (2).TXT", "a (3).txt"]),
        (["a", "a/b", "a (2)"], ["a (2)", "a/b", "a (2) (2)"]),
        (["", ".", "..", "/"], ["unnamed", "unnamed (2)", "unnamed (3)", "unnamed (4)"]),
        (["a\0b\n.txt", "\u202efdp.exe", "\udcff"], ["a_b_.txt", "_fdp.exe", "_"]),
        (["cafe\u0301.txt", "caf\u00e9.txt"], ["café.txt", "café (2).txt"]),
    ],
)
def test_names_are_safe_and_distinct(names: list[str], paths: list[str]) -> None:
    """None leads elsewhere, none is there twice, none is a folder of another."""
    assert safe_paths(names) == paths


def test_names_of_any_length_and_depth() -> None:
    """They are shortened, with their endings, and stay distinct."""
    names = ["x" * 10_000 + ".pdf", "x" * 10_000 + "y.pdf", "/".join("f" * 5_000) + "/a.txt"]
    paths = safe_paths(names)
    assert len(set(paths)) == 3
    assert all(len(path) < 400 for path in paths)
    assert [path.rpartition(".")[2] for path in paths] == ["pdf", "pdf", "txt"]


def test_names_of_other_code_pages() -> None:
    """UTF-8 without a mark, the code page of the format, and others that are guessed from all names."""
    assert decoded(["Müller.pdf".encode(), "Müller.pdf".encode("cp437")], "cp437") == ["Müller.pdf"] * 2
    russian = ["Договор аренды.docx", "Приложение к договору.docx", "Счёт на оплату за март.pdf"]
    assert decoded([one.encode("cp866") for one in russian], "cp437") == russian


def test_an_attached_tar_is_opened() -> None:
    """As a ZIP is."""
    found = read_in_place(letter({"x.tar.gz": tar_of({"d/a.txt": "A"}, "gz")}), Limits(), read)
    assert within(found)["x.tar.gz/d/a.txt"] == "A"
