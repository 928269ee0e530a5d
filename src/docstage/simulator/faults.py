"""Which call goes wrong, and how long it takes: drawn by hashes, so that order and time do not matter."""

import math
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from statistics import NormalDist

from docstage.simulator.profile import Fault, Profile

# Different requests whose repetitions are counted; beyond that the oldest are forgotten.
MAX_REQUESTS = 200_000
SLOW_FACTOR = 20
SLOW_SECONDS = 1.0
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Fate:
    """What was drawn for one call.

    Attributes:
        key: names the call: request and repetition.
        fault: what goes wrong, or None.
        seconds: time before the first token.
    """

    key: str
    fault: Fault | None
    seconds: float


class Fates:
    """Draws each call's fate from the seed, the request's bytes, and how often these came before."""

    def __init__(self, profile: Profile, max_requests: int = MAX_REQUESTS) -> None:
        self._seed = profile.seed.to_bytes(16, "big", signed=True)
        self._latency = profile.latency
        self._rates = tuple(profile.error_rates.items())
        self._seen: OrderedDict[bytes, int] = OrderedDict()
        self._max_requests = max_requests

    def draw(self, body: bytes) -> Fate:
        """The fate of the next call with this body: a repeated call is drawn anew."""
        request = blake2b(body, digest_size=16).digest()
        repetition = self._seen.pop(request, 0)
        self._seen[request] = repetition + 1
        if len(self._seen) > self._max_requests:
            self._seen.popitem(last=False)
        digest = blake2b(
            self._seed + request + repetition.to_bytes(8, "big"), digest_size=16, person=b"docstage-fate"
        ).digest()
        fault = self._fault(_share(digest[:8]))
        return Fate(digest.hex()[:24], fault, self._seconds(_share(digest[8:]), fault))

    def _fault(self, share: float) -> Fault | None:
        for fault, rate in self._rates:
            if share < rate:
                return fault
            share -= rate
        return None

    def _seconds(self, share: float, fault: Fault | None) -> float:
        usual = self._latency.median
        if usual and self._latency.sigma:
            usual *= math.exp(self._latency.sigma * _NORMAL.inv_cdf(share))
        return max(SLOW_SECONDS, SLOW_FACTOR * usual) if fault is Fault.SLOW else usual


def _share(digest: bytes) -> float:
    """A number between 0 and 1, both excluded, from 8 random bytes."""
    return (int.from_bytes(digest, "big") + 0.5) / 2**64
