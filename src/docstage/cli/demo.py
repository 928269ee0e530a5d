"""`docstage demo`: the main job on real documents, without a key and without a network.

Two simulated models answer on all documents; then a real, very small one on the short ones, where it can run.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

import docstage
from docstage import private
from docstage.cli.batches import export_to
from docstage.cli.client import ApiClient, open_client
from docstage.cli.demo_real import CAUTION, add_real_model, show_real_model
from docstage.cli.lookup import BATCH, CONNECTION, FOLDER
from docstage.cli.oneshot import Order, Question, analyse, stage
from docstage.cli.output import say
from docstage.cli.reports import show_answers, show_documents, show_estimate, summarize
from docstage.cli.target import Target
from docstage.cli.working import code_of
from docstage.domain.errors import AtWork, ConfigurationError, DocstageError, InvalidInput
from docstage.domain.lifecycle import BatchStatus

# A home that the demo may remove is one that it made: it has this file.
_MARK = "made-by-docstage-demo"
_LOCK = "demo.lock"
_HOME = Path(".docstage/demo")
_ROWS = 12
_NOTICE = (
    "simulated-small and simulated-large are no language models but simulated: their answers mean nothing. "
    "Nothing is paid for."
)

# Invented prices, so that costs show; USD per million tokens.
_CONNECTIONS: tuple[dict[str, Any], ...] = (
    {"name": "simulated-small", "model": "simulated-small", "prices": {"input": 0.25, "output": 2.0}},
    {"name": "simulated-large", "model": "simulated-large", "prices": {"input": 1.25, "output": 10.0}},
)
_QUESTIONS = [
    Question("Summary", "Summarise this document in two sentences."),
    Question(
        "Facts",
        "Which date, amount and parties does this document name?",
        {
            "type": "object",
            "properties": {
                "title": {"type": "string", "maxLength": 100},
                "date": {"type": "string", "format": "date"},
                "amount": {"type": "number"},
                "parties": {"type": "array", "items": {"type": "string", "maxLength": 60}, "maxItems": 4},
            },
            "required": ["title", "date", "amount", "parties"],
            "additionalProperties": False,
        },
    ),
]


def demo(
    ctx: typer.Context,
    folder: Annotated[
        Path | None, typer.Option(help="Your own documents; default: those that come with docstage.")
    ] = None,
    home: Annotated[
        Path | None,
        typer.Option(
            help="Where the demo keeps everything; an earlier demo there is removed; default: .docstage/demo."
        ),
    ] = None,
    real: Annotated[
        bool, typer.Option(help="Let a real, very small language model answer, too, where it can run.")
    ] = True,
) -> None:
    """Show the main job on real documents, with simulated models and a small real one: no key, no network.

    Example: docstage demo --folder ~/contracts
    """
    documents = folder or _corpus()
    home = home or Target.of(ctx).home or _HOME
    with _alone(home):
        _clear(home)
        say(_NOTICE)
        _demonstrate(documents, home, real=real)


def _demonstrate(documents: Path | None, home: Path, *, real: bool) -> None:
    target = Target(home=home)
    # Where a server or database is set for other commands, the demo still keeps to its own home.
    os.environ.pop("DOCSTAGE_SERVER", None)
    os.environ.pop("DOCSTAGE_DATABASE", None)
    with open_client(target) as api:
        place = str(documents or api.post(f"{FOLDER.path}/samples")["path"])
        _show(api, place, home, real=real)


def _show(api: ApiClient, documents: str, home: Path, *, real: bool) -> None:
    out, real_out = home / "answers.csv", home / "answers-real.csv"
    for connection in _CONNECTIONS:
        limits = {"concurrency": 16}
        api.post(CONNECTION.path, connection | {"provider": "simulated", "limits": limits})
    order = Order(
        folder=documents,
        include=[],
        exclude=[],
        questions=_QUESTIONS,
        prompt_names=[],
        models=[connection["name"] for connection in _CONNECTIONS],
        name="Demo",
    )
    batch = stage(api, order)
    if batch["status"] != BatchStatus.STAGED:
        raise DocstageError(f"Staging ended as {batch['status']}: {batch['status_reason']}")
    show_documents(api, batch["id"])
    show_estimate(api.get(f"{BATCH.path}/{batch['id']}/estimate"))
    batch = analyse(api, batch["id"])
    summarize(api, batch)
    export_to(api, batch["id"], out, form="csv")
    is_real = real and add_real_model(api)
    if is_real:
        beside = str(_CONNECTIONS[0]["name"])
        show_real_model(api, batch["id"], (documents, _QUESTIONS), beside, real_out)
    else:
        show_answers(api, batch["id"], _ROWS)
    files = [out, *([real_out] if real_out.exists() else [])]
    say(f"\nAll answers: {', '.join(map(str, files))}\n{_NOTICE}")
    if is_real:
        say(CAUTION)
    _say_what_is_next(api, batch["id"])
    if batch["status"] != BatchStatus.COMPLETED:
        raise typer.Exit(code_of(batch))


def _say_what_is_next(api: ApiClient, batch_id: int) -> None:
    say("\nNext:")
    say(f"  {api.target.command(f'batch show {batch_id}')}")
    say(f"  {api.target.command(f'batch rerun {batch_id} --wait')}")
    say("  docstage connection detect")
    say('  docstage run FOLDER --prompt "Who are the parties?" --model ollama:llama3.2 --out answers.csv')
    if shutil.which("docstage") is None:  # such as in a checkout
        say(f"Here, docstage is {sys.argv[0]}.")


def _corpus() -> Path | None:
    """A folder of documents of many formats: one that the environment names, or one beside a checkout."""
    named = os.environ.get("DOCSTAGE_CORPUS")
    beside = Path(docstage.__file__).parents[3] / "shared" / "corpus"
    places = ([Path(named)] if named else []) + [beside]
    return next((place for place in places if place.is_dir()), None)


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Keep other demos out of the home; who comes second is told at once.

    Raises:
        InvalidInput: another demo is at work there, or something else than a demo made it.
    """
    from docstage.store.locks import FileLock

    if home.is_dir() and any(home.iterdir()) and not (home / _MARK).is_file():
        raise InvalidInput(f"{home} was not made by a demo and is left alone. Choose another --home.")
    try:
        private.make_folder(home.absolute())
        (home / _MARK).write_text("docstage demo removes what is in this folder when it is run again.\n")
    except OSError as error:
        raise ConfigurationError(f"Cannot make the folder {home}: {error.strerror}.") from error
    lock = FileLock(home / _LOCK)
    if not lock.acquire():
        raise AtWork(
            f"Another demo, process {(home / _LOCK).read_text()}, is at work in {home}. Wait until it has "
            "ended, or choose another --home."
        )
    try:
        yield
    finally:
        lock.release()


def _clear(home: Path) -> None:
    """Remove what an earlier demo left."""
    for one in home.iterdir():
        if one.name in {_MARK, _LOCK}:
            continue
        if one.is_dir() and not one.is_symlink():
            shutil.rmtree(one)
        else:
            one.unlink()
