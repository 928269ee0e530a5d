"""A document of several contexts' length, and a real llama.cpp server."""

from pathlib import Path

from tests.support.engines import Laboratory, open_services, running_engine
from tests.support.llama import LlamaServer

from docstage.domain.stretches import TooLong
from docstage.domain.tasks import FailureKind

LONG = "\n\n".join(f"{n}. The lessee pays the rent on the first day of every month." for n in range(1, 7_200))


async def test_a_real_server_reads_the_part_that_it_takes(tmp_path: Path, llama_server: LlamaServer) -> None:
    """Its tokenizer makes three times as many tokens as usual ones: it refuses, until the part fits."""
    lab = Laboratory(open_services(tmp_path / "home"), tmp_path / "documents")
    lab.write({"letter.txt": LONG})
    async with running_engine(lab.services):
        connection = lab.connection(llama_server.base_url, model=llama_server.model, max_output_tokens=16)
        prompts = [lab.prompt(), lab.prompt(too_long=TooLong.FIRST_PARTS)]
        batch_id = await lab.staged([connection], prompts)
        await lab.run(batch_id)
    refused, sent = lab.rows(batch_id)
    assert (refused.failure_kind, refused.sent_part) == (FailureKind.CONTEXT_OVERFLOW, None)
    *steps, last = lab.attempts(sent.id)
    assert {step.failure_kind for step in steps} == {FailureKind.CONTEXT_OVERFLOW}
    assert last.failure_kind in {None, FailureKind.CUT_OFF, FailureKind.BAD_ANSWER}  # its words mean nothing
    assert last.input_tokens
    assert 32_768 / 2.5 < last.input_tokens < 32_768
    lab.services.database.close()
