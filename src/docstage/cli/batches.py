"""`docstage batch`: batches, what is done with them, and what they brought."""

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from docstage.cli import actions, documents
from docstage.cli.client import ApiClient, Json, connected
from docstage.cli.downloads import download_to, is_stdout
from docstage.cli.folders import given
from docstage.cli.given_text import text_given
from docstage.cli.lookup import BATCH, CONNECTION, FOLDER, PROMPT, find, ids_of
from docstage.cli.output import (
    JsonFlag,
    cost_so_far,
    counted,
    failures_in_words,
    say,
    show,
    show_table,
    when,
)
from docstage.cli.reports import show_batch, show_estimate, show_failures, show_line, show_whole
from docstage.cli.watching import is_active, watch
from docstage.cli.working import code_of, tell_about_engine
from docstage.domain.errors import InvalidInput
from docstage.domain.lifecycle import BatchStatus
from docstage.domain.tasks import FailureKind
from docstage.results.formats import DEFAULT, FORMATS, format_of_file
from docstage.results.formats.format import Format

app = typer.Typer(no_args_is_help=True, help="Batches: make, stage, run, watch and export them.")
actions.register(app)
documents.register(app)

BatchName = Annotated[str, typer.Argument(help="Id or name of the batch.")]
RunOption = Annotated[int | None, typer.Option(min=1, help="Number of the run; default: the current one.")]
Budget = Annotated[float | None, typer.Option(help="USD; the batch pauses before it is exceeded.")]
FailureLimit = Annotated[
    float | None, typer.Option(help="Share of tasks (0 to 1) that may fail before the batch does.")
]
Description = Annotated[str | None, typer.Option(help="Any text.")]


def _known_format(name: str) -> str:
    if name not in FORMATS:
        raise typer.BadParameter(f"{name!r} is not one of {', '.join(FORMATS)}.")
    return name


FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        parser=_known_format,
        metavar=f"[{'|'.join(FORMATS)}]",
        help=f"Default: as --out ends, else {DEFAULT.name}.",
    ),
]
SUFFIXES = " or ".join(one.suffix for one in FORMATS.values())
Metadata = Annotated[str | None, typer.Option(help="JSON object, kept with the batch.")]


class TaskStatusName(StrEnum):
    """Where a task stands, as options name it."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


@app.command()
def save(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A name of your choice.")],
    folder: Annotated[list[str], typer.Option(help="Id or name. May be repeated.")],
    connection: Annotated[list[str], typer.Option(help="Id or name. May be repeated.")],
    prompt: Annotated[list[str], typer.Option(help="Id or name. May be repeated.")],
    budget: Budget = None,
    failure_limit: FailureLimit = None,
    description: Description = None,
    metadata: Metadata = None,
    stage: Annotated[bool, typer.Option("--stage", help="Stage it at once.")] = False,
    wait: actions.WaitFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Make a batch. Example: docstage batch save May --folder 1 --connection gpt --prompt Parties"""
    details = _details(budget, failure_limit, description, metadata)
    with connected(ctx) as api:
        body = {
            "name": name,
            "folder_ids": ids_of(api, FOLDER, folder),
            "connection_ids": ids_of(api, CONNECTION, connection),
            "prompt_ids": ids_of(api, PROMPT, prompt),
            **details,
        }
        batch = api.post(f"{BATCH.path}/{'stage' if stage else 'save'}", body)
        actions.follow(api, batch, wait=wait, as_json=as_json)


@app.command()
def edit(
    ctx: typer.Context,
    batch: BatchName,
    name: Annotated[str | None, typer.Option(help="The new name.")] = None,
    folder: Annotated[list[str] | None, typer.Option(help="Instead of those it has.")] = None,
    connection: Annotated[list[str] | None, typer.Option(help="Instead of those it has.")] = None,
    prompt: Annotated[list[str] | None, typer.Option(help="Instead of those it has.")] = None,
    budget: Budget = None,
    failure_limit: FailureLimit = None,
    description: Description = None,
    metadata: Metadata = None,
    as_json: JsonFlag = False,
) -> None:
    """Change a batch; what is analysed only while SAVED. Example: docstage batch edit 3 --budget 20"""
    body = given(name=name) | _details(budget, failure_limit, description, metadata)
    with connected(ctx) as api:
        for kind, texts in ((FOLDER, folder), (CONNECTION, connection), (PROMPT, prompt)):
            if texts:
                body[f"{kind.name}_ids"] = ids_of(api, kind, texts)
        batch_id = find(api, BATCH, batch)["id"]
        show(api.patch(f"{BATCH.path}/{batch_id}", body), as_json, show_batch)


@app.command("list")
def list_batches(
    ctx: typer.Context,
    status: Annotated[list[BatchStatus] | None, typer.Option(help="May be repeated.")] = None,
    search: Annotated[str | None, typer.Option(help="Only whose name contains this.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="How many at most; default: all.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """List batches, the newest first. Example: docstage batch list --status PAUSED"""
    wanted = [one.value for one in status] if status else None
    with connected(ctx) as api:
        found = api.items(BATCH.path, limit and limit + 1, status=wanted, search=search)
        show(found[:limit], as_json, _show_all)
    if limit and len(found) > limit:
        say(f"There are more: these are the first {limit:,}.")


@app.command("show")
def show_one(ctx: typer.Context, batch: BatchName, as_json: JsonFlag = False) -> None:
    """Show a batch, its estimate while STAGED, and its failures. Example: docstage batch show 3"""
    with connected(ctx) as api:
        found = api.get(f"{BATCH.path}/{find(api, BATCH, batch)['id']}")
        show(found, as_json, lambda one: show_whole(api, one))


@app.command("watch")
def watch_one(ctx: typer.Context, batch: BatchName, as_json: JsonFlag = False) -> None:
    """Show progress until the batch rests; Ctrl-C only ends the watching. Example: docstage batch watch 3"""
    with connected(ctx) as api:
        found = find(api, BATCH, batch)
        if is_active(found["status"]):
            tell_about_engine(api)
        ended = watch(api, found["id"])
        show(ended, as_json, show_line)
        if not as_json:
            show_failures(api, ended["id"])
    raise typer.Exit(code_of(ended))


@app.command()
def estimate(ctx: typer.Context, batch: BatchName, as_json: JsonFlag = False) -> None:
    """Show what a staged batch will take: tasks, tokens, cost. Example: docstage batch estimate 3"""
    with connected(ctx) as api:
        found = find(api, BATCH, batch)
        show(api.get(f"{BATCH.path}/{found['id']}/estimate"), as_json, show_estimate)


@app.command()
def export(
    ctx: typer.Context,
    batch: BatchName,
    form: FormatOption = None,
    out: Annotated[Path | None, typer.Option(help="File to write; default, and -: stdout.")] = None,
    run: RunOption = None,
    status: Annotated[list[TaskStatusName] | None, typer.Option(help="Only these. May be repeated.")] = None,
    failure_kind: Annotated[
        list[FailureKind] | None, typer.Option(help="Only these kinds. May be repeated.")
    ] = None,
    connection: Annotated[list[str] | None, typer.Option(help="Id or name. May be repeated.")] = None,
    prompt: Annotated[list[str] | None, typer.Option(help="Id or name. May be repeated.")] = None,
    search: Annotated[
        str | None, typer.Option(help="Only what has this in path, answer or failure message.")
    ] = None,
    unsendable: Annotated[
        bool | None,
        typer.Option(
            "--unsendable/--sendable", help="Of failed tasks only those that cannot be sent, or the others."
        ),
    ] = None,
    sort: Annotated[str | None, typer.Option(help="As the results table, such as document or -cost.")] = None,
) -> None:
    """Write tasks with their answers. Example: docstage batch export 3 --out failed.csv --status FAILED"""
    out = None if is_stdout(out) else out
    chosen = form or format_of(out)
    with connected(ctx) as api:
        found = find(api, BATCH, batch)
        wanted = given(
            run=run,
            status=[one.value for one in status or ()] or None,
            failure_kind=[one.value for one in failure_kind or ()] or None,
            connection_id=ids_of(api, CONNECTION, connection or []) or None,
            prompt_id=ids_of(api, PROMPT, prompt or []) or None,
            search=search,
            unsendable=unsendable,
        )
        export_to(api, found["id"], out, form=chosen, sort=sort, **wanted)
        counts = api.get(f"{BATCH.path}/{found['id']}/tasks/facets", **wanted)
    if out or not counts["shown"]:
        say(_exported(FORMATS[chosen], out, counts["shown"], counts["total"]))


@app.command()
def delete(
    ctx: typer.Context,
    batch: BatchName,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a batch with all its runs and results. Example: docstage batch delete 3 --yes"""
    with connected(ctx) as api:
        found = find(api, BATCH, batch)
        if not yes:
            confirm(f"Delete batch {found['id']} {found['name']} with all its results?")
        api.delete(f"{BATCH.path}/{found['id']}")
    say(f"Batch {found['name']} is deleted.")


def confirm(question: str) -> None:
    """Ask, and end the command unless the answer is yes.

    Raises:
        BadParameter: there is nobody to ask.
    """
    if not sys.stdin.isatty():
        raise typer.BadParameter("There is no terminal to ask on: give --yes to go on without asking.")
    if not typer.confirm(question, err=True):
        raise typer.Exit(0)


def _exported(form: Format, out: Path | None, shown: int, total: int) -> str:
    where = f" to {out}" if out else ""
    if shown == 0:
        written = "nothing but the header" if form.has_header else "nothing"
        return f"No task is like that: {written} was written{where}."
    number = counted(total, "task") if shown == total else f"{shown:,} of {counted(total, 'task')}"
    return f"Wrote {number}{where}."


def format_of(out: Path | None) -> str:
    """The export format that a file's name tells; the usual one for stdout. Raises BadParameter."""
    if out is None or is_stdout(out):
        return DEFAULT.name
    if found := format_of_file(out.name):
        return found.name
    words = f"{out} must end with {SUFFIXES}, or --format must say which it is."
    raise typer.BadParameter(words, param_hint="--out")


def export_to(api: ApiClient, batch_id: int, out: Path | None, **query: Any) -> None:
    """Export to a file, or to stdout without one and for `-`."""
    path = f"{BATCH.path}/{batch_id}/export"
    query["format"] = query.pop("form")
    download_to(api, out, path, **query)


def _details(
    budget: float | None, failure_limit: float | None, description: str | None, metadata: str | None
) -> Json:
    words = text_given(description, "--description")
    body = given(budget=budget, failure_limit=failure_limit, description=words)
    if metadata is not None:
        try:
            body["metadata"] = json.loads(text_given(metadata, "--metadata") or "")
        except ValueError as error:
            raise InvalidInput(f"--metadata is no JSON: {error}.") from error
    return body


def _show_all(batches: list[Json]) -> None:
    rows = (
        [
            one["id"],
            one["name"],
            one["status"],
            f"{one['progress']['share']:.0%}",
            one["counts"]["documents"],
            one["counts"]["tasks"],
            failures_in_words(one["counts"]),
            cost_so_far(one["progress"]),
            when(one["updated_at"]),
        ]
        for one in batches
    )
    columns = ["Id#", "Name", "Status!", "Done#", "Documents#", "Tasks#", "Failures", "Cost#", "Changed!"]
    show_table(columns, rows)
