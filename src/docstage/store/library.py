"""Folders, connections and prompts: what batches are made of."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    ScalarSelect,
    Table,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from docstage.domain.connection import MODEL
from docstage.domain.errors import Conflict, InUse, InvalidInput, NotFound
from docstage.store.paging import Page, PageRequest, fetch_page
from docstage.store.records import ConnectionRecord, Folder, Prompt
from docstage.store.tables import (
    batch,
    batch_connection,
    batch_folder,
    batch_prompt,
    connection,
    folder,
    prompt,
    prompt_version,
)
from docstage.store.values import ColumnValues, Expression, Rows

_MEMBERS = {
    folder.name: (batch_folder, batch_folder.c.folder_id),
    connection.name: (batch_connection, batch_connection.c.connection_id),
    prompt.name: (batch_prompt, batch_prompt.c.prompt_id),
}


def insert_folder(c: Connection, values: ColumnValues) -> int:
    """Store a folder and return its id. Raises Conflict when the name is taken."""
    return _insert(c, folder, values)


def insert_connection(c: Connection, values: ColumnValues) -> int:
    """Store a connection and return its id. Raises Conflict when the name is taken."""
    return _insert(c, connection, values)


def insert_prompt(c: Connection, name: str, version: ColumnValues, now: float) -> int:
    """Store a prompt with its first version and return its id. Raises Conflict when the name is taken."""
    prompt_id = _insert(c, prompt, {"name": name, "created_at": now, "updated_at": now})
    insert_prompt_version(c, prompt_id, 1, version, now)
    return prompt_id


def insert_prompt_version(
    c: Connection, prompt_id: int, number: int, version: ColumnValues, now: float
) -> None:
    """Store one version of a prompt: `text`, `system`, `schema` and `too_long`."""
    c.execute(insert(prompt_version).values(prompt_id=prompt_id, version=number, created_at=now, **version))


def lock_row(c: Connection, table: Table, row_id: int) -> None:
    """Keep a row from being changed until the end of the transaction, if it exists."""
    c.execute(select(table.c.id).where(table.c.id == row_id).with_for_update())


def update_row(c: Connection, table: Table, row_id: int, values: ColumnValues) -> None:
    """Change columns of a folder, connection or prompt.

    Raises:
        NotFound: there is no such row.
        Conflict: the new name is taken.
    """
    try:
        changed = c.execute(update(table).where(table.c.id == row_id).values(**values)).rowcount
    except IntegrityError as error:
        raise _name_taken(table, values) from error
    if not changed:
        raise NotFound(f"There is no {table.name} {row_id}.")


def keep_context(c: Connection, asked: ConnectionRecord, tokens: int, at: float) -> None:
    """Keep what a connection's model takes, unless it has become another connection since it was asked."""
    same = (connection.c[name].is_not_distinct_from(getattr(asked, name)) for name in MODEL)
    values = {"known_context_tokens": tokens, "context_known_at": at}
    c.execute(update(connection).where(connection.c.id == asked.id, *same).values(values))


def delete_row(c: Connection, table: Table, row_id: int) -> None:
    """Delete a folder, connection or prompt that no batch uses.

    Raises:
        NotFound: there is no such row.
        InUse: batches use it; their ids are in `used_by`.
    """
    members, column = _MEMBERS[table.name]
    users = c.execute(
        select(batch.c.id, batch.c.name)
        .join(members, members.c.batch_id == batch.c.id)
        .where(column == row_id)
    ).all()
    if users:
        names = ", ".join(f"{user.name!r}" for user in users[:5]) + (" and others" if len(users) > 5 else "")
        raise InUse(
            f"This {table.name} is used by the batches {names}. Delete those first, or take it out of them.",
            used_by=[user.id for user in users],
        )
    if not c.execute(delete(table).where(table.c.id == row_id)).rowcount:
        raise NotFound(f"There is no {table.name} {row_id}.")


def count_users(c: Connection, table: Table, row_ids: Sequence[int]) -> dict[int, int]:
    """How many batches use each of these folders, connections or prompts; those that none uses are absent."""
    _members, column = _MEMBERS[table.name]
    statement = select(column, func.count()).where(column.in_(row_ids)).group_by(column)
    return {row[0]: row[1] for row in c.execute(statement)}


def last_edit(c: Connection, connection_ids: Collection[int]) -> float:
    """When one of these connections was edited last, 0 where there is none."""
    statement = select(func.max(connection.c.updated_at)).where(connection.c.id.in_(connection_ids))
    return float(c.execute(statement).scalar() or 0.0)


def uses(kind: str, ids: Collection[int]) -> ColumnElement[bool]:
    """The condition that a batch uses one of these of a kind: `folder`, `connection` or `prompt`."""
    members, column = _MEMBERS[kind]
    return batch.c.id.in_(select(members.c.batch_id).where(column.in_(ids)))


def get_folder(c: Connection, folder_id: int) -> Folder:
    """The folder. Raises NotFound."""
    return Folder.of(_get(c, folder, folder_id))


def folder_paths(c: Connection) -> list[str]:
    """The paths of all folders."""
    return list(c.execute(select(folder.c.path)).scalars())


def get_connection(c: Connection, connection_id: int) -> ConnectionRecord:
    """The connection. Raises NotFound."""
    return ConnectionRecord.of(_get(c, connection, connection_id))


def edited_at(c: Connection, connection_ids: Collection[int]) -> dict[int, float]:
    """When each of these connections was edited last; those that are gone are left out."""
    table = connection.c
    rows = c.execute(select(table.id, table.updated_at).where(table.id.in_(connection_ids)))
    return {number: float(at) for number, at in rows}


def get_prompt(c: Connection, prompt_id: int, version: int | None = None) -> Prompt:
    """The prompt at a version, by default its latest. Raises NotFound."""
    statement = _prompts().where(prompt.c.id == prompt_id)
    chosen: int | ScalarSelect[int] = version if version is not None else _latest(prompt.c.id)
    row = c.execute(statement.where(prompt_version.c.version == chosen)).mappings().one_or_none()
    if row is None:
        wanted = f"version {version} of prompt {prompt_id}" if version is not None else f"prompt {prompt_id}"
        raise NotFound(f"There is no {wanted}.")
    return Prompt.of(row)


def prompt_versions(c: Connection, prompt_id: int) -> list[Prompt]:
    """Every version of a prompt, the latest first. Raises NotFound."""
    statement = _prompts().where(prompt.c.id == prompt_id).order_by(prompt_version.c.version.desc())
    rows = c.execute(statement).mappings().all()
    if not rows:
        raise NotFound(f"There is no prompt {prompt_id}.")
    return [Prompt.of(row) for row in rows]


def list_folders(c: Connection, request: PageRequest, search: str | None = None) -> Page[Folder]:
    """Folders whose name or path contains `search`."""
    statement = _searched(select(folder), search, folder.c.name, folder.c.path)
    page = fetch_page(c, statement, request, sorts=_sorts(folder), default="name", key=folder.c.id)
    return Page([Folder.of(row) for row in page.items], page.next)


def list_connections(
    c: Connection, request: PageRequest, search: str | None = None
) -> Page[ConnectionRecord]:
    """Connections whose name, provider or model contains `search`."""
    columns = (connection.c.name, connection.c.provider, connection.c.model)
    statement = _searched(select(connection), search, *columns)
    page = fetch_page(c, statement, request, sorts=_sorts(connection), default="name", key=connection.c.id)
    return Page([ConnectionRecord.of(row) for row in page.items], page.next)


def list_prompts(c: Connection, request: PageRequest, search: str | None = None) -> Page[Prompt]:
    """Prompts at their latest version whose name or text contains `search`."""
    latest = _prompts().where(prompt_version.c.version == _latest(prompt.c.id))
    statement = _searched(latest, search, prompt.c.name, prompt_version.c.text)
    page = fetch_page(c, statement, request, sorts=_sorts(prompt), default="name", key=prompt.c.id)
    return Page([Prompt.of(row) for row in page.items], page.next)


def set_members(c: Connection, batch_id: int, members: Mapping[str, Sequence[int]]) -> None:
    """Make the batch consist of these `folder`, `connection` and `prompt` ids, in this order.

    Raises:
        InvalidInput: some ids do not exist.
    """
    for name, ids in members.items():
        table, column = _MEMBERS[name]
        _check_exist(c, {"folder": folder, "connection": connection, "prompt": prompt}[name], ids)
        c.execute(delete(table).where(table.c.batch_id == batch_id))
        rows = [{"batch_id": batch_id, column.name: member, "position": n} for n, member in enumerate(ids)]
        if rows:
            c.execute(insert(table), rows)


def members_of(c: Connection, batch_id: int) -> dict[str, list[int]]:
    """The `folder`, `connection` and `prompt` ids of a batch, in order."""
    return {
        name: list(
            c.execute(select(column).where(table.c.batch_id == batch_id).order_by(table.c.position)).scalars()
        )
        for name, (table, column) in _MEMBERS.items()
    }


def _insert(c: Connection, table: Table, values: ColumnValues) -> int:
    try:
        return int(c.execute(insert(table).values(**values).returning(table.c.id)).scalar_one())
    except IntegrityError as error:
        raise _name_taken(table, values) from error


def _name_taken(table: Table, values: ColumnValues) -> Conflict:
    return Conflict(f"There is a {table.name} named {values.get('name')!r} already. Choose another name.")


def _get(c: Connection, table: Table, row_id: int) -> RowMapping:
    row = c.execute(select(table).where(table.c.id == row_id)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"There is no {table.name} {row_id}.")
    return row


def _check_exist(c: Connection, table: Table, ids: Sequence[int]) -> None:
    found = set(c.execute(select(table.c.id).where(table.c.id.in_(ids))).scalars())
    missing = [str(member) for member in ids if member not in found]
    if missing:
        field = f"{table.name}_ids"
        message = f"There is no {table.name} {', '.join(missing)}."
        raise InvalidInput(message, errors=[{"field": field, "message": message}])


def _prompts() -> Rows:
    return select(
        prompt.c.id,
        prompt.c.name,
        prompt.c.updated_at,
        prompt_version.c.version,
        prompt_version.c.text,
        prompt_version.c.system,
        prompt_version.c.schema,
        prompt_version.c.too_long,
        prompt_version.c.created_at,
    ).join(prompt_version, prompt_version.c.prompt_id == prompt.c.id)


def _latest(prompt_id: ColumnElement[int]) -> ScalarSelect[int]:
    versions = prompt_version.alias("latest")
    return select(func.max(versions.c.version)).where(versions.c.prompt_id == prompt_id).scalar_subquery()


def _sorts(table: Table) -> dict[str, Expression]:
    return {name: table.c[name] for name in ("id", "name", "created_at", "updated_at")}


def _searched(statement: Rows, search: str | None, *columns: ColumnElement[str]) -> Rows:
    if not search:
        return statement
    return statement.where(or_(*(column.icontains(search, autoescape=True) for column in columns)))
