"""What was done in sequences of steps."""

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """What was done in a sequence of steps."""

    steps: int = 0
    calls: int = 0
    crashes: int = 0
    refusals: int = 0
    batches: int = 0
    runs: int = 0

    def add(self, other: "Tally") -> None:
        """Add another's."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))
