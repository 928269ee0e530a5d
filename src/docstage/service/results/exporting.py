"""Results as files, read in pages while they are written out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from docstage.domain.rows import TaskRow
from docstage.results.columns import Columns
from docstage.results.formats import FORMATS
from docstage.results.formats.format import Format
from docstage.service.context import Services
from docstage.service.results.run_lookup import select_run
from docstage.service.results.views import FormatView
from docstage.store import tasks
from docstage.store.paging import Page, PageRequest
from docstage.store.records import Run
from docstage.store.tasks import TaskFilter

# Of an export, which is held in memory for as long as its reader takes.
_FIRST_ROWS, _MOST_ROWS = 20, 1_000
_PAGE_CHARACTERS = 500_000
_ALL = TaskFilter()


@dataclass(frozen=True, slots=True)
class Export:
    """A file that is on its way.

    Attributes:
        name: what it should be called.
        pieces: its bytes; each piece is read from the database when it is asked for.
    """

    name: str
    media_type: str
    pieces: Iterator[bytes]


def export_formats() -> list[FormatView]:
    """What results can be exported as, the usual first."""
    return [FormatView.model_validate(one) for one in FORMATS.values()]


def export(
    services: Services,
    batch_id: int,
    form: Format,
    run: int | None = None,
    wanted: TaskFilter = _ALL,
    sort: str | None = None,
) -> Export:
    """The tasks of a run with their answers as a file.

    Args:
        wanted: which tasks, as in `list_tasks`.
        sort: in which order, as in `list_tasks`.

    Raises:
        NotFound: there is no such batch or run.
        InvalidInput: a bad sort.
    """
    first: Page[TaskRow] = Page([])
    with services.database.read() as c:
        _batch, chosen = select_run(c, batch_id, run)
        if chosen is not None:
            # Now, since what cannot be read cannot be told any more once the file has begun.
            first = tasks.list_tasks(c, chosen, PageRequest(_FIRST_ROWS, None, sort), wanted)
    columns = Columns.of(prompt.schema for prompt in (chosen.snapshot.prompts if chosen else ()))
    rows = _rows(services, chosen, first, wanted, sort) if chosen else iter(())
    part = "" if wanted.is_empty else "-selection"
    name = f"batch-{batch_id}-run-{chosen.number if chosen else 0}{part}{form.suffix}"
    return Export(name, form.media_type, form.pieces(columns, rows))


def _rows(
    services: Services, run: Run, page: Page[TaskRow], wanted: TaskFilter, sort: str | None
) -> Iterator[TaskRow]:
    while True:
        yield from page.items
        if page.next is None:
            return
        request = PageRequest(_next_rows(page.items), page.next, sort)
        with services.database.read() as c:
            page = tasks.list_tasks(c, run, request, wanted)


def _next_rows(items: Sequence[TaskRow]) -> int:
    """How many rows to read next, so that they are about as large as a page should be."""
    characters = sum(len(row.text or "") + len(row.message or "") for row in items)
    return max(1, min(_MOST_ROWS, _PAGE_CHARACTERS * len(items) // (characters + 1)))
