"""The rule of docs/development.md that no test says how long something takes, as far as reading can tell.

`make torture` and `make bench` have the machine for themselves, and say it.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
_CLOCKS = {"monotonic", "perf_counter", "process_time", "time", "elapsed"}
# Calls that end a wait, and the place at which they may take the seconds.
_WAITS = {"wait": 0, "join": 0, "result": 0, "settimeout": 0, "asyncio.timeout": 0, "asyncio.wait_for": 1}
_WAITS |= {"socket.create_connection": 1, "select.select": 3}
# These tell how long somebody would have to wait, and do not.
_NO_WAITS = ("bucket.wait", "quotas.wait")
_PROGRAM = re.compile(r"__name__ == ['\"]__main__|^pytestmark = \[pytest\.mark\.torture", re.MULTILINE)
_SHORTEST = 1.0  # what is shorter is the pause of somebody who looks again and again


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _dotted(node: ast.expr) -> str:
    """Names with dots between, such as `asyncio.wait_for`; nothing stands for what is no name."""
    inner = f"{_dotted(node.value)}." if isinstance(node, ast.Attribute) else ""
    return inner + _name(node)


def _reads_clock(node: ast.AST, times: set[str]) -> bool:
    """Whether an expression depends on a clock."""
    named = {_name(one) for one in ast.walk(node) if isinstance(one, ast.Attribute | ast.Name)}
    called = {_name(one.func) for one in ast.walk(node) if isinstance(one, ast.Call)}
    return bool(called & _CLOCKS or "elapsed" in named or named & times)


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _is_for_torture(node: ast.AST) -> bool:
    decorators = getattr(node, "decorator_list", [])
    return any(ast.unparse(one) == "pytest.mark.torture" for one in decorators)


def _is_program(text: str) -> bool:
    """Whether a module is one of those that `make torture` runs, or all of its tests are."""
    return bool(_PROGRAM.search(text))


def _durations(function: ast.AST) -> Iterator[ast.Assert]:
    """What is asserted of times that were taken in a function, but for the end of all patience."""
    times, ends = set[str](), {"PATIENCE"}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and _reads_clock(node.value, times):
            names = {name for target in node.targets for name in _names(target)}
            times |= names
            ends |= names if "PATIENCE" in _names(node.value) else set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assert) and _reads_clock(node.test, times) and not _names(node.test) & ends:
            yield node


def _short_waits(function: ast.AST) -> Iterator[ast.Call]:
    """Waits that a slow machine would end; those that shall come to nothing are none."""
    vain = [
        inner
        for node in ast.walk(function)
        if isinstance(node, ast.With) and "TimeoutError" in ast.unparse(node.items[0])
        for inner in ast.walk(node)
    ]
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and node not in vain and any(map(_is_short, _seconds(node))):
            yield node


def _seconds(call: ast.Call) -> Iterator[ast.expr]:
    """What a call takes as its patience. Timeouts of the product, such as a connection's, are none."""
    called = _dotted(call.func)
    if called.startswith(("subprocess.", "httpx.")) or _name(call.func) == "communicate":
        yield from (one.value for one in call.keywords if one.arg == "timeout")
    place = _WAITS.get(called, _WAITS.get(_name(call.func)))
    if place is not None and len(call.args) == place + 1 and called not in _NO_WAITS:
        yield call.args[place]


def _is_short(given: ast.expr) -> bool:
    value = given.value if isinstance(given, ast.Constant) else None
    return isinstance(value, int | float) and value >= _SHORTEST


def _found(text: str) -> Iterator[str]:
    if _is_program(text):
        return
    for node in ast.parse(text).body:
        methods = node.body if isinstance(node, ast.ClassDef) else [node]
        for one in methods:
            if not _is_for_torture(one):
                yield from (ast.unparse(each) for each in (*_durations(one), *_short_waits(one)))


def test_no_test_says_how_long_something_takes() -> None:
    """Neither by an assertion about a clock, nor by a wait that only a fast machine would survive."""
    found = {
        str(path.relative_to(TESTS)): wrong
        for path in sorted(TESTS.rglob("*.py"))
        if (wrong := [*_found(path.read_text(encoding="utf-8"))])
    }
    assert found == {}, "wait with tests.support.waiting, and measure in make torture or make bench"


@pytest.mark.parametrize(
    "body",
    [
        "begun = time.monotonic()\n    work()\n    assert time.monotonic() - begun < 3",
        "begun = time.perf_counter()\n    took = time.perf_counter() - begun\n    assert took <= MOST",
        "assert httpx.get(url).elapsed < limit",
        "process.wait(30)",
        "subprocess.run(words, timeout=60)",
        "async with asyncio.timeout(5):\n        await work()",
        "await asyncio.wait_for(work(), 10)",
    ],
)
def test_what_is_looked_for_is_seen(body: str) -> None:
    """Each of the ways in which a slow machine would fail a test; none in what `make torture` runs."""
    text = f"async def test_it():\n    {body}\n"
    assert len([*_found(text)]) == 1
    assert [*_found(f"@pytest.mark.torture\n{text}")] == []


@pytest.mark.parametrize(
    "body",
    [
        "process.wait(PATIENCE)",
        "end = time.monotonic() + PATIENCE\n    assert time.monotonic() < end",
        "lab.connection(url, timeout=3.0)",
        "while not over.wait(0.02):\n        look()",
        "with pytest.raises(TimeoutError):\n        await asyncio.wait_for(work(), 1)",
    ],
)
def test_what_may_be_is_not_taken_for_it(body: str) -> None:
    """Hang guards, timeouts of the product, and waits that are to end in vain."""
    assert [*_found(f"async def test_it():\n    {body}\n")] == []
