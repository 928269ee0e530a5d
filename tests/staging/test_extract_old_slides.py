"""Presentations of old PowerPoint: what of each slide is read, and of which edit."""

import io
import struct
import zlib

import pytest
from PIL import Image
from tests.hostile.compound import Storage, Stream, compound_file
from tests.staging.old_decks import (
    ENCRYPTED,
    OldDeck,
    Slide,
    group,
    holder,
    placeholder,
    record,
    shape,
    string,
    words,
)

from docstage.domain.content import PICTURE_MARK, DocumentReason
from docstage.extraction.extractors import Extracted, Limits, Unreadable, extract
from docstage.extraction.extractors.ppt.extractor import OldSlideExtractor
from docstage.extraction.known_types import PPT


def read(deck: OldDeck) -> Extracted:
    """What a presentation is turned into."""
    return extract(deck.data(), "a.ppt", Limits())


def texts(*slides: Slide, deck: OldDeck | None = None) -> list[str]:
    """The words of each slide."""
    return [part.text for part in read((deck or OldDeck()).save(slides)).parts]


def test_title_first_and_by_position() -> None:
    """The title names and begins its slide, the rest is read by position, lines end where they end."""
    shapes = (
        shape(words("Below\rnext\vline"), (1, 5, 2, 1))
        + shape(words("Above"), (1, 3, 2, 0.5))
        + shape(words("Costs", 0), (1, 6.5, 2, 0.5))
    )
    (part,) = read(OldDeck().save([Slide(shapes)])).parts
    assert (part.name, part.text) == ("Costs", "# Costs\n\nAbove\n\nBelow\nnext\nline")


def test_notes_stay_with_their_slide() -> None:
    """Notes stand below the slide that refers to them."""
    slides = [Slide(shape(words(f"Body {n}")), notes=f"Note {n}" if n % 2 else "") for n in range(4)]
    assert texts(*slides) == ["Body 0", "Body 1\n\nNotes: Note 1", "Body 2", "Body 3\n\nNotes: Note 3"]


def test_the_last_edit_counts() -> None:
    """Of a file that was saved fast, what was there before and is deleted is not read."""
    deck = OldDeck().save([Slide(shape(words("old"))), Slide(shape(words("deleted")))])
    assert texts(Slide(shape(words("new"))), deck=deck) == ["new"]


def test_texts_of_the_outline() -> None:
    """A shape may refer to a text that the list of slides holds."""
    refers = record(0x0F9E, struct.pack("<I", 1))
    slide = Slide(shape(refers), outline=words("Title", 0) + words("From the list", 1))
    assert texts(slide) == ["- From the list"]


def test_texts_that_only_the_outline_has() -> None:
    """The words of a slide whose shapes have none are those that the list of slides holds."""
    assert texts(Slide(b"", outline=words("Title", 0) + words("Body", 1))) == ["# Title\n\n- Body"]


def test_bullets_and_levels() -> None:
    """Paragraphs of a body have bullets unless they say otherwise, indented by their levels."""
    looks = (
        struct.pack("<IHI", 4, 0, 0)
        + struct.pack("<IHIHHH", 5, 1, 0x10_0001 | 0x800, 1, 0, 0)
        + struct.pack("<IHIH", 6, 0, 0x1, 0)
    )  # fmt: skip
    body = words("one\rtwo2\rthree", 1) + record(0x0FA1, looks)
    assert texts(Slide(shape(body))) == ["- one\n  - two2\nthree"]
    assert texts(Slide(shape(words("a\rb") + record(0x0FA1, b"\1\2")))) == ["a\nb"]


def test_bytes_and_fields() -> None:
    """Texts of bytes are read, and what stands for a number or a date is not."""
    of_bytes = record(0x0F9F, struct.pack("<I", 4)) + record(0x0FA8, "Größe *".encode("latin-1"))
    field = record(0x0FD8, struct.pack("<I", 6))
    assert texts(Slide(shape(of_bytes + field))) == ["Größe"]
    number = shape(words("*", fields={0x0FD8: 0}), data=placeholder(0x08))
    assert texts(Slide(shape(words("a * b")) + number)) == ["a * b"]


def test_tables_keep_their_columns() -> None:
    """Cells stand where their edges place them, empty ones too, and merged ones reach as far as they do."""
    cells = {
        "Head": (1, 1, 4, 1), "Last": (5, 1, 2, 1), "Row": (1, 2, 2, 2), "b1": (3, 2, 2, 1),
        "c1": (5, 2, 2, 1), " ": (3, 3, 2, 1), "c2": (5, 3, 2, 1),
    }  # fmt: skip
    members = [shape(words(text), place, in_group=True) for text, place in cells.items()]
    table = group(*reversed(members), place=(1, 1, 6, 3), table=True)
    assert texts(Slide(table))[0].split("\n") == [
        "| Head | Head | Last |", "| --- | --- | --- |", "| Row | b1 | c1 |", "| Row |  | c2 |",
    ]  # fmt: skip


def test_groups_are_read_as_one() -> None:
    """What is grouped stays together at its place."""
    inner = [shape(words(text), (1, top, 2, 0.5), in_group=True) for text, top in (("G2", 4), ("G1", 3.4))]
    shapes = shape(words("Below"), (1, 6, 2, 0.5)) + group(*inner, place=(1, 3, 2, 2)) + shape(words("Above"))
    assert texts(Slide(shapes)) == ["Above\n\nG1\n\nG2\n\nBelow"]


def test_hidden_slides_and_shapes() -> None:
    """A hidden slide is read and told, a hidden shape told and not read, a deleted one neither."""
    hidden = record(0x03F9, struct.pack("<iIBBHBBBB", 0, 0, 0, 0, 4, 0, 0, 0, 0))
    secret = shape(words("secret"), properties={0x03BF: 0x20002}) + shape(words("gone"), flags=0x8)
    document = read(OldDeck().save([Slide(shape(words("a")) + secret, more=hidden)]))
    assert document.parts[0].text == "(This slide is hidden.)\n\na"
    assert document.parts[0].left_out == ("A hidden shape is not read.",)
    assert document.notes == ("Slide 1 is hidden in the presentation.",)


def test_what_stands_on_every_slide_is_read_once() -> None:
    """A footer and the words of the master's own shapes are read with the first slide that shows them."""
    footer = holder(0x0FD9, record(0x0FDA, struct.pack("<HH", 0, 0x20)), string("Draft", 2), instance=3)
    master = shape(words("ACME")) + shape(words("Click to edit", 0), data=placeholder(1))
    deck = OldDeck(document=footer, master=master)
    slides = [Slide(shape(words("a"))), *(Slide(shape(words(text)), flags=1) for text in "bc")]
    assert texts(*slides, deck=deck) == ["a\n\nDraft", "b\n\nACME", "c"]


def test_comments() -> None:
    """Comments are read with who wrote them."""
    comment = holder(0x2EE0, string("Ann", 0), string("Too long", 1))
    tags = holder(0x1388, holder(0x138A, string("___PPT10", 0), record(0x138B, comment)))
    assert texts(Slide(shape(words("a")), more=tags)) == ["a\n\nComment by Ann: Too long"]


def picture_deck(blip: bytes) -> OldDeck:
    """A presentation with a store of one picture."""
    entry = struct.pack("<BB16sHIIIBBBB", 6, 6, b"", 0xFF, len(blip), 1, 0, 0, 0, 0, 0)
    store = holder(0xF001, record(0xF007, entry, 6, 2), instance=1)
    return OldDeck(document=holder(0x040B, holder(0xF000, store)), streams={"Pictures": blip})


def png() -> bytes:
    """A picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (400, 300), "red").save(buffer, "PNG")
    return buffer.getvalue()


def test_pictures_at_their_place() -> None:
    """A picture stands where it lies; one that covers the slide makes it a picture."""
    blip = record(0xF01E, bytes(17) + png(), 0x6E0)
    shown = {0x4104: 1}
    slides = [
        Slide(shape(words("Below"), (1, 6, 2, 0.5)) + shape(place=(1, 1, 4, 3), properties=shown)),
        Slide(shape(place=(0, 0, 10, 7.5), properties={**shown, 0x0102: 0x8000})),
    ]
    first, second = read(picture_deck(blip).save(slides)).parts
    assert (first.text, len(first.images), first.pictured) == (f"{PICTURE_MARK}\n\nBelow", 1, False)
    assert (second.text, second.pictured) == (PICTURE_MARK, True)
    with Image.open(io.BytesIO(second.images[0].data)) as image:
        assert image.size == (200, 300)


def test_bitmaps_get_the_header_of_a_file() -> None:
    """A bitmap, which lies there without its file's header, is a picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(buffer, "BMP")
    blip = record(0xF01F, bytes(17) + buffer.getvalue()[14:], 0x7A8)
    (part,) = read(picture_deck(blip).save([Slide(shape(place=(1, 1, 4, 3), properties={0x4104: 1}))])).parts
    assert len(part.images) == 1


def test_metafiles_are_told() -> None:
    """A drawing in a format of Windows is told with its slide."""
    blip = record(0xF01A, bytes(80), 0x3D4)
    slide = Slide(shape(words("a")) + shape(place=(1, 1, 4, 3), properties={0x4104: 1}))
    (part,) = read(picture_deck(blip).save([slide])).parts
    assert part.left_out == ("A drawing in the format EMF is not included: models take no such pictures.",)


def test_embedded_files_are_handed_out() -> None:
    """A workbook on a slide is a file inside the document, others are told."""
    book = compound_file(Storage({"Workbook": Stream(b"book" * 2_000)}))
    deck = OldDeck()
    objects = []
    for number, program, inner in ((7, "Excel.Sheet.8", book), (8, "Equation.3", b"x")):
        packed = struct.pack("<I", len(inner)) + zlib.compress(inner)
        place = deck.keep(record(0x1011, packed, 1))
        about = record(0x0FC3, struct.pack("<IIIIII", 1, 0, number, 0, place, 0))
        objects.append(holder(0x0FCC, about, string(program, 2)))
    deck.document = holder(0x0409, *objects)
    shapes = b"".join(shape(data=record(0x0BC1, struct.pack("<I", number))) for number in (7, 8, 9))
    data = deck.save([Slide(shape(words("a")) + shapes)]).data()
    document = OldSlideExtractor().extract(data, PPT, Limits())
    assert [(one.name, one.data) for one in document.attachments] == [("object 7.xls", book)]
    assert document.parts[0].left_out == (
        "An embedded object of Equation.3 is not read.",
        "A film, a sound or a linked object is not included.",
    )


def test_locked() -> None:
    """An encrypted presentation asks for a copy without a password."""
    with pytest.raises(Unreadable) as caught:
        read(OldDeck(token=ENCRYPTED).save([Slide(shape(words("a")))]))
    assert caught.value.reason is DocumentReason.PASSWORD


def test_without_a_directory_all_slides_are_read() -> None:
    """A file that does not say where its slides are gives those that are there."""
    deck = OldDeck().save([Slide(shape(words("a"))), Slide(shape(words("b")))])
    broken = deck.data().replace(struct.pack("<HHI", 0, 0x1772, 8 * 3), struct.pack("<HHI", 0, 0x1111, 8 * 3))
    assert [part.text for part in extract(broken, "a.ppt", Limits()).parts] == ["a", "b"]


@pytest.mark.parametrize("place", [0, 12, 2**31, 2**32 - 1])
def test_edits_in_circles_and_far_away(place: int) -> None:
    """Edits that lead to themselves or to nowhere end."""
    deck = OldDeck().save([Slide(shape(words("a")))])
    data = bytearray(deck.data())
    edit = data.index(struct.pack("<HHI", 0, 0x0FF5, 28))
    struct.pack_into("<I", data, edit + 8 + 8, place)
    assert extract(bytes(data), "a.ppt", Limits()).parts[0].text == "a"


def test_files_for_two_versions() -> None:
    """A file that PowerPoint 95 can read too has the newer presentation in a folder of its own."""
    newer = OldDeck().save([Slide(shape(words("Costs", 0)))]).storage()
    older = {"PowerPoint Document": Stream(bytes(5_000)), "Text_Content": Stream(b"Costs\r")}
    data = compound_file(Storage({**older, "PP97_DUALSTORAGE": newer}))
    (part,) = extract(data, "a.ppt", Limits()).parts
    assert (part.kind, part.text) == ("slide", "# Costs")


def test_older_versions() -> None:
    """Of PowerPoint 95 the words are read, and it is told that the rest is not; older ones are refused."""
    words_of_all = Stream(
        "Les coûts de l\x92année dernière\x0bet leur évolution à Genève\rone\r".encode("latin-1")
    )
    streams = {"PowerPoint Document": Stream(bytes(5_000)), "Text_Content": words_of_all}
    document = extract(compound_file(Storage(dict(streams))), "a.ppt", Limits())
    assert document.text == "Les coûts de l’année dernière\net leur évolution à Genève\none"
    assert "PowerPoint 95" in document.left_out[0]
    with pytest.raises(Unreadable, match="PowerPoint 4"):
        extract(compound_file(Storage({"PP40": Stream(bytes(5_000))})), "a.ppt", Limits())
