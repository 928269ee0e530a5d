"""How much of the input a real llama.cpp server takes from its cache, against the best possible order."""

import asyncio
from collections.abc import Sequence

from tests.support.llama import llama_script, running_llama

from benchmarks.analysis import ENGINE
from benchmarks.support.figures import Figure, Options, at_least
from benchmarks.support.lab import lab
from benchmarks.support.processes import ROOT, run
from benchmarks.support.texts import report
from docstage.domain.content import Content
from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.usage import Usage
from docstage.models.factory import create_client
from docstage.models.protocol import ConnectionConfig, ModelRequest
from docstage.store import batches, runs

CHARACTERS = 8_000
PROMPTS = 3
SLOTS = 4
MODEL = "tiny-random"
OUTPUT_TOKENS = 8


def measure(options: Options) -> list[Figure]:
    """Several prompts over long documents. Nothing where there is no such server."""
    script = llama_script(ROOT)
    if not script.is_file():
        print(f"cache: skipped, no llama.cpp server at {script}; set DOCSTAGE_LLAMA_SERVER")
        return []
    documents = 6 if options.quick else 40
    with running_llama(script, parallel=SLOTS) as server:
        best = asyncio.run(_in_best_order(server.base_url, documents))
    with running_llama(script, parallel=SLOTS) as server:
        ours = _by_engine(server.base_url, documents)
    mark = at_least(ours / best, 0.95, "≥ 0.95 × best order")
    name = f"{documents} documents, {PROMPTS} prompts: cached share of the input"
    return [Figure(name, ours * 100, "%", best * 100, mark)]


def _questions() -> list[str]:
    return [f"Question {n}: who wrote it?" for n in range(PROMPTS)]


def _name(number: int) -> str:
    return f"report {number:03}.txt"


def _share(usages: Sequence[Usage]) -> float:
    return sum(usage.cached_tokens for usage in usages) / sum(usage.input_tokens for usage in usages)


async def _in_best_order(base_url: str, documents: int) -> float:
    """One call after another, all prompts of a document before the next document."""
    config = ConnectionConfig("openai-compatible", MODEL, base_url=base_url, max_output_tokens=OUTPUT_TOKENS)
    client = create_client(config)
    try:
        usages = []
        for number in range(documents):
            for question in _questions():
                content = Content(report(number, CHARACTERS))
                reply = await client.complete(ModelRequest(content, question, document_name=_name(number)))
                assert reply.usage is not None
                usages.append(reply.usage)
        return _share(usages)
    finally:
        await client.close()


def _by_engine(base_url: str, documents: int) -> float:
    with lab() as place:
        for number in range(documents):
            (place.documents / _name(number)).write_text(report(number, CHARACTERS), encoding="utf-8")
        prepared = place.save_batch(
            base_url, asked=PROMPTS, concurrency=SLOTS, model=MODEL, max_output_tokens=OUTPUT_TOKENS
        )
        prepared.act(Action.STAGE)
        run(ENGINE, "--until-idle", environment=place.environment)
        prepared.act(Action.RUN)
        run(ENGINE, "--until-idle", environment=place.environment)
        with prepared.services.database.read() as c:
            batch = batches.get_batch(c, prepared.batch_id)
            total = runs.totals(c, [prepared.run_id])[prepared.run_id]
        if batch.status is not BatchStatus.COMPLETED:
            raise RuntimeError(f"The batch is {batch.status}: {batch.status_reason}")
        return _share([total.usage])
