"""What the calls of one connection cost: at most before they leave, and in the end.

The most is a limit that no call passes whose provider keeps to its own: with the dearest price that may
apply. Should a call cost more all the same, such as where a dearer model answered than was asked, later ones
of the connection are taken to cost that much more too.
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from docstage.domain.usage import Cost, Price, Usage, cost_of
from docstage.models.bounds import OutputBounds
from docstage.models.extras import service_tier
from docstage.models.prices import SLOT_SECONDS, price_of
from docstage.models.protocol import ConnectionConfig

# A call may last an hour, and prices may change while it does.
_SLOTS_OF_CALL = 5
_SPELLINGS = re.compile(r"^(?:.*/)?|[@:]latest$|-latest$", re.IGNORECASE)


@dataclass(slots=True)
class Pricing:
    """The prices of one connection's calls.

    Attributes:
        config: the connection's, with the model that is asked.
        own: its own prices, or None.
        now: seconds since the epoch.
    """

    config: ConnectionConfig
    own: Mapping[str, float] | None = None
    now: Callable[[], float] = time.time
    _overrun: float = field(default=1.0, init=False)
    _dearest: int = field(default=0, init=False)
    _limit: int = field(init=False)
    _slot: int = field(default=-1, init=False)
    _prices: Sequence[Price | None] = field(default=(), init=False)

    def __post_init__(self) -> None:
        self._limit = OutputBounds.of(self.config).limit

    @property
    def price(self) -> Price | None:
        """The price of the model that is asked, None when it is unknown."""
        return self._of_the_hour()[0]

    def most(self, input_tokens: int, output_tokens: int | None = None) -> int | None:
        """Nano-dollars that a call costs at most, None when nobody knows.

        Args:
            input_tokens: that it has at most.
            output_tokens: likewise; None: as many as the connection allows.
        """
        prices = self._of_the_hour()
        if prices[0] is None:
            return None
        limit = self._limit if output_tokens is None else output_tokens
        dearest = max(price.most(input_tokens, limit) for price in prices if price is not None)
        return max(round(dearest * self._overrun), self._dearest)

    def cost(
        self, usage: Usage | None, model: str | None = None, *, billed: bool = True, told: int | None = None
    ) -> Cost:
        """What a call cost, as far as that is known: as the provider says, else by the model that answered.

        Args:
            usage: its tokens, None where nobody told them.
            model: the model's name as served, or None.
            billed: it may have been billed.
            told: nano-dollars that the provider itself says.
        """
        return cost_of(self._price_as_served(model), usage, billed=billed, told=told)

    def learn(self, cost: Cost, most: int | None) -> None:
        """Take note of what a call cost that was expected to cost so much at most."""
        if most is None or not cost.nanos or cost.nanos <= most:
            return
        if most:
            self._overrun *= cost.nanos / most
        else:  # it was taken to be free
            self._dearest = max(self._dearest, cost.nanos)

    def _of_the_hour(self) -> Sequence[Price | None]:
        """The price now, and those that may count before a call that leaves now has ended.

        A call for a cheaper service tier may be served as any other.
        """
        slot = int(self.now() // SLOT_SECONDS)
        if slot != self._slot:
            tier = service_tier(self.config.extra)
            slots = range(slot, slot + _SLOTS_OF_CALL)
            prices = [self._price(self.config.model, one * SLOT_SECONDS, tier) for one in slots]
            standard = self._price(self.config.model, slot * SLOT_SECONDS, None)
            self._slot, self._prices = slot, (*prices, standard)
        return self._prices

    def _price_as_served(self, model: str | None) -> Price | None:
        asked = self.price
        if model is None or model == self.config.model or (asked and asked.source != "genai-prices"):
            return asked
        served = self._price(model, self.now(), service_tier(self.config.extra))
        return asked if served is None and is_alias(self.config.model, model) else served

    def _price(self, model: str, at: float, tier: str | None) -> Price | None:
        config = self.config
        return price_of(config.provider, model, self.own, config.base_url, tier=tier, at=at)


def is_alias(asked: str, served: str) -> bool:
    """Whether a name is likely another spelling, or a dated version, of the model that was asked."""
    one, other = (_SPELLINGS.sub("", name).casefold() for name in (asked, served))
    return bool(one and other) and (one.startswith(other) or other.startswith(one))
