"""A classroom: forty visitors who each change the gates every two seconds, for a minute, on one real server.

Everything is real but the browsers: the server is the one that `make run` starts, the visitors speak its
websocket protocol and take in every byte that a browser would. Both sides share the machine's cores.

    python -m benchmarks.bench_load
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterable
from statistics import quantiles
from typing import Any

from benchmarks.streamlit_client import Visitor, visit
from tests.support.server import Server, running

VISITORS = 40
EVERY_SECONDS = 2.0
FOR_SECONDS = 60.0
P95_MILLISECONDS = 100.0
KEY = "gates"
SETTINGS = 4
# Visitors do not arrive in the same instant: one about every tenth of a second.
ARRIVAL_SECONDS = 0.1


class Classroom:
    """What forty visitors met: seconds per toggle, bytes per toggle, errors in words."""

    def __init__(self) -> None:
        self.opened: list[float] = []
        self.toggled: list[float] = []
        self.received: list[int] = []
        self.errors: list[str] = []

    async def one(self, url: str, number: int, everybody: asyncio.Barrier, done: asyncio.Barrier) -> None:
        """One visitor: open the page, wait for the others, toggle until the minute is over."""
        clock = asyncio.get_running_loop()
        rng = random.Random(number)
        await asyncio.sleep(number * ARRIVAL_SECONDS)
        async with visit(url) as visitor:
            try:
                self.opened.append((await visitor.run()).seconds)
            except Exception as error:
                self.errors.append(f"opening: {error!r}")
            await everybody.wait()
            until = clock.time() + FOR_SECONDS
            await asyncio.sleep(rng.uniform(0, EVERY_SECONDS))
            turn = number
            while clock.time() < until:
                began = clock.time()
                turn += 1
                await self.toggle(visitor, turn % SETTINGS)
                await asyncio.sleep(max(0.0, EVERY_SECONDS - (clock.time() - began)))
            await done.wait()

    async def toggle(self, visitor: Visitor, option: int) -> None:
        try:
            answer = await visitor.choose(KEY, option)
        except Exception as error:
            self.errors.append(f"toggling: {error!r}")
            return
        self.toggled.append(answer.seconds)
        self.received.append(answer.received_bytes)
        self.errors.extend(f"shown: {text}" for text in answer.alerts)


async def hold_class(server: Server) -> tuple[Classroom, int, float]:
    """The class; memory in bytes that its sessions added; share of one core that the server used."""
    async with visit(server.url) as first:
        # The first visitor pays for what is made once; a session is measured against what is there after.
        await first.run()
        for option in range(SETTINGS):
            await first.choose(KEY, option)
    before = server.memory()
    classroom = Classroom()
    everybody, done = asyncio.Barrier(VISITORS + 1), asyncio.Barrier(VISITORS + 1)
    async with asyncio.TaskGroup() as group:
        for number in range(VISITORS):
            group.create_task(classroom.one(server.url, number, everybody, done))
        await everybody.wait()
        used = server.cpu_seconds()
        await done.wait()
        used = server.cpu_seconds() - used
        added = server.memory() - before
    return classroom, added, used / FOR_SECONDS


def percentile(values: Iterable[float], percent: int) -> float:
    """The value below which `percent` of the values lie."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def row(name: str, measured: float, limit: float | None = None) -> dict[str, Any]:
    return {"name": name, "measured": measured, "limit": limit, "ok": limit is None or measured <= limit}


def rows() -> list[dict[str, Any]]:
    """What was measured, with the limits of the promise."""
    with running(OMP_NUM_THREADS="1") as server:
        started_with = server.memory()
        classroom, added, load = asyncio.run(hold_class(server))
    toggled = [seconds * 1000 for seconds in classroom.toggled]
    opened = [seconds * 1000 for seconds in classroom.opened]
    what = f"{VISITORS} visitors, a toggle each {EVERY_SECONDS:g} s for {FOR_SECONDS:g} s"
    for error in sorted(set(classroom.errors))[:5]:
        print(f"  {error}")
    return [
        row(f"{what}: p50, ms", percentile(toggled, 50)),
        row(f"{what}: p95, ms", percentile(toggled, 95), P95_MILLISECONDS),
        row(f"{what}: slowest, ms", max(toggled)),
        row(f"{what}: toggles", len(toggled)),
        row(f"{what}: errors", len(classroom.errors), 0),
        row(f"{what}: opening the page, p95, ms", percentile(opened, 95)),
        row(f"{what}: received per toggle, kB", percentile(classroom.received, 50) / 1e3),
        row(f"{what}: server's use of {os.cpu_count()} cores, %", 100 * load / (os.cpu_count() or 1)),
        row("memory of the warm server, MB", started_with / 1e6),
        row(f"memory per session of {VISITORS}, MB", added / VISITORS / 1e6),
    ]


if __name__ == "__main__":
    for line in rows():
        limit = "" if line["limit"] is None else f"(limit {line['limit']:g})"
        print(f"{line['name']:70} {line['measured']:10.2f} {limit}")
