"""Word documents as a reader sees them: words, changes, notes, fields, forms, pictures, parts."""

import io
from contextlib import suppress

import pytest
from PIL import Image
from tests.staging.samples import WORD
from tests.staging.word_samples import (
    SPACES,
    docx,
    lvl,
    numbering,
    p,
    picture,
    png,
    read,
    run,
    style,
    styles,
    tbl,
    tc,
    text,
)

from docstage.domain.content import PICTURE_MARK, DocumentReason
from docstage.extraction.extractors.base import Limits, Unreadable
from docstage.extraction.extractors.office.package import flat_package, parse_part, zip_package
from docstage.extraction.extractors.word.extractor import read_word
from docstage.extraction.known_types import DOCX

HEADINGS = styles(
    style("Heading1", '<w:pPr><w:outlineLvl w:val="0"/></w:pPr>'),
    style("berschrift2", "", shown="heading 2"),
    style("Own", '<w:basedOn w:val="Heading1"/>'),
)


def field(instruction: str, result: str | None) -> str:
    """A field with the result that was kept, or without one."""
    shown = "" if result is None else f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{result}'
    return (
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r>'
        f'<w:r><w:instrText xml:space="preserve"> {instruction} </w:instrText></w:r>{shown}'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>'
    )


def test_parts_are_what_lies_between_top_headings() -> None:
    """Headings by level, by style, in any language and by what a style is based on."""
    body = p("Before") + p("One", "Heading1") + p("x") + p("Deeper", "berschrift2") + p("Two", "Own") + p("y")
    parts = read(body, {"styles.xml": HEADINGS}).parts
    assert [(part.number, part.name) for part in parts] == [(1, None), (2, "One"), (3, "Two")]
    assert [part.text for part in parts] == ["Before", "# One\n\nx\n\n## Deeper", "# Two\n\ny"]


def test_parts_below_a_single_title() -> None:
    """Where one heading is above all others, parts are what lies below it."""
    outline = '<w:outlineLvl w:val="{}"/>'.format
    body = p("Title", more=outline(0)) + p("A", more=outline(1)) + p("B", more=outline(1))
    assert [part.name for part in read(body).parts] == ["Title", "A", "B"]
    assert [part.name for part in read(p("Plain", more=outline(9)) + p("x")).parts] == [None]


def test_tracked_changes_are_read_as_accepted() -> None:
    """Insertions are read, deletions are not, what was moved is there once; and it is told whose they are."""
    body = p(
        run("Pay ")
        + '<w:del w:id="1" w:author="Ann"><w:r><w:delText>30</w:delText></w:r></w:del>'
        + f'<w:ins w:id="2" w:author="Bob">{run("60")}</w:ins>'
        + run(" days")
        + f'<w:moveFrom w:id="3" w:author="Ann">{run(" moved")}</w:moveFrom>'
        + f'<w:moveTo w:id="4" w:author="Ann">{run(" moved")}</w:moveTo>'
    )
    document = read(body)
    assert document.parts[0].text == "Pay 60 days moved"
    assert document.notes == ("It has tracked changes by Ann, Bob: read as if all were accepted.",)
    assert document.left_out == ()


def test_deleted_end_of_a_paragraph() -> None:
    """A paragraph whose end was deleted is part of the next one; one that is gone counts for no list."""
    gone = '<w:rPr><w:del w:id="1" w:author="A"/></w:rPr>'
    lists = {"numbering.xml": numbering({1: lvl(0, "decimal", "%1.")}, {1: (1, "")})}
    deleted = f'<w:del w:author="A">{run("x").replace("w:t", "w:delText")}</w:del>'
    body = p("a", number=(1, 0)) + p(deleted, number=(1, 0), more=gone) + p("b", number=(1, 0))
    assert text(body, lists) == "1. a\n2. b"
    assert text(p("two ", more=gone) + p("halves")) == "two halves"


def test_comments_with_replies() -> None:
    """A comment stands at its place, with its author, its replies and whether it is settled."""
    comments = (
        f"<w:comments {SPACES}>"
        + "".join(
            f'<w:comment w:id="{n}" w:author="{author}"><w:p w14:paraId="{n}0">{run(words)}</w:p></w:comment>'
            for n, author, words in ((1, "Ann", "Why?"), (2, "Bob", "Because."), (3, "Cy", "Nowhere."))
        )
        + "</w:comments>"
    )
    threads = (
        f'<w15:commentsEx {SPACES}><w15:commentEx w15:paraId="10" w15:done="1"/>'
        '<w15:commentEx w15:paraId="20" w15:paraIdParent="10"/></w15:commentsEx>'
    )
    body = p(run("The fee") + '<w:r><w:commentReference w:id="1"/></w:r>' + run(" is due."))
    shown = text(body, {"comments.xml": comments, "commentsExtended.xml": threads})
    assert shown == (
        "The fee [Comment by Ann, resolved: Why?; reply by Bob: Because.] is due.\n\n"
        "[Comment by Cy: Nowhere.]"
    )


def test_notes_stand_below_their_part() -> None:
    """Footnotes and endnotes have marks and are below the part that refers to them."""
    note = '<w:{0} w:id="{1}"><w:p><w:r><w:{0}Ref/></w:r><w:r><w:t>{2}</w:t></w:r></w:p></w:{0}>'.format
    feet = (
        f"<w:footnotes {SPACES}>{note('footnote', 1, 'first')}{note('footnote', 2, 'second')}</w:footnotes>"
    )
    ends = f"<w:endnotes {SPACES}>{note('endnote', 1, 'last')}</w:endnotes>"
    mark = '<w:r><w:{}Reference w:id="{}"/></w:r>'.format
    body = (
        p("A", "Heading1")
        + p(run("x") + mark("footnote", 2) + mark("endnote", 1))
        + p("B", "Heading1")
        + tbl(tc(p(run("y") + mark("footnote", 1))) + tc("z"))
    )
    parts = read(body, {"styles.xml": HEADINGS, "footnotes.xml": feet, "endnotes.xml": ends}).parts
    assert parts[0].text == "# A\n\nx[^1][^i]\n\n[^1]: second\n\n[^i]: last"
    assert parts[1].text.endswith("| y[^2] | z |\n| --- | --- |\n\n[^2]: first")


def test_hidden_text_is_told() -> None:
    """What is hidden, by itself or by its style, is not read but told."""
    sheet = styles(style("Secret", "<w:rPr><w:vanish/></w:rPr>", kind="character"))
    body = p(run("seen") + run("12345", "<w:vanish/>") + run("678", '<w:rStyle w:val="Secret"/>'))
    body += p(run("also", '<w:rStyle w:val="Secret"/><w:vanish w:val="0"/>'))
    document = read(body, {"styles.xml": sheet})
    assert document.parts[0].text == "seen\n\nalso"
    assert document.left_out == ("Hidden text is left out: 8 characters.",)


def test_run_in_heading() -> None:
    """A paragraph whose end is hidden stands on one line with the next one."""
    body = p("Term.", "Heading1", more="<w:rPr><w:vanish/><w:specVanish/></w:rPr>") + p("It begins today.")
    (part,) = read(body, {"styles.xml": HEADINGS}).parts
    assert part.text == "# Term. It begins today."


def test_fields_show_the_result_that_was_kept() -> None:
    """Instructions are not read; results are, those of fields in fields too, and links lead somewhere."""
    inner = field("PAGEREF _Toc1", run("7"))
    assert text(p(run("See ") + field("REF clause", run("2.1")))) == "See 2.1"
    assert text(p(field('TOC \\o "1-3"', run("Fees\t") + inner))) == "Fees\t7"
    assert text(p(field('HYPERLINK "https://a.example/x"', run("here")) + run("."))) == (
        "here (https://a.example/x)."
    )
    assert text(p('<w:fldSimple w:instr="DATE">' + run("1 May") + "</w:fldSimple>")) == "1 May"
    assert text(p(field("SYMBOL 183 \\f Symbol", None) + field("MACROBUTTON No [Click here]", None))) == (
        "•[Click here]"
    )


def test_field_over_several_paragraphs() -> None:
    """A field may begin in one paragraph and end in another; one that never ends hides nothing."""
    begin = '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC</w:instrText></w:r>'
    separate, end = (
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
    )
    assert text(p(begin + separate + run("a")) + p("b") + p(run("c") + end) + p("d")) == "a\n\nb\n\nc\n\nd"
    assert text(p(begin + run("a")) + p("b")) == "a\n\nb"


def test_numbers_of_fields_are_told() -> None:
    """Numbers that only Word computes are not made up but told."""
    document = read(p(field("LISTNUM", None) + run("x")))
    assert document.left_out == ("A number of a field (LISTNUM, AUTONUM) is not computed.",)


def test_forms() -> None:
    """Check boxes, drop-down lists and controls show what was chosen; what a form asks for is told so."""
    box = '<w:ffData><w:checkBox><w:default w:val="0"/>{}</w:checkBox></w:ffData>'
    old = '<w:r><w:fldChar w:fldCharType="begin">{}</w:fldChar><w:fldChar w:fldCharType="end"/></w:r>'
    choice = (
        '<w:ffData><w:ddList><w:result w:val="1"/><w:listEntry w:val="red"/>'
        '<w:listEntry w:val="blue"/></w:ddList></w:ffData>'
    )
    assert text(p(old.format(box.format("<w:checked/>")) + old.format(box.format("")))) == "☒☐"
    assert text(p(old.format(choice))) == "blue"
    control = "<w:sdt><w:sdtPr>{}</w:sdtPr><w:sdtContent>{}</w:sdtContent></w:sdt>"
    assert text(p(control.format('<w14:checkbox><w14:checked w14:val="1"/></w14:checkbox>', run("?")))) == "☒"
    asked = control.format("<w:showingPlcHdr/>", run("Click to enter a date."))
    assert text(p(run("Date: ") + asked)) == "Date: [not filled in: Click to enter a date.]"
    assert text(control.format("<w:showingPlcHdr/>", p("Enter text."))) == "[not filled in: Enter text.]"
    assert text(control.format("", p("typed") + tbl(tc("a") + tc("b")))).startswith("typed\n\n| a | b |")


def test_signs_and_breaks() -> None:
    """Signs of symbol fonts, hyphens, tabs, breaks, readings above words, raised and struck letters."""
    sign = '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'
    assert text(p(run("\uf0b7 item"))) == "• item"
    assert text(p(sign + run("a", '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>'))) == "✓α"
    assert (
        text(p("<w:r><w:t>co</w:t><w:softHyphen/><w:t>op\xad</w:t><w:noBreakHyphen/><w:t>x</w:t></w:r>"))
        == "coop-x"
    )
    assert text(p("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r>")) == "a\tb\nc"
    ruby = f"<w:r><w:ruby><w:rt>{run('とう')}</w:rt><w:rubyBase>{run('東')}</w:rubyBase></w:ruby></w:r>"
    assert text(p(ruby + run("京"))) == "東(とう)京"
    high = '<w:vertAlign w:val="superscript"/>'
    assert text(p(run("10") + run("6", high) + run(", 1") + run("st", high))) == "10^6, 1st"
    assert text(p(run("now") + run(" ne", "<w:strike/>") + run("ver", "<w:strike/>"))) == "now~~ never~~"


def test_dropped_capital() -> None:
    """A large first letter, which has a paragraph of its own, is part of its word."""
    assert text(p("O", more='<w:framePr w:dropCap="drop"/>') + p("nce upon")) == "Once upon"


def test_links() -> None:
    """Words that lead somewhere say where, unless they say it themselves; places inside are no address."""
    links = {"l1": ("hyperlink", "https://a.example/"), "l2": ("hyperlink", "mailto:a@b.example")}
    link = '<w:hyperlink r:id="{}">{}</w:hyperlink>'.format
    assert text(p(link("l1", run("the ") + run("site ")) + run("now")), links=links) == (
        "the site (https://a.example/) now"
    )
    assert text(p(link("l2", run("a@b.example"))), links=links) == "a@b.example"
    assert text(p(f'<w:hyperlink w:anchor="x">{run("above")}</w:hyperlink>')) == "above"


def test_formulas_stand_in_their_sentence() -> None:
    """A formula is where it is written."""
    letter = "<m:r><m:t>{}</m:t></m:r>".format
    square = f"<m:sSup><m:e>{letter('x')}</m:e><m:sup>{letter(2)}</m:sup></m:sSup>"
    formula = f"<m:oMath>{square}</m:oMath>"
    assert text(p(run("Let ") + formula + run(" be."))) == "Let x^2 be."
    assert text(f"<m:oMathPara>{formula}</m:oMathPara>") == "x^2"
    alone = f"<m:oMathPara>{formula}</m:oMathPara>"
    assert text(p(run("Let") + alone + run("be."))) == "Let\nx^2\nbe."


def test_text_boxes_are_read_once() -> None:
    """The words of a shape follow its paragraph, once, though the file has them in two ways."""
    words = f"<w:txbxContent>{p('In a box') + tbl(tc('a') + tc('b'))}</w:txbxContent>"
    shape = f"<wps:wsp><wps:txbx>{words}</wps:txbx></wps:wsp>"
    new = f"<w:drawing><wp:anchor><a:graphic>{shape}</a:graphic></wp:anchor></w:drawing>"
    old = f"<w:pict><v:shape><v:textbox>{words}</v:textbox></v:shape></w:pict>"
    both = (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{new}</mc:Choice>'
        f"<mc:Fallback>{old}</mc:Fallback></mc:AlternateContent></w:r>"
    )
    shown = "Beside\n\nIn a box\n\n| a | b |\n| --- | --- |"
    assert text(p(run("Beside") + both)) == shown
    assert text(p(run("Beside") + f"<w:r>{old}</w:r>")) == shown


def test_charts_and_diagrams() -> None:
    """A chart is a table of its figures, a diagram the list of its words; one that is gone is told."""
    values = "<c:{0}><c:{1}><c:{2}><c:pt idx='0'><c:v>{3}</c:v></c:pt></c:{2}></c:{1}></c:{0}>".format
    chart = (
        f"<c:chartSpace {SPACES}><c:chart><c:plotArea><c:barChart><c:ser><c:tx><c:strRef><c:strCache>"
        '<c:pt idx="0"><c:v>EMEA</c:v></c:pt></c:strCache></c:strRef></c:tx>'
        f"{values('cat', 'strRef', 'strCache', 'Q1')}{values('val', 'numRef', 'numCache', '2.5')}"
        "</c:ser></c:barChart></c:plotArea></c:chart></c:chartSpace>"
    )
    diagram = (
        f'<dgm:dataModel {SPACES}><dgm:ptLst><dgm:pt modelId="1"><dgm:t>'
        "<a:p><a:r><a:t>Step</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>"
    )
    drawn = "<w:r><w:drawing><wp:inline><a:graphic>{}</a:graphic></wp:inline></w:drawing></w:r>"
    body = "".join(
        p(drawn.format(one))
        for one in ('<c:chart r:id="c1"/>', '<dgm:relIds r:dm="d1"/>', '<c:chart r:id="gone"/>')
    )
    links = {"c1": ("chart", "chart1.xml"), "d1": ("diagramData", "data1.xml")}
    document = read(body, {"chart1.xml": chart, "data1.xml": diagram}, links)
    assert "| Q1 | 2.5 |" in document.parts[0].text
    assert document.parts[0].text.endswith("- Step")
    assert document.left_out == ("A drawing is left out, because what it shows is missing or damaged.",)


def test_headers_and_footers_once() -> None:
    """Margins are told once, at their section, and only those that are shown."""
    margin = "<w:{0} {1}>{2}</w:{0}>".format
    parts = {f"{n}.xml": margin("hdr", SPACES, p(n)) for n in ("main", "first", "even", "later")}
    parts["foot.xml"] = margin("ftr", SPACES, p(run("v1, page ") + field("PAGE", run("1"))))
    links = {n: ("header", f"{n}.xml") for n in ("main", "first", "even", "later")} | {
        "foot": ("footer", "foot.xml")
    }
    reference = '<w:headerReference w:type="{}" r:id="{}"/>'.format
    first = (
        f"<w:sectPr>{reference('default', 'main')}{reference('first', 'first')}{reference('even', 'even')}"
    )
    first += '<w:footerReference w:type="default" r:id="foot"/>{}</w:sectPr>'
    last = f"<w:sectPr>{reference('default', 'later')}{reference('first', 'main')}<w:titlePg/></w:sectPr>"
    body = p("a", more=first.format("")) + p("b") + last
    assert text(body, parts, links) == "Header: main\n\na\n\nFooter: v1, page 1\n\nHeader: later\n\nb"
    body = p("a", more=first.format("<w:titlePg/>")) + p("b") + last
    settings = {"settings.xml": f"<w:settings {SPACES}><w:evenAndOddHeaders/></w:settings>"}
    shown = text(body, parts | settings, links)
    assert shown.startswith("Header: main\n\nHeader: first\n\nHeader: even\n\na")


def test_watermark() -> None:
    """What is written across the pages is told."""
    mark = '<w:r><w:pict><v:shape><v:textpath string="DRAFT"/></v:shape></w:pict></w:r>'
    parts = {"h.xml": f"<w:hdr {SPACES}>{p(mark)}</w:hdr>"}
    body = p("x") + '<w:sectPr><w:headerReference w:type="default" r:id="h"/></w:sectPr>'
    assert text(body, parts, {"h": ("header", "h.xml")}) == "Header: Watermark: DRAFT\n\nx"


def test_pictures_where_they_stand() -> None:
    """Pictures have a mark at their place and what they are said to show; each is there once."""
    parts = {"media/a.png": png(), "media/b.png": png(colour="red")}
    links = {"a": ("image", "media/a.png"), "b": ("image", "media/b.png")}
    body = p(run("A: ") + picture("a", words="The plan") + run(", B: ") + picture("b", words="image1.png"))
    document = read(body + p(picture("a")), parts, links)
    assert document.parts[0].text == f"A: {PICTURE_MARK} (The plan), B: {PICTURE_MARK}"
    assert [image.data for image in document.parts[0].images] == [parts["media/a.png"], parts["media/b.png"]]
    assert document.parts[0].pictured


def test_pictures_are_shown_cut_and_turned() -> None:
    """What is cut off is not shown, and what is turned is turned."""
    crop = '<a:srcRect l="50000"/>'
    document = read(
        p(picture("a", more=crop, frame='rot="5400000"')), {"a.png": png(200, 100)}, {"a": ("image", "a.png")}
    )
    with Image.open(io.BytesIO(document.parts[0].images[0].data)) as image:
        assert image.size == (100, 100)
        assert min(image.convert("L").tobytes()) > 200


def test_pictures_that_are_left_out() -> None:
    """Small ones are noted; what cannot be shown, lies outside, is damaged or too much is told as missing."""
    links = {
        "small": ("image", "s.png"),
        "tiny": ("image", "t.png"),
        "meta": ("image", "m.emf"),
        "out": ("image", "https://a.example/x.png"),
        "bad": ("image", "b.png"),
    }
    parts = {"s.png": png(), "t.png": png(10, 10), "m.emf": b"\1\0\0\0" + bytes(80), "b.png": b"\x89PNG\r\n"}
    body = p("Words") + p(
        picture("small", 0.1) + "".join(picture(one) for one in ("tiny", "meta", "out", "bad"))
    )
    document = read(body, parts, links)
    assert not document.parts[0].images
    assert not document.parts[0].pictured
    assert document.notes == ("2 small pictures (icons, lines) are left out.",)
    assert sorted(sentence.split(",")[0] for sentence in document.left_out) == [
        "A drawing (EMF or WMF) is left out",
        "A picture is left out",
        "A picture is left out",
    ]


def test_more_pictures_than_the_limit() -> None:
    """Pictures beyond the limit are counted."""
    names = [f"{n}.png" for n in range(4)]
    body = "".join(p(picture(name)) for name in names)
    data = docx(body, {n: png(60 + i) for i, n in enumerate(names)}, {n: ("image", n) for n in names})
    document = read_word(zip_package(data), DOCX, Limits(images=2))
    assert len(document.parts[0].images) == 2
    assert document.left_out == ("2 pictures beyond the limit of pictures are left out.",)


def test_embedded_files() -> None:
    """Files that lie in the document are attached, with a mark at their place."""
    shape = (
        '<w:r><w:object><v:shape><v:imagedata r:id="p"/></v:shape>'
        '<o:OLEObject ProgID="Excel.Sheet.12" r:id="e"/></w:object></w:r>'
    )
    parts = {"embeddings/Costs.xlsx": b"PK\3\4 a workbook", "p.emf": b"\1\0\0\0"}
    links = {"e": ("package", "embeddings/Costs.xlsx"), "p": ("image", "p.emf")}
    document = read(p(run("See ") + shape), parts, links)
    assert document.parts[0].text == "See [Attached file: Costs.xlsx]"
    assert [(one.name, one.data) for one in document.attachments] == [("Costs.xlsx", b"PK\3\4 a workbook")]
    assert document.left_out == ()


def test_embedded_documents_are_read_in_place() -> None:
    """HTML, text and documents that Word shows as part of the text are part of it."""
    inner = docx(p(run("Inner") + picture("a")), {"a.png": png()}, {"a": ("image", "a.png")})
    body = p("Above") + "".join(f'<w:altChunk r:id="{one}"/>' for one in "htdx") + p("Below")
    parts = {
        "h.html": b"<html><body><p>From <b>HTML</b></p></body></html>",
        "t.txt": b"From text",
        "d.docx": inner,
    }
    links = {
        "h": ("aFChunk", "h.html"),
        "t": ("aFChunk", "t.txt"),
        "d": ("aFChunk", "d.docx"),
        "x": ("aFChunk", "x.bin"),
    }
    document = read(body, {**parts, "x.bin": b"\0\1\2\3" * 99}, links)
    shown = document.parts[0].text
    assert [
        shown.index(one) for one in ("Above", "HTML", "From text", f"Inner{PICTURE_MARK}", "Below")
    ] == sorted(shown.index(one) for one in ("Above", "HTML", "From text", f"Inner{PICTURE_MARK}", "Below"))
    assert len(document.parts[0].images) == 1
    assert document.left_out == (
        "An embedded document (x.bin) is left out. docstage cannot read documents of this kind.",
    )


def test_embedded_web_archives() -> None:
    """A web archive, as Word embeds it, is read as what it shows."""
    archive = (
        b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="b"; type="text/html"\r\n\r\n'
        b"--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
        b"\r\n<html><body><p>Price=3A 7</p></body></html>\r\n--b--\r\n"
    )
    shown = text('<w:altChunk r:id="m"/>', {"a.mht": archive}, {"m": ("aFChunk", "a.mht")})
    assert "Price: 7" in shown
    assert "MIME-Version" not in shown


def test_word_art() -> None:
    """Words that are drawn as a shape are words."""
    assert text(p('<w:r><w:pict><v:shape><v:textpath string="SALE"/></v:shape></w:pict></w:r>')) == "SALE"


def test_documents_in_each_other_end() -> None:
    """A document in a document in a document is read so far and no further."""
    data = docx(p("deepest"))
    for level in range(5):
        data = docx(
            p(f"level {level}") + '<w:altChunk r:id="d"/>', {"d.docx": data}, {"d": ("aFChunk", "d.docx")}
        )
    document = read_word(zip_package(data), DOCX, Limits())
    assert "level 1" in document.parts[0].text
    assert "deepest" not in document.parts[0].text
    assert document.left_out == ("An embedded document (d.docx) is left out. It lies too deep in others.",)


def test_documents_of_other_programs() -> None:
    """Strict namespaces and flat documents are read like others."""
    strict = docx(p("Strict", "Heading1"), {"styles.xml": HEADINGS})
    package = zip_package(strict)
    body = package.read("word/document.xml")
    assert body is not None
    renamed = body.replace(WORD.encode(), b"http://purl.oclc.org/ooxml/wordprocessingml/main")
    assert parse_part(renamed).tag == f"{{{WORD}}}document"
    space = "http://schemas.microsoft.com/office/2006/xmlPackage"
    flat = (
        f'<pkg:package xmlns:pkg="{space}"><pkg:part pkg:name="/word/document.xml"><pkg:xmlData>'
        f"{renamed.decode()}</pkg:xmlData></pkg:part></pkg:package>"
    )
    assert read_word(flat_package(parse_part(flat.encode())), DOCX, Limits()).parts[0].text == "Strict"


def test_damaged_parts_are_told() -> None:
    """What can be read is read where something beside it is damaged; without its text, it is damaged."""
    document = read(p("x"), {"styles.xml": "<w:styles", "comments.xml": "<w:comments"})
    assert document.parts[0].text == "x"
    assert document.left_out == (
        "The styles cannot be read, because the file is damaged there.",
        "The comments cannot be read, because the file is damaged there.",
    )
    with pytest.raises(Unreadable) as caught:
        read("<w:p>")
    assert caught.value.reason is DocumentReason.DAMAGED


@pytest.mark.parametrize("tag", ["w:sdt", "w:customXml", "w:tbl", "w:p", "w:r", "w:hyperlink", "w:ruby"])
def test_endless_nesting(tag: str) -> None:
    """Elements in each other without end are read or refused, and cost no stack."""
    inner = "<w:tr><w:tc>" if tag == "w:tbl" else ""
    end = "</w:tc></w:tr>" if inner else ""
    body = f"<{tag}>{inner}" * 5_000 + p("deep") + f"{end}</{tag}>" * 5_000
    with suppress(Unreadable):
        assert len(read(body).parts) == 1


def test_words_where_no_word_processor_puts_them() -> None:
    """Words in unknown elements, and runs without a paragraph, are words."""
    body = f"<w:later><w:p><w:later>{run('a')}</w:later></w:p></w:later>{run('b')}" + p("<w:t>c</w:t>")
    assert text(body) == "a\n\nb\n\nc"
