"""Decompression bombs and endless documents of every kind that is opened, made in code, small on disk."""

import zlib
from functools import partial

from tests.hostile.bomb import GB, MB, Bomb
from tests.hostile.bomb import made as _data
from tests.hostile.compound import compound_file
from tests.hostile.containers import (
    flate,
    member,
    ole_file,
)
from tests.hostile.entities import laughs
from tests.hostile.office_bombs import OFFICE as OFFICE_BINARY
from tests.hostile.open_document import (
    FRAMES,
    PARAGRAPH,
    TABLE,
    book_part,
    book_text,
    odf,
    odf_frame,
    odf_part,
    odp_groups,
    ods_repeats,
    odt_deep,
    odt_lists,
    odt_text,
)
from tests.hostile.open_xml import (
    sheet_part,
    sheet_repeats,
    sheet_span,
    sheet_strings,
    sheet_text,
    slide_groups,
    slide_part,
    slide_text,
    word,
    word_crowd,
    word_deep,
    word_margins,
    word_media,
    word_nested,
    word_overlapping,
    word_part,
    word_tables,
)
from tests.hostile.outlook import fields, message
from tests.hostile.outlook_bombs import OUTLOOK
from tests.hostile.pdfs import (
    pdf_box,
    pdf_circle,
    pdf_count,
    pdf_deep,
    pdf_flate,
    pdf_forms,
    pdf_image,
    pdf_kids,
    pdf_objects,
    pdf_references,
    pdf_runs,
    pdf_tables,
    pdf_tree,
    pdf_zeros,
)
from tests.hostile.pictures import (
    bmp,
    gif,
    gif_frames,
    heic,
    jpeg,
    jpeg_padded,
    png,
    png_profile,
    png_text,
    tiff,
    webp,
)
from tests.hostile.texts import mail, mail_crowd, mail_page, mailbox, mails, multiparts, page, sparse

SECRET = "the-words-of-another-file"

BOMBS: dict[str, Bomb] = {
    "part.docx": _data(lambda: word_part(200 * MB), quick=True),
    "part-90-mb.docx": _data(lambda: word_part(90 * MB)),
    "lying.docx": _data(lambda: word_part(2 * GB, declared=1_000)),
    "margins.docx": _data(lambda: word_margins(95 * MB), harmless=True),
    "media.docx": _data(word_media),
    "nested.docx": _data(word_nested, harmless=True),
    "deep.docx": _data(lambda: word_deep(100_000), harmless=True),
    "tables.docx": _data(lambda: word_tables(50_000), harmless=True),
    "overlapping.docx": _data(word_overlapping, quick=True),
    "crowd.docx": _data(word_crowd),
    "laughs.docx": _data(lambda: word("&l9;", laughs()), harmless=True, quick=True),
    "part.xlsx": _data(lambda: sheet_part(200 * MB), quick=True),
    "part-90-mb.xlsx": _data(lambda: sheet_part(90 * MB)),
    "span.xlsx": _data(sheet_span, harmless=True),
    "strings.xlsx": _data(lambda: sheet_strings(90 * MB), harmless=True),
    "repeats.xlsx": _data(sheet_repeats),
    "laughs.xlsx": _data(lambda: sheet_text("&l9;", laughs()), harmless=True, quick=True),
    "part.pptx": _data(lambda: slide_part(200 * MB), quick=True),
    "part-90-mb.pptx": _data(lambda: slide_part(90 * MB)),
    "groups.pptx": _data(lambda: slide_groups(100_000), harmless=True),
    "laughs.pptx": _data(lambda: slide_text("&l9;", laughs()), harmless=True, quick=True),
    "part.odt": _data(lambda: odf_part("text", PARAGRAPH, 200 * MB), quick=True),
    "part-90-mb.odt": _data(lambda: odf_part("text", PARAGRAPH, 90 * MB)),
    "spaces.odt": _data(lambda: odt_text('x<text:s text:c="2000000000"/>x'), harmless=True, quick=True),
    "deep.odt": _data(lambda: odt_deep(100_000), harmless=True),
    "lists.odt": _data(lambda: odt_lists(100_000), harmless=True),
    "laughs.odt": _data(lambda: odt_text("&l9;", laughs()), harmless=True, quick=True),
    "part.ods": _data(lambda: odf_part("spreadsheet", TABLE, 200 * MB), quick=True),
    "part-90-mb.ods": _data(lambda: odf_part("spreadsheet", TABLE, 90 * MB), harmless=True),
    "laughs.ods": _data(
        lambda: odf(
            "spreadsheet",
            member("content.xml", odf_frame("spreadsheet", TABLE.replace("x", "&l9;"), laughs())),
        ),
        harmless=True,
        quick=True,
    ),
    "part.odp": _data(lambda: odf_part("presentation", f"<draw:page>{FRAMES}</draw:page>", 200 * MB)),
    "part-90-mb.odp": _data(
        lambda: odf_part("presentation", f"<draw:page>{FRAMES}</draw:page>", 90 * MB), harmless=True
    ),
    "groups.odp": _data(lambda: odp_groups(100_000), harmless=True),
    "laughs.odp": _data(
        lambda: odf(
            "presentation",
            member("content.xml", odf_frame("presentation", "<draw:page>&l9;</draw:page>", laughs())),
        ),
        harmless=True,
        quick=True,
    ),
    "repeats.ods": _data(ods_repeats, harmless=True),
    "part.epub": _data(lambda: book_part(200 * MB), quick=True),
    "spine.epub": _data(lambda: book_part(10 * MB, spine=10_000)),
    "laughs.epub": _data(lambda: book_text("&l9;", laughs()), harmless=True, quick=True),
    "flate.pdf": _data(lambda: pdf_flate(4 * GB)),
    "flate-twice.pdf": _data(lambda: pdf_flate(4 * GB, times=3)),
    "zeros.pdf": _data(pdf_zeros),
    "count.pdf": _data(pdf_count, harmless=True, quick=True),
    "kids.pdf": _data(pdf_kids, harmless=True),
    "objects.pdf": _data(pdf_objects, harmless=True),
    "tables.pdf": _data(pdf_tables, harmless=True, quick=True),
    "tree.pdf": _data(lambda: pdf_tree(100_000), harmless=True),
    "runs.pdf": _data(pdf_runs, harmless=True, quick=True),
    "circle.pdf": _data(pdf_circle, quick=True),
    "references.pdf": _data(pdf_references, quick=True),
    "forms.pdf": _data(pdf_forms),
    "deep.pdf": _data(pdf_deep, harmless=True),
    "image.pdf": _data(pdf_image, harmless=True),
    "wide.pdf": _data(lambda: pdf_box(b"0 0 1e9 1e9"), harmless=True, quick=True),
    "thin.pdf": _data(lambda: pdf_box(b"0 0 2147483647 1"), harmless=True, quick=True),
    "negative.pdf": _data(lambda: pdf_box(b"9e38 9e38 -9e38 -9e38"), harmless=True, quick=True),
    "pixels.png": _data(lambda: png(60_000, 60_000, flate(b"\0", MB)), quick=True),
    "pixels-99-m.png": _data(lambda: png(10_000, 9_999, flate(b"\0", 100 * MB)), harmless=True),
    "text.png": _data(png_text),
    "pixels.jpg": _data(lambda: jpeg(65_500, 65_500), quick=True),
    "padded.jpg": _data(lambda: jpeg_padded(60 * MB), harmless=True, quick=True),
    "pixels.tiff": _data(lambda: tiff(100_000, 100_000, 1), quick=True),
    "frames.tiff": _data(lambda: tiff(8, 8, 200_000), harmless=True),
    "large-frames.tiff": _data(lambda: tiff(9_999, 10_000, 200_000), harmless=True),
    "flate.tiff": _data(lambda: tiff(9_999, 10_000, 40, strip=flate(b"\0", 10 * GB), kind=8), harmless=True),
    "circle.tiff": _data(lambda: tiff(8, 8, 3, circle=True), harmless=True, quick=True),
    "pixels.heic": _data(heic, quick=True),
    "pixels.gif": _data(lambda: gif(65_535, 65_535), quick=True),
    "frames.gif": _data(lambda: gif_frames(500_000), harmless=True),
    "pixels-99-m.gif": _data(lambda: gif(9_999, 10_000), harmless=True),
    "profile.png": _data(png_profile, harmless=True),
    "pixels.bmp": _data(lambda: bmp(100_000, 100_000), quick=True),
    "pixels.webp": _data(webp, quick=True),
    "laughs.xml": _data((laughs() + "<x>&l9;</x>").encode, harmless=True, quick=True),
    "laughs.svg": _data((laughs() + "<svg>&l9;</svg>").encode, harmless=True, quick=True),
    "laughs.rss": _data((laughs() + "<rss>&l9;</rss>").encode, harmless=True, quick=True),
    "laughs.xhtml": _data(lambda: laughs().encode() + page("<p>&l9;</p>"), harmless=True, quick=True),
    "deep.html": _data(lambda: page("<div>" * 100_000 + "x" + "</div>" * 100_000), harmless=True),
    "lists.html": _data(lambda: page("<ul><li>" * 100_000 + "x"), harmless=True),
    "tables.html": _data(lambda: page("<table><tr><td>" * 20_000 + "x"), harmless=True),
    "bold.html": _data(lambda: page("<b><i>" * 100_000 + "x"), harmless=True),
    "quotes.html": _data(lambda: page("<blockquote>" * 30_000 + "x"), harmless=True),
    "span.html": _data(
        lambda: page('<table><tr><td rowspan="65534" colspan="1000">x</td></tr></table>' * 50), harmless=True
    ),
    "deep.json": _data(lambda: b"[" * 5_000_000 + b"]" * 5_000_000, harmless=True, quick=True),
    "words.txt": _data(lambda: "\0".join("x" * 999).encode("utf-16-be") * 50_000),
    "tables.rtf": _data(
        lambda: b"{\\rtf1 " + b"\\trowd\\cellx1 x\\cell " * (4 * MB) + b"\\row}", harmless=True
    ),
    "deep.rtf": _data(lambda: b"{\\rtf1 " + b"{" * 1_000_000 + b"x" + b"}" * 1_000_001, harmless=True),
    "binary.rtf": _data(lambda: b"{\\rtf1 {\\*\\x \\bin2147483647 }x}", harmless=True, quick=True),
    "picture.rtf": _data(
        lambda: b"{\\rtf1 {\\pict\\picw2147483647 " + b"0" * MB + b"}x}", harmless=True, quick=True
    ),
    "sparse-1-gb.csv": Bomb(sparse(GB), quick=True),
    "sparse-190-mb.csv": Bomb(sparse(190 * MB)),
    "line.csv": _data(lambda: b"x," * (95 * MB)),
    "multiparts.eml": _data(lambda: multiparts(5_000), harmless=True, quick=True),
    "mails.eml": _data(lambda: mails(5_000), harmless=True, quick=True),
    "crowd.eml": _data(mail_crowd, harmless=True),
    "bomb.eml": _data(
        lambda: mail({"a.docx": word_part(200 * MB), "b.gz": zlib.compress(b"x")}), harmless=True, quick=True
    ),
    "bombs.eml": _data(lambda: mail({f"{n}.docx": word_part(90 * MB) for n in range(50)}), harmless=True),
    "page.eml": _data(lambda: mail_page(b"<p>x</p>" * (15 * MB)), harmless=True),
    "deep-page.eml": _data(lambda: mail_page(b"<div><table><tr><td>" * 50_000), harmless=True),
    "header.eml": _data(lambda: b"Subject: a\nTo: " + b"a@b.c, " * (4 * MB) + b"\n\nx", harmless=True),
    "words.eml": _data(lambda: b"Subject: " + b"=?utf-8?q?x?= " * MB + b"\n\nx", harmless=True),
    "outlook.eml": _data(
        lambda: mail({f"{n}.msg": compound_file(message(fields())) for n in range(1_000)}), harmless=True
    ),
    "bombs.mbox": _data(
        lambda: b"".join(
            b"From a@b Mon Jan  1 00:00:00 2024\n" + mail({"a.docx": word_part(90 * MB)}) + b"\n\n"
            for _ in range(50)
        ),
        harmless=True,
    ),
    "many.mbox": _data(mailbox, harmless=True),
    "circle.xls": _data(lambda: ole_file("Workbook"), quick=True),
    "tree.xls": _data(lambda: ole_file("Workbook", tree="circle"), quick=True),
    "far.xls": _data(lambda: ole_file("Workbook", chain="far", size=1 << 40), quick=True),
    "circle.doc": _data(lambda: ole_file("WordDocument"), quick=True),
    "tree.doc": _data(lambda: ole_file("WordDocument", tree="circle"), quick=True),
    "circle.ppt": _data(lambda: ole_file("PowerPoint Document"), quick=True),
    "tree.ppt": _data(lambda: ole_file("PowerPoint Document", tree="circle"), quick=True),
    "ole-circle.msg": _data(lambda: ole_file("__properties_version1.0"), quick=True),
    "ole-tree.msg": _data(
        lambda: ole_file("__properties_version1.0", tree="circle", size=1 << 40), quick=True
    ),
    **{
        f"part.{extension}": _data(partial(make, 200 * MB))
        for make, extensions in (
            (word_part, "docm dotx dotm"),
            (sheet_part, "xlsm xltx"),
            (slide_part, "pptm ppsx potx"),
        )
        for extension in extensions.split()
    },
    **{
        f"circle.{extension}": _data(partial(ole_file, stream_name))
        for extension, stream_name in {
            "dot": "WordDocument",
            "xlt": "Workbook",
            "pps": "PowerPoint Document",
        }.items()
    },
    **OFFICE_BINARY,
    **OUTLOOK,
}
