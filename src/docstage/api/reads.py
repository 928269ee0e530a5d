"""What reading requests answer, without the web framework: for commands, which end after one or two of them.

To import the framework and to build the application from its endpoints takes most of the time of such a
command. Here are the reads that commands make, as calls of the same service functions with the same values.
What is not listed, or is asked in a way that is not plainly right, is for the application, which says what is
wrong with it; `tests/api/test_reads.py` holds that both answer the same.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic_core import to_jsonable_python

from docstage.domain.lifecycle import BatchStatus
from docstage.service.context import Services
from docstage.store.paging import MAX_LIMIT, PageRequest

_LARGEST = 2**53
_LONGEST_TEXT = 500
_PAGE = frozenset({"limit", "cursor"})
_LISTING = _PAGE | {"search"}


class NotRead(Exception):
    """Only the application knows the answer."""


def read(services: Services, path: str, query: Mapping[str, Any]) -> Any:
    """The JSON that the application answers to GET, as Python values.

    Args:
        query: the parameters that are given.

    Raises:
        NotRead: the application must be asked.
        DocstageError: the application would answer with its problem document.
    """
    for pattern, known, answer in _READS:
        if found := re.fullmatch(pattern, path):
            if not known.issuperset(query):
                break
            numbers = [_number(text) for text in found.groups()]
            return to_jsonable_python(answer(services, query, *numbers), by_alias=True)
    raise NotRead


def _number(value: str | int, most: int = _LARGEST) -> int:
    if len(str(value)) > 16 or not 1 <= int(value) <= most:
        raise NotRead
    return int(value)


def _text(query: Mapping[str, Any], name: str) -> str | None:
    value = query.get(name)
    if value is None or (isinstance(value, str) and value.isprintable() and len(value) <= _LONGEST_TEXT):
        return value
    raise NotRead


def _page(query: Mapping[str, Any]) -> PageRequest:
    return PageRequest(_number(query.get("limit", 100), MAX_LIMIT), _text(query, "cursor"))


def _statuses(query: Mapping[str, Any]) -> list[BatchStatus]:
    try:
        return [BatchStatus(value) for value in query.get("status", ())]
    except ValueError:
        raise NotRead from None


def _batches(services: Services, query: Mapping[str, Any]) -> Any:
    from docstage.service.batches import batches

    statuses = _statuses(query)
    return batches.list_batches(services, _page(query), search=_text(query, "search"), statuses=statuses)


def _batch(services: Services, _query: Mapping[str, Any], number: int) -> Any:
    from docstage.service.batches import batches

    return batches.get_batch(services, number)


def _estimate(services: Services, _query: Mapping[str, Any], number: int) -> Any:
    from docstage.service.batches import batches

    return batches.estimate_batch(services, number)


def _failures(services: Services, _query: Mapping[str, Any], number: int) -> Any:
    from docstage.service.results import results

    return results.failures(services, number)


def _progress(services: Services, _query: Mapping[str, Any], number: int) -> Any:
    from docstage.service.results import results

    return results.progress(services, number)


def _folders(services: Services, query: Mapping[str, Any]) -> Any:
    from docstage.service.folders import folders

    return folders.list_folders(services, _page(query), _text(query, "search"))


def _folder(services: Services, _query: Mapping[str, Any], number: int) -> Any:
    from docstage.service.folders import folders

    return folders.get_folder(services, number)


def _connections(services: Services, query: Mapping[str, Any]) -> Any:
    from docstage.service.connections import connections

    return connections.list_connections(services, _page(query), _text(query, "search"))


def _connection(services: Services, _query: Mapping[str, Any], number: int) -> Any:
    from docstage.service.connections import connections

    return connections.get_connection(services, number)


def _providers(_services: Services, _query: Mapping[str, Any]) -> Any:
    from docstage.service.connections import checks as connection_checks

    return connection_checks.providers()


def _prompts(services: Services, query: Mapping[str, Any]) -> Any:
    from docstage.service.prompts import prompts

    return prompts.list_prompts(services, _page(query), _text(query, "search"))


def _prompt(services: Services, query: Mapping[str, Any], number: int) -> Any:
    from docstage.service.prompts import prompts

    version = query.get("version")
    return prompts.get_prompt(services, number, None if version is None else _number(version, 2**31 - 1))


def _versions(services: Services, _query: Mapping[str, Any], number: int) -> Any:
    from docstage.service.prompts import prompts

    return prompts.prompt_versions(services, number)


def _spending(services: Services, query: Mapping[str, Any]) -> Any:
    from docstage.service.system.spending import MAX_DAYS, Period, spending

    period = Period(_number(query.get("days", 30), MAX_DAYS), zone=_text(query, "time_zone") or "UTC")
    return spending(services, period)


def _checks(services: Services, _query: Mapping[str, Any]) -> Any:
    from docstage.service.system import health

    return health.doctor(services)


_NOTHING: frozenset[str] = frozenset()
_READS: tuple[tuple[str, frozenset[str], Callable[..., Any]], ...] = (
    ("/api/batches", _LISTING | {"status"}, _batches),
    ("/api/batches/([0-9]+)", _NOTHING, _batch),
    ("/api/batches/([0-9]+)/estimate", _NOTHING, _estimate),
    ("/api/batches/([0-9]+)/failures", _NOTHING, _failures),
    ("/api/batches/([0-9]+)/progress", _NOTHING, _progress),
    ("/api/folders", _LISTING, _folders),
    ("/api/folders/([0-9]+)", _NOTHING, _folder),
    ("/api/connections", _LISTING, _connections),
    ("/api/connections/([0-9]+)", _NOTHING, _connection),
    ("/api/connections/providers", _NOTHING, _providers),
    ("/api/prompts", _LISTING, _prompts),
    ("/api/prompts/([0-9]+)", frozenset({"version"}), _prompt),
    ("/api/prompts/([0-9]+)/versions", _NOTHING, _versions),
    ("/api/spending", frozenset({"days", "time_zone"}), _spending),
    ("/api/doctor", _NOTHING, _checks),
)
