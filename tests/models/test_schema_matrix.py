"""Every schema with every provider: what is sent is what the provider documents to take.

A server for each provider checks each request by that provider's rules, and answers as it would: in the form
that it was asked for.
"""

import json
from typing import Any

import jsonschema
import pytest
from aiohttp import web
from tests.models.schema_cases import CASES, NOT_JSON, Case
from tests.models.schema_rules import CHECKS, asked_of, problems_of
from tests.models.shapes import MODELS, success
from tests.models.stub import Stub
from tests.support.waiting import PATIENCE

from docstage.domain.content import Content
from docstage.domain.tasks import FailureKind
from docstage.models.factory import create_client
from docstage.models.protocol import ConnectionConfig, ModelClient, ModelFailure, ModelRequest


@pytest.fixture(autouse=True)
def aws_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS credentials with which requests are signed."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.delenv("AWS_BEARER_TOKEN_BEDROCK", raising=False)


class Provider:
    """A server that holds requests to one provider's rules, and answers in the form that it is asked for."""

    def __init__(self, name: str, stub: Stub) -> None:
        self.name = name
        self.case = CASES[0]
        self.value: Any = None
        self.problems: list[str] = []
        self._stub = stub
        stub.handler = self._handle

    async def _handle(self, _request: web.Request) -> web.StreamResponse:
        body = self._stub.requests[-1][3]
        found = problems_of(self.name, body)
        self.problems += [f"{self.case.name}: {problem}" for problem in found]
        if found:
            return web.json_response({"error": {"message": found[0]}}, status=400)
        text = "This is not JSON." if self.value is NOT_JSON else json.dumps(self._in_form(body))
        return web.json_response(success(self.name, text))

    def _in_form(self, body: dict[str, Any]) -> Any:
        asked = asked_of(body)
        if asked.schema is None:
            return {"answer": self.value} if 'only member \\"answer\\"' in asked.text else self.value
        schema = asked.schema
        wrapped = set(schema.get("properties", ())) == {"answer"} and self.case.name != "answer"
        value = {"answer": self.value} if wrapped else self.value
        return in_form(value, schema, schema, self.case.names)

    async def outcome(self, client: ModelClient, case: Case, value: Any) -> Any:
        """What a client makes of the provider's answer: its value, or the kind of its failure."""
        self.case, self.value = case, value
        request = ModelRequest(Content("A document."), "What is it?", schema=case.schema)
        try:
            return (await client.complete(request)).value
        except ModelFailure as failure:
            return failure.kind


def in_form(value: Any, schema: dict[str, Any], root: dict[str, Any], names: dict[str, str]) -> Any:
    """The value as a provider that holds to the schema writes it: names as asked for, nulls where needed."""
    if "$ref" in schema:
        return in_form(value, root["$defs"][schema["$ref"].rsplit("/", 1)[1]], root, names)
    if "anyOf" in schema:
        for branch in schema["anyOf"]:
            written = in_form(value, branch, root, names)
            if jsonschema.Draft202012Validator({**branch, "$defs": root.get("$defs", {})}).is_valid(written):
                return written
        return value
    if isinstance(value, dict) and schema.get("type") == "object":
        asked = schema.get("properties", {})
        renamed = {name if name in asked else names.get(name, name): one for name, one in value.items()}
        filled = renamed | {name: None for name in schema.get("required", ()) if name not in renamed}
        return {name: in_form(one, asked.get(name, {}), root, names) for name, one in filled.items()}
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [in_form(one, schema["items"], root, names) for one in value]
    return value


def client_of(provider: str, url: str) -> ModelClient:
    """A client of the provider at the address."""
    extra = {"region": "eu-central-1"} if provider == "bedrock" else {}
    model = MODELS.get(provider, "some-model")
    key = None if provider == "bedrock" else "sk-test-secret-key"
    common: dict[str, Any] = {"base_url": url, "api_key": key, "timeout": PATIENCE, "context_tokens": 8_192}
    return create_client(ConnectionConfig(provider, model, extra=extra, **common))


@pytest.mark.parametrize("provider", CHECKS)
async def test_every_schema_is_asked_for_as_the_provider_takes_it(stub: Stub, provider: str) -> None:
    """No request breaks its rules; good answers come back as the user has them, others are bad answers."""
    server = Provider(provider, stub)
    client = client_of(provider, stub.url)
    try:
        good = {case.name: await server.outcome(client, case, case.good) for case in CASES}
        bad = {case.name: await server.outcome(client, case, case.bad) for case in CASES}
    finally:
        await client.close()
    assert server.problems == []
    assert {case.name: good[case.name] for case in CASES if good[case.name] != case.good} == {}
    assert {name: kind for name, kind in bad.items() if kind is not FailureKind.BAD_ANSWER} == {}
    assert len(stub.requests) == 2 * len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_cases_are_what_they_say(case: Case) -> None:
    """By a validator that knows nothing of docstage, but for dates."""
    validator = jsonschema.validators.validator_for(case.schema, default=jsonschema.Draft202012Validator)
    checker = validator.FORMAT_CHECKER
    assert validator(case.schema, format_checker=checker).is_valid(case.good)
    assert case.bad is NOT_JSON or not validator(case.schema, format_checker=checker).is_valid(case.bad)
