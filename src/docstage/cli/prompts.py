"""`docstage prompt`: what is asked about every document."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from docstage.cli.client import Json, connected
from docstage.cli.failures import ExitCode
from docstage.cli.folders import given
from docstage.cli.given_text import file_given, text_given
from docstage.cli.lookup import CONNECTION, FOLDER, PROMPT, find
from docstage.cli.output import JsonFlag, money, say, shortened, show, show_members, show_table, when
from docstage.domain.errors import InvalidInput
from docstage.domain.stretches import TooLong

app = typer.Typer(no_args_is_help=True, help="Prompts: what is asked about every document.")

PromptName = Annotated[str, typer.Argument(help="Id or name of the prompt.")]
PromptText = Annotated[str | None, typer.Option(help="The question; - reads it from standard input.")]
PromptFile = Annotated[Path | None, typer.Option(help="A file that has the question; - for standard input.")]
System = Annotated[str | None, typer.Option(help="Standing instructions to the model; - for standard input.")]
Schema = Annotated[Path | None, typer.Option(help="A file with a JSON Schema that every answer must fulfil.")]

LongDocuments = Annotated[
    TooLong | None,
    typer.Option(
        "--too-long",
        help="What becomes of documents that are too long for a model: refuse (default) or first_parts, "
        "which sends the first parts that fit.",
    ),
]


def read_schema(path: Path | None) -> dict[str, Any] | None:
    """The JSON object in a file, None without a file. Raises InvalidInput."""
    if path is None:
        return None
    try:
        value = json.loads(file_given(path, "--schema"))
    except ValueError as error:
        raise InvalidInput(f"{path} is no JSON: {error}.") from error
    if not isinstance(value, dict):
        raise InvalidInput(f"{path} has no JSON object; a JSON Schema is one.")
    return value


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A name of your choice.")],
    text: PromptText = None,
    file: PromptFile = None,
    system: System = None,
    schema: Schema = None,
    too_long: LongDocuments = None,
    as_json: JsonFlag = False,
) -> None:
    """Add a prompt. Example: docstage prompt add Parties --text 'Who are the parties?'"""
    if (text is None) == (file is None):
        raise typer.BadParameter("Give either --text or --file.")
    body = {"name": name, **_content(text, file, system, schema), **given(too_long=too_long)}
    with connected(ctx) as api:
        show(api.post(PROMPT.path, body), as_json, _show)


@app.command("list")
def list_prompts(
    ctx: typer.Context,
    search: Annotated[str | None, typer.Option(help="Only whose name or text contains this.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """List prompts at their latest version. Example: docstage prompt list"""
    with connected(ctx) as api:
        show(api.items(PROMPT.path, search=search), as_json, _show_all)


@app.command("show")
def show_prompt(
    ctx: typer.Context,
    prompt: PromptName,
    version: Annotated[int | None, typer.Option(min=1, help="Default: the latest.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show a prompt. Example: docstage prompt show Parties --version 1"""
    with connected(ctx) as api:
        found = find(api, PROMPT, prompt)
        show(api.get(f"{PROMPT.path}/{found['id']}", version=version), as_json, _show)


@app.command()
def edit(
    ctx: typer.Context,
    prompt: PromptName,
    name: Annotated[str | None, typer.Option(help="The new name.")] = None,
    text: PromptText = None,
    file: PromptFile = None,
    system: System = None,
    schema: Schema = None,
    too_long: LongDocuments = None,
    as_json: JsonFlag = False,
) -> None:
    """Change a prompt, which makes a new version. Example: docstage prompt edit 1 --file question.txt"""
    if text is not None and file is not None:
        raise typer.BadParameter("Give either --text or --file.")
    body = given(name=name, too_long=too_long) | _content(text, file, system, schema)
    with connected(ctx) as api:
        prompt_id = find(api, PROMPT, prompt)["id"]
        show(api.patch(f"{PROMPT.path}/{prompt_id}", body), as_json, _show)


@app.command()
def versions(ctx: typer.Context, prompt: PromptName, as_json: JsonFlag = False) -> None:
    """List every version of a prompt. Example: docstage prompt versions Parties"""
    with connected(ctx) as api:
        prompt_id = find(api, PROMPT, prompt)["id"]
        show(api.get(f"{PROMPT.path}/{prompt_id}/versions"), as_json, _show_all)


@app.command("try")
def try_prompt(
    ctx: typer.Context,
    prompt: PromptName,
    document: Annotated[str, typer.Argument(help="Path of the document within the folder.")],
    folder: Annotated[str, typer.Option(help="Id or name of the document's folder.")],
    connection: Annotated[str, typer.Option(help="Id or name of the connection that is asked.")],
    version: Annotated[int | None, typer.Option(min=1, help="Default: the latest.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Ask a prompt about one document; the call is paid for, and no batch knows of it.

    Example: docstage prompt try Parties lease.pdf --folder Contracts --connection gpt-5-mini
    """
    with connected(ctx) as api:
        found = find(api, PROMPT, prompt)
        asked = api.get(f"{PROMPT.path}/{found['id']}", version=version)
        body = given(**{name: asked[name] for name in ("text", "system", "schema")})
        body |= {
            "folder_id": find(api, FOLDER, folder)["id"],
            "connection_id": find(api, CONNECTION, connection)["id"],
            "path": document,
        }
        tried = api.post(f"{PROMPT.path}/try", body)
    show(tried, as_json, _show_trial)
    if not tried["ok"]:
        raise typer.Exit(ExitCode.ERROR)


@app.command()
def delete(ctx: typer.Context, prompt: PromptName) -> None:
    """Delete a prompt that no batch uses. Example: docstage prompt delete Parties"""
    with connected(ctx) as api:
        found = find(api, PROMPT, prompt)
        api.delete(f"{PROMPT.path}/{found['id']}")
    say(f"Prompt {found['name']} is deleted.")


def _content(text: str | None, file: Path | None, system: str | None, schema: Path | None) -> Json:
    question = text_given(text, "--text") if file is None else file_given(file, "--file")
    standing = text_given(system, "--system")
    return given(text=question, system=standing, schema=read_schema(schema))


def _show(prompt: Json) -> None:
    schema = prompt["schema"]
    show_members(
        [
            ("Id", str(prompt["id"])),
            ("Name", prompt["name"]),
            ("Version", prompt["version"]),
            ("Changed", when(prompt["updated_at"])),
            ("System", prompt["system"]),
            ("Too long documents", prompt["too_long"].replace("_", " ")),
            ("Text", prompt["text"]),
            ("Schema", None if schema is None else json.dumps(schema, indent=2, ensure_ascii=False)),
        ]
    )


def _show_all(prompts: list[Json]) -> None:
    rows = (
        [one["id"], one["name"], one["version"], one["schema"] is not None, shortened(one["text"], 80)]
        for one in prompts
    )
    show_table(["Id#", "Name", "Version#", "Schema", "Text"], rows)


def _show_trial(tried: Json) -> None:
    document, value = tried["document"], tried["value"]
    answer = tried["text"] if value is None else json.dumps(value, indent=2, ensure_ascii=False)
    asked = tried["latency_ms"] is not None
    show_members(
        [
            ("Document", document["path"]),
            ("Read as", document["media_type"]),
            ("Size", f"{document['characters']:,} characters, {document['images']} pictures"),
            ("Encoding", f"{document['encoding_ms']:,.0f} ms{', known before' * document['reused']}"),
            ("Note", document["detail"] if asked else None),
            ("Failure", tried["failure_kind"] or document["reason"]),
            ("Note" if tried["ok"] else "Why", tried["message"]),
            ("Way forward", tried["way_forward"]),
            ("Answer", answer),
            ("Thoughts", tried["thoughts"]),
            ("Model", tried["model"]),
            ("Ended", tried["finish_reason"]),
            ("Tokens", _tokens(tried)),
            ("Cost", money(tried["cost"]) if asked else "nothing: the model was not asked"),
            ("Time", f"{tried['latency_ms']:,.0f} ms" if asked else None),
        ]
    )


def _tokens(tried: Json) -> str | None:
    if tried["input_tokens"] is None:
        return None
    cached = tried["cached_tokens"]
    return f"{tried['input_tokens']:,} in ({cached:,} cached), {tried['output_tokens']:,} out"
