"""What becomes of each call, and how long it takes: drawn by hashes, so that order and time do not matter."""

import math
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from statistics import NormalDist
from typing import TypeVar

from docstage.simulator.kinds import OF_DOCUMENTS, TOLD, Fault
from docstage.simulator.profile import Profile

# Different requests whose repetitions are counted; beyond that the oldest are forgotten.
MAX_REQUESTS = 200_000
SLOW_FACTOR = 20
SLOW_SECONDS = 1.0
_NORMAL = NormalDist()
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Fate:
    """What was drawn for one call.

    Attributes:
        key: names the call: request and repetition.
        fault: what goes wrong, or None.
        seconds: time before the first token.
        told: how an answer is told otherwise than usual.
        ending: its finish reason, where it is another than usual.
    """

    key: str
    fault: Fault | None
    seconds: float
    told: frozenset[Fault] = frozenset()
    ending: str | None = None

    def share(self, what: str) -> float:
        """A further number between 0 and 1 that is always the same for the call and what it is drawn for."""
        return _share(blake2b(f"{self.key}/{what}".encode(), digest_size=8).digest())


class Fates:
    """Draws each call's fate from the seed, the request's bytes, and how often these came before."""

    def __init__(self, profile: Profile, max_requests: int = MAX_REQUESTS) -> None:
        self._seed = profile.seed.to_bytes(16, "big", signed=True)
        self._latency = profile.latency
        rates = profile.error_rates.items()
        self._told = [(fault, rate) for fault, rate in rates if fault in TOLD]
        self._of_documents = [(fault, rate) for fault, rate in rates if fault in OF_DOCUMENTS]
        self._of_calls = [(fault, rate) for fault, rate in rates if fault not in TOLD | OF_DOCUMENTS]
        self._endings = tuple(profile.endings.items())
        self._seen: OrderedDict[bytes, int] = OrderedDict()
        self._max_requests = max_requests

    def draw(self, body: bytes, document: str = "") -> Fate:
        """The fate of the next call with this body: a repeated call is drawn anew."""
        request = blake2b(body, digest_size=16).digest()
        repetition = self._seen.pop(request, 0)
        self._seen[request] = repetition + 1
        if len(self._seen) > self._max_requests:
            self._seen.popitem(last=False)
        digest = blake2b(
            self._seed + request + repetition.to_bytes(8, "big"), digest_size=16, person=b"docstage-fate"
        ).digest()
        fault = self._of_document(document) or _pick(self._of_calls, _share(digest[:8]))
        fate = Fate(digest.hex()[:24], fault, self._seconds(_share(digest[8:]), fault))
        return self._worded(fate) if self._told or self._endings else fate

    def _of_document(self, document: str) -> Fault | None:
        if not self._of_documents:
            return None
        text = document.encode("utf-8", "surrogatepass")
        digest = blake2b(self._seed + text, digest_size=8, person=b"docstage-papers").digest()
        return _pick(self._of_documents, _share(digest))

    def _worded(self, fate: Fate) -> Fate:
        told = frozenset(fault for fault, rate in self._told if fate.share(fault) < rate)
        ending = _pick(self._endings, fate.share("ending"))
        return Fate(fate.key, fate.fault, fate.seconds, told, ending)

    def _seconds(self, share: float, fault: Fault | None) -> float:
        usual = self._latency.median
        if usual and self._latency.sigma:
            usual *= math.exp(self._latency.sigma * _NORMAL.inv_cdf(share))
        return max(SLOW_SECONDS, SLOW_FACTOR * usual) if fault is Fault.SLOW else usual


def _pick(rates: Iterable[tuple[T, float]], share: float) -> T | None:
    """What lies at this share of the whole, when each takes as much of it as its rate."""
    for one, rate in rates:
        if share < rate:
            return one
        share -= rate
    return None


def _share(digest: bytes) -> float:
    """A number between 0 and 1, both excluded, from 8 random bytes."""
    return (int.from_bytes(digest, "big") + 0.5) / 2**64
