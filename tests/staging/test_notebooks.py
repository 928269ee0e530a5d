"""Notebooks: their cells with what came out."""

import base64
import io
import json

import pytest
from PIL import Image

from docstage.domain.content import PICTURE_MARK, DocumentReason
from docstage.extraction.extractors import Limits, Unreadable, extract


def picture() -> str:
    """A picture of one colour, as notebooks keep it."""
    buffer = io.BytesIO()
    Image.new("RGB", (400, 300), "red").save(buffer, "PNG")
    return base64.encodebytes(buffer.getvalue()).decode()


def test_cells_and_outputs() -> None:
    """Sources, printed lines, tables and errors are text; pictures stand at their place, not as bytes."""
    outputs = [
        {"output_type": "stream", "text": ["\x1b[31mred\x1b[0m\n", "lines\n"]},
        {"output_type": "display_data", "data": {"image/png": picture(), "text/plain": ["<Figure>"]}},
        {
            "output_type": "execute_result",
            "data": {"text/html": "<table><tr><th>a<th>b<tr><td>1<td>2</table>"},
        },
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["one", "two"]},
    ]
    cells = [
        {"cell_type": "markdown", "source": ["# Head\n", "words"]},
        {"cell_type": "code", "source": "plot()", "outputs": outputs},
    ]
    notebook = {"cells": cells, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4}
    (part,) = extract(json.dumps(notebook).encode(), "a.ipynb", Limits()).parts
    assert part.text == (
        "# Head\nwords\n\n```python\nplot()\n```\n\n```\nred\nlines\n```\n\n"
        f"{PICTURE_MARK}\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n```\none\ntwo\n```"
    )
    assert len(part.images) == 1


def test_old_notebooks() -> None:
    """Notebooks of version 3 have their cells in worksheets, and other names for the same."""
    output = {"output_type": "pyout", "text": ["42"]}
    cells = [
        {"cell_type": "heading", "level": 2, "source": "H"},
        {"cell_type": "code", "input": "6*7", "outputs": [output]},
    ]
    text = extract(
        json.dumps({"worksheets": [{"cells": cells}], "nbformat": 3}).encode(), "a.ipynb", Limits()
    ).text
    assert text == "## H\n\n```\n6*7\n```\n\n```\n42\n```"


def test_what_is_no_notebook() -> None:
    """JSON that is no notebook stays as it is; what is cut off is told."""
    assert extract(b'{"a": 1}', "a.ipynb", Limits()).text == '{"a": 1}'
    for odd in (b'{"cells": [1, {"cell_type": "code", "outputs": 3, "source": 5}, {"source": "x"}]}',):
        assert extract(odd, "a.ipynb", Limits()).text == "x"
    with pytest.raises(Unreadable) as caught:
        extract(b'{"cells": [', "a.ipynb", Limits())
    assert caught.value.reason is DocumentReason.DAMAGED
