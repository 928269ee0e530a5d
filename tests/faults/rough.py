"""A batch on a provider that fails on a fifth of its calls, and what must hold afterwards.

`python -m tests.faults.rough --calls 5000` (part of `make torture`) prints what failed and how often.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from tests.faults.provider import FATAL, Episode, Key, Provider, Request, running_provider
from tests.faults.torture import ill
from tests.support.engines import RESTING, Laboratory, open_services, running_engine

from docstage.domain.lifecycle import Action, BatchStatus
from docstage.domain.tasks import POLICIES, AttemptOutcome, FailureKind, TaskStatus
from docstage.service.results import results
from docstage.store.tables import attempt, document, task

KEY = "DOCSTAGE_TEST_ROUGH_KEY"
CONCURRENCY = 8
HEALTHY_DOCUMENTS = 24
SCHEMA = {
    "type": "object",
    "properties": {"kind": {"type": "string"}},
    "required": ["kind"],
    "additionalProperties": False,
}


@dataclass(slots=True)
class Rough:
    """What came of it.

    Attributes:
        pauses: the reasons for which the batch was paused.
        wrong: what must not be, in words.
    """

    provider: Provider
    seconds: float = 0.0
    pauses: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Ended:
    """A task at the end."""

    key: Key
    status: TaskStatus
    tries: int
    attempts: int
    kind: str | None


@asynccontextmanager
async def laboratory(place: Path, url: str = "") -> AsyncIterator[Laboratory]:
    """A laboratory with a running engine, and the key that the provider takes at first."""
    services = open_services(place / "home", url)
    os.environ[KEY] = "first"
    try:
        async with running_engine(services):
            yield Laboratory(services, place / "letters")
    finally:
        del os.environ[KEY]
        services.database.close()


async def live_through(lab: Laboratory, seed: int, documents: int, prompts: int, away: float) -> Rough:
    """Run a batch of so many tasks from start to end, mending what has to be mended.

    Args:
        away: seconds for which the server is away, and sick.
    """
    tasks = documents * prompts
    # The last documents meet no faults, so that the lane can show that it recovers.
    healthy_from = documents - HEALTHY_DOCUMENTS
    rough_tasks = healthy_from * prompts
    begins = {
        max(1, int(share * rough_tasks)): one
        for share, one in zip((0.2, 0.4, 0.6, 0.8), Episode, strict=True)
    }
    lab.write({f"{n:05}.txt": f"DOC-{n} is a letter of 3 May." for n in range(documents)})
    async with running_provider(seed, healthy_from=healthy_from, episodes=begins, seconds=away) as provider:
        connection = lab.connection(
            provider.base_url, concurrency=CONCURRENCY, timeout=3.0, secret_ref=f"env:{KEY}"
        )
        asked = [lab.prompt(f"ASK-{n}: what is it?", SCHEMA) for n in range(prompts)]
        batch_id = lab.batch([connection], asked)
        await lab.act(batch_id, Action.STAGE)
        while lab.get(batch_id).status is BatchStatus.STAGING:
            await asyncio.sleep(0.02)
        rough = Rough(provider)
        begun = time.monotonic()
        await _run_mending(lab, batch_id, rough)
        rough.seconds = time.monotonic() - begun
        rough.wrong += list(_judged(lab, batch_id, provider, tasks))
    return rough


async def _run_mending(lab: Laboratory, batch_id: int, rough: Rough) -> None:
    await lab.act(batch_id, Action.RUN)
    provider = rough.provider
    while True:
        # Without an end of its own: how long it takes is a matter of the machine.
        while (batch := await asyncio.to_thread(lab.get, batch_id)).status not in RESTING:
            await asyncio.sleep(0.02)
        if batch.status is not BatchStatus.PAUSED:
            if batch.status is not BatchStatus.COMPLETED:
                rough.wrong.append(f"it ended {batch.status}: {batch.status_reason}")
            return
        rough.pauses.append(batch.status_reason or "")
        rough.wrong += await _while_paused(lab, batch_id, rough)
        os.environ[KEY] = provider.key
        provider.mended_at.append(time.monotonic())
        if provider.episode is Episode.QUOTA:
            provider.mend()
        await lab.act(batch_id, Action.RESUME)


async def _while_paused(lab: Laboratory, batch_id: int, rough: Rough) -> list[str]:
    """What a pause must be like: for a reason that is true, and without any call."""
    provider, reason = rough.provider, rough.pauses[-1]
    asked = len(provider.requests)
    wrong = []
    last = {request.what for request in provider.requests[-CONCURRENCY:]}
    if "key" not in reason and "quota" not in reason:
        wrong.append(f"paused for an unknown reason: {reason!r}")
    if not last & {Episode.EXPIRED, Episode.QUOTA}:
        wrong.append(f"paused although the last calls were {last}")
    if lab.tally(batch_id).running:
        wrong.append("a task runs while the batch is paused for its connection")
    await asyncio.sleep(0.3)  # nothing may happen, so there is nothing to wait for
    if len(provider.requests) != asked:
        wrong.append(f"{len(provider.requests) - asked} calls left while it was paused")
    return wrong


# What must hold


def _judged(lab: Laboratory, batch_id: int, provider: Provider, tasks: int) -> Iterator[str]:
    ended = ended_tasks(lab, batch_id)
    if len(ended) != tasks:
        yield f"{len(ended)} tasks instead of {tasks}"
    yield from _wrong_ends(ended, provider)
    yield from _wrong_tries(lab, ended)
    yield from _wrong_groups(lab, batch_id, ended)
    yield from storms(provider)
    calls = sum(one.attempts for one in ended)
    if len(provider.requests) > calls:
        yield f"{len(provider.requests)} requests reached the server, only {calls} calls are recorded"
    late = [one.others for one in provider.requests if one.key[0] >= provider.healthy_from]
    if max(late, default=0) < CONCURRENCY:
        yield f"at the end only {max(late, default=0)} calls were out at once, not {CONCURRENCY}"
    yield from ill(lab.services.database)


def ended_tasks(lab: Laboratory, batch_id: int) -> list[Ended]:
    """Every task of the batch's run."""
    columns = (task.c.status, task.c.tries, task.c.attempts, task.c.failure_kind, task.c.prompt_id)
    run_id = lab.get(batch_id).run_id
    joined = document.join(task, task.c.document_id == document.c.id)
    with lab.services.database.read() as c:
        rows = c.execute(
            select(document.c.path, *columns).select_from(joined).where(task.c.run_id == run_id)
        ).all()
    first = min(row.prompt_id for row in rows)
    return [
        Ended(
            (int(Path(row.path).stem), row.prompt_id - first),
            TaskStatus(row.status),
            row.tries,
            row.attempts,
            row.failure_kind,
        )
        for row in rows
    ]


def _wrong_ends(ended: list[Ended], provider: Provider) -> Iterator[str]:
    for one in ended:
        fatal = provider.fatal(one.key)
        expected = (TaskStatus.FAILED, FATAL[fatal]) if fatal else (TaskStatus.COMPLETED, None)
        got = (one.status, FailureKind(one.kind) if one.status is TaskStatus.FAILED and one.kind else None)
        if got != expected:
            asked = [request.what for request in provider.requests if request.key == one.key]
            yield f"task {one.key} ended as {got}, not {expected}; its calls: {asked}"


def _wrong_tries(lab: Laboratory, ended: list[Ended]) -> Iterator[str]:
    cap = lab.services.settings.max_attempts
    yield from (f"task {one.key} used {one.tries} tries up" for one in ended if one.tries > cap)
    counting = [str(kind) for kind, policy in POLICIES.items() if policy.counts]
    failed = attempt.c.outcome == str(AttemptOutcome.FAILED)
    with lab.services.database.read() as c:
        rows = c.execute(
            select(task.c.id, task.c.tries, func.count(attempt.c.number).label("failures"))
            .join(attempt, attempt.c.task_id == task.c.id)
            .where(failed, attempt.c.failure_kind.in_(counting))
            .group_by(task.c.id, task.c.tries)
        ).all()
    yield from (
        f"task {row.id} counts more tries than failures: {row}" for row in rows if row.tries > row.failures
    )


def _wrong_groups(lab: Laboratory, batch_id: int, ended: list[Ended]) -> Iterator[str]:
    failed = Counter(one.kind for one in ended if one.status is TaskStatus.FAILED)
    groups = results.failures(lab.services, batch_id)
    if {str(group.kind): group.tasks for group in groups} != dict(failed):
        yield f"failures are grouped as {groups}, not {failed}"
    yield from (
        f"{group.kind} has no example or way forward"
        for group in groups
        if not group.example or not group.way_forward
    )


def storms(provider: Provider) -> Iterator[str]:
    """Where calls left faster than they should after the provider had asked for patience.

    Calls that had been recorded as begun then may still leave: one wave of them at most.
    """
    for refused in provider.requests:
        if refused.wait:
            assert refused.ended_at is not None
            over = refused.ended_at + refused.wait
            if any(refused.ended_at < at < over for at in provider.mended_at):
                continue  # whoever mends a connection and resumes wants it tried at once
            early = [one for one in provider.requests if refused.ended_at < one.at < over]
            if len(early) > CONCURRENCY:
                yield f"{len(early)} calls left in the {refused.wait:g} s that {refused.key} was told to wait"
    for episode, began, ended in provider.spans:
        calls = [one for one in provider.requests if began <= one.at <= ended]
        allowed = allowed_calls(ended - began)
        if len(calls) > allowed:
            yield f"{len(calls)} calls in {ended - began:.1f} s of {episode}, at most {allowed} are patient"


def allowed_calls(seconds: float) -> int:
    """Calls that may be made in so many seconds without success: two waves, then fewer and fewer."""
    probes, wait, passed = 0, 0.5, 0.0
    while passed < seconds:
        probes, passed, wait = probes + 1, passed + wait, min(7.5, wait * 2)
    return 2 * CONCURRENCY + probes


# The long run


def _print(rough: Rough, lines: list[Request]) -> None:
    faults = Counter(one.what for one in lines if one.what)
    print(f"{len(lines)} calls in {rough.seconds:.0f} s, {sum(faults.values())} of them failed")
    for what, count in sorted(faults.items(), key=lambda pair: -pair[1]):
        print(f"{what:32} {count:6}")
    for episode, began, ended in rough.provider.spans:
        calls = sum(began <= one.at <= ended for one in lines)
        print(f"{episode}: {calls} calls in {ended - began:.1f} s")
    for reason in rough.pauses:
        print(f"paused: {reason}")
    print(f"wrong: {len(rough.wrong)}")
    for one in rough.wrong:
        print(f"  {one}")


async def _run(calls: int, seed: int, away: float) -> Rough:
    with tempfile.TemporaryDirectory(prefix="docstage-rough-") as place:
        async with laboratory(Path(place)) as lab:
            return await live_through(lab, seed, max(1, round(calls / 1.2 / 10)), 10, away)


def main() -> int:
    """Run from the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=5_000, help="about how many calls are made")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--away", type=float, default=60.0, help="seconds for which the server is away")
    options = parser.parse_args()
    rough = asyncio.run(_run(options.calls, options.seed, options.away))
    _print(rough, rough.provider.requests)
    return 1 if rough.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
