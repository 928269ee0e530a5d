"""What a connection is: its members reach record, snapshot and client, and those that decide answers stay."""

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

import pytest

from docstage.domain.connection import DECISIVE, SAMPLING, CallSettings, ConnectionSettings, Sampling
from docstage.domain.snapshot import FrozenConnection
from docstage.engine.lanes import LaneKey, lane_key
from docstage.models.protocol import ConnectionConfig
from docstage.store.records import ConnectionRecord
from docstage.store.tables import connection


def _names(kind: type) -> set[str]:
    return {one.name for one in fields(kind)}


def _lane(members: Mapping[str, Any]) -> LaneKey:
    return lane_key(FrozenConnection(**members))


def test_only_what_is_said_is_sent() -> None:
    """Nought is said, and None is left to the provider."""
    assert Sampling().sampling() == {}
    assert Sampling(temperature=0.0).sampling() == {"temperature": 0.0}


def test_all_that_a_connection_is_is_stored() -> None:
    """The record has the columns of its table, and the settings are among them."""
    assert _names(ConnectionRecord) == {column.name for column in connection.columns}
    assert _names(ConnectionSettings) <= _names(ConnectionRecord)


def test_a_setting_of_calls_reaches_snapshot_and_client() -> None:
    """Both have every member of it."""
    assert _names(CallSettings) <= _names(FrozenConnection) & _names(ConnectionConfig)


def test_a_snapshot_need_not_have_how_words_are_chosen() -> None:
    """A member that is new was not written by earlier versions: it has a default, that of the provider."""
    assert {one.default for one in fields(FrozenConnection) if one.name in SAMPLING} == {None}
    named = {one.name for one in fields(FrozenConnection) if one.default is MISSING}
    assert named == {"id", "name", "provider", "model"}


@pytest.mark.parametrize("name", [*DECISIVE, "id"])
def test_runs_that_froze_something_else_have_a_lane_each(name: str) -> None:
    """Whatever answers depend on: calls of both runs may go on beside each other, each with its own."""
    one = {"id": 1, "name": "A", "provider": "openai", "model": "m"}
    other = {**one, name: "another"}
    assert _lane(one) != _lane(other)
    assert _lane(one) == _lane({**one, "timeout": 9.0})
