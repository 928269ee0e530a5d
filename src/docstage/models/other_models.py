"""Whether another model answered than was asked, told by the names of both.

Servers tell the same model in many ways: with its date (`gpt-4o-2024-08-06`), its tag (`llama3.2:latest`),
its maker (`meta-llama/...`), its file (`/models/qwen2.5-7b-instruct-q4_k_m.gguf`). What is left of both names
without these must have the same words.
"""

import re

from docstage.models.bare_names import bare_name

# They name whatever the server chooses.
_ANY = re.compile(r"(?:^|/)(?:auto|default|router|best|local-model)$")
_FILE = re.compile(r"\.(?:gguf|ggml|bin|safetensors)$")
_DATE = re.compile(r"(?<!\d)(?:20\d\d-?[01]\d-?[0-3]\d|2[3-9][01]\d|[01]\d(?:[0-3]\d))(?!\d)")
_BUILD = re.compile(r"(?<![\w.])(?:00\d|v\d+(?::\d+)?)$")
_WORDS = re.compile(r"[a-z]*\d+[a-z]*|[a-z]+")
# They say how a model was trained to talk, packed or offered, not which it is.
_TRAINED = {"instruct", "it", "chat", "exp", "experimental", "preview", "beta", "latest"}
_PACKED = {"hf", "gguf", "ggml", "awq", "gptq", "mlx", "fp8", "fp16", "bf16", "f16", "int4", "int8"}
_OFFERED = {"free", "nitro", "floor", "online", "extended", "us", "eu", "apac", "global", "models"}
_HARMLESS = _TRAINED | _PACKED | _OFFERED
_QUANTISED = re.compile(r"(?<![a-z0-9])(?:ud-)?i?q\d+(?:_[a-z0-9]+)*$")
_TOLD_BY_PROVIDER = ("azure", "simulated", "deepseek")
"""Their names of models are those of deployments, of rehearsals, or of whatever is newest."""


def is_other_model(provider: str, asked: str, served: str | None) -> bool:
    """Whether the name of the model that answered is that of another than was asked. Unknown is no other."""
    if not served or provider in _TOLD_BY_PROVIDER or _ANY.search(asked.lower()):
        return False
    words, others = _words(asked), _words(served)
    if not others or words == others:
        return False
    if "latest" in asked.lower():  # of which version it is, the server says
        words, others = _unnumbered(words), _unnumbered(others)
    without_tag = _words(asked.rsplit(":", 1)[0]) if ":" not in served else words
    return others not in (words, without_tag)


def _words(name: str) -> frozenset[str]:
    bare = _FILE.sub("", bare_name(name.replace("\\", "/").rstrip("/")))
    plain = _BUILD.sub("", _DATE.sub(" ", _QUANTISED.sub("", bare).rsplit("@", 1)[0]))
    return frozenset(_WORDS.findall(plain)) - _HARMLESS


def _unnumbered(words: frozenset[str]) -> frozenset[str]:
    return frozenset(word for word in words if not word.isdigit())


def in_words(asked: str, served: str | None) -> str:
    """What people are told."""
    return f"Another model answered than was asked: {served}, and not {asked}."
