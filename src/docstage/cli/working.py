"""Seeing to it that a batch is worked on while a command waits for it."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn

import typer

from docstage.cli.client import ApiClient, Json
from docstage.cli.failures import ApiProblem, ExitCode
from docstage.cli.lookup import BATCH
from docstage.cli.output import counted, say
from docstage.cli.signals import what_interrupted
from docstage.cli.watching import watch
from docstage.domain.lifecycle import BatchStatus
from docstage.settings import Settings


def work(api: ApiClient, batch_id: int, seconds: float | None = None) -> Json:
    """Wait until the batch rests, with progress, and return it; after so many seconds, if any, pause it.

    On the local database an engine is started beside this command; where one runs already, it merely stands
    by. Ctrl-C pauses the batch, or cancels its staging, and ends the command.
    """
    with engine_beside(api):
        try:
            batch = watch(api, batch_id, seconds)
            if batch["status"] == BatchStatus.ANALYZING:
                body = {"action": "pause", "reason": f"{seconds:g} seconds are over"}
                api.post(f"{BATCH.path}/{batch_id}/action", body)
                batch = watch(api, batch_id)
        except KeyboardInterrupt:
            halt(api, batch_id)
    # An engine beside this command has given calls in flight their time: they are counted by now.
    return dict(api.get(f"{BATCH.path}/{batch_id}")) if batch["counts"]["running"] else batch


@contextmanager
def engine_beside(api: ApiClient) -> Iterator[None]:
    """An engine for the local database while the context lasts; nothing for a server."""
    if api.settings is None:
        yield
        return
    from docstage.engine.__main__ import UNTIL_IDLE
    from docstage.processes.supervisor import Supervisor

    _tell_about_another(api)
    supervisor = Supervisor(_quiet(api.settings), (UNTIL_IDLE,))
    api.run(supervisor.start())
    try:
        yield
    finally:
        api.run(supervisor.stop())


def _tell_about_another(api: ApiClient) -> None:
    engine = api.get("/readyz")["engine"]
    if engine["running"]:
        say(f"An engine is at work on this database already, process {engine['pid']}: it does this too.")


def halt(api: ApiClient, batch_id: int) -> NoReturn:
    """Stop what is done with the batch, say how to go on, and end with the exit code of Ctrl-C."""
    batch = api.get(f"{BATCH.path}/{batch_id}")
    stop = {BatchStatus.ANALYZING: "pause", BatchStatus.STAGING: "cancel"}.get(batch["status"])
    if stop is not None:
        with suppress(ApiProblem):  # it may have come to rest by itself just now
            body = {"action": stop, "reason": f"interrupted with {what_interrupted()}"}
            batch = api.post(f"{BATCH.path}/{batch_id}/action", body)
    if batch["status"] == BatchStatus.PAUSED:
        _tell_about_calls(api, batch_id)
    say(f"{_STOPPED.get(batch['status'], 'Stopped.')} {_way_on(api, batch)}")
    raise typer.Exit(ExitCode.INTERRUPTED)


_STOPPED = {
    BatchStatus.PAUSED: "Paused.",
    BatchStatus.FAILED_STAGING: "Staging is cancelled; what is encoded is kept.",
    BatchStatus.STAGED: "Staged; nothing was run.",
}
_GO_ON = {
    BatchStatus.PAUSED: "Resume with: {} --wait",
    BatchStatus.FAILED_STAGING: "Stage again with: {} --wait",
    BatchStatus.STAGED: "Run with: {} --wait",
}
_VERBS = {
    BatchStatus.PAUSED: "resume",
    BatchStatus.FAILED_STAGING: "stage",
    BatchStatus.STAGED: "run",
}


def _way_on(api: ApiClient, batch: Json) -> str:
    verb = _VERBS.get(batch["status"], "show")
    command = api.target.command(f"batch {verb} {batch['id']}")
    return _GO_ON.get(batch["status"], "See: {}").format(command)


def _tell_about_calls(api: ApiClient, batch_id: int) -> None:
    """Say why the command does not end at once: the engine beside it gives calls in flight their time."""
    running = api.get(f"{BATCH.path}/{batch_id}/progress")["counts"]["running"]
    if running and api.settings is not None:
        seconds = f"{api.settings.stop_grace:g} s"
        say(f"Waiting up to {seconds} for {counted(running, 'call')} in flight, because they are paid for.")


def tell_about_engine(api: ApiClient) -> None:
    """Say how to start an engine, if none runs."""
    if api.get("/readyz")["engine"]["running"]:
        return
    start = f"{api.target.command('engine')} or {api.target.command('serve')}"
    where = start if api.settings is not None else "docstage serve, on the server's machine"
    say(f"No engine runs, so nothing happens yet. Start one with: {where}")


def code_of(batch: Json) -> ExitCode:
    """The exit code of a command that waited until the batch rested."""
    if batch["status"] in {BatchStatus.FAILED, BatchStatus.FAILED_STAGING, BatchStatus.PAUSED}:
        return ExitCode.INCOMPLETE
    return ExitCode.INCOMPLETE if batch["failed_tasks"] else ExitCode.OK


def _quiet(settings: Settings) -> Settings:
    """Settings with which an engine does not talk into the progress display."""
    return dataclasses.replace(settings, log_level="WARNING") if settings.log_level == "INFO" else settings
