"""Notebooks of Jupyter: their cells with what came out, without the bytes of pictures (nbformat 3 and 4)."""

import json
import re
from collections.abc import Iterator

from docstage.domain.content import DocumentReason, Part, PartKind
from docstage.extraction.extractors.base import Extracted, Limits, Unreadable, tidy
from docstage.extraction.extractors.text.extractor import decode_text
from docstage.extraction.extractors.web.page import html_to_text
from docstage.extraction.extractors.web.pictures import PagePictures

_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_OLD_PICTURES = {"png": "image/png", "jpeg": "image/jpeg"}


class NotebookExtractor:
    """Cells in their order, sources fenced as code."""

    def extract(self, data: bytes, media_type: str, limits: Limits, /) -> Extracted:
        """Write the notebook as Markdown. See `Extractor.extract`."""
        source = decode_text(data)
        try:
            notebook = json.loads(source)
        except (ValueError, RecursionError):
            detail = "The notebook is damaged or cut off: it is no valid JSON."
            raise Unreadable(DocumentReason.DAMAGED, detail) from None
        cells = _cells(notebook)
        if cells is None:
            return Extracted.whole(source, media_type)
        pictures = PagePictures(limits)
        language = _language(notebook)
        written = "\n\n".join(piece for cell in cells for piece in _cell(cell, language, pictures) if piece)
        text, images = pictures.placed(tidy(written))
        part = Part(PartKind.SECTION, 1, text, images)
        return Extracted((part,), media_type, pictures.notes(), tuple(pictures.left_out))


EXTRACTOR = NotebookExtractor


def _cells(notebook: object) -> list[object] | None:
    if not isinstance(notebook, dict):
        return None
    cells = notebook.get("cells")
    if cells is None and isinstance(notebook.get("worksheets"), list):
        cells = [
            cell
            for sheet in notebook["worksheets"]
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
            for cell in sheet["cells"]
        ]
    return cells if isinstance(cells, list) else None


def _language(notebook: object) -> str:
    metadata = notebook.get("metadata") if isinstance(notebook, dict) else None
    for name in ("language_info", "kernelspec"):
        about = metadata.get(name) if isinstance(metadata, dict) else None
        language = (
            about.get("name" if name == "language_info" else "language") if isinstance(about, dict) else None
        )
        if isinstance(language, str):
            return language
    return ""


def _cell(cell: object, language: str, pictures: PagePictures) -> Iterator[str]:
    if not isinstance(cell, dict):
        return
    source = _text(cell.get("source", cell.get("input")))
    if cell.get("cell_type") == "code":
        yield _fenced(source, language)
        outputs = cell.get("outputs")
        for output in outputs if isinstance(outputs, list) else ():
            if isinstance(output, dict):
                yield _output(output, pictures)
    elif cell.get("cell_type") == "heading":
        yield f"{'#' * (cell['level'] if cell.get('level') in range(1, 7) else 1)} {source}"
    else:
        yield source


def _output(output: dict[str, object], pictures: PagePictures) -> str:
    kind = output.get("output_type")
    if kind == "stream":
        return _fenced(_text(output.get("text")))
    if kind in ("error", "pyerr"):
        trace = _text(output.get("traceback"), "\n") or f"{output.get('ename')}: {output.get('evalue')}"
        return _fenced(trace)
    data = output.get("data")
    return _shown(data if isinstance(data, dict) else output, pictures)


def _shown(data: dict[str, object], pictures: PagePictures) -> str:
    """The richest form that a model reads: a picture, a table of HTML, Markdown, formulas or plain text."""
    for name in (*_PICTURES, *_OLD_PICTURES):
        packed = _text(data.get(name))
        if packed and (mark := pictures(f"data:{_OLD_PICTURES.get(name, name)};base64,{packed}", {})):
            return mark
    for name in ("text/markdown", "markdown", "text/latex", "latex"):
        if text := _text(data.get(name)):
            return text
    plain = _text(data.get("text/plain", data.get("text")))
    page = _text(data.get("text/html", data.get("html")))
    if page and (table := html_to_text(page)):
        return table
    if not plain and "application/json" in data:
        plain = json.dumps(data["application/json"], ensure_ascii=False)
    return _fenced(plain) if plain.strip() else ""


def _text(value: object, between: str = "") -> str:
    """A text, which notebooks keep as one string or as a list of lines."""
    if isinstance(value, list):
        return between.join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""


def _fenced(text: str, language: str = "") -> str:
    text = _TERMINAL.sub("", text).replace("\ufffc", "").strip("\n")
    fence = "````" if "```" in text else "```"
    return f"{fence}{language}\n{text}\n{fence}" if text.strip() else ""
