"""`docstage connection`: how to reach language models."""

import json
from typing import Annotated, Any, TypedDict, Unpack

import typer

from docstage.cli.client import ApiClient, Json, connected
from docstage.cli.failures import ExitCode
from docstage.cli.folders import given
from docstage.cli.given_text import STDIN, text_given
from docstage.cli.lookup import CONNECTION, find
from docstage.cli.options import spread
from docstage.cli.output import JsonFlag, money, say, show, show_members, show_table, visible, when
from docstage.domain.errors import InvalidInput

app = typer.Typer(no_args_is_help=True, help="Connections: how to reach language models.")

ConnectionName = Annotated[str, typer.Argument(help="Id or name of the connection.")]
PriceOption = Annotated[float | None, typer.Option(help="USD per million tokens.")]


class Settings(TypedDict, total=False):
    """The options of `add` and `edit` that say what a connection is, in the order of their help."""

    base_url: Annotated[str | None, typer.Option(help="Where the server is; default: the provider's own.")]
    api_key: Annotated[
        str | None,
        typer.Option(
            help="env:NAME, file:PATH, - for standard input, or the key itself, which others may see."
        ),
    ]
    ask_key: Annotated[bool, typer.Option("--ask-key", help="Ask for the key without showing it.")]
    concurrency: Annotated[int | None, typer.Option(min=1, help="Calls at once.")]
    requests_per_minute: Annotated[int | None, typer.Option(min=1, help="Limit of the provider.")]
    tokens_per_minute: Annotated[int | None, typer.Option(min=1, help="Limit of the provider.")]
    temperature: Annotated[float | None, typer.Option(help="0 to 2.")]
    max_output_tokens: Annotated[int | None, typer.Option(min=1, help="The longest answer, in tokens.")]
    reasoning: Annotated[
        str | None, typer.Option(help="How much the model thinks: off, low, medium, high, or tokens.")
    ]
    context_tokens: Annotated[
        int | None, typer.Option(min=256, help="What the model takes in all, prompt and answer.")
    ]
    timeout: Annotated[float | None, typer.Option(help="Seconds that one call may take.")]
    images: Annotated[bool | None, typer.Option(help="Whether the model takes pictures.")]
    input_price: PriceOption
    output_price: PriceOption
    cached_price: PriceOption
    cache_write_price: PriceOption
    free: Annotated[
        bool | None,
        typer.Option(
            "--free/--not-free",
            help="It runs on a machine of your own, and calls cost nothing; or the public price again.",
        ),
    ]
    header: Annotated[list[str] | None, typer.Option(help="NAME=VALUE. May be repeated.")]
    extra: Annotated[str | None, typer.Option(help="JSON object with further members of every request.")]


_KEY = ("api_key", "ask_key")
_LIMITS = ("concurrency", "requests_per_minute", "tokens_per_minute")
_PRICES = ("input_price", "output_price", "cached_price", "cache_write_price")
# All others are members of a connection under their own names.
_APART = frozenset({*_KEY, *_LIMITS, *_PRICES, "free", "header", "extra"})


@app.command()
@spread
def add(
    ctx: typer.Context,
    provider: Annotated[str, typer.Option(help="Such as openai, anthropic, ollama; see `providers`.")],
    model: Annotated[str, typer.Option(help="The model's name, as the provider writes it.")],
    name: Annotated[str | None, typer.Option(help="A name of your choice; default: the model's.")] = None,
    as_json: JsonFlag = False,
    **settings: Unpack[Settings],
) -> None:
    """Add a connection. Example: docstage connection add --provider openai --model gpt-5-mini --ask-key"""
    body = given(provider=provider, model=model, name=name or model) | _body(settings)
    with connected(ctx) as api:
        show(api.post(CONNECTION.path, body), as_json, _show)


@app.command()
@spread
def edit(
    ctx: typer.Context,
    connection: ConnectionName,
    provider: Annotated[str | None, typer.Option(help="The new provider.")] = None,
    model: Annotated[str | None, typer.Option(help="The new model.")] = None,
    name: Annotated[str | None, typer.Option(help="The new name.")] = None,
    as_json: JsonFlag = False,
    **settings: Unpack[Settings],
) -> None:
    """Change a connection, also while batches run. Example: docstage connection edit gpt --concurrency 20"""
    body = given(provider=provider, model=model, name=name) | _body(settings)
    with connected(ctx) as api:
        connection_id = find(api, CONNECTION, connection)["id"]
        show(api.patch(f"{CONNECTION.path}/{connection_id}", body), as_json, _show)


@app.command("list")
def list_connections(
    ctx: typer.Context,
    search: Annotated[
        str | None, typer.Option(help="Only whose name, provider or model contains this.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """List connections. Example: docstage connection list"""
    with connected(ctx) as api:
        show(api.items(CONNECTION.path, search=search), as_json, _show_all)


@app.command("show")
def show_connection(ctx: typer.Context, connection: ConnectionName, as_json: JsonFlag = False) -> None:
    """Show a connection; its key is never shown. Example: docstage connection show gpt-5-mini"""
    with connected(ctx) as api:
        show(find(api, CONNECTION, connection), as_json, _show)


@app.command()
def delete(ctx: typer.Context, connection: ConnectionName) -> None:
    """Delete a connection that no batch uses, with its key. Example: docstage connection delete 2"""
    with connected(ctx) as api:
        found = find(api, CONNECTION, connection)
        api.delete(f"{CONNECTION.path}/{found['id']}")
    say(f"Connection {found['name']} is deleted.")


@app.command("test")
def check(ctx: typer.Context, connection: ConnectionName, as_json: JsonFlag = False) -> None:
    """Test a connection with one short call. Example: docstage connection test gpt-5-mini"""
    with connected(ctx) as api:
        found = tested(api, connection)
    show(found, as_json, lambda one: typer.echo(visible(one["message"])))
    if not found["ok"]:
        raise typer.Exit(ExitCode.ERROR)


@app.command()
def models(ctx: typer.Context, connection: ConnectionName, as_json: JsonFlag = False) -> None:
    """List the models that a connection's server offers. Example: docstage connection models ollama"""
    with connected(ctx) as api:
        offered = api.get(f"{CONNECTION.path}/{find(api, CONNECTION, connection)['id']}/models")

    def render(found: list[Json]) -> None:
        if any(one["about"] for one in found):
            show_table(["Model!", "What it is like"], ([one["name"], one["about"]] for one in found))
        else:
            show_table(["Model", "Context tokens#"], ([one["name"], one["context_tokens"]] for one in found))

    show(offered, as_json, render)


@app.command()
def detect(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """Look for model servers and keys on this machine. Example: docstage connection detect"""
    with connected(ctx) as api:
        show(api.get(f"{CONNECTION.path}/detect"), as_json, _show_detected)


@app.command()
def providers(ctx: typer.Context, as_json: JsonFlag = False) -> None:
    """List the providers that connections can name. Example: docstage connection providers"""
    with connected(ctx) as api:
        show(api.get(f"{CONNECTION.path}/providers"), as_json, _show_providers)


def tested(api: ApiClient, connection: str) -> Json:
    """What a test of the connection finds."""
    found: Json = api.post(f"{CONNECTION.path}/{find(api, CONNECTION, connection)['id']}/test")
    return found


def pairs(texts: list[str] | None, option: str) -> dict[str, str]:
    """Values of an option that is written NAME=VALUE. Raises BadParameter."""
    found = {}
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{text!r} is not NAME=VALUE.", param_hint=option)
        found[name] = value
    return found


def _body(settings: Settings) -> Json:
    """The members of a connection that the options say."""
    said: dict[str, Any] = {**settings}
    key = typer.prompt("API key", hide_input=True, err=True) if said["ask_key"] else _key(said["api_key"])
    prices = given(**{name.removesuffix("_price"): said[name] for name in _PRICES})
    body = given(
        **{name: value for name, value in said.items() if name not in _APART},
        api_key=key,
        limits=given(**{name: said[name] for name in _LIMITS}) or None,
        prices=_prices(prices, said["free"]),
        headers=pairs(said["header"], "--header") or None,
    )
    if said["free"] is False and not body.get("prices"):
        body["prices"] = None
    return body if said["extra"] is None else body | {"extra": _object(said["extra"])}


def _prices(prices: dict[str, float], free: bool | None) -> dict[str, float] | str | None:
    if free and prices:
        raise typer.BadParameter("What is free has no other price.", param_hint="--free")
    return "free" if free else prices or None


def _key(text: str | None) -> str | None:
    """The key; one that comes on standard input ends with its line."""
    given_key = text_given(text, "--api-key")
    return given_key.rstrip("\r\n") if text == STDIN and given_key else given_key


def _object(text: str) -> Json:
    try:
        value = json.loads(text_given(text, "--extra") or "")
    except ValueError as error:
        raise InvalidInput(f"--extra is no JSON: {error}.") from error
    if not isinstance(value, dict):
        raise InvalidInput("--extra must be a JSON object.")
    return value


_FREE = {"free": "free, as was said", "local": "free, on your own machine", "simulator": "free, simulated"}


def _price(connection: Json) -> str:
    price = connection["price"]
    if price is None:
        return "unknown"
    if price["source"] in _FREE:
        return _FREE[price["source"]]
    return f"{money(price['input'])} in, {money(price['output'])} out per million tokens ({price['source']})"


def _limits(limits: Json) -> str:
    parts = [f"{limits['concurrency']} at once"]
    if limits["requests_per_minute"]:
        parts.append(f"{limits['requests_per_minute']:,} requests a minute")
    if limits["tokens_per_minute"]:
        parts.append(f"{limits['tokens_per_minute']:,} tokens a minute")
    return ", ".join(parts)


def _context(connection: Json) -> str:
    if connection["context_tokens"]:
        return f"{connection['context_tokens']:,} tokens, as was said"
    known = connection["known_context_tokens"]
    return f"{known:,} tokens" if known else "unknown: told by a test, or when a batch is staged"


def _show(connection: Json) -> None:
    lane = connection["lane"] or {}
    show_members(
        [
            ("Id", str(connection["id"])),
            ("Name", connection["name"]),
            ("Provider", connection["provider"]),
            ("Model", connection["model"]),
            ("Base URL", connection["base_url"]),
            ("API key", connection["api_key"]),
            ("Limits", _limits(connection["limits"])),
            ("Price", _price(connection)),
            ("Takes pictures", connection["images"]),
            ("Temperature", connection["temperature"]),
            ("Longest answer", f"{connection['max_output_tokens']:,} tokens"),
            ("Reasoning", connection["reasoning"]),
            ("Notes", connection["notes"]),
            ("Context", _context(connection)),
            ("Timeout", f"{connection['timeout']:g} s"),
            ("Headers", connection["header_names"]),
            ("Extra", connection["extra"]),
            ("Calls in flight", lane.get("in_flight")),
            ("Held", lane.get("held_reason")),
            ("Changed", when(connection["updated_at"])),
        ]
    )


def _show_all(connections: list[Json]) -> None:
    rows = (
        [one["id"], one["name"], one["provider"], one["model"], one["base_url"], one["api_key"], _price(one)]
        for one in connections
    )
    show_table(["Id#", "Name", "Provider", "Model", "Base URL", "Key", "Price"], rows)


def _show_detected(found: Json) -> None:
    rows = [[one["provider"], one["base_url"], ", ".join(one["models"][:10])] for one in found["servers"]]
    show_table(["Provider", "Base URL", "Models"], rows, title="Model servers on this machine")
    models = [[one["name"], one["context_tokens"], one["about"]] for one in found["local_models"]]
    show_table(
        ["Model", "Context tokens#", "About"], models, title="Models that docstage runs (provider local)"
    )
    show_table(["Variable"], [[name] for name in found["keys"]], title="Keys in the environment")


def _show_providers(found: list[Json]) -> None:
    rows = (
        [one["name"], one["title"], one["key_env"] if one["needs_key"] else "", one["default_base_url"]]
        for one in found
    )
    show_table(["Name!", "Provider", "Key!", "Address"], rows)
