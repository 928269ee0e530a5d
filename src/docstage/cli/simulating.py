"""`docstage simulate`: simulated models behind the OpenAI chat API."""

from typing import TYPE_CHECKING, Annotated

import typer

from docstage.cli.signals import run_until_signal
from docstage.domain.errors import DocstageError

if TYPE_CHECKING:
    from docstage.simulator.profile import Fault


def simulate(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port; 0 takes any free one.")] = 8641,
    seed: Annotated[int, typer.Option(help="Chooses answers, faults and latencies.")] = 0,
    latency: Annotated[float, typer.Option(min=0, help="Seconds that half of the calls stay under.")] = 0.15,
    requests_per_minute: Annotated[int | None, typer.Option(min=1, help="Limit for each model.")] = None,
    tokens_per_minute: Annotated[int | None, typer.Option(min=1, help="Limit for each model.")] = None,
    concurrency: Annotated[int | None, typer.Option(min=1, help="Calls at once for each model.")] = None,
    fault: Annotated[
        list[str] | None, typer.Option(help="NAME=SHARE, such as server_error=0.05. May be repeated.")
    ] = None,
) -> None:
    """Serve simulated models behind the OpenAI chat API. It is no language model.

    Example: docstage simulate --fault rate_limited=0.1
    """
    from docstage.simulator.profile import Latency, Profile
    from docstage.simulator.server import serve

    profile = Profile(
        seed=seed,
        latency=Latency(median=latency),
        requests_per_minute=requests_per_minute,
        tokens_per_minute=tokens_per_minute,
        concurrency=concurrency,
        error_rates=dict(_fault_share(text) for text in fault or ()),
    )
    try:
        if run_until_signal(serve(profile, host, port, _say_ready)):
            typer.echo("Stopped.", err=True)
    except OSError as error:
        raise DocstageError(f"Cannot listen on {host}:{port}: {error.strerror}.") from error


def _say_ready(address: str) -> None:
    typer.echo(f"Simulated models at {address} (no language model). Ctrl-C stops.")


def _fault_share(text: str) -> "tuple[Fault, float]":
    from docstage.simulator.profile import Fault

    name, _, share = text.partition("=")
    try:
        return Fault(name), float(share)
    except ValueError as error:
        known = ", ".join(Fault)
        raise typer.BadParameter(f"{text!r} is not NAME=SHARE with one of: {known}.") from error
