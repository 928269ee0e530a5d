"""Presentations of PowerPoint: what of each slide is read, and in which order."""

import io

import pytest
from PIL import Image
from tests.staging.decks import Slide, box, deck, frame, links, picture, shape, sheet

from docstage.domain.content import PICTURE_MARK, DocumentReason, Part
from docstage.extraction.extractors import Extracted, Limits, Unreadable, extract
from docstage.extraction.extractors.slides.extractor import SlideExtractor
from docstage.extraction.known_types import PPTX


def read(data: bytes, name: str = "a.pptx") -> Extracted:
    """What a presentation is turned into."""
    return extract(data, name, Limits())


def one(shapes: str, **more: str) -> Part:
    """The part of a presentation of one slide."""
    (part,) = read(deck([Slide(shapes, **more)])).parts  # type: ignore[arg-type]
    return part


def lines(part: Part) -> list[str]:
    """The lines of a part that are not empty."""
    return [line for line in part.text.split("\n") if line]


def png(width: int = 400, height: int = 300, color: str = "red") -> bytes:
    """A picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), color).save(buffer, "PNG")
    return buffer.getvalue()


def test_slides_in_the_order_of_the_presentation() -> None:
    """Slides are numbered as they are shown, not as their files are called; what is not shown is not read."""
    slides = [Slide(shape(f"Words {n}")) for n in (1, 2, 3)]
    parts = read(deck(slides, order=[3, 1])).parts
    assert [(part.number, part.text) for part in parts] == [(1, "Words 3"), (2, "Words 1")]


def test_title_first_and_as_name() -> None:
    """The title names its slide and begins it, wherever it lies and comes in the file."""
    part = one(shape("Body", box(1, 1)) + shape("Costs", box(1, 6), 'type="ctrTitle"'))
    assert (part.name, lines(part)) == ("Costs", ["# Costs", "Body"])


def test_order_by_position() -> None:
    """Rows are read from above, in a row from the left, whatever the order in the file."""
    part = one(
        shape("D", box(5, 3)) + shape("C", box(1, 3.02)) + shape("B", box(5, 0.98)) + shape("A", box(1, 1))
    )
    assert lines(part) == ["A", "B", "C", "D"]


def test_columns_that_stand_apart() -> None:
    """Two columns of a head and a body each stay whole."""
    left = shape("Left", box(0.5, 1, 4)) + shape("left words", box(0.5, 1.6, 4, 4))
    right = shape("Right", box(5.5, 1, 4)) + shape("right words", box(5.5, 1.6, 4, 4))
    assert lines(one(right + left)) == ["Left", "left words", "Right", "right words"]


def test_table_made_of_boxes() -> None:
    """Boxes that stand in lines with each other are read line by line."""
    cells = "".join(
        shape(text, box(left, 1 + row * 0.6, 1.5))
        for left, column in ((1, "abc"), (7, "123"))
        for row, text in enumerate(column)
    )
    assert lines(one(cells)) == ["a", "1", "b", "2", "c", "3"]


def test_box_behind_everything() -> None:
    """A shape behind all others does not hide that they stand in columns."""
    left = shape("L1", box(1, 1, 3)) + shape("L2", box(1, 1.7, 3, 3))
    right = shape("R1", box(6, 1, 3)) + shape("R2", box(6, 1.7, 3, 3))
    behind = shape("Behind", box(0, 0, 10, 7.5))
    assert lines(one(right + behind + left)) == ["Behind", "L1", "L2", "R1", "R2"]


def test_groups_are_read_as_one_at_their_place() -> None:
    """What is grouped stays together, at the place to which its transform moves it."""
    inner = shape("G2", box(0, 2)) + shape("G1", box(0, 1))
    emu = 914_400
    group = (
        f'<p:grpSp><p:grpSpPr><a:xfrm><a:off x="{emu}" y="{4 * emu}"/><a:ext cx="{2 * emu}" cy="{emu}"/>'
        f'<a:chOff x="0" y="{emu}"/><a:chExt cx="{2 * emu}" cy="{2 * emu}"/></a:xfrm></p:grpSpPr>'
        f"{inner}</p:grpSp>"
    )
    assert lines(one(group + shape("Above", box(1, 3)) + shape("Below", box(1, 6)))) == [
        "Above",
        "G1",
        "G2",
        "Below",
    ]


def test_places_and_bullets_come_from_the_layout() -> None:
    """A placeholder without a place lies where its layout, else its master, has it, with their bullets."""
    held = 'type="body" idx="7"'
    layout = sheet("sldLayout", shape("Click to edit", box(1, 5), held))
    styles = '<p:txStyles><p:bodyStyle><a:lvl1pPr><a:buChar char="-"/></a:lvl1pPr></p:bodyStyle></p:txStyles>'
    master = sheet("sldMaster", shape("Click to edit too", box(1, 1), 'type="body"'), after=styles)
    slides = [Slide(shape("Last", "", 'idx="7"') + shape("First", box(1, 1)))]
    (part,) = read(deck(slides, layout=layout, master=master)).parts
    assert lines(part) == ["First", "- Last"]


def test_what_layouts_show_is_read_once() -> None:
    """Words of a layout or master that stand on its slides are read with the first of them, prompts never."""
    layout = sheet("sldLayout", shape("Confidential") + shape("Click to edit", "", 'type="title"'))
    master = sheet("sldMaster", shape("ACME Inc."))
    slides = [Slide(shape("a")), Slide(shape("b")), Slide(shape("c"), attributes='showMasterSp="0"')]
    texts = [part.text for part in read(deck(slides, layout=layout, master=master)).parts]
    assert texts == ["a\n\nConfidential\n\nACME Inc.", "b", "c"]


def test_edges_of_slides_once() -> None:
    """A footer is read once, the number of a slide never, words typed in its place are."""
    footer = shape("Draft of May", "", 'type="ftr" idx="11"') + shape("3", "", 'type="sldNum" idx="12"')
    parts = read(deck([Slide(shape("a") + footer), Slide(shape("b") + footer)])).parts
    assert [part.text for part in parts] == ["a\n\nDraft of May", "b"]


def test_notes_stay_with_their_slide() -> None:
    """Notes stand below the slide that links to them, without the number and picture on their page."""
    notes = sheet(
        "notes",
        shape("", "", 'type="sldImg"')
        + shape("Say hello", "", 'type="body"')
        + shape("7", "", 'type="sldNum"'),
    )
    slides = [Slide(shape("a")), Slide(shape("b"), {"n": ("notesSlide", "../notesSlides/notesSlide1.xml")})]
    parts = read(deck(slides, {"ppt/notesSlides/notesSlide1.xml": notes})).parts
    assert [part.text for part in parts] == ["a", "b\n\nNotes: Say hello"]


def test_comments_with_their_authors() -> None:
    """Comments of old and new kinds are read with who wrote them, and answers below."""
    space = 'xmlns:p="p" xmlns:p188="q" xmlns:a="a"'
    old = f'<p:cmLst {space}><p:cm authorId="0"><p:text>Too long</p:text></p:cm></p:cmLst>'
    body = "<p188:txBody><a:p><a:r><a:t>{}</a:t></a:r></a:p></p188:txBody>".format
    new = (
        f'<p188:cmLst {space}><p188:cm authorId="{{B}}"><p188:replyLst><p188:reply authorId="0">'
        f"{body('Done')}</p188:reply></p188:replyLst>{body('Check this')}</p188:cm></p188:cmLst>"
    )
    authors = f'<p:cmAuthorLst {space}><p:cmAuthor id="0" name="Ann"/></p:cmAuthorLst>'
    modern = f'<p188:authorLst {space}><p188:author id="{{B}}" name="Bo"/></p188:authorLst>'
    data = deck(
        [
            Slide(
                shape("a"), {"c": ("comments", "../comments/c1.xml"), "d": ("comments", "../comments/c2.xml")}
            )
        ],
        {
            "ppt/comments/c1.xml": old,
            "ppt/comments/c2.xml": new,
            "ppt/commentAuthors.xml": authors,
            "ppt/authors.xml": modern,
        },
        links_of_deck={"ca": ("commentAuthors", "commentAuthors.xml"), "au": ("authors", "authors.xml")},
    )
    (part,) = read(data).parts
    assert part.text.split("\n")[2:] == [
        "Comment by Ann: Too long", "Comment by Bo: Check this", "  Reply by Ann: Done",
    ]  # fmt: skip


def test_hidden_slides_and_sections_are_told() -> None:
    """A hidden slide is read and told; a section's name stands on its first slide."""
    after = (
        '<p:extLst><p:ext><p14:sectionLst><p14:section name="Annex"><p14:sldIdLst><p14:sldId id="257"/>'
        "</p14:sldIdLst></p14:section></p14:sectionLst></p:ext></p:extLst>"
    )
    document = read(deck([Slide(shape("a")), Slide(shape("b"), attributes='show="0"')], after=after))
    assert document.parts[1].text == "Section: Annex\n\n(This slide is hidden.)\n\nb"
    assert document.notes == ("Slide 2 is hidden in the presentation.",)


def test_hidden_shapes_are_left_out_and_told() -> None:
    """A shape that is not shown is not read, which is said."""
    part = one(shape("a") + shape("secret", named='hidden="1"'))
    assert (part.text, part.left_out) == ("a", ("A hidden shape is not read.",))


def test_charts_and_diagrams() -> None:
    """A chart is a table, a diagram a list; the workbook behind the chart is no document of its own."""
    chart = (
        '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:chart><c:plotArea>'
        '<c:barChart><c:ser><c:tx><c:v>Sales</c:v></c:tx><c:cat><c:strLit><c:pt idx="0"><c:v>Q1</c:v></c:pt>'
        '</c:strLit></c:cat><c:val><c:numLit><c:pt idx="0"><c:v>7</c:v></c:pt></c:numLit></c:val></c:ser>'
        "</c:barChart></c:plotArea></c:chart></c:chartSpace>"
    )
    model = (
        '<dgm:dataModel xmlns:dgm="d" xmlns:a="a"><dgm:ptLst><dgm:pt modelId="1" type="doc"/>'
        '<dgm:pt modelId="2">'
        "<dgm:t><a:p><a:r><a:t>Plan</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst><dgm:cxnLst>"
        '<dgm:cxn srcId="1" destId="2"/></dgm:cxnLst></dgm:dataModel>'
    )
    shapes = frame("chart", '<c:chart r:id="ch"/>', box(1, 1)) + frame(
        "diagram", '<dgm:relIds r:dm="dm"/>', box(1, 4)
    )
    targets = {"ch": ("chart", "../charts/chart1.xml"), "dm": ("diagramData", "../diagrams/data1.xml")}
    data = deck([Slide(shapes, targets)], {"ppt/charts/chart1.xml": chart, "ppt/diagrams/data1.xml": model})
    document = read(data)
    assert "| Q1 | 7 |" in document.parts[0].text
    assert document.parts[0].text.endswith("- Plan")
    assert document.attachments == ()


def test_words_drawn_on_a_chart() -> None:
    """What is written onto a chart stands below its table."""
    chart = (
        '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"><c:chart><c:title><c:tx>'
        '<c:rich><a:p xmlns:a="a"><a:r><a:t>Sales</a:t></a:r></a:p></c:rich></c:tx></c:title><c:plotArea>'
        '<c:barChart><c:ser><c:val><c:numLit><c:pt idx="0"><c:v>7</c:v></c:pt></c:numLit></c:val></c:ser>'
        "</c:barChart></c:plotArea></c:chart></c:chartSpace>"
    )
    drawn = '<c:userShapes xmlns:c="c" xmlns:p="p" xmlns:a="a">{}</c:userShapes>'.format(
        shape("Strike in May")
    )
    members = {
        "ppt/charts/chart1.xml": chart,
        "ppt/charts/_rels/chart1.xml.rels": links({"u": ("chartUserShapes", "../drawings/drawing1.xml")}),
        "ppt/drawings/drawing1.xml": drawn,
    }
    targets = {"ch": ("chart", "../charts/chart1.xml")}
    slide = Slide(frame("chart", '<c:chart r:id="ch"/>', box(1, 1)), targets)
    assert read(deck([slide], members)).parts[0].text.endswith("\n\nStrike in May")


def test_addresses_of_whole_shapes() -> None:
    """A shape that leads to an address outside has it behind its words."""
    linked = shape("Terms", box(1, 1)).replace('name="x" />', 'name="x"><a:hlinkClick r:id="h"/></p:cNvPr>')
    data = deck([Slide(linked, {"h": ("hyperlink", "https://example.com/t")})])
    assert read(data).parts[0].text == "Terms (https://example.com/t)"


def test_formula_in_its_sentence() -> None:
    """A formula stands among the words of its paragraph, and not a second time as what stands for it."""
    space = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" xmlns:a14="a14"'
    formula = f"<a14:m {space}><m:oMath><m:r><m:t>x+1</m:t></m:r></m:oMath></a14:m>"
    body = (
        '<a:p><a:r><a:t>Take </a:t></a:r><mc:AlternateContent><mc:Choice Requires="a14">'
        f"{formula}</mc:Choice><mc:Fallback><a:r><a:t>PICTURE</a:t></a:r></mc:Fallback></mc:AlternateContent>"
        "<a:r><a:t> of it</a:t></a:r></a:p>"
    )
    part = one(f"<p:sp><p:txBody>{body}</p:txBody></p:sp>")
    assert part.text.replace(" ", "") == "Takex+1ofit"


PICTURES = {"ppt/media/i.png": png()}
LINKS = {"pic": ("image", "../media/i.png")}


def test_pictures_at_their_place() -> None:
    """A picture stands where it lies, with what its author wrote about it."""
    shapes = (
        shape("Below", box(1, 6))
        + picture(box(1, 2, 4, 3), named='descr="A red wall"')
        + shape("Above", box(1, 1))
    )
    (part,) = read(deck([Slide(shapes, LINKS)], PICTURES)).parts
    assert lines(part) == ["Above", f"{PICTURE_MARK} (A red wall)", "Below"]
    assert len(part.images) == 1
    assert not part.pictured


@pytest.mark.parametrize(
    ("shapes", "before"),
    [
        (picture(box(0, 0, 10, 7.5)), ""),
        ("", '<p:bg><p:bgPr><a:blipFill><a:blip r:embed="pic"/></a:blipFill></p:bgPr></p:bg>'),
        (
            f'<p:sp><p:spPr>{box(0, 0, 10, 7)}<a:blipFill><a:blip r:embed="pic"/></a:blipFill></p:spPr>'
            "</p:sp>" + shape("Filed 5 May", box(1, 7)),
            "",
        ),
    ],
)
def test_slide_that_is_a_picture(shapes: str, before: str) -> None:
    """A slide of one picture is told to be one, also as background or filling."""
    (part,) = read(deck([Slide(shapes, LINKS, before=before)], PICTURES)).parts
    assert part.pictured
    assert len(part.images) == 1


def test_small_and_repeated_pictures() -> None:
    """Icons are counted and left out; a picture that returns is sent once."""
    slides = [
        Slide(picture(box(1, 1, 4, 3)) + picture(box(9, 0, 0.4, 0.4)), LINKS),
        Slide(picture(box(1, 1, 4, 3)), LINKS),
    ]
    document = read(deck(slides, PICTURES))
    assert [len(part.images) for part in document.parts] == [1, 0]
    assert document.parts[1].text == "(the picture of slide 1 again)"
    assert document.notes == ("1 small picture (an icon, a line or a logo) is not included.",)


def test_cropped_picture() -> None:
    """Of a picture that is cut, what is shown is sent."""
    half = Image.new("RGB", (400, 300), "red")
    half.paste("blue", (0, 0, 200, 300))
    buffer = io.BytesIO()
    half.save(buffer, "PNG")
    shapes = picture(box(1, 1, 4, 3), crop='<a:srcRect l="50000"/>')
    (part,) = read(deck([Slide(shapes, LINKS)], {"ppt/media/i.png": buffer.getvalue()})).parts
    with Image.open(io.BytesIO(part.images[0].data)) as image:
        assert image.size == (200, 300)
        assert image.convert("RGB").getpixel((0, 0)) == (255, 0, 0)


def test_what_no_model_takes_is_told() -> None:
    """Drawings in Windows' formats, films, linked and broken pictures are told with their slide."""
    film = '<a:videoFile r:link="film"/>'
    emf = b"\x01\x00\x00\x00" + bytes(36) + b" EMF" + bytes(60)
    shapes = (
        shape("a", box(1, 1))
        + picture(box(1, 2, 4, 3), "emf", media=film)
        + picture(box(1, 2, 4, 3), "out")
        + picture(box(1, 2, 4, 3), "bad")
    )
    targets = {
        "emf": ("image", "../media/i.emf"),
        "out": ("image", "https://example.com/i.png"),
        "bad": ("image", "../media/bad.png"),
    }
    media = {"ppt/media/i.emf": emf, "ppt/media/bad.png": png()[:80]}
    (part,) = read(deck([Slide(shapes, targets)], media)).parts
    assert part.text == "a"
    told = " ".join(part.left_out)
    assert all(word in told for word in ("EMF", "A video", "only refers to it", "damaged or cut off"))
    assert len(part.left_out) == 4


def test_embedded_file_is_handed_out() -> None:
    """A workbook that was put on a slide is a file inside the document."""
    shapes = shape("a") + frame("ole", '<p:oleObj progId="Excel.Sheet.12" r:id="o"/>', box(1, 1))
    targets = {"o": ("package", "../embeddings/Sheet1.xlsx")}
    data = deck([Slide(shapes, targets)], {"ppt/embeddings/Sheet1.xlsx": b"PK"})
    document = SlideExtractor().extract(data, PPTX, Limits())
    assert [(one.name, one.data) for one in document.attachments] == [("Sheet1.xlsx", b"PK")]


def test_slide_that_is_missing_or_damaged() -> None:
    """A slide that cannot be read keeps its number and says so; the others are read."""
    slides = [Slide(shape("a")), Slide(shape("b")), Slide(shape("c"))]
    document = read(deck(slides, {"ppt/slides/slide2.xml": "<p:sld"}))
    assert [part.number for part in document.parts] == [1, 2, 3]
    assert [part.text for part in document.parts] == ["a", "", "c"]
    assert "damaged" in document.parts[1].left_out[0]


def test_slides_that_are_listed_again_are_read_once() -> None:
    """A slide that the presentation lists over and over costs what one slide does, and is told."""
    first, second, _ = read(deck([Slide(shape("a"))], order=[1, 1, 1])).parts
    assert (first.text, second.text) == ("a", "")
    assert second.left_out == ("It is slide 1 again, which is read there.",)


def test_notes_that_many_slides_share_are_bounded() -> None:
    """Slides that all have the same long notes end when there is more text than a document may have."""
    notes = sheet("notes", shape("x" * 1_000, "", 'type="body"'))
    link = {"n": ("notesSlide", "../notesSlides/notesSlide1.xml")}
    data = deck([Slide(shape("a"), link)] * 20, {"ppt/notesSlides/notesSlide1.xml": notes})
    with pytest.raises(Unreadable) as caught:
        extract(data, "a.pptx", Limits(text_characters=5_000))
    assert caught.value.reason is DocumentReason.TOO_LARGE


def test_no_presentation_in_the_file() -> None:
    """A file whose presentation is missing is damaged."""
    with pytest.raises(Unreadable) as caught:
        read(deck([], {"ppt/presentation.xml": "<"}))
    assert caught.value.reason is DocumentReason.DAMAGED


def test_many_shapes_are_read_in_time() -> None:
    """A slide of thousands of shapes is read line by line."""
    shapes = "".join(shape(str(n), box(n % 10, n // 10)) for n in reversed(range(2_000)))
    assert lines(one(shapes)) == [str(n) for n in range(2_000)]
