"""Training beside a live app: what it costs the people on it, and what the page costs the training.

python -m benchmarks.bench_runs
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.bench_load import percentile, row
from benchmarks.streamlit_client import Visitor, visit
from tests.support.server import running

TRAININGS, PEOPLE, EVERY_SECONDS, FOR_SECONDS = 3, 30, 2.0, 30.0
P95_MILLISECONDS = 100.0
PAGE_COSTS = 1.05
UPDATES, TURNS, WATCH_SECONDS = 1_500, 5, 0.5
LONGEST = "task=remember&length=200&hidden=64&updates=20000"
ALONE = """
import json, sys, time, torch
torch.set_num_threads(1)
from gru_core.runs.spec import RunSpec
from gru_core.training import race
from gru_core.scan import warm_kernels
warm_kernels()
run = RunSpec.from_dict(json.load(sys.stdin))
task = run.task.make()
for lane, event in race(task, run.lanes, until=20):  # as in the worker, which has trained before
    pass
began = time.monotonic()
for lane, event in race(task, run.lanes):
    pass
print(time.monotonic() - began)
"""


async def beside_trainings(url: str) -> tuple[list[float], list[str]]:
    """Seconds per toggle of PEOPLE while TRAININGS run, and errors in words."""
    toggled: list[float] = []
    errors: list[str] = []

    async def one(visitor: Visitor, number: int) -> None:
        until = time.monotonic() + FOR_SECONDS
        await asyncio.sleep(number * EVERY_SECONDS / PEOPLE)
        turn = number
        while time.monotonic() < until:
            began, turn = time.monotonic(), turn + 1
            try:
                toggled.append((await visitor.choose("gates", turn % 4)).seconds)
            except Exception as error:
                errors.append(repr(error))
            await asyncio.sleep(max(0.0, EVERY_SECONDS - (time.monotonic() - began)))

    async def watch(visitor: Visitor, until: float) -> None:
        """What the page does by itself while its training runs."""
        while time.monotonic() < until:
            await visitor.look_again("run_stop")
            await asyncio.sleep(WATCH_SECONDS)

    async with AsyncExitStack() as stack:
        trainers = []
        for _ in range(TRAININGS):
            trainer = await stack.enter_async_context(visit(url, LONGEST, "train"))
            await trainer.run()
            await trainer.press("start")
            trainers.append(trainer)
        # Workers start and load torch: nobody measures that.
        await asyncio.sleep(8)
        people = [await stack.enter_async_context(visit(url)) for _ in range(PEOPLE)]
        for person in people:
            await person.run()
        until = time.monotonic() + FOR_SECONDS
        async with asyncio.TaskGroup() as group:
            for number, person in enumerate(people):
                group.create_task(one(person, number))
            for trainer in trainers:
                group.create_task(watch(trainer, until))
        for trainer in trainers:
            await trainer.press("run_stop")
    return toggled, errors


async def watched(url: str) -> None:
    """One training begun on the page, and looked at every WATCH_SECONDS until it is over."""
    query = f"task=remember&updates={UPDATES}"
    async with visit(url, query, "train") as visitor:
        await visitor.run()
        await visitor.press("start")
        for _ in range(600):
            if not visitor.has("run_stop"):
                return
            await visitor.look_again("run_stop")
            await asyncio.sleep(WATCH_SECONDS)
    raise TimeoutError("the training on the page did not end")


def page_costs() -> float:
    """Time of a training that is told, stored and watched, as a part of the same one alone: the median."""
    ratios = []
    with tempfile.TemporaryDirectory() as folder, running(GATESCOPE_DATA=folder) as server:
        asyncio.run(watched(server.url))  # the worker starts and loads its kernels
        for _ in range(TURNS):
            asyncio.run(watched(server.url))
            time.sleep(1.5)  # the last of it is written
            spec, wall = _newest(Path(folder) / "runs.sqlite")
            alone = subprocess.run(
                [sys.executable, "-c", ALONE], input=spec, capture_output=True, text=True, check=True
            )
            ratios.append(wall / float(alone.stdout))
    return median(ratios)


def _newest(file: Path) -> tuple[str, float]:
    """The newest training in a store: its spec as JSON, and the seconds it took in its worker."""
    with closing(sqlite3.connect(file)) as connection:
        query = "SELECT spec, summary FROM runs ORDER BY created DESC"
        spec, summary = connection.execute(query).fetchone()
    return spec, float(json.loads(summary)["lanes"][0]["wall"])


def rows() -> list[dict[str, Any]]:
    """What was measured, with the limits of the promise."""
    return list(measure())


def measure() -> Iterator[dict[str, Any]]:
    """The rows, as they are found."""
    with running(OMP_NUM_THREADS="1", GATESCOPE_WORKERS=str(TRAININGS)) as server:
        toggled, errors = asyncio.run(beside_trainings(server.url))
    what = f"{PEOPLE} people toggling beside {TRAININGS} trainings on {os.cpu_count()} cores"
    milliseconds = [seconds * 1000 for seconds in toggled]
    for error in sorted(set(errors))[:5]:
        print(f"  {error}")
    yield row(f"{what}: p50, ms", percentile(milliseconds, 50))
    yield row(f"{what}: p95, ms", percentile(milliseconds, 95), P95_MILLISECONDS)
    yield row(f"{what}: errors", len(errors), 0)
    yield row("training told, stored and watched on the page / alone", page_costs(), PAGE_COSTS)


if __name__ == "__main__":
    for line in measure():
        limit = "" if line["limit"] is None else f"(limit {line['limit']:g})"
        print(f"{line['name']:70} {line['measured']:10.2f} {limit}")
