"""Estimates of input tokens against what a real llama.cpp server counts, document by document.

The server's own template and tokenizer count each request as it would be sent (`/apply-template` and
`/tokenize`), so that also those can be counted that its context does not hold.
"""

import json
import os
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.llama import llama_script, running_llama

from benchmarks.support.figures import Figure, Mark, Options, at_least
from benchmarks.support.processes import ROOT
from docstage.asking.question import at_most_tokens, make_question
from docstage.domain.calibration import UNKNOWN
from docstage.domain.content import Content
from docstage.domain.rendering import render
from docstage.extraction.extractors import Limits, Unreadable, extract
from docstage.models.messages import chat_messages
from docstage.models.protocol import ModelRequest

QUESTION = make_question("Who are the parties, and what do they agree?", None, None)
LIMITS = Limits(seconds=60.0, memory_bytes=2**30, file_bytes=2**28)
SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Counted:
    """A document's request: expected, at least and at most, and what the server counts."""

    name: str
    expected: int
    least: int
    most: int
    real: int


def measure(options: Options) -> list[Figure]:
    """The documents of `DOCSTAGE_CORPUS`, or the samples. Nothing where there is no such server."""
    script = llama_script(ROOT)
    if not script.is_file():
        print(f"tokens: skipped, no llama.cpp server at {script}; set DOCSTAGE_LLAMA_SERVER")
        return []
    texts = dict(_texts(Path(os.environ.get("DOCSTAGE_CORPUS", ROOT / "samples"))))
    figures = []
    for title, real in (("SmolLM2", True), ("nearly single bytes", False)):
        with running_llama(script, real=real) as server:
            root = server.base_url.removesuffix("/v1")
            counted = [_count(root, name, text) for name, text in texts.items()]
        figures += _figures(title, counted, options)
    return figures


def _texts(folder: Path) -> Iterator[tuple[str, str]]:
    for file in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".py"):
        try:
            content, _receipt = render(extract(file.read_bytes(), file.name, LIMITS).parts)
        except Unreadable:
            continue
        if content.text.strip():
            yield file.name, content.text


def _count(root: str, name: str, text: str) -> Counted:
    content = Content(text)
    request = ModelRequest(content, QUESTION.text, document_name=name)
    prompt = _post(root, "apply-template", {"messages": chat_messages(request)})["prompt"]
    wanted = {"content": prompt, "add_special": True, "parse_special": True}
    counts = content.text_tokens
    return Counted(
        name,
        counts.expected + QUESTION.tokens.expected,
        counts.least + QUESTION.tokens.least,
        at_most_tokens(QUESTION, counts.most, 0, name),
        len(_post(root, "tokenize", wanted)["tokens"]),
    )


def _post(root: str, path: str, body: Any) -> Any:
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{root}/{path}", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=SECONDS) as answer:
        return json.load(answer)


def _figures(title: str, counted: list[Counted], options: Options) -> list[Figure]:
    """Ratios of the sums, and how many documents are told well, before and after calls are learnt from."""
    known = UNKNOWN.learn((one.expected, one.real) for one in counted)
    after = {one.name: known.tokens(one.expected) for one in counted}
    if not options.quick:
        _show(title, counted, after)
    before = sum(one.expected for one in counted) / sum(one.real for one in counted)
    calibrated = sum(after.values()) / sum(one.real for one in counted)
    within = sum(0.8 <= after[one.name] / one.real <= 1.2 for one in counted)
    broken = sum(not one.least <= one.real <= one.most for one in counted)
    return [
        Figure(f"{title}: expected / real in all, by script", before, "", None, None),
        Figure(f"{title}: the same, calibrated", calibrated, "", None, _within(calibrated)),
        Figure(f"{title}: documents within 20 %, calibrated", within, f"of {len(counted)}", None, None),
        Figure(f"{title}: documents outside least and most", broken, "", None, at_least(-broken, 0, "none")),
    ]


def _within(ratio: float) -> Mark:
    return at_least(min(ratio, 1 / ratio), 0.8, "within 20 %")


def _show(title: str, counted: list[Counted], after: dict[str, int]) -> None:
    print(
        f"{title}\n{'document':44} {'least':>8} {'script':>8} {'calibr.':>8} {'real':>8} {'most':>9}  ratio"
    )
    for one in counted:
        ratio = after[one.name] / one.real
        row = f"{one.least:8,} {one.expected:8,} {after[one.name]:8,} {one.real:8,} {one.most:9,}"
        print(f"{one.name[:44]:44} {row}  {ratio:5.2f}")
