"""Sentences about what is left out of a document."""

from collections.abc import Iterable, Iterator


def sentences(told: Iterable[str]) -> Iterator[str]:
    """Each sentence once, with how often it holds."""
    counted: dict[str, int] = {}
    for one in told:
        counted[one] = counted.get(one, 0) + 1
    for sentence, times in counted.items():
        yield sentence if times == 1 else f"{sentence.removesuffix('.')} ({times:,} times)."
