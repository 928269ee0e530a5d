"""The server under requests that are too large, too many or too deep."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.attack.oversized import GROUPS, Target, target

# Bodies may have 1 MiB, which takes several times as much once it is read; garbage is collected later.
MOST_GROWTH = 48 * 1024 * 1024


@pytest.fixture(scope="module")
def under_attack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server of the tests' own."""
    with target(tmp_path_factory.mktemp("attacked")) as one:
        yield one


def test_half_requests_keep_nobody_waiting(under_attack: Target) -> None:
    """Others are answered beside two hundred connections that begin a request and say no more."""
    assert under_attack.crowd(200)


@pytest.mark.parametrize("group", GROUPS)
def test_each_is_refused(under_attack: Target, group: str) -> None:
    """With a problem document and little memory; and the server goes on answering."""
    outcomes = [under_attack.hit(attack) for attack in GROUPS[group]()]
    assert {one.attack.name: one.fault for one in outcomes if one.fault} == {}
    assert {one.attack.name: one.growth for one in outcomes if one.growth > MOST_GROWTH} == {}
    assert list(Path(under_attack.server.home).rglob(".upload-*")) == []
