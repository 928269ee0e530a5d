"""Attacks on the API that are made from its own OpenAPI document.

schemathesis derives requests from the document: its examples, each edge of each schema, wrong methods and
types, random valid and invalid ones, and sequences in which answers give ids for the next request. Every
answer must be as the document says, and every error a problem document.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from schemathesis.engine import Status, events, from_schema
from schemathesis.generation.meta import TestPhase
from schemathesis.specs.openapi.schemas import OpenApiSchema
from tests.attack.fence import fenced
from tests.support.apps import ADDRESS, Bench
from tests.support.waiting import PATIENCE

from docstage.api.app import create_app
from docstage.domain.lifecycle import BatchStatus
from docstage.web.problems import MEDIA_TYPE, Problem

PHASES = ("examples", "coverage", "fuzzing", "stateful")
# Requests that the document allows and the state of things does not are refused with these.
_REFUSALS = (401, 403, 404, 409, 412, 413, 422, 503)


@dataclass
class Figures:
    """What an attack did and found.

    Attributes:
        requests: by phase.
        answers: by status code.
        operations: those that were asked.
        broken: what was not as it must be, by the operation and the kind of fault.
    """

    requests: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    operations: set[str] = field(default_factory=set)
    broken: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """The figures in a few lines."""
        phases = ", ".join(f"{phase} {number:,}" for phase, number in self.requests.items())
        codes = ", ".join(f"{code}: {number:,}" for code, number in sorted(self.answers.items()))
        return (
            f"{self.requests.total():,} requests to {len(self.operations)} operations ({phases})\n"
            f"answers by status: {codes}\n"
            f"server errors: {sum(n for code, n in self.answers.items() if code == 500)}, "
            f"kinds of faults: {len(self.broken)}"
        )


@schemathesis.check
def problem_documents(_ctx: Any, response: Any, _case: Any) -> None:
    """Every error is a problem document that tells the same status, whoever refused the request."""
    if response.status_code < 400:
        return
    kind = response.headers.get("content-type", ["nothing"])[0]
    assert kind == MEDIA_TYPE, f"an error comes as {kind}"
    problem = Problem.model_validate_json(response.content)
    assert problem.status == response.status_code
    assert problem.type.startswith("urn:docstage:problem:")
    assert "Traceback" not in response.text


def attack(bench: Bench, made: Mapping[BatchStatus, int], *, examples: int, seed: int, steps: int) -> Figures:
    """Send thousands of requests to an application over the bench.

    Args:
        made: batches that exist.
        examples: random requests to each operation, and sequences of requests.
        steps: requests in each sequence; 0 leaves sequences out.
    """
    app = create_app(bench.services)
    app.state.feed.close()  # streams end after what there is
    schema = schemathesis.openapi.from_asgi(
        "/openapi.json", app, config=_config(examples, seed, steps), headers={"host": "127.0.0.1"}
    )
    schema.config.update(base_url=ADDRESS)
    _aim(schema, bench, made)
    figures = Figures()
    with fenced():
        for event in from_schema(schema).execute():
            _count(event, figures)
    return figures


def _config(examples: int, seed: int, steps: int) -> schemathesis.Config:
    phases: dict[str, Any] = {name: {"enabled": True} for name in PHASES}
    phases["stateful"] |= {"enabled": steps > 0, "max-steps": max(steps, 2)}
    generation = {"max-examples": examples, "no-shrink": True, "database": "none"}
    checks = {
        "positive_data_acceptance": {"expected-statuses": ["2xx", *_REFUSALS]},
        "negative_data_rejection": {"expected-statuses": ["400", "405", "415", *_REFUSALS]},
        "not_a_server_error": {"expected-statuses": ["2xx", "4xx", 503]},
    }
    return schemathesis.Config.from_dict(
        {
            "seed": seed,
            "continue-on-failure": True,
            "request-timeout": int(PATIENCE),
            "phases": phases,
            "generation": generation,
            "checks": checks,
            "warnings": False,
            "cache": {"enabled": False},
        }
    )


def _aim(schema: OpenApiSchema, bench: Bench, made: Mapping[BatchStatus, int]) -> None:
    """Make every second valid request name things that exist, but where a sequence has ids of its own."""
    ids = bench.make_members()
    batches = [*made.values()]

    @schema.hook
    def map_case(_context: Any, case: Any) -> Any:
        meta = case.meta
        if meta is None or meta.phase.name is TestPhase.STATEFUL:
            return case
        if meta.generation.mode is not schemathesis.GenerationMode.POSITIVE:
            return case
        for name, value in (case.path_parameters or {}).items():
            case.path_parameters[name] = _near(name, value, batches)
        if isinstance(case.body, dict):
            known = {name: ids[name] for name in ids if _is_even(case.body.get(name))}
            one = {
                name: ids[f"{name}s"][0]
                for name in ("connection_id", "folder_id")
                if _is_even(case.body.get(name))
            }
            case.body = case.body | known | one
        return case


def _near(name: str, value: Any, batches: list[int]) -> Any:
    if not isinstance(value, int) or isinstance(value, bool) or value % 2:
        return value
    return batches[value % len(batches)] if name == "batch_id" else 1 + value % 8


def _is_even(value: Any) -> bool:
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, int) and not isinstance(first, bool) and first % 2 == 0


def _count(event: Any, figures: Figures) -> None:
    if isinstance(event, events.ScenarioFinished):
        phase = event.phase.name.lower()
        for key, case in event.recorder.cases.items():
            interaction = event.recorder.interactions.get(key)
            if interaction is None or interaction.response is None:
                continue
            figures.requests[phase] += 1
            figures.answers[interaction.response.status_code] += 1
            figures.operations.add(case.value.operation.label)
            for check in event.recorder.checks.get(key, ()):
                if check.status is Status.FAILURE and check.failure_info is not None:
                    label = f"{case.value.operation.label}: {check.name}"
                    figures.broken.setdefault(label, _told(check, case.value))
    elif isinstance(event, events.NonFatalError):
        figures.broken.setdefault(f"{event.label}: {type(event.value).__name__}", str(event.info.format()))
    elif isinstance(event, events.FatalError):
        raise event.exception


def _told(check: Any, case: Any) -> str:
    failure = check.failure_info
    return f"{failure.failure.title}: {failure.failure.message}\n{failure.code_sample}"
