"""How far a copy of many bytes is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from docstage.cli.output import console, plain
from docstage.store.backups.draft import Tell, silent

if TYPE_CHECKING:
    from rich.progress import TaskID


@contextmanager
def shown_copying() -> Iterator[Tell]:
    """Bars on stderr, one for each thing that is copied; nothing where there is no terminal."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    screen = console(errors=True)
    if not screen.is_terminal:
        yield silent
        return
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), DownloadColumn())
    with Progress(*columns, console=screen) as progress:
        bars: dict[str, TaskID] = {}

        def tell(what: str, done: int, whole: int) -> None:
            if what not in bars:
                bars[what] = progress.add_task(plain(what), total=whole)
            progress.update(bars[what], completed=done, total=whole)

        yield tell
