"""The actions of `docstage batch`: one command for each action of the lifecycle table."""

from typing import Annotated

import typer

from docstage.cli.client import ApiClient, Json, connected
from docstage.cli.failures import ExitCode
from docstage.cli.folders import given
from docstage.cli.lookup import BATCH, find
from docstage.cli.output import JsonFlag, say, show
from docstage.cli.reports import show_estimate, show_failures, show_line
from docstage.cli.watching import is_active
from docstage.cli.working import code_of, tell_about_engine, work
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import FailureKind

_PANEL = "Actions"
BatchName = Annotated[str, typer.Argument(help="Id or name of the batch.")]
Reason = Annotated[str | None, typer.Option(help="Why; kept in the audit log.")]
WaitFlag = Annotated[
    bool,
    typer.Option(
        "--wait", help="Wait until the batch rests, being the engine if none runs. Ctrl-C pauses it."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the commands to `docstage batch`."""
    for command in (stage, run, pause, resume, cancel, reset, restage, rerun, retry):
        app.command(rich_help_panel=_PANEL)(command)


def stage(
    ctx: typer.Context,
    batch: BatchName,
    reason: Reason = None,
    wait: WaitFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Scan and encode the documents and lay out the tasks. Example: docstage batch stage 3 --wait"""
    _act(ctx, batch, Action.STAGE, {"reason": reason}, wait, as_json)


def run(
    ctx: typer.Context,
    batch: BatchName,
    reason: Reason = None,
    wait: WaitFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Analyse a staged batch. Example: docstage batch run 3 --wait"""
    _act(ctx, batch, Action.RUN, {"reason": reason}, wait, as_json)


def pause(ctx: typer.Context, batch: BatchName, reason: Reason = None, as_json: JsonFlag = False) -> None:
    """Start no new calls; those in flight finish and count. Example: docstage batch pause 3"""
    _act(ctx, batch, Action.PAUSE, {"reason": reason}, False, as_json)


def resume(
    ctx: typer.Context,
    batch: BatchName,
    reason: Reason = None,
    wait: WaitFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Go on with a paused batch. Example: docstage batch resume 3 --wait"""
    _act(ctx, batch, Action.RESUME, {"reason": reason}, wait, as_json)


def cancel(ctx: typer.Context, batch: BatchName, reason: Reason = None, as_json: JsonFlag = False) -> None:
    """Give up what is not done; finished results stay. Example: docstage batch cancel 3 --reason budget"""
    _act(ctx, batch, Action.CANCEL, {"reason": reason}, False, as_json)


def reset(ctx: typer.Context, batch: BatchName, reason: Reason = None, as_json: JsonFlag = False) -> None:
    """Go back to SAVED; the current results become history. Example: docstage batch reset 3"""
    _act(ctx, batch, Action.RESET, {"reason": reason}, False, as_json)


def restage(
    ctx: typer.Context,
    batch: BatchName,
    reason: Reason = None,
    wait: WaitFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Clear the results and stage anew, as a new run. Example: docstage batch restage 3 --wait"""
    _act(ctx, batch, Action.RESTAGE, {"reason": reason}, wait, as_json)


def rerun(
    ctx: typer.Context,
    batch: BatchName,
    reason: Reason = None,
    wait: WaitFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Clear the results, stage anew and analyse at once. Example: docstage batch rerun 3 --wait"""
    _act(ctx, batch, Action.RERUN, {"reason": reason}, wait, as_json)


def retry(
    ctx: typer.Context,
    batch: BatchName,
    kind: Annotated[
        list[FailureKind] | None, typer.Option(help="Only tasks that failed so. May be repeated.")
    ] = None,
    reason: Reason = None,
    wait: WaitFlag = False,
    as_json: JsonFlag = False,
) -> None:
    """Try failed and cancelled tasks again. Example: docstage batch retry 3 --kind timeout --wait"""
    kinds = [one.value for one in kind] if kind else None
    _act(ctx, batch, Action.RETRY, {"reason": reason, "failure_kinds": kinds}, wait, as_json)


def _act(ctx: typer.Context, name: str, action: Action, options: Json, wait: bool, as_json: bool) -> None:
    with connected(ctx) as api:
        batch_id = find(api, BATCH, name)["id"]
        after = api.post(f"{BATCH.path}/{batch_id}/action", given(action=action.value, **options))
        counts = after["counts"]
        if action is Action.RETRY and not counts["queued"] + counts["running"] and after["status_reason"]:
            say(f"{after['name']}: {after['status_reason']}")
        follow(api, after, wait=wait, as_json=as_json)


def follow(api: ApiClient, batch: Json, *, wait: bool, as_json: bool) -> None:
    """Wait for what an action began, if that is wanted, and print where the batch stands then."""
    begun = is_active(batch["status"])
    if begun and not wait:
        tell_about_engine(api)
    if begun and wait:
        batch = work(api, batch["id"])
    show(batch, as_json, show_line)
    if not (begun and wait):
        return
    if not as_json and batch["status"] == BatchStatus.STAGED:
        show_estimate(api.get(f"{BATCH.path}/{batch['id']}/estimate"))
    elif not as_json:
        show_failures(api, batch["id"])
    code = code_of(batch)
    if code is not ExitCode.OK:
        raise typer.Exit(code)
