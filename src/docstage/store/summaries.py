"""Sums over many batches and runs, each in one statement."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, func, select

from docstage.domain.lifecycle import BatchStatus
from docstage.store.records import Batch
from docstage.store.runs import COUNTED, Tally, tally_of
from docstage.store.tables import GRAVEYARD, batch, batch_connection, batch_folder, batch_prompt, tally


@dataclass(frozen=True, slots=True)
class Members:
    """The ids of what a batch is made of, in its order."""

    folders: tuple[int, ...] = ()
    connections: tuple[int, ...] = ()
    prompts: tuple[int, ...] = ()


def members(c: Connection, batch_ids: Iterable[int]) -> dict[int, Members]:
    """What each of these batches is made of."""
    wanted = list(batch_ids)
    folders = _member_ids(c, batch_folder, batch_folder.c.folder_id, wanted)
    connections = _member_ids(c, batch_connection, batch_connection.c.connection_id, wanted)
    prompts = _member_ids(c, batch_prompt, batch_prompt.c.prompt_id, wanted)
    return {
        one: Members(
            tuple(folders.get(one, ())), tuple(connections.get(one, ())), tuple(prompts.get(one, ()))
        )
        for one in wanted
    }


def batches_by_status(c: Connection) -> Mapping[BatchStatus, int]:
    """How many batches have each status."""
    rows = c.execute(
        select(batch.c.status, func.count()).where(batch.c.id != GRAVEYARD).group_by(batch.c.status)
    )
    return {BatchStatus(status): int(count) for status, count in rows}


def overall(c: Connection) -> Tally:
    """The tally over all runs that are kept."""
    sums = (func.coalesce(func.sum(tally.c[name]), 0).label(name) for name in COUNTED)
    row = c.execute(select(*sums)).mappings().one()
    return tally_of(row)


def find_batches(c: Connection, batch_ids: Iterable[int]) -> list[Batch]:
    """Those of these batches that exist, by id."""
    statement = select(batch).where(batch.c.id.in_(list(batch_ids))).order_by(batch.c.id)
    return [Batch.of(row) for row in c.execute(statement).mappings()]


def _member_ids(
    c: Connection, table: Table, member: Column[int], batch_ids: list[int]
) -> dict[int, list[int]]:
    statement = (
        select(table.c.batch_id, member)
        .where(table.c.batch_id.in_(batch_ids))
        .order_by(table.c.batch_id, table.c.position)
    )
    found: dict[int, list[int]] = {}
    for batch_id, member_id in c.execute(statement):
        found.setdefault(batch_id, []).append(member_id)
    return found
