"""`docstage purge`: delete everywhere, from the tables, the uploads and the files on the disk."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from docstage.cli.batches import confirm
from docstage.cli.client import ApiClient, Json, connected
from docstage.cli.folders import given
from docstage.cli.lookup import BATCH, find
from docstage.cli.output import JsonFlag, counted, say, show_json, visible

app = typer.Typer(
    no_args_is_help=True,
    help="Delete everywhere: a document, old runs, all of a batch, or what nothing refers to. "
    "docs/retention.md tells what remains where.",
)

DryRun = Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
Rewrite = Annotated[
    bool, typer.Option("--rewrite", help="Write the database anew: no copy of a deleted row is left in it.")
]
_PATH = "/api/purge"
_MB = 1024 * 1024
_PAUSE = 0.5  # seconds between requests while the engine, or each request, erases in steps


@app.command()
def document(
    ctx: typer.Context,
    path: Annotated[
        str | None, typer.Argument(help="Its path, absolute or as a run shows it. With --server, there.")
    ] = None,
    sha256: Annotated[str | None, typer.Option(help="SHA-256 of its bytes, instead of a path.")] = None,
    rewrite: Rewrite = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonFlag = False,
) -> None:
    """Delete a document from all runs of all batches, with its copies, answers and upload.

    Example: docstage purge document ~/contracts/smith.pdf --dry-run
    """
    if (path is None) == (sha256 is None):
        raise typer.BadParameter("Give the path of a document, or --sha256.")
    with connected(ctx) as api:
        choice = given(path=None if path is None else _place(api, path), sha256=sha256)
        _purge(api, {"document": choice}, "document", _Asked(rewrite, dry_run, yes, as_json))


@app.command()
def runs(
    ctx: typer.Context,
    older_than: Annotated[float, typer.Option(min=0, metavar="DAYS", help="Days since they came to rest.")],
    batch: Annotated[str | None, typer.Option(help="Id or name; default: all batches.")] = None,
    current: Annotated[
        bool,
        typer.Option(
            "--current", help="Also current runs of batches at rest, which are SAVED then; not PAUSED ones."
        ),
    ] = False,
    rewrite: Rewrite = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonFlag = False,
) -> None:
    """Delete earlier runs that are older than an age. Example: docstage purge runs --older-than 90"""
    with connected(ctx) as api:
        batch_id = None if batch is None else find(api, BATCH, batch)["id"]
        choice = given(batch_id=batch_id, older_than_days=older_than) | {"current": current}
        _purge(api, {"runs": choice}, "these runs", _Asked(rewrite, dry_run, yes, as_json))


@app.command("batch")
def all_of_batch(
    ctx: typer.Context,
    batch: Annotated[str, typer.Argument(help="Id or name of the batch.")],
    rewrite: Rewrite = False,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: JsonFlag = False,
) -> None:
    """Delete all runs of a batch, its current one too; the batch is SAVED then.

    Example: docstage purge batch 3 --dry-run
    """
    with connected(ctx) as api:
        found = find(api, BATCH, batch)
        choice = {"batch_id": found["id"], "current": True}
        what = f"all runs of batch {found['id']} {found['name']}"
        _purge(api, {"runs": choice}, what, _Asked(rewrite, dry_run, yes, as_json))


@app.command()
def rest(ctx: typer.Context, rewrite: Rewrite = False, as_json: JsonFlag = False) -> None:
    """Erase now what was deleted and what nothing refers to. Example: docstage purge rest --rewrite"""
    with connected(ctx) as api:
        _carry_out(api, given(rewrite=rewrite or None), as_json)


@dataclass(frozen=True, slots=True)
class _Asked:
    """How a purge was asked for."""

    rewrite: bool
    dry_run: bool
    yes: bool
    as_json: bool


def _place(api: ApiClient, path: str) -> str:
    """The path as the API takes it: absolute if there is such a file here, else as a run shows it."""
    here = Path(path).expanduser()
    if api.settings is None or not (here.is_absolute() or here.exists()):
        return path
    return os.path.normpath(here.absolute())


def _purge(api: ApiClient, body: Json, what: str, asked: _Asked) -> None:
    preview = api.post(_PATH, body | {"dry_run": True})
    if asked.dry_run:
        if asked.as_json:
            show_json(preview)
        else:
            _tell(preview, "Would delete")
        return
    if not (preview["documents"] or preview["runs"] or preview["uploads"]):
        if asked.as_json:
            show_json(preview)
        say("There is nothing to delete.")
        return
    if not asked.yes:
        _tell(preview, "Will delete", to_stderr=True)
        confirm(f"Delete {what}? It cannot be brought back.")
    _carry_out(api, body | given(rewrite=asked.rewrite or None), asked.as_json)


def _carry_out(api: ApiClient, body: Json, as_json: bool) -> None:
    went = api.post(_PATH, body)
    done = went["done"]
    again: Json = given(rewrite=body.get("rewrite"))
    while not done:
        say("Erasing from the disk ...")
        api.sleep(_PAUSE)
        done = api.post(_PATH, again)["done"]
    went["done"] = done
    if as_json:
        show_json(went)
    else:
        _tell(went, "Deleted")


def _print(text: str) -> None:
    typer.echo(visible(text))


def _tell(told: Json, verb: str, *, to_stderr: bool = False) -> None:
    out = say if to_stderr else _print
    parts = [
        counted(told["runs"], "run") if told["runs"] else "",
        counted(told["documents"], "document") if told["documents"] else "",
        counted(told["answers"], "answer") if told["answers"] else "",
        counted(len(told["uploads"]), "uploaded file") if told["uploads"] else "",
        f"{told['bytes'] / _MB:,.1f} MB of texts and pictures" if told["bytes"] else "",
    ]
    what = ", ".join(part for part in parts if part)
    number = len(told["batches"])
    where = f" in {number:,} {'batch' if number == 1 else 'batches'}" if number else ""
    out(f"{verb} {what}{where}." if what else "Nothing that was deleted is left on the disk.")
    if told["dry_run"]:
        for path in told["paths"]:
            out(f"  {path}")
    if told["remaining"]:
        say("These files are your own and stay. The next staging would read them again:")
        for path in told["remaining"]:
            say(f"  {path}")
