"""The points at which the tests of faults kill a process are places of the product as it is."""

import importlib
from functools import reduce

import pytest
from tests.faults.launcher import POINTS


@pytest.mark.parametrize("name", sorted(POINTS))
def test_a_point_of_the_fault_tests_is_a_function_of_the_product(name: str) -> None:
    """Whoever moves a function moves its point: the slow tests, which need it, run much later."""
    module, _, path = POINTS[name].where.partition(":")
    assert callable(reduce(getattr, path.split("."), importlib.import_module(module)))
