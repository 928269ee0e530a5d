"""A batch in words and tables: its state, its estimate, its documents, failures and answers."""

from collections import defaultdict
from typing import Any

import typer

from docstage.cli.client import ApiClient, Json
from docstage.cli.lookup import BATCH
from docstage.cli.output import (
    console,
    cost_of,
    cost_so_far,
    counted,
    failures_in_words,
    least,
    money,
    plain,
    say,
    shortened,
    show_members,
    show_table,
    when,
)
from docstage.domain.lifecycle import BatchStatus
from docstage.domain.tasks import FailureKind

_PLACES = 3


def show_batch(batch: Json) -> None:
    """Print everything about the batch itself."""
    counts, progress = batch["counts"], batch["progress"]
    show_members(
        [
            ("Batch", f"{batch['id']} {plain(batch['name'])}"),
            ("Status", batch["status"]),
            ("Reason", batch["status_reason"]),
            ("Run", batch["run"]),
            ("Documents", _nonzero(counts, ("documents", "pending", "encoded", "unreadable", "skipped"))),
            ("Tasks", _nonzero(counts, _TASKS)),
            ("Calls", _calls(progress)),
            ("Tokens", _tokens(progress)),
            ("Budget", None if batch["budget"] is None else money(batch["budget"])),
            ("Folders", batch["folder_ids"]),
            ("Connections", batch["connection_ids"]),
            ("Prompts", batch["prompt_ids"]),
            ("Description", batch["description"]),
            ("Metadata", batch["metadata"]),
            ("Changed", when(batch["updated_at"])),
            ("Allowed", batch["allowed_actions"]),
        ]
    )


def show_line(batch: Json) -> None:
    """Print where the batch stands, on one line."""
    reason = f" ({plain(batch['status_reason'])})" if batch["status_reason"] else ""
    allowed = ", ".join(batch["allowed_actions"]) or "none"
    typer.echo(
        f"Batch {batch['id']} {plain(batch['name'])}: {batch['status']}{reason}. Allowed now: {allowed}."
    )


def show_documents(api: ApiClient, batch_id: int) -> None:
    """Print how many documents can be used, and which cannot, by reason."""
    counts = api.get(f"{BATCH.path}/{batch_id}")["counts"]
    unusable = api.items(f"{BATCH.path}/{batch_id}/documents", status=["UNREADABLE", "SKIPPED"])
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for document in unusable:
        groups[document["status"], document["reason"]].append(document["path"])
    rows = [["ENCODED", "", counts["encoded"], ""]] if counts["encoded"] else []
    rows += [
        [status, reason, len(paths), shortened(", ".join(paths), 70)]
        for (status, reason), paths in sorted(groups.items(), reverse=True)
    ]
    show_table(["Status", "Reason", "Documents#", "Such as"], rows, title="Documents")


def show_estimate(estimate: Json) -> None:
    """Print what a run will take."""
    rows = [
        [
            one["connection"],
            one["tasks"],
            one["input_tokens"],
            one["output_tokens"],
            money(one["cost"]),
            money(one["max_cost"]),
        ]
        for one in estimate["connections"]
    ]
    columns = ["Connection", "Tasks#", "Input tokens#", "Output tokens#", "Cost#", "At most#"]
    whole = f"{counted(estimate['documents'], 'document')}, {counted(estimate['tasks'], 'task')}"
    whole += f", {least(estimate['cost'], is_part=bool(estimate['unpriced_connections']))}"
    show_table(columns, rows, title=f"Estimate: {whole}")
    for one in estimate["connections"]:
        if one["tasks"] and one["calibration_calls"]:
            console().print(
                f"Tokens by {counted(one['calibration_calls'], 'call')} of {plain(one['connection'])}."
            )
    if estimate["partly_read"]:
        _tell_about_partly_read(estimate["partly_read"])
    for warning in estimate["warnings"]:
        console().print(f"! {plain(warning)}")
    for note in estimate["notes"]:
        console().print(f"  {plain(note)}")


def _tell_about_partly_read(counts: list[Json]) -> None:
    """Say how many documents are not whole, and which command tells what is missing."""
    number = sum(one["documents"] for one in counts)
    kinds = ", ".join(f"{one['documents']:,} {one['media_type'] or 'of unknown type'}" for one in counts)
    whole = f"! {counted(number, 'document')} {'is' if number == 1 else 'are'} not whole ({plain(kinds)})."
    console().print(f"{whole} See `docstage batch documents BATCH --not-whole`.")


def show_failures(api: ApiClient, batch_id: int) -> None:
    """Print failed tasks by kind, where they are and what to do; nothing where there are none."""
    groups = api.get(f"{BATCH.path}/{batch_id}/failures")
    unsent = [group for group in groups if _is_unsendable(group)]
    failed = [group for group in groups if not _is_unsendable(group)]
    columns = ["Failure!", "Tasks#", "Connection / prompt", "Such as", "Example", "What to do"]
    for some, title in ((failed, "Failed tasks"), (unsent, "Tasks that cannot be sent")):
        if some:
            show_table(columns, (_failure(group) for group in some), title=title)


def _is_unsendable(one: Json) -> bool:
    """Whether a task, or a group of them, was never sent: its connection cannot take such a document."""
    return FailureKind.UNSUPPORTED_INPUT in (one.get("kind"), one.get("failure_kind"))


def _failure(group: Json) -> list[Any]:
    places = [f"{one['connection']} / {one['prompt']} ({one['tasks']:,})" for one in group["places"]]
    others = [f"and {len(places) - _PLACES} more"] if len(places) > _PLACES else []
    return [
        group["kind"],
        group["tasks"],
        ", ".join(shortened(place, 60) for place in [*places[:_PLACES], *others]),
        ", ".join(shortened(one["document"], 40) for one in group["documents"][:_PLACES]),
        shortened(group["example"] or "", 90),
        group["retry_hint"] or group["way_forward"],
    ]


def show_answers(api: ApiClient, batch_id: int, rows: int) -> None:
    """Print the first rows of the results table."""
    show_tasks(api.items(f"{BATCH.path}/{batch_id}/tasks", limit=rows))


def show_tasks(tasks: list[Json]) -> None:
    """Print rows of the results table."""
    shown = [
        [
            shortened(one["document"], 32),
            shortened(one["connection"], 18),
            shortened(one["prompt"], 16),
            shortened(_answer(one), 40),
            money(one["cost"]) if one["status"] == "COMPLETED" else "",
        ]
        for one in tasks
    ]
    title = f"Answers (the first {len(shown)})"
    show_table(["Document", "Connection", "Prompt", "Answer", "Cost#"], shown, title=title)


def show_whole(api: ApiClient, batch: Json) -> None:
    """Print a batch with its estimate while it is STAGED, and its failures."""
    show_batch(batch)
    if batch["status"] == BatchStatus.STAGED:
        show_estimate(api.get(f"{BATCH.path}/{batch['id']}/estimate"))
    show_failures(api, batch["id"])


def summarize(api: ApiClient, batch: Json) -> None:
    """Say how the batch ended, with failures grouped."""
    counts, progress = batch["counts"], batch["progress"]
    tokens = _tokens(progress) or "no tokens"
    say(f"{batch['status']}: {_nonzero(counts, _TASKS)}; {cost_of(progress)}, {tokens}.")
    _say_what_is_unknown(progress)
    if batch["status_reason"]:
        say(plain(batch["status_reason"]))
    show_failures(api, batch["id"])


_TASKS = ("tasks", "queued", "running", "completed", "failed", "cancelled")


def _calls(progress: Json) -> str | None:
    cost = cost_so_far(progress)
    if not cost:
        return None
    unknown = progress["unpriced_calls"]
    of_unknown = f", {counted(unknown, 'call')} of unknown cost" if unknown else ""
    return f"{progress['calls']:,} for {cost}{of_unknown}"


def _say_what_is_unknown(progress: Json) -> None:
    """Say of how many calls nobody knows what they cost, and what that is at most."""
    unknown, possible = progress["unpriced_calls"], progress["possible_cost"]
    if unknown:
        most = f": {money(possible)} at most where the price is known" if possible else ""
        say(f"The cost of {counted(unknown, 'call')} is unknown{most}.")


def _nonzero(counts: Json, names: tuple[str, ...]) -> str | None:
    """The first of the counts in all, and those of the others that are not zero."""
    whole, *parts = names
    if not counts[whole]:
        return None
    told = ", ".join(
        failures_in_words(counts) if name == "failed" else f"{counts[name]:,} {name}"
        for name in parts
        if counts[name]
    )
    return f"{counts[whole]:,} {whole}: {told}"


def _tokens(progress: Json) -> str | None:
    if not progress["input_tokens"]:
        return None
    cached = f" ({progress['cached_tokens']:,} cached)" if progress["cached_tokens"] else ""
    return f"{progress['input_tokens']:,} tokens in{cached}, {progress['output_tokens']:,} out"


def _answer(task: dict[str, Any]) -> str:
    if task["status"] == "FAILED" and _is_unsendable(task):
        return f"cannot be sent: {task['message']}"
    if task["status"] == "FAILED":
        return f"FAILED {task['failure_kind']}: {task['message']}"
    text: str | None = task["text"]
    return task["status"] if text is None else text
