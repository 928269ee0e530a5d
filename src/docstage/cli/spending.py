"""`docstage spending`: what was spent on which day with which connection."""

from datetime import UTC, date, datetime
from typing import Annotated

import typer

from docstage.cli.client import Json, connected
from docstage.cli.output import JsonFlag, cost_of, counted, money, say, show, show_table


def spending(
    ctx: typer.Context,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days, without --from.")] = 30,
    first: Annotated[str | None, typer.Option("--from", metavar="DATE", help="The first day.")] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="The last day; today, if not given.")
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option(help="Where days begin, such as Europe/Berlin or +02:00; as this machine has it now."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show what was spent on which day with which connection. Deleted batches count, too.

    Example: docstage spending --from 2026-05-01 --to 2026-05-31
    """
    query = {"days": days, "from": _day(first, "--from"), "to": _day(last, "--to")}
    with connected(ctx) as api:
        found = api.get("/api/spending", time_zone=time_zone or _local_offset(), **query)
    show(found, as_json, _show)


def _day(text: str | None, option: str) -> str | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day such as 2026-05-31.", param_hint=option) from None


def _local_offset() -> str:
    return datetime.now(UTC).astimezone().isoformat()[-6:]


def _show(found: Json) -> None:
    rows = [_row(day["day"], one) for day in found["days"] for one in day["connections"]]
    if rows:
        rows.append(_row("In all", found["total"] | {"connection": ""}))
    columns = ["Day!", "Connection", "Calls#", "Input tokens#", "Output tokens#", "Cost#"]
    show_table(columns, rows, title=f"Spending from {found['first']} to {found['last']}")
    unpriced, possible = found["total"]["unpriced_calls"], found["total"]["possible_cost"]
    if unpriced:
        most = f", {money(possible)} at most where the price is known" if possible else ""
        say(
            f"The cost of {counted(unpriced, 'call')} is unknown{most}: their connections have no price, or "
            "they were given up or not answered in time."
        )


def _row(day: str, sums: Json) -> list[object]:
    tokens = [sums["input_tokens"], sums["output_tokens"]]
    return [day, sums["connection"], sums["calls"], *tokens, cost_of(sums)]
