"""Which part of a prompt a provider would read from its cache."""

from collections import OrderedDict
from hashlib import blake2b

from docstage.simulator.tokens import CHARACTERS_PER_TOKEN, count

# Hashes kept, about 120 bytes each with their slots: some 25 MB, or 200,000 x 128 tokens of prompts.
MAX_PREFIXES = 200_000


class PrefixCache:
    """Remembers the prefixes of answered prompts by their hashes, the least recently used dropped first."""

    def __init__(self, minimum: int, step: int, max_prefixes: int = MAX_PREFIXES) -> None:
        self._minimum = minimum
        self._step = step
        self._max_prefixes = max_prefixes
        self._known: OrderedDict[bytes, None] = OrderedDict()

    def prefixes(self, model: str, text: str) -> list[bytes]:
        """Hashes of the text's prefixes, each one step longer than the last."""
        size = self._step * CHARACTERS_PER_TOKEN
        if count(text) < self._minimum:
            return []
        running = blake2b(model.encode(), digest_size=16)
        hashes = []
        for end in range(size, len(text) + 1, size):
            running.update(text[end - size : end].encode("utf-8", "surrogatepass"))
            hashes.append(running.digest())
        return hashes

    def cached_tokens(self, text: str, prefixes: list[bytes]) -> int:
        """Tokens of the longest known prefix, in whole steps; 0 when it is shorter than the minimum."""
        known = 0
        for prefix in prefixes:
            if prefix not in self._known:
                break
            self._known.move_to_end(prefix)
            known += 1
        tokens = count(text[: known * self._step * CHARACTERS_PER_TOKEN])
        tokens -= tokens % self._step
        return tokens if tokens >= self._minimum else 0

    def add(self, prefixes: list[bytes]) -> None:
        """Remember the prefixes of a prompt that was answered."""
        for prefix in prefixes:
            self._known[prefix] = None
            self._known.move_to_end(prefix)
        while len(self._known) > self._max_prefixes:
            self._known.popitem(last=False)
