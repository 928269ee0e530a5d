"""Pages: tables with data as tables, tables for layout as text, and what a reader sees of everything else."""

import base64
import io

import pytest
from PIL import Image

from docstage.domain.content import PICTURE_MARK, DocumentReason
from docstage.extraction.extractors import Extracted, Limits, Unreadable, extract
from docstage.extraction.extractors.web.frames import Frames


def read(page: str | bytes, name: str = "a.html") -> Extracted:
    """What a page is turned into."""
    return extract(page.encode() if isinstance(page, str) else page, name, Limits())


def text(page: str | bytes, name: str = "a.html") -> str:
    """Its text."""
    return read(page, name).parts[0].text


def rows(page: str) -> list[list[str]]:
    """The cells of the rows of its tables."""
    lines = [line for line in text(page).splitlines() if line.startswith("|") and "| --- |" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def picture(width: int, height: int) -> bytes:
    """A picture of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(buffer, "PNG")
    return buffer.getvalue()


REPORT = """<table border=0>
<tr><td></td><td></td><td colspan="7">Year Ended December 31,</td></tr>
<tr><td>(in millions)</td><td>&nbsp;<td colspan="3">2021</td><td>&nbsp;<td colspan="3">2020</td></tr>
<tr><td>Revenue</td><td></td><td>$</td><td>1,234</td><td></td><td></td><td>$</td><td>1,000</td><td></td></tr>
<tr><td>Cost</td><td></td><td colspan=2>(234</td><td>)</td><td></td><td colspan=2>(100</td><td>)</td></tr>
<tr><td>Margin</td><td></td><td></td><td>81.0</td><td>%</td><td></td><td></td><td>90.0</td><td>%</td></tr>
<tr><td>Other</td><td></td><td></td><td>—</td><td></td><td></td><td></td><td></td><td></td></tr>
<tr><td>Net</td><td></td><td>$</td><td>(9</td><td>)</td><td></td><td>$</td><td>(8</td><td>)</td></tr></table>"""


def test_reports() -> None:
    """Brackets go to their figures, spaces away, and each figure stands under its year beside its sign."""
    assert rows(REPORT) == [
        ["", *["Year Ended December 31,"] * 4],
        ["(in millions)", "2021", "2021", "2020", "2020"],
        ["Revenue", "$", "1,234", "$", "1,000"],
        ["Cost", "", "(234)", "", "(100)"],
        ["Margin", "", "81.0%", "", "90.0%"],
        ["Other", "", "—", "", ""],
        ["Net", "$", "(9)", "$", "(8)"],
    ]


def test_heads_beside_their_values() -> None:
    """A head over the sign alone stands over the figures."""
    page = (
        "<table><tr><td>Item<td>2021<td><td>2020<td><tr><td>A<td>$<td>1<td>$<td>2"
        "<tr><td>B<td><td>3<td><td>4</table>"
    )
    assert rows(page) == [["Item", "2021", "2020"], ["A", "$ 1", "$ 2"], ["B", "3", "4"]]


def test_columns_without_values() -> None:
    """A column that has a head and no value stays, since its absence tells something."""
    page = "<table><tr><td><td>Paid<td>Due<tr><td>A<td><td>5<tr><td>B<td><td>6</table>"
    assert rows(page) == [["", "Paid", "Due"], ["A", "", "5"], ["B", "", "6"]]


def test_spans() -> None:
    """Cells over several rows are said in each; titles over all columns once."""
    page = (
        "<table><tr><th>Region<th>City<th>People<tr><td rowspan=2>North<td>A<td>1<tr><td>B<td>2"
        "<tr><td colspan=3>Rest<tr><td>South<td>C<td>3</table>"
    )
    assert rows(page)[1:] == [["North", "A", "1"], ["North", "B", "2"], ["Rest", "", ""], ["South", "C", "3"]]


@pytest.mark.parametrize("role", ["", "role=presentation"])
def test_layout(role: str) -> None:
    """A table that arranges a page is text in reading order, and the table of data in it is a table."""
    page = (
        f"<table {role} width=100%><tr><td colspan=2><h1>Shop</h1></td></tr><tr>"
        "<td><ul><li>Home<li>About</ul></td>"
        "<td><p>Welcome.</p><table><tr><td>Size<td>Price<tr><td>S<td>1.00</table></td></tr>"
        "<tr><td colspan=2>Footer</td></tr></table>"
    )
    assert text(page) == (
        "# Shop\n\n- Home\n- About\n\nWelcome.\n\n| Size | Price |\n| --- | --- |\n| S | 1.00 |\n\nFooter"
    )


def test_tables_of_newsletters() -> None:
    """Mails call every table a presentation; one with figures in its columns has data nevertheless."""
    page = (
        "<table role=presentation><tr><td><table role=presentation><tr><td>Widget<td>2<td>$20.00"
        "<tr><td>Gadget<td>1<td>$5.00<tr><td>Total<td><td>$25.00</table></table>"
    )
    assert rows(page)[2] == ["Total", "", "$25.00"]


def test_lists_in_tables() -> None:
    """Bullets in a column of their own make a list."""
    page = (
        "<table><tr><td>&bull;<td>First<tr><td>&bull;<td>Second</table><table><tr><td>(a)<td>Clause</table>"
    )
    assert text(page) == "• First\n• Second\n(a) Clause"


def test_parts_of_tables() -> None:
    """The caption stands above, the foot below, bars and line breaks do not break rows."""
    page = (
        "<table><caption>Costs</caption><tfoot><tr><td>Total<td>9</tfoot><thead><tr><th>Name<th>Cost</thead>"
        "<tbody><tr><td>A|B<br>x<td>9</table>"
    )
    assert text(page) == ("Costs\n\n| Name | Cost |\n| --- | --- |\n| A\\|B<br>x | 9 |\n| Total | 9 |")


def test_tables_by_role_and_style() -> None:
    """What is a table for screen readers, or by its style, is one."""
    page = (
        "<div role=table><div role=row><span role=columnheader>N</span><span role=columnheader>V</span></div>"
        "<div role=row><span role=cell>a</span><span role=cell>1</span></div></div>"
    )
    assert rows(page) == [["N", "V"], ["a", "1"]]
    cell, row = '<div style="display:table-cell">', '<div style="display: table-row">'
    lines = f"{row}{cell}k</div>{cell}v</div></div>{row}{cell}l</div>{cell}w</div></div>"
    page = f'<div style="display:table">{lines}</div>x'
    assert rows(page) == [["k", "v"], ["l", "w"]]
    assert text(page).endswith("\n\nx")


def test_tables_in_tables_of_data() -> None:
    """Of a table inside the cell of another one, both keep their columns."""
    page = "<table><tr><th>Item<th>Sizes<tr><td>Shirt<td><table><tr><th>S<th>M<tr><td>1<td>2</table></table>"
    assert rows(page) == [["Item", "Sizes"], ["Shirt", ""], ["S", "M"], ["1", "2"]]


def test_hidden_things() -> None:
    """What nobody sees is not read; what opens at a click is; so is a page that hides all for a program."""
    page = (
        "<p>seen</p><div style='color:red; display: none'>no</div><p hidden>no</p><template>no</template>"
        "<noscript>no</noscript><ix:header><ix:hidden>no</ix:hidden></ix:header>"
        "<span style='mso-hide:all'>no</span>"
        "<details><summary>More</summary>inside</details><p><ix:nonFraction name=a>5</ix:nonFraction></p>"
        "<table><tr style='display:none'><td>no<td>no<tr><td>a<td>b<tr><td>c<td>d</table>"
    )
    assert text(page) == "seen\n\nMore\n\ninside\n\n5\n\n| a | b |\n| --- | --- |\n| c | d |"
    hidden = read("<body style='visibility:hidden'><p>all</p><script>x</script></body>")
    assert hidden.text == "all"
    assert "hides" in hidden.notes[0]


def test_forms() -> None:
    """Forms show what they are filled in with."""
    page = (
        "<label>Name <input value='Maria &amp; Co'></label><br><input type=checkbox checked> Yes "
        "<input type=checkbox> No<br><select><option>Red<option selected>Blue</select>"
        "<input type=hidden value=secret><textarea>\nOne\n Two</textarea>"
    )
    assert text(page) == "Name Maria & Co\n[x] Yes [ ] No\nBlue\n\nOne\n Two"


def test_lists() -> None:
    """Items have the numbers that browsers give them."""
    page = (
        "<ol start=3 type=a><li>one<ol style='list-style-type: lower-roman'><li>x<li>y</ol>"
        "<li value=7>two</ol>"
        "<ol reversed start=2><li>b<li>a</ol><dl><dt>Term<dd>Meaning</dl>"
    )
    assert text(page) == "c. one\n   i. x\n   ii. y\ng. two\n2. b\n1. a\nTerm\n: Meaning"


def test_numbers_of_word() -> None:
    """Paragraphs that Word saved as HTML keep the numbers and bullets it computed."""
    page = (
        "<p><![if !supportLists]><span style='mso-list:Ignore'>1.<span>&nbsp;&nbsp; </span></span><![endif]>"
        "Clause</p><p><!--[if !supportLists]--><span style='mso-list:Ignore'>·<span>&nbsp;</span></span>"
        "<!--[endif]-->Item<o:p></o:p></p><!--[if gte mso 9]><xml>junk</xml><![endif]-->"
    )
    assert text(page) == "1. Clause\n\n- Item"


def test_looks_that_matter() -> None:
    """Raised and lowered figures stay apart; struck and inserted words are told."""
    page = (
        "<p>H<sub>2</sub>O 10<sup>1</sup> x<sup>n+a</sup> <del>old</del> <ins>new</ins> "
        "<span style='text-decoration: line-through'>gone</span> <b style='font-weight:normal'>plain</b></p>"
        "<p><ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby> <q>hi</q></p>"
    )
    assert text(page) == "H₂O 10¹ x^(n+a) ~~old~~ <ins>new</ins> ~~gone~~ plain\n\n漢字(かんじ) “hi”"


def test_formulas_and_drawings() -> None:
    """Formulas are typed in a line, or given as the TeX they carry; drawings give their words."""
    page = (
        "<p>Given <math><mfrac><mi>a</mi><mi>b</mi></mfrac><mo>=</mo>"
        "<msup><mi>x</mi><mn>2</mn></msup></math> so <math><semantics><mi>x</mi>"
        "<annotation encoding='application/x-tex'>\\frac12</annotation></semantics></math>"
        "</p><svg><title>Chart</title><style>x{}</style><text>Q1</text><text>3.5</text></svg>"
    )
    assert text(page) == "Given a/b = x^2 so $\\frac12$\n\n[Image: Chart]\nQ1\n3.5"


def test_broken_pages() -> None:
    """Unclosed, misnested and stray tags are read as browsers read them."""
    table = "<table><tr><td>a<td>b<tr><td>1<td>2</table>"
    page = f"<p>one<p>two <b>bold<p>still</b> x</div></p>{table}tail < 5 <a href=y>l</a>"
    assert text(page) == (
        "one\n\ntwo **bold**\n\nstill x\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\ntail < 5 [l](y)"
    )


def test_xhtml() -> None:
    """A page that is written as XML closes elements and quotes text in the ways of XML."""
    page = (
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><head><title/>'
        '<script src="x"/></head>'
        "<body><p>a<br/>b</p><div/><![CDATA[c < d]]></body></html>"
    )
    assert text(page, "a.xht") == "a\nb\n\nc < d"


def test_frames_inside() -> None:
    """A frame that carries its page shows it; no frame is read endlessly deep."""
    assert text("<p>a</p><iframe srcdoc='&lt;p&gt;b&lt;/p&gt;'></iframe>") == "a\n\nb"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-8-sig", "cp1251"])
def test_encodings(encoding: str) -> None:
    """Pages say how they are encoded by a mark, by their bytes, or in words."""
    said = "<meta http-equiv='Content-Type' content='text/html; charset=windows-1251'>"
    page = f"<html><head>{said}</head><p>Привет</p>"
    assert text(page.encode(encoding)) == "Привет"


def test_pictures() -> None:
    """Pictures in the page itself are given at their place; icons are not, and damaged ones are told."""

    def uri(data: bytes) -> str:
        return f"<img alt=x src='data:image/png;base64,{base64.b64encode(data).decode()}'>"

    page = read(f"<p>a {uri(picture(400, 300))} b</p>{uri(picture(16, 16))}{uri(b'nothing')}")
    assert page.parts[0].text == f"a {PICTURE_MARK} b\n\n[Image: x] [Image: x]"
    assert len(page.images) == 1
    assert "1 small picture is not included" in page.notes[0]
    assert "no known format" in page.left_out[0]


def test_web_archives() -> None:
    """A saved page is its root part, with the pictures that came along."""
    packed = base64.encodebytes(picture(400, 300)).decode()
    archive = (
        "From: <Saved by a browser>\nMIME-Version: 1.0\n"
        'Content-Type: multipart/related; type="text/html"; boundary="b"\n\n'
        "--b\nContent-Type: text/html\nContent-Location: http://x.example/a/page.html\n"
        'Content-Transfer-Encoding: quoted-printable\n\n<p>Saved =E2=82=AC</p><img src=3D"i.png">\n'
        "--b\nContent-Type: image/png\nContent-Location: http://x.example/a/i.png\n"
        f"Content-Transfer-Encoding: base64\n\n{packed}\n--b--\n"
    )
    page = read(archive, "a.mht")
    assert page.parts[0].text == f"Saved €\n\n{PICTURE_MARK}"
    assert len(page.images) == 1


def test_frames_are_looked_for_once() -> None:
    """A page that shows one frame a thousand times asks for it once, and no page asks without end."""
    asked: list[str] = []

    def find(address: str) -> bytes:
        asked.append(address)
        return b"<p>x</p>"

    frames = Frames(find)
    assert [frames("a"), frames("a"), frames("")] == ["<p>x</p>", None, None]
    for number in range(1_000):
        frames(f"other {number}")
    assert asked[:2] == ["a", "other 0"]
    assert len(asked) == 200


def test_frames_in_a_web_archive() -> None:
    """Pages in frames that came with a page are read where they stand, each once: circles end."""
    frame = '<p>In the frame</p><iframe src="cid:f"></iframe>'
    head = "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=b\n\n"
    page = 'Content-Type: text/html\n\n<p>Above</p><iframe src="cid:f"></iframe><p>Below</p>'
    archive = f"{head}--b\n{page}\n--b\nContent-Type: text/html\nContent-ID: <f>\n\n{frame}\n--b--\n"
    assert read(archive, "a.mht").text == "Above\n\nIn the frame\n\nBelow"


def test_pages_of_millions_of_tags() -> None:
    """A page that would take minutes is refused at once."""
    with pytest.raises(Unreadable) as caught:
        read("<b>" * 2_000_001)
    assert caught.value.reason is DocumentReason.TOO_COMPLEX
