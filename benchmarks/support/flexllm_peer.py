"""flexllm on the same mock server, writing JSONL: `PYTHON flexllm_peer.py URL CALLS AT_ONCE`.

It is run by the interpreter of an environment in which flexllm is installed, without docstage.
"""

import asyncio
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from flexllm import OpenAIClient  # type: ignore[import-not-found]  # lives in another environment

TEXT = "Dear Sir or Madam, please find enclosed our invoice for the goods. What is this about?"


async def _run(base_url: str, calls: int, at_once: int, output: Path) -> float:
    client = OpenAIClient(
        base_url=base_url, api_key="-", model="mock", concurrency_limit=at_once, max_qps=1_000_000
    )
    asked = [[{"role": "user", "content": f"Letter {n}. {TEXT}"}] for n in range(calls)]
    begun = time.monotonic()
    answers = await client.chat_completions_batch(asked, show_progress=False, output_jsonl=str(output))
    seconds = time.monotonic() - begun
    if len([answer for answer in answers if answer]) != calls:
        raise RuntimeError("flexllm did not answer all calls.")
    return seconds


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        path = Path(folder) / "answers.jsonl"
        print(asyncio.run(_run(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), path)))
