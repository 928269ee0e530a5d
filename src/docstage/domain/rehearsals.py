"""The names under which the simulator behaves like real providers, each with what it is good for.

The simulator serves them as models; how each behaves stands in `simulator/named.py`.
"""

from collections.abc import Mapping
from types import MappingProxyType

#: What the simulator serves when nothing is rehearsed but the way of the work.
SIMULATED_MODELS: Mapping[str, str] = MappingProxyType(
    {
        "simulated-small": "A model that quotes a little of the document.",
        "simulated-large": "A model that quotes more of the document.",
    }
)
REHEARSALS: Mapping[str, str] = MappingProxyType(
    {
        "openai-like": "A large service in good health: limits a minute, a cache, now and then an error.",
        "anthropic-like": "Few calls a minute, often overloaded (529), and writing to the cache costs extra.",
        "openrouter-like": "A gateway that tells what each call cost, and wraps errors in answers.",
        "litellm-proxy": "A proxy with its own words for errors, that tells the cost in a header.",
        "free-tier": "10 calls a minute and 200 a day; the waits are told as Google tells them.",
        "night": "Away for ten minutes of each hour, some calls time out, and 2,000 calls a day are allowed.",
        "flaky-gateway": "Web pages in place of answers, cut connections, answers that come in pieces.",
        "slow-answers": "One call in ten is never answered, and one in ten comes late.",
        "local-two-slots": "A slow server of your own: loads its model first, then two calls at a time.",
        "ollama-small-context": "Reads only the last 2,048 tokens of a document, and does not say so.",
        "small-context": "Takes 4,096 tokens, with those of the output limit, and refuses more.",
        "reasoning-model": "Thinks before it answers, and bills its thoughts as output.",
        "thinking-aloud": "Writes its thoughts into the answer, between <think> tags.",
        "endless-reasoning": "Thinks until the output limit is used up: every call is billed, none answers.",
        "cut-off-answers": "Every third answer goes on until the output limit cuts it off.",
        "odd-endings": "Answers that end by a filter, an error, an abort, or without any known reason.",
        "no-usage": "Does not tell how many tokens a call took: nobody knows what it cost.",
        "wrong-usage": "Tells numbers of tokens that cannot be: none at all, or billions.",
        "many-tokens": "Counts two and a half times as many tokens as English text usually has.",
        "untidy-json": "JSON among words, in code fences, as a tool call, as a stream.",
        "careless-model": "Breaks the schema at first, and gets it right when it is told what was wrong.",
        "strict-schemas": "Takes only schemas of OpenAI's strict mode.",
        "no-schemas": "Takes no schema at all.",
        "strict-parameters": "Takes no temperature, and at most 512 tokens of output.",
        "spending-limit": "Refuses every call once $0.05 were spent on a day.",
        "wrong-model": "Another model answers than was asked.",
        "poison-documents": "One document in ten is answered with the same error each time.",
        "cautious-model": "Declines one document in five, or its filter does.",
    }
)
#: All names that the simulator offers.
SIMULATOR_OFFERS: Mapping[str, str] = MappingProxyType({**SIMULATED_MODELS, **REHEARSALS})


def is_offered(model: str) -> bool:
    """Whether the simulator can have such a model: of a name that is put together, every term counts."""
    return all(term in SIMULATOR_OFFERS or "=" in term for term in map(str.strip, model.split("+")))
