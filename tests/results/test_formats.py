"""What exports have, in every format that there is, and what is particular to each."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from docstage.domain.rows import TaskRow
from docstage.results.columns import NAMES, Columns
from docstage.results.formats import FORMATS, format_of_file
from docstage.results.formats.comma_separated import COMMA_SEPARATED
from docstage.results.formats.format import Format
from docstage.results.formats.json_lines import JSON_LINES
from docstage.results.formats.tab_separated import TAB_SEPARATED

OBJECT = {"type": "object", "properties": {"kind": {}, "due": {}}}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_ESCAPED = {"\\t": "\t", "\\n": "\n", "\\r": "\r", "\\\\": "\\"}
Table = list[dict[str, str]]


def _row(**changes: Any) -> TaskRow:
    values: dict[str, Any] = {
        "id": 1,
        "run": 1,
        "document_id": 1,
        "document": "a.txt",
        "folder_id": 1,
        "connection_id": 1,
        "connection": "Small",
        "prompt_id": 1,
        "prompt": "Kind",
        "status": "COMPLETED",
        "attempts": 1,
    }
    return TaskRow(**{**dict.fromkeys(TaskRow.__slots__), **values, **changes})


def _written(form: Format, rows: Iterable[TaskRow], schemas: Iterable[Mapping[str, Any] | None] = ()) -> str:
    return b"".join(form.pieces(Columns.of(schemas), rows)).decode()


def _csv_table(text: str) -> Table:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def _tsv_table(text: str) -> Table:
    """As docs/api.md says that it is read."""
    header, *lines = [line.split("\t") for line in text.split("\n")[:-1]]
    plain = [[re.sub(r"\\.", lambda found: _ESCAPED[found[0]], cell) for cell in line] for line in lines]
    return [dict(zip(header, line, strict=True)) for line in plain]


SPREADSHEETS: dict[str, tuple[Format, Callable[[str], Table]]] = {
    "csv": (COMMA_SEPARATED, _csv_table),
    "tsv": (TAB_SEPARATED, _tsv_table),
}


@pytest.fixture(params=FORMATS.values(), ids=list(FORMATS))
def form(request: pytest.FixtureRequest) -> Format:
    """Every format that there is."""
    one: Format = request.param
    return one


def _cell(name: str, text: str) -> str:
    form, read = SPREADSHEETS[name]
    return read(_written(form, [_row(text=text)]))[0]["text"]


def _as_it_was(cell: str) -> str:
    """The text of a cell, as docs/api.md says that it is found."""
    return cell[1:] if re.match("'(?:[\\s'\ufeff\u200b]*[=+\\-@＝＋－＠]|'*[\t\r\n])", cell) else cell


def test_a_format_is_found_by_its_names(form: Format) -> None:
    """By the name that API and commands take, and by the end of a file's name; neither is another's."""
    assert FORMATS[form.name] is form
    assert format_of_file(f"May.answers{form.suffix.upper()}") is form
    assert (form.title, form.description.endswith(".")) != ("", False)
    for other in FORMATS.values():
        assert other is form or (other.suffix, other.title) != (form.suffix, form.title)


def test_every_row_is_written_as_a_line_in_utf_8(form: Format) -> None:
    """Whatever is in it; a header comes first where the format has one, also when there is no row."""
    rows = [_row(id=n, text=f"ä\n{n}", value={"kind": "x\ty", "more": [n]}) for n in range(3)]
    names = Columns.of([OBJECT]).names
    for wanted in (rows, []):
        lines = list(form.write(Columns.of([OBJECT]), wanted))
        assert len(lines) == len(wanted) + form.has_header
        assert all(line.decode().endswith("\n") for line in lines)
        if form.has_header:
            assert re.findall(r"[\w.]+", lines[0].decode()) == list(names)


def test_rows_are_read_while_they_are_written(form: Format) -> None:
    """No more of them is held than a piece has: an export of any length fits into memory."""
    read = 0

    def rows() -> Iterable[TaskRow]:
        nonlocal read
        for _ in range(1_000):
            read += 1
            yield _row(text="x" * 1_000)

    pieces = form.pieces(Columns.of(()), rows())
    first = next(pieces)
    assert (read < 100, len(first) < 100_000) == (True, True)
    assert len(b"".join([first, *pieces])) > 1_000_000
    assert read == 1_000


@pytest.mark.parametrize("name", SPREADSHEETS)
@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-cmd", "@x", "\tx", "\rx", "\n=x", "-1-1", " =1", "＝1", "'=x", "' @x"]
)
def test_formulas_get_an_apostrophe(name: str, text: str) -> None:
    """A spreadsheet shows them as text."""
    assert _cell(name, text) == f"'{text}"


@pytest.mark.parametrize("name", SPREADSHEETS)
@pytest.mark.parametrize("text", ["-5", "+1.5", "-1e9", "plain", "'x", "1=1", "it's = x", ""])
def test_numbers_and_plain_text_stay(name: str, text: str) -> None:
    """What spreadsheets take for a number or a text is not touched."""
    assert _cell(name, text) == text


@pytest.mark.parametrize("name", SPREADSHEETS)
@given(text=st.text())
def test_any_text_survives_but_for_the_apostrophe(name: str, text: str) -> None:
    """Quotes, separators and line ends come back as they went in, and no cell begins as a formula."""
    cell = _cell(name, text)
    assert cell in {text, f"'{text}"}
    assert _as_it_was(cell) == text
    assert not cell.startswith(_FORMULA) or float(cell) is not None


@pytest.mark.parametrize("name", SPREADSHEETS)
def test_members_have_columns_of_their_own(name: str) -> None:
    """Members of all schemas have columns, once each; what is left over, or is no object, stays JSON."""
    form, read = SPREADSHEETS[name]
    rows = [
        _row(value={"kind": "a", "due": [1], "more": True}),
        _row(prompt_id=2, value=[1, 2]),
        _row(value={"kind": None, "due": False}),
        _row(prompt_id=3),
    ]
    table = read(_written(form, rows, [OBJECT, {"type": "array"}, None]))
    cells = [(row["value"], row["value.kind"], row["value.due"]) for row in table]
    assert cells == [
        ('{"more": true}', "a", "[1]"),
        ("[1, 2]", "", ""),
        ("", "", "false"),
        ("", "", ""),
    ]


def test_tabs_and_line_ends_of_tab_separated_values_are_escaped() -> None:
    """A row is one line with one tab between two cells, so that it can be split without a parser."""
    text = "a\tb\r\nc\\t\\"
    line = _written(TAB_SEPARATED, [_row(text=text, message="\t=1", value="x")]).split("\n")[1]
    cells = line.split("\t")
    assert len(cells) == len(NAMES)
    assert cells[list(NAMES).index("text")] == r"a\tb\r\nc\\t" + "\\\\"
    assert cells[list(NAMES).index("message")] == r"'\t=1"
    assert cells[list(NAMES).index("value")] == '"x"'


def test_json_lines_keep_values_as_they_are() -> None:
    """Numbers stay numbers, times are ISO 8601, and money has its unit in its name."""
    at = datetime.fromtimestamp(0, UTC)
    row = json.loads(_written(JSON_LINES, [_row(value={"a": [1]}, cost=0.5, finished_at=at)]))
    assert (row["value"], row["cost_usd"], row["finished_at"]) == (
        {"a": [1]},
        0.5,
        "1970-01-01T00:00:00+00:00",
    )
    assert list(row)[:3] == ["id", "run", "document_id"]
