"""The part of `docstage demo` in which a real language model answers, a very small one."""

from glob import escape
from pathlib import Path
from typing import Any

from docstage.cli.batches import export_to
from docstage.cli.client import ApiClient, Json
from docstage.cli.lookup import BATCH, CONNECTION
from docstage.cli.oneshot import Order, Question, analyse, stage
from docstage.cli.output import counted, say
from docstage.cli.reports import show_estimate, show_tasks, summarize
from docstage.domain.errors import DocstageError
from docstage.domain.lifecycle import BatchStatus

NAME = "smollm2-135m-instruct"
CAUTION = (
    f"{NAME} is a real language model on this computer, and a very small one: it often invents what it says. "
    "That is why one looks."
)
_CONNECTION: dict[str, Any] = {
    "name": NAME,
    "provider": "local",
    "model": NAME,
    "temperature": 0,
    "max_output_tokens": 200,
    "timeout": 300,
}
# What one processor reads and answers within a minute, about five seconds a document; estimated tokens.
_LONGEST = 800
_IN_ALL = 2_500
_MOST_DOCUMENTS = 8
_SECONDS = 50.0
_ROWS = 12


def add_real_model(api: ApiClient) -> bool:
    """Add the connection to it and see whether it answers; where it cannot run, say why."""
    try:
        connection = api.post(CONNECTION.path, _CONNECTION)
        say(f"Starting {NAME}, a real language model ...")
        found = api.post(f"{CONNECTION.path}/{connection['id']}/test")
    except DocstageError as error:
        found = {"ok": False, "message": error.detail}
    if not found["ok"]:
        say(f"No real model answers here, so that this demo goes on without. {found['message']}")
    return bool(found["ok"])


def show_real_model(
    api: ApiClient, batch_id: int, order: tuple[str, list[Question]], beside: str, out: Path
) -> None:
    """Let it answer on short documents of a batch, beside a simulated model, for a minute at most.

    Args:
        order: the folder, and what is asked.
        beside: the simulated model's connection.
        out: where its answers are written.
    """
    folder, questions = order
    usable = api.items(f"{BATCH.path}/{batch_id}/documents", status=["ENCODED"])
    chosen = _short(usable)
    if not chosen:
        say(f"\nNo document is short enough for {NAME} to answer in this demo.")
        return
    say(f"\n{NAME}, the real model, answers on {len(chosen)} of {counted(len(usable), 'document')}.")
    wanted = Order(
        folder=folder,
        include=[escape(path) for path in chosen],
        exclude=[],
        questions=questions,
        prompt_names=[],
        models=[beside, NAME],
        name="Demo with a real model",
    )
    batch = stage(api, wanted)
    if batch["status"] != BatchStatus.STAGED:
        raise DocstageError(f"Staging ended as {batch['status']}: {batch['status_reason']}")
    show_estimate(api.get(f"{BATCH.path}/{batch['id']}/estimate"))
    batch = analyse(api, batch["id"], _SECONDS)
    _show_answers(api, batch["id"])
    summarize(api, batch)
    if batch["status"] == BatchStatus.PAUSED:
        go_on = api.target.command(f"batch resume {batch['id']} --wait")
        say(f"It answers the rest, too: {go_on}")
    export_to(api, batch["id"], out, form="csv")


def _show_answers(api: ApiClient, batch_id: int) -> None:
    """The answers of both models, side by side, on documents on which the real one has answered."""
    tasks = api.items(f"{BATCH.path}/{batch_id}/tasks")
    answered = {one["document"] for one in tasks if one["connection"] == NAME and one["text"]}
    if answered:
        show_tasks([one for one in tasks if one["document"] in answered][:_ROWS])


def _short(documents: list[Json]) -> list[str]:
    """Paths of the shortest documents without pictures, as many as it answers on within a minute."""
    chosen: list[str] = []
    tokens = 0
    for one in sorted(documents, key=lambda one: (one["tokens"], one["path"])):
        tokens += one["tokens"]
        if one["tokens"] > _LONGEST or tokens > _IN_ALL or len(chosen) == _MOST_DOCUMENTS:
            break
        if not one["images"]:
            chosen.append(one["path"])
    return sorted(chosen)
