"""How rows that break an invariant are found, counted and named."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from sqlalchemy import Connection, func

from docstage.store.values import Rows

Place: TypeAlias = Mapping[str, object]
"""Where a row is: what it is (`batch`, `run`, `task`, ...) with its id or number."""

EXAMPLES = 10  # rows that are named; all are counted


@dataclass(frozen=True, slots=True)
class Broken:
    """The rows that break an invariant.

    Attributes:
        count: how many there are.
        where: the first of them, each as what it is (`batch`, `run`, `task`, ...) and its id or number.
    """

    count: int = 0
    where: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Invariant:
    """Something that must be true of every database.

    Attributes:
        name: a few words, as a check is called.
        broken: finds what breaks it.
    """

    name: str
    broken: Callable[[Connection], Broken]


def rows_of(*builders: Callable[[Connection], Rows]) -> Callable[[Connection], Broken]:
    """Finds the rows of statements that select what breaks an invariant; their columns say where it is."""

    def find(c: Connection) -> Broken:
        count = 0
        where: list[Place] = []
        for build in builders:
            counted = build(c).add_columns(func.count().over().label("of_all")).limit(EXAMPLES)
            rows = [dict(row) for row in c.execute(counted).mappings()]
            count += rows[0]["of_all"] if rows else 0
            where += [{name: value for name, value in row.items() if name != "of_all"} for row in rows]
        return Broken(count, tuple(where[:EXAMPLES]))

    return find


def collected(found: Iterable[Place]) -> Broken:
    """Counts what a pass over rows found, and keeps the first."""
    count = 0
    where: list[Place] = []
    for one in found:
        count += 1
        if len(where) < EXAMPLES:
            where.append(one)
    return Broken(count, tuple(where))
