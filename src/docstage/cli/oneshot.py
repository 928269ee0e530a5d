"""`docstage run`: the main job in one command."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from docstage.cli.batches import SUFFIXES, FormatOption, confirm, export_to, format_of
from docstage.cli.client import ApiClient, Json, connected
from docstage.cli.connections import pairs
from docstage.cli.downloads import is_stdout
from docstage.cli.folders import given, place
from docstage.cli.given_text import file_given, text_given
from docstage.cli.lookup import BATCH, CONNECTION, FOLDER, PROMPT, equal_to, find, free_name
from docstage.cli.output import JsonFlag, say, shortened, show_json
from docstage.cli.prompts import read_schema
from docstage.cli.reports import show_documents, show_estimate, summarize
from docstage.cli.working import code_of, halt, work
from docstage.domain.errors import InvalidInput
from docstage.domain.lifecycle import BatchStatus

_PROMPT_NAME_LENGTH = 40


@dataclass(frozen=True, slots=True)
class Question:
    """A prompt as it is given on the command line."""

    name: str
    text: str
    schema: Json | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What shall be run.

    Attributes:
        models: each `provider:model`, or the name of a connection.
        base_urls: addresses by provider.
        limits: members of the batch, such as `budget`.
    """

    folder: str
    include: list[str]
    exclude: list[str]
    questions: list[Question]
    prompt_names: list[str]
    models: list[str]
    base_urls: dict[str, str] = field(default_factory=dict)
    name: str | None = None
    limits: Json = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sink:
    """Where the answers are written, and as what; `-` is stdout."""

    out: Path
    form: str


def run(
    ctx: typer.Context,
    folder: Annotated[str, typer.Argument(help="The folder with the documents.")],
    model: Annotated[
        list[str], typer.Option(help="PROVIDER:MODEL, or a connection's name. May be repeated.")
    ],
    prompt: Annotated[list[str] | None, typer.Option(help="A question. May be repeated.")] = None,
    prompt_file: Annotated[
        list[Path] | None, typer.Option(help="A file with a question. May be repeated.")
    ] = None,
    prompt_name: Annotated[
        list[str] | None, typer.Option(help="Id or name of a prompt that exists. May be repeated.")
    ] = None,
    schema: Annotated[
        Path | None, typer.Option(help="JSON Schema of the answers to --prompt and --prompt-file.")
    ] = None,
    base_url: Annotated[
        list[str] | None, typer.Option(help="PROVIDER=URL, where its server is. May be repeated.")
    ] = None,
    include: Annotated[list[str] | None, typer.Option(help="Take only what fits this glob.")] = None,
    exclude: Annotated[list[str] | None, typer.Option(help="Leave out what fits this glob.")] = None,
    name: Annotated[str | None, typer.Option(help="Name of the batch; default: folder and time.")] = None,
    budget: Annotated[float | None, typer.Option(help="USD; pauses before it is exceeded.")] = None,
    out: Annotated[
        Path | None, typer.Option(help=f"Write all answers there: {SUFFIXES}; - is stdout.")
    ] = None,
    form: FormatOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before the run.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Run prompts over a folder with models, from the first look to the file of answers.

    Stages the documents, shows what a run will cost, asks, runs with live progress and writes the answers.
    It waits for rate limits and for servers that are away, for hours if need be, and says until when.
    Ctrl-C pauses the batch and says how to resume it.

    Example: docstage run ~/contracts --prompt "Who are the parties?" --model ollama:llama3.2
    --model openai:gpt-5-mini --out answers.csv
    """
    questions = _questions(prompt or [], prompt_file or [], schema)
    if not questions and not prompt_name:
        raise typer.BadParameter("Give at least one --prompt, --prompt-file or --prompt-name.")
    sink = _sink(out, form, as_json=as_json)
    order = Order(
        folder=folder,
        include=include or [],
        exclude=exclude or [],
        questions=questions,
        prompt_names=prompt_name or [],
        models=model,
        base_urls=pairs(base_url, "--base-url"),
        name=name,
        limits=given(budget=budget),
    )
    with connected(ctx) as api:
        with _words_beside(sink):
            batch = stage(api, order)
            if batch["status"] == BatchStatus.STAGED:
                _look_and_ask(api, batch, yes=yes, as_json=as_json)
                batch = analyse(api, batch["id"])
        _write(api, batch, sink)
        with _words_beside(sink):
            _finish(api, batch, sink, as_json=as_json)
    raise typer.Exit(code_of(batch))


def stage(api: ApiClient, order: Order) -> Json:
    """Save and stage a batch for the order, and wait until it rests."""
    prompts = [find(api, PROMPT, name)["id"] for name in order.prompt_names]
    prompts += [_prompt(api, question) for question in order.questions]
    connections = [_connection(api, text, order.base_urls) for text in order.models]
    body = {
        "name": order.name or _batch_name(order.folder),
        "folder_ids": [_folder(api, order)],
        "connection_ids": list(dict.fromkeys(connections)),
        "prompt_ids": list(dict.fromkeys(prompts)),
        **order.limits,
    }
    batch = api.post(f"{BATCH.path}/stage", body)
    say(f"Batch {batch['id']}: {batch['name']}")
    return work(api, batch["id"])


def analyse(api: ApiClient, batch_id: int, seconds: float | None = None) -> Json:
    """Run a staged batch, and wait until it rests; after so many seconds, if any, it is paused."""
    api.post(f"{BATCH.path}/{batch_id}/run")
    return work(api, batch_id, seconds)


def _look_and_ask(api: ApiClient, batch: Json, *, yes: bool, as_json: bool) -> None:
    if not as_json:
        show_documents(api, batch["id"])
        show_estimate(api.get(f"{BATCH.path}/{batch['id']}/estimate"))
    if yes:
        return
    go_on = api.target.command(f"batch run {batch['id']} --wait")
    try:
        confirm("Run it?")
    except (KeyboardInterrupt, typer.Abort):
        halt(api, batch["id"])
    except (typer.BadParameter, typer.Exit):
        say(f"It is staged and was not run. Run it with: {go_on}")
        raise


@contextmanager
def _words_beside(sink: Sink | None) -> Iterator[None]:
    """Let tables go to stderr where stdout is for the answers alone."""
    with redirect_stdout(sys.stderr if sink and is_stdout(sink.out) else sys.stdout):
        yield


def _write(api: ApiClient, batch: Json, sink: Sink | None) -> None:
    if sink is not None and batch["counts"]["completed"]:
        export_to(api, batch["id"], sink.out, form=sink.form)
        if not is_stdout(sink.out):
            say(f"Wrote {sink.out}.")


def _finish(api: ApiClient, batch: Json, sink: Sink | None, *, as_json: bool) -> None:
    if as_json:
        show_json(batch)
        return
    summarize(api, batch)
    if batch["status"] == BatchStatus.PAUSED:
        say(f"Resume with: {api.target.command('batch resume')} {batch['id']} --wait")
    elif sink is None and batch["counts"]["completed"]:
        say(f"Get the answers with: {api.target.command('batch export')} {batch['id']} --out answers.csv")


def _questions(texts: list[str], files: list[Path], schema: Path | None) -> list[Question]:
    form = read_schema(schema)
    whole = [text_given(text, "--prompt") or "" for text in texts]
    named = [(shortened(text, _PROMPT_NAME_LENGTH), text) for text in whole]
    named += [(path.stem, file_given(path, "--prompt-file")) for path in files]
    return [Question(name, text, form) for name, text in named]


def _sink(out: Path | None, form: str | None, *, as_json: bool) -> Sink | None:
    """Find out before any money is spent whether the answers can be written."""
    if out is None:
        if form:
            raise typer.BadParameter("It says how --out is written: give that, too.", param_hint="--format")
        return None
    sink = Sink(out, form or format_of(out))
    if is_stdout(out):
        if as_json:
            raise typer.BadParameter("- and --json would both be written to stdout.", param_hint="--out")
        return sink
    folder = out.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise InvalidInput(f"Cannot write into {folder}.")
    return sink


def _batch_name(folder: str) -> str:
    return f"{Path(folder).absolute().name or folder} {time.strftime('%Y-%m-%d %H:%M:%S')}"


def _folder(api: ApiClient, order: Order) -> int:
    """The folder with that path and those globs: one that exists, else a new one."""
    path = place(api, order.folder)
    wanted = {"path": path, "include": order.include, "exclude": order.exclude}
    usual = {
        "recursive": True,
        "hidden": False,
        "archives": "open",
        "attachments": "in_place",
        "ocr": "when_needed",
    }
    name = Path(path).name or path
    for folder in api.items(FOLDER.path, search=name):
        if equal_to(folder, wanted | usual):
            return int(folder["id"])
    return int(api.post(FOLDER.path, wanted | {"name": free_name(api, FOLDER, name)})["id"])


def _prompt(api: ApiClient, question: Question) -> int:
    wanted = {"text": question.text, "schema": question.schema}
    for prompt in api.items(PROMPT.path):
        if equal_to(prompt, wanted | {"system": None}):
            return int(prompt["id"])
    body = given(**wanted, name=free_name(api, PROMPT, question.name))
    return int(api.post(PROMPT.path, body)["id"])


def _connection(api: ApiClient, text: str, base_urls: dict[str, str]) -> int:
    """The connection with that name, or one to that provider and model, made if there is none."""
    provider, colon, model = text.partition(":")
    existing = api.items(CONNECTION.path)
    named = [one for one in existing if one["name"] == text]
    if named:
        return int(named[0]["id"])
    if not colon or not model:
        raise InvalidInput(f"{text!r} is neither PROVIDER:MODEL nor the name of a connection.")
    wanted = {"provider": provider, "model": model, "base_url": _address(base_urls.get(provider))}
    for connection in existing:
        if equal_to(connection, wanted):
            return int(connection["id"])
    body = given(**wanted, name=free_name(api, CONNECTION, model))
    return int(api.post(CONNECTION.path, body)["id"])


def _address(url: str | None) -> str | None:
    return None if url is None else url.rstrip("/")
