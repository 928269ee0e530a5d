"""The ledger: what calls cost, by quarter of an hour and connection. It outlives the batches."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import (
    BigInteger,
    Connection,
    Executable,
    Integer,
    Text,
    case,
    cast,
    func,
    literal,
    select,
    true,
)

from docstage.domain.usage import TOKENS, Spending, Usage
from docstage.store.documents import upsert
from docstage.store.rows import json_rows, packed
from docstage.store.tables import connection, spending
from docstage.store.values import ColumnTypes

SPENT = ("calls", *TOKENS, "cost", "unpriced_calls", "possible_cost")
"""The members of `Spending`, as columns."""

QUARTER = 900
NOT_SAVED = 0
"""In place of the id of a connection that was tested before it was saved."""

_CALLS: ColumnTypes = {name: BigInteger() for name in ("begins_at", "connection_id", *SPENT)}
_SPAN: ColumnTypes = {"number": Integer(), "begins": BigInteger(), "ends": BigInteger()}

_built: dict[str, Executable] = {}


@dataclass(frozen=True, slots=True)
class Spent:
    """What calls with one connection came to within one span of time.

    Attributes:
        span: which one, counted from 0.
        connection: its name at that time.
    """

    span: int
    connection: str
    connection_id: int
    sums: Spending


def spend(c: Connection, calls: Iterable[tuple[int, float, Spending]]) -> None:
    """Enter calls that came back: the id of the connection, when, and what they came to."""
    entries: dict[tuple[int, int], Spending] = defaultdict(Spending)
    for connection_id, at, sums in calls:
        entries[int(at // QUARTER) * QUARTER, connection_id] += sums
    # In one order everywhere: two transactions that add to the same entries wait for each other at most.
    rows = [
        {"begins_at": begins_at, "connection_id": connection_id, **columns_of(entry)}
        for (begins_at, connection_id), entry in sorted(entries.items())
    ]
    if rows:
        c.execute(_statement(c), packed(rows))


def spent(c: Connection, bounds: Sequence[float]) -> list[Spent]:
    """What was spent in each of the spans that lie between neighbouring bounds, by connection.

    Args:
        bounds: seconds since the epoch, ascending.
    """
    spans = [
        {"number": number, "begins": int(begins), "ends": int(ends)}
        for number, (begins, ends) in enumerate(pairwise(bounds))
    ]
    span = json_rows(c, _SPAN)
    within = (spending.c.begins_at >= span.c.begins) & (spending.c.begins_at < span.c.ends)
    statement = (
        select(
            span.c.number,
            spending.c.connection,
            func.max(spending.c.connection_id),
            *(func.sum(spending.c[name]) for name in SPENT),
        )
        .select_from(span)
        .join(spending, within)
        .group_by(span.c.number, spending.c.connection)
        .order_by(span.c.number, spending.c.connection)
    )
    return [
        Spent(number, name, int(connection_id), _spending(*map(int, sums)))
        for number, name, connection_id, *sums in c.execute(statement, packed(spans))
    ]


def columns_of(sums: Spending) -> dict[str, int]:
    """The values under their names in SPENT, as tables have them."""
    return {
        "calls": sums.calls,
        **{name: getattr(sums.usage, name) for name in TOKENS},
        "cost": sums.cost,
        "unpriced_calls": sums.unpriced_calls,
        "possible_cost": sums.possible_cost,
    }


def _spending(calls: int, *sums: int) -> Spending:
    """The inverse of `columns_of`."""
    return Spending(calls, Usage(*sums[: len(TOKENS)]), *sums[len(TOKENS) :])


def _statement(c: Connection) -> Executable:
    """Adds rows to the ledger. Built once, as the recorder's other statements are."""
    dialect = c.dialect.name
    if dialect not in _built:
        incoming = json_rows(c, _CALLS)
        name = select(connection.c.name).where(connection.c.id == incoming.c.connection_id).scalar_subquery()
        gone = case(
            (incoming.c.connection_id == NOT_SAVED, literal("Connections not saved", Text)),
            else_=literal("Connection ", Text) + cast(incoming.c.connection_id, Text),
        )
        columns = {
            "begins_at": incoming.c.begins_at,
            "connection_id": incoming.c.connection_id,
            "connection": func.coalesce(name, gone),
            **{one: incoming.c[one] for one in SPENT},
        }
        # SQLite needs the WHERE to tell the ON of a conflict from that of a join.
        rows = select(*columns.values()).where(true())
        insertion = upsert(c, spending).from_select(list(columns), rows)
        sums = {one: spending.c[one] + insertion.excluded[one] for one in SPENT}
        _built[dialect] = insertion.on_conflict_do_update(
            index_elements=["begins_at", "connection_id", "connection"], set_=sums
        )
    return _built[dialect]
