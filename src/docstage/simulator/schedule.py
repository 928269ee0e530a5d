"""What happens by the clock: the time a model takes to be loaded, outages, and days."""

from collections.abc import Callable
from math import ceil

from docstage.simulator.profile import Profile

Clock = Callable[[], float]
DAY = 86_400.0


class Schedule:
    """The times of one model, counted from its first call. Seconds are those of the simulator's clock."""

    def __init__(self, profile: Profile, clock: Clock) -> None:
        self._profile = profile
        self._clock = clock
        self._began: float | None = None

    def age(self) -> float:
        """Seconds since the first call, which this may be."""
        now = self._clock()
        if self._began is None:
            self._began = now
        return now - self._began

    def is_loading(self) -> bool:
        """Whether the model is still being loaded."""
        return self._profile.loading_seconds > 0 and self.age() < self._profile.loading_seconds

    def is_away(self) -> bool:
        """Whether there is an outage now."""
        if not self._profile.outage_seconds:
            return False
        since = self.age() - self._profile.outage_after
        if since < 0:
            return False
        every = self._profile.outage_every
        return (since if every is None else since % every) < self._profile.outage_seconds

    def day(self) -> int:
        """The number of the day, 0 for the first."""
        return int(self.age() // DAY)

    def day_ends_in(self) -> float:
        """Seconds until the next day."""
        age = self.age()
        return (age // DAY + 1) * DAY - age


class DailyCount:
    """How much was used on the present day."""

    def __init__(self, most: float, schedule: Schedule) -> None:
        self.most = most
        self._schedule = schedule
        self._day = 0
        self._used = 0.0

    def used(self) -> float:
        """What was used today."""
        today = self._schedule.day()
        if today != self._day:
            self._day, self._used = today, 0.0
        return self._used

    def wait(self) -> float:
        """Seconds until more can be used, 0 if at once."""
        return self._schedule.day_ends_in() if self.used() >= self.most else 0.0

    def add(self, amount: float) -> None:
        """Use so much."""
        self._used = self.used() + amount


def in_words(seconds: float) -> str:
    """A duration as providers write it, such as `7m12s`."""
    minutes, rest = divmod(ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (
        "".join(f"{number}{unit}" for number, unit in ((hours, "h"), (minutes, "m")) if number) + f"{rest}s"
    )
