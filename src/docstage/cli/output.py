"""What is printed: results on stdout, everything else on stderr."""

import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON on stdout, as the API answers it.")]

# Without a terminal nobody knows the width: this is what logs of build servers show without wrapping.
_PIPE_WIDTH = 120
# Of these, some steer terminals or change the order in which text is read.
_NOT_ASCII = re.compile(r"[^\n -~]")
STATUS_STYLES = {
    "COMPLETED": "green",
    "STAGED": "cyan",
    "STAGING": "blue",
    "ANALYZING": "blue",
    "PAUSED": "yellow",
    "FAILED": "red",
    "FAILED_STAGING": "red",
    "ENCODED": "green",
    "UNREADABLE": "red",
    "SKIPPED": "yellow",
    "ok": "green",
    "failed": "red",
}


def console(*, errors: bool = False) -> "Console":
    """A console on stdout or stderr; plain where that is no terminal, and with NO_COLOR."""
    from rich.console import Console

    stream = sys.stderr if errors else sys.stdout
    width = None if stream.isatty() else _PIPE_WIDTH
    return Console(file=stream, width=width, markup=False, emoji=False, highlight=False)


def say(text: str = "") -> None:
    """Print a message on stderr, without what would steer the terminal."""
    typer.echo(visible(text), err=True)


def show_json(value: Any) -> None:
    """Print JSON on stdout; what would steer a terminal is escaped, which changes no value."""
    typer.echo(_NOT_ASCII.sub(_escaped, json.dumps(value, indent=2, ensure_ascii=False)))


def _escaped(found: re.Match[str]) -> str:
    character = found.group()
    return character if character.isprintable() else json.dumps(character)[1:-1]


def show(value: Any, as_json: bool, render: Callable[[Any], None]) -> None:
    """Print a value on stdout, as JSON or for people."""
    if as_json:
        show_json(value)
    else:
        render(value)


def show_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str | None = None) -> None:
    """Print a table on stdout. A column whose name ends with `#` is one of numbers; `!` never wraps."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, title=title, title_justify="left", title_style="bold", pad_edge=False)
    for name in columns:
        number = name.endswith("#")
        table.add_column(
            name.rstrip("#!"),
            justify="right" if number else "left",
            no_wrap=number or name.endswith("!"),
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    if table.row_count:
        console().print(table)
    else:
        console().print(f"{title}: none" if title else "None.")


def failures_in_words(counts: Any) -> str:
    """Failed tasks as "3 failed, 8 cannot be sent": to connections that do not take such documents."""
    unsendable = counts.get("unsendable", 0)
    failed = counts["failed"] - unsendable
    parts = [(failed, "failed"), (unsendable, "cannot be sent")]
    return ", ".join(f"{number:,} {what}" for number, what in parts if number)


def show_members(members: Iterable[tuple[str, Any]]) -> None:
    """Print names and values, a line each; those without a value are left out."""
    from rich.table import Table

    given = [(name, value) for name, value in members if value not in (None, "", [], {})]
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="bold")
    grid.add_column(overflow="fold")
    for name, value in given:
        grid.add_row(name, _cell(value, whole=True))
    console().print(grid)


def _cell(value: Any, *, whole: bool = False) -> "Text":
    from rich.text import Text

    text = "" if value is None else value if isinstance(value, str) else _other(value)
    shown = "\n".join(plain(line) for line in text.splitlines()) if whole else plain(text)
    return Text(shown, style=STATUS_STYLES.get(shown, ""))


def _other(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return f"{value:,}"
    if isinstance(value, list):
        return ", ".join(str(one) for one in value)
    return json.dumps(value, ensure_ascii=False)


def plain(text: str) -> str:
    """The text on one line, without characters that would steer the terminal."""
    return visible(" ".join(text.split()))


def visible(text: str) -> str:
    """The text without characters that would steer the terminal; its lines stay."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(one if one.isprintable() or one == "\n" else "\ufffd" for one in text)


def shortened(text: str, length: int) -> str:
    """The text on one line, at most that long."""
    line = plain(text)
    return line if len(line) <= length else f"{line[: length - 1].rstrip()}…"


def money(dollars: float | None) -> str:
    """US dollars, with more digits where it is little; `unknown` for None."""
    if dollars is None:
        return "unknown"
    return f"${dollars:,.2f}" if dollars >= 1 or dollars == 0 else f"${dollars:.4f}"


def cost_of(sums: Mapping[str, Any]) -> str:
    """What calls cost, as the API tells it: a least, where some is unknown, and what these cost at most."""
    known, possible = sums["cost"], sums["possible_cost"]
    if not sums["unpriced_calls"] or not possible:
        return least(known, is_part=bool(sums["unpriced_calls"]))
    most = f"up to {money(possible)}"
    return f"{least(known, is_part=True)}, {most} more possibly" if known else f"{most} possibly"


def cost_so_far(sums: Mapping[str, Any]) -> str:
    """Likewise, and nothing where nothing was called."""
    return cost_of(sums) if sums["calls"] or sums["unpriced_calls"] else ""


def least(dollars: float | None, *, is_part: bool) -> str:
    """A sum in which something is missing, when it is: then it is a least, or unknown if it is nothing."""
    if not is_part:
        return money(dollars)
    return f"at least {money(dollars)}" if dollars else "unknown"


def duration(seconds: float | None) -> str:
    """A time to go, such as 2:05 or 1:02:05."""
    if seconds is None:
        return "-:--"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def when(timestamp: str | None) -> str:
    """A time of the API in the local time zone."""
    if timestamp is None:
        return ""
    return datetime.fromisoformat(timestamp).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def counted(number: int, noun: str) -> str:
    """A number with its noun, such as `1 task` or `1,200 tasks`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
