"""Pages by key: the next page begins after the last row's sort value and id, however far down it is."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, or_, select

from docstage.domain.content import clean_text
from docstage.domain.errors import InvalidInput
from docstage.store.values import Expression, Rows

T = TypeVar("T")
SortValue: TypeAlias = int | float | str
MAX_LIMIT = 1_000
_MAX_INTEGER = 2**63 - 1  # of both databases


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows and where the next ones begin.

    Attributes:
        items: the rows, in order.
        next: opaque cursor of the next page, or None at the end.
    """

    items: Sequence[T]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is wanted.

    Attributes:
        limit: how many rows, 1 to 1,000.
        cursor: `next` of the page before, or None for the first.
        sort: name of the sort key; a leading `-` sorts downwards; None means the listing's own order.
    """

    limit: int = 100
    cursor: str | None = None
    sort: str | None = None


@dataclass(frozen=True, slots=True)
class Marks:
    """Where the pages of a listing begin, so that any of them can be fetched at once.

    Attributes:
        total: how many rows there are.
        cursors: those of the second page and all further ones.
        position: the place of the wanted row, counted from 0; None when it is not there.
    """

    total: int
    cursors: Sequence[str]
    position: int | None = None


def fetch_page(
    connection: Connection,
    statement: Rows,
    request: PageRequest,
    *,
    sorts: Mapping[str, Expression],
    default: str,
    key: ColumnElement[int],
) -> Page[RowMapping]:
    """One page of a statement.

    Args:
        sorts: sort keys by name; their values must not be null (use COALESCE).
        default: the sort that is used when none is asked for, such as `-id`.
        key: a unique column that settles ties.

    Raises:
        InvalidInput: unknown sort key, bad cursor or limit.
    """
    sort, descending = _sort(request.sort or default, sorts)
    limit = _limit(request.limit)
    place = _place(key, request.sort or default)
    statement = statement.add_columns(sort.label("sort_value"), key.label("sort_key"))
    if request.cursor:
        statement = statement.where(_after(sort, key, descending, _decode(request.cursor, place, sort)))
    order = _order(sort, key, descending)
    rows = connection.execute(statement.order_by(*order).limit(limit + 1)).mappings().all()
    more = len(rows) > limit
    rows = rows[:limit]
    last = rows[-1] if more else None
    cursor = _encode(place, last["sort_value"], last["sort_key"]) if last else None
    return Page(rows, cursor)


def fetch_marks(
    connection: Connection,
    statement: Rows,
    request: PageRequest,
    *,
    sorts: Mapping[str, Expression],
    default: str,
    key: ColumnElement[int],
    wanted: int | None = None,
) -> Marks:
    """Where each page of a statement begins; the arguments are those of `fetch_page`.

    Args:
        wanted: the key of a row whose position is asked for.

    Raises:
        InvalidInput: unknown sort key or bad limit.
    """
    name = request.sort or default
    sort, descending = _sort(name, sorts)
    limit = _limit(request.limit)
    order = _order(sort, key, descending)
    columns = (sort.label("value"), key.label("key"), func.row_number().over(order_by=order).label("number"))
    rows = statement.with_only_columns(*columns).cte("numbered")
    last = select(func.max(rows.c.number)).scalar_subquery()
    marks = select(rows).where(or_(rows.c.number % limit == 0, rows.c.number == last, rows.c.key == wanted))
    found = connection.execute(marks.order_by(rows.c.number)).all()
    total = found[-1].number if found else 0
    starts = [row for row in found if row.number % limit == 0 and row.number < total]
    position = next((row.number - 1 for row in found if row.key == wanted), None)
    return Marks(total, [_encode(_place(key, name), row.value, row.key) for row in starts], position)


def _sort(name: str, sorts: Mapping[str, Expression]) -> tuple[Expression, bool]:
    bare = name.removeprefix("-")
    if bare not in sorts:
        known = ", ".join(sorted(sorts))
        raise InvalidInput(f"Cannot sort by {bare!r}. Sort by one of: {known}; a leading - sorts downwards.")
    return sorts[bare], name.startswith("-")


def _limit(limit: int) -> int:
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidInput(f"limit must be between 1 and {MAX_LIMIT:,}.")
    return limit


def _order(sort: Expression, key: ColumnElement[int], descending: bool) -> list[Expression]:
    columns = [sort] if sort is key else [sort, key]
    return [column.desc() if descending else column.asc() for column in columns]


def _after(
    sort: Expression, key: ColumnElement[int], descending: bool, last: tuple[SortValue, int]
) -> ColumnElement[bool]:
    value, number = last
    if sort is key:  # databases see no range in the alternatives below
        after: ColumnElement[bool] = key < number if descending else key > number
        return after
    if descending:
        return or_(sort < value, and_(sort == value, key < number))
    return or_(sort > value, and_(sort == value, key > number))


def _place(key: ColumnElement[int], sort: str) -> str:
    """What a cursor is good for: rows of one kind in one order, such as `task.id -cost`."""
    return f"{key} {sort}"


def _encode(place: str, value: SortValue, number: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([place, value, number]).encode()).decode().rstrip("=")


def _decode(cursor: str, place: str, column: Expression) -> tuple[SortValue, int]:
    try:
        made_for, value, number = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, TypeError, RecursionError) as error:
        raise InvalidInput("This cursor is not one that docstage gave out.") from error
    if made_for != place or not _is_storable(number, int) or not _is_storable(value, column.type.python_type):
        raise InvalidInput("This cursor belongs to another listing or sort order. Start from the first page.")
    return value, number


def _is_storable(value: object, kind: type) -> bool:
    """Whether the database can compare the value with a column of this kind, instead of failing."""
    if kind is str:
        return isinstance(value, str) and clean_text(value) == value
    if kind is int:
        return type(value) is int and abs(value) <= _MAX_INTEGER
    return isinstance(value, int | float) and type(value) is not bool and abs(value) <= _MAX_INTEGER
