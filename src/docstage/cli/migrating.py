"""`docstage migrate`: bringing a database of an earlier version to this one."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from docstage.cli.copying import shown_copying
from docstage.cli.output import JsonFlag, say, show
from docstage.cli.target import Target


def migrate(
    ctx: typer.Context,
    no_backup: Annotated[
        bool,
        typer.Option("--no-backup", help="Make no copy first. On PostgreSQL: you made one with pg_dump."),
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Bring the database of an earlier docstage to this version, after a copy of it.

    Nobody else may be at work on it: stop `docstage serve` and `docstage engine` first. The copy is put into
    `backups` in the home folder, from where docstage restore takes it: there is no other way back.

    Example: docstage migrate
    """
    from docstage.service.context import Services
    from docstage.store import migrating

    settings = Target.of(ctx).local_settings("docstage migrate")
    services = Services.open(settings)
    try:
        with shown_copying() as tell:
            done = migrating.migrate(
                services.database,
                migrating.Migration(
                    seal=services.secrets.seal,
                    backups=None if no_backup else settings.backups_folder,
                    keep=settings.keep_backups,
                    without_copy=no_backup,
                    say=say,
                    tell=tell,
                ),
            )
    finally:
        services.database.close()
    members = asdict(done) | {"backup": None if done.backup is None else str(done.backup)}
    show(members, as_json, _show)


def _show(done: dict[str, Any]) -> None:
    before, schema = done["before"], done["schema"]
    if before == schema:
        typer.echo(f"The database is current: its schema is {schema}.")
    elif before is None:
        typer.echo(f"The database was empty; it has the schema {schema} now.")
    else:
        typer.echo(f"Migrated from {before} to {schema}.")
