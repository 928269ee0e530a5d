"""`docstage backup` and `docstage restore`."""

import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docstage.cli.copying import shown_copying
from docstage.cli.output import JsonFlag, counted, say, show_json
from docstage.cli.target import Target
from docstage.clock import SystemClock

if TYPE_CHECKING:
    from docstage.service.system.restore import Restored
    from docstage.settings import Settings
    from docstage.store.backups.manifest import Manifest


def backup(
    ctx: typer.Context,
    target: Annotated[
        Path | None,
        typer.Argument(
            help="The folder to make; default: one named after the time, in `backups` in the home."
        ),
    ] = None,
    with_key: Annotated[
        bool,
        typer.Option("--with-key", help="Put secret.key into it too. Who has both can read stored keys."),
    ] = False,
    quick: Annotated[
        bool, typer.Option("--quick", help="Check only that the files are whole, not every row of the copy.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Copy the database, encoded documents and uploads as they are now, while docstage goes on with its work.

    The copy appears only when it is whole, and everything in it is checked. Keep it on another disk. It holds
    neither docstage.toml nor, without --with-key, secret.key, with which stored keys of providers are sealed.

    Example: docstage backup /mnt/backups/docstage-monday
    """
    from docstage.service.system.backup import BackupOrder, back_up

    settings = Target.of(ctx).local_settings("docstage backup")
    place = (target or settings.backups_folder / time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())).absolute()
    with shown_copying() as tell:
        order = BackupOrder(place, with_key=with_key, check=not quick, tell=tell)
        made = back_up(settings, SystemClock(), order)
    if as_json:
        show_json({"path": str(place)} | asdict(made))
    else:
        typer.echo(str(place))
    _tell_of_backup(settings, made, place)


def restore(
    ctx: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="The folder that docstage backup made.")],
    home: Annotated[
        Path | None,
        typer.Option(help="The home to make of it, which must be empty; as --home before the command."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a home of a backup, in which nothing calls a model before you say so.

    Batches that were being analysed are PAUSED there, and those being staged FAILED_STAGING: the copy does
    not know what was called after it was made. Copies that docstage migrate made are restored
    in the same way.

    Example: docstage restore /mnt/backups/docstage-monday --home ~/docstage-restored
    """
    from docstage.service.system import restore as service

    target = Target.of(ctx)
    if home is not None:
        target = Target(home, target.database, target.server, target.token)
    settings = target.local_settings("docstage restore")
    with shown_copying() as tell:
        done = service.restore(settings, SystemClock(), source.absolute(), tell)
    if as_json:
        show_json(_members(settings, done))
    else:
        typer.echo(str(settings.home))
    _tell_of_restored(settings, done)


def _members(settings: "Settings", done: "Restored") -> dict[str, Any]:
    return {
        "home": str(settings.home),
        "made_at": done.manifest.made_at,
        "docstage": done.manifest.docstage,
        "schema": done.manifest.schema,
        "held": [asdict(one) for one in done.held],
        "missing_folders": [{"name": name, "path": path} for name, path in done.missing_folders],
        "needs_key": done.needs_key,
        "needs_migration": done.needs_migration,
    }


def _tell_of_backup(settings: "Settings", made: "Manifest", place: Path) -> None:
    say(f"{counted(len(made.files), 'file')}, {made.size / 1e6:,.1f} MB, as of {made.moment}.")
    for finding in made.findings:
        say(f"Look: {finding}")
    if made.findings:
        say("The copy is as the database is. What is told above is wrong in both; see docstage doctor --deep")
    if made.database == "postgresql":
        say(
            "The database itself is not in it: PostgreSQL's own pg_dump copies that. Run it now, before "
            f"anything is deleted: pg_dump --format=custom --file {place / 'docstage.dump'} URL"
        )
    if settings.key_file.is_file() and made.named("secret.key") is None:
        say(f"Not in it: {settings.key_file}. Stored keys cannot be read without it; keep a copy apart.")


def _tell_of_restored(settings: "Settings", done: "Restored") -> None:
    say(f"Restored as of {done.manifest.moment}, made by docstage {done.manifest.docstage}.")
    for one in done.held:
        say(f"Held: batch {one.id} {one.name} was {one.was} and is {one.status}.")
    if done.held:
        say("Go on with these only if no other docstage does: what it called since would be paid for again.")
    for name, path in done.missing_folders:
        say(f"Not on this machine: the folder {name} ({path}). Edit its path with docstage folder edit")
    if done.needs_key:
        say(
            f"Keys of connections are stored, but {settings.key_file} is missing. Copy it there from where "
            "you keep it, readable by its owner only, or enter the keys again."
        )
    if done.needs_migration:
        say(f"Its schema {done.manifest.schema} is of an earlier version. Run that one, or docstage migrate.")
