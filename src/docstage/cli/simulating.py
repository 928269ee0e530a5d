"""`docstage simulate`: simulated models behind the OpenAI chat API."""

from functools import reduce
from typing import TYPE_CHECKING, Annotated, Any, TypedDict, Unpack

import typer

from docstage.cli.options import spread
from docstage.cli.output import show_table
from docstage.cli.signals import run_until_signal
from docstage.domain.errors import DocstageError, InvalidInput
from docstage.domain.rehearsals import REHEARSALS
from docstage.simulator.kinds import Away, CostReport, Fault, Overflow, Schemas, Thoughts, Wait

if TYPE_CHECKING:
    from docstage.simulator.profile import Profile

PerModel = Annotated[int | None, typer.Option(min=1, help="Limit for each model.")]
Seconds = Annotated[float | None, typer.Option(min=0, help="Seconds.")]
MillionTokens = Annotated[float | None, typer.Option(min=0, help="USD for a million tokens.")]


class Behaviour(TypedDict, total=False):
    """What can be said of a simulated provider, by the names of `Profile`'s members and `LATENCY`."""

    seed: Annotated[int | None, typer.Option(help="Chooses answers, faults and latencies.")]
    latency: Annotated[
        float | None, typer.Option(min=0, help="Seconds that half of the calls stay under; default: 0.15.")
    ]
    latency_sigma: Annotated[float | None, typer.Option(min=0, help="How much latencies spread.")]
    latency_per_token: Annotated[float | None, typer.Option(min=0, help="Seconds for each token written.")]
    requests_per_minute: PerModel
    tokens_per_minute: PerModel
    requests_per_day: PerModel
    concurrency: Annotated[int | None, typer.Option(min=1, help="Calls at once; more get a 429.")]
    slots: Annotated[int | None, typer.Option(min=1, help="Calls at once; more wait for their turn.")]
    retry_after: Annotated[
        float | None, typer.Option(min=0, help="Seconds to wait after the fault rate_limited.")
    ]
    wait: Annotated[Wait | None, typer.Option(help="How waits are told.")]
    outage_after: Annotated[float | None, typer.Option(min=0, help="Seconds to the first outage.")]
    outage_seconds: Annotated[float | None, typer.Option(min=0, help="How long an outage lasts.")]
    outage_every: Annotated[float | None, typer.Option(min=0, help="Seconds from one outage to the next.")]
    away: Annotated[Away | None, typer.Option(help="What calls meet during an outage.")]
    loading_seconds: Annotated[float | None, typer.Option(min=0, help="How long the model is loaded.")]
    time_scale: Annotated[
        float | None, typer.Option(help="How many times as fast limits, outages and waits pass.")
    ]
    context_tokens: Annotated[int | None, typer.Option(min=1, help="How long a request may be.")]
    output_in_context: Annotated[bool | None, typer.Option(help="Whether the output limit counts in it.")]
    tells_context: Annotated[bool | None, typer.Option(help="Whether the list of models says so.")]
    overflow: Annotated[Overflow | None, typer.Option(help="What becomes of a longer request.")]
    largest_output: Annotated[int | None, typer.Option(min=1, help="Output limits beyond it are refused.")]
    token_ratio: Annotated[
        float | None, typer.Option(help="Tokens counted for each four characters; default: 1.")
    ]
    thoughts: Annotated[Thoughts | None, typer.Option(help="How the model tells what it thinks.")]
    thought_tokens: Annotated[int | None, typer.Option(min=1, help="How much it thinks, if it does.")]
    refuses: Annotated[
        list[str] | None, typer.Option(help="Member of requests that is refused. May be repeated.")
    ]
    schemas: Annotated[Schemas | None, typer.Option(help="Which schemas are taken.")]
    input_price: MillionTokens
    output_price: MillionTokens
    cached_price: MillionTokens
    cache_write_price: MillionTokens
    cost: Annotated[CostReport | None, typer.Option(help="Where answers say what they cost.")]
    spending_limit: Annotated[float | None, typer.Option(min=0, help="USD a day; then calls are refused.")]
    spending_status: Annotated[int | None, typer.Option(help="Its status: 400, 402, 403 or 429.")]
    cache: Annotated[bool | None, typer.Option(help="Whether repeated beginnings are cached.")]
    cache_writes: Annotated[bool | None, typer.Option(help="Whether writing to the cache is told.")]
    cache_minimum: Annotated[int | None, typer.Option(min=1, help="Tokens from which on it caches.")]
    cache_step: Annotated[int | None, typer.Option(min=1, help="Tokens by which a cached part grows.")]
    serves: Annotated[str | None, typer.Option(help="The model that answers say they are from.")]
    api_key: Annotated[str | None, typer.Option(help="A key that calls must bring.")]
    models: Annotated[list[str] | None, typer.Option("--model", help="Name of a model. May be repeated.")]
    light: Annotated[bool | None, typer.Option(help="Answer without the document, for load tests.")]
    log: Annotated[int | None, typer.Option(min=0, help="Last calls that /requests shows.")]
    error_rates: Annotated[
        list[str] | None,
        typer.Option("--fault", help="NAME=SHARE, such as server_error=0.05. May be repeated."),
    ]
    endings: Annotated[
        list[str] | None,
        typer.Option("--ending", help="WORD=SHARE: a finish reason, or null or missing. May be repeated."),
    ]


@spread
def simulate(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port; 0 takes any free one.")] = 8641,
    profile: Annotated[
        list[str] | None, typer.Option(help="Behave like this; see --list-profiles. May be repeated.")
    ] = None,
    list_profiles: Annotated[bool, typer.Option("--list-profiles", help="Show the profiles.")] = False,
    **behaviour: Unpack[Behaviour],
) -> None:
    """Serve simulated models behind the OpenAI chat API. It is no language model.

    Example: docstage simulate --profile night --time-scale 60 --fault refusal=0.1
    """
    if list_profiles:
        show_table(["Profile!", "What it is like"], [[name, about] for name, about in REHEARSALS.items()])
        return
    from docstage.simulator.server import serve

    wanted = _profile(profile or [], behaviour)
    try:
        if run_until_signal(serve(wanted, host, port, _say_ready)):
            typer.echo("Stopped.", err=True)
    except OSError as error:
        raise DocstageError(f"Cannot listen on {host}:{port}: {error.strerror}.") from error


def _say_ready(address: str) -> None:
    typer.echo(f"Simulated models at {address} (no language model). Ctrl-C stops.")


def _profile(names: list[str], behaviour: Behaviour) -> "Profile":
    """The profiles as one, with what the options say on top."""
    from docstage.simulator.profile import Profile
    from docstage.simulator.terms import combined, profile_named, with_members

    said: dict[str, Any] = {name: value for name, value in behaviour.items() if value is not None}
    faults = [_share(text, "--fault") for text in said.pop("error_rates", ())]
    endings = dict(_share(text, "--ending") for text in said.pop("endings", ()))
    said |= {name: tuple(said[name]) for name in ("models", "refuses") if name in said}
    try:
        start = reduce(lambda below, name: profile_named(name, below), names, Profile())
        rates = {_fault(name): share for name, share in faults}
        return with_members(combined(start, Profile(error_rates=rates, endings=endings)), said)
    except InvalidInput as error:
        raise typer.BadParameter(error.detail) from error


def _fault(name: str) -> Fault:
    try:
        return Fault(name.replace("-", "_"))
    except ValueError:
        known = ", ".join(Fault)
        raise typer.BadParameter(
            f"There is no fault {name!r}, only: {known}.", param_hint="--fault"
        ) from None


def _share(text: str, option: str) -> tuple[str, float]:
    name, _, share = text.partition("=")
    try:
        return name, float(share)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not NAME=SHARE.", param_hint=option) from None
