"""What can go wrong with a run: its worker, its server or another server's claim; nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from gru_core.errors import InputError, LinkError
from gru_core.jobs import Jobs, WorkerPool
from gru_core.jobs.cluster import ClusterJobs
from gru_core.runs.service import LOST_WORKERS, RunService
from gru_core.runs.store import RunStore
from tests.support.cluster import two_workers
from tests.support.training import (
    ENDLESS,
    LONG,
    LONGER,
    assert_same_weights,
    run_of,
    wait_for,
    wait_until_over,
)

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parent.parent.parent

DOOMED_SERVER = """
import sys, time
from gru_core.jobs import WorkerPool
from gru_core.runs.service import RunService
from gru_core.runs.store import RunStore
from tests.support.training import LONGER, run_of, wait_for

service = RunService(RunStore(sys.argv[1]), WorkerPool(1))
key = service.start(run_of(LONGER), "ann", "letters")
wait_for(service, key, lambda view: view.lanes[0].update >= 300)
time.sleep(1.5)
print(key, flush=True)
time.sleep(600)
"""


@contextmanager
def serving(url: str, jobs: Jobs) -> Iterator[RunService]:
    service = RunService(RunStore(url), jobs)
    try:
        yield service
    finally:
        service.close()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'runs.sqlite'}"


def workers_of(pid: int) -> set[int]:
    """The worker processes among the children of a process."""
    found = set()
    for child in psutil.Process(pid).children():
        with suppress(psutil.Error):
            if "gru_core.jobs.worker" in child.cmdline():
                found.add(child.pid)
    return found


def is_running(pid: int) -> bool:
    """Whether a process lives; one that ended and was not collected does not."""
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def ended_within(seconds: float, pids: set[int]) -> bool:
    """Whether all of some processes end in time."""
    deadline = time.monotonic() + seconds
    while any(map(is_running, pids)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not any(map(is_running, pids))


def busiest(pids: tuple[int, ...]) -> int:
    """Which of some processes computes."""
    processes = [psutil.Process(pid) for pid in pids]
    before = [sum(process.cpu_times()[:2]) for process in processes]
    time.sleep(0.5)
    used = [sum(process.cpu_times()[:2]) - start for process, start in zip(processes, before, strict=True)]
    return pids[used.index(max(used))]


def test_a_killed_worker_costs_nothing_but_time(url: str) -> None:
    with serving(url, WorkerPool(1)) as service:
        run = run_of(LONG)
        before = workers_of(os.getpid())
        key = service.start(run, "ann", "letters")
        wait_for(service, key, lambda view: view.lanes[0].update >= 200)
        (worker,) = workers_of(os.getpid()) - before
        os.kill(worker, signal.SIGKILL)
        told = wait_for(service, key, lambda view: "worker was lost" in view.message)
        assert "goes on from update" in told.message
        view = wait_until_over(service, key)
        assert view.status == "done"
        assert [point["update"] for point in view.lanes[0].points] == list(LONG.evaluations)
        assert_same_weights(service, key, run)


def test_a_run_whose_workers_keep_dying_rests_and_says_so(url: str) -> None:
    with serving(url, WorkerPool(1)) as service:
        before = workers_of(os.getpid())
        key = service.start(run_of(ENDLESS), "ann", "letters")
        for number in range(LOST_WORKERS + 1):
            wait_for(
                service,
                key,
                lambda view, done=number: (
                    view.generation == done and view.status == "running" and bool(view.lanes[0].frames)
                ),
            )
            for worker in workers_of(os.getpid()) - before:
                os.kill(worker, signal.SIGKILL)
        view = wait_until_over(service, key, "ann")
        assert view.status == "interrupted"
        assert "can go on from update" in view.message
        assert view.can_go_on


def test_a_killed_server_leaves_a_run_that_can_go_on_and_no_worker(url: str) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", DOOMED_SERVER, url], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    key = server.stdout.readline().strip()
    workers = workers_of(server.pid)
    assert workers
    server.kill()
    server.wait()
    server.stdout.close()
    with serving(url, WorkerPool(1)) as service:
        view = service.look(key, "ann")
        assert view.status == "interrupted"
        at = view.lanes[0].update
        assert 0 < at < LONGER.steps
        assert view.lanes[0].frames
        assert [mine.status for mine in service.of_owner("ann")] == ["interrupted"]
        assert ended_within(10.0, workers)
        service.go_on(key, "ann")
        assert wait_until_over(service, key).status == "done"
        assert_same_weights(service, key, run_of(LONGER))


def test_two_servers_do_not_train_one_run_twice(url: str) -> None:
    with serving(url, WorkerPool(1)) as one:
        key = one.start(run_of(ENDLESS), "ann", "letters")
        wait_for(one, key, lambda view: view.lanes[0].update >= 40)
        one.pause(key, "ann")
        wait_until_over(one, key)
        wait_for(one, key, lambda view: not one.pending(key))
        two = RunService(RunStore(url), WorkerPool(1), server="elsewhere:1:2")
        three = RunService(RunStore(url), WorkerPool(1), server="elsewhere:1:3")
        try:
            assert two.look(key, "ann").status == three.look(key, "ann").status == "paused"
            two.go_on(key, "ann")
            with pytest.raises(InputError, match="taken up elsewhere"):
                three.go_on(key, "ann")
            wait_for(two, key, lambda view: view.status == "running")
            two.delete(key, "ann")
            with pytest.raises(LinkError):
                three.look(key)
        finally:
            two.close()
            three.close()


def test_the_same_runs_on_a_cluster_that_loses_a_worker(url: str) -> None:
    """Two real workers behind a real scheduler; the one that trains is killed in the middle."""
    with two_workers() as cluster, serving(url, ClusterJobs(cluster.address)) as service:
        run = run_of(LONG)
        key = service.start(run, "ann", "letters")
        wait_for(service, key, lambda view: view.lanes[0].update >= 200)
        os.kill(busiest(cluster.pids), signal.SIGKILL)
        told = wait_for(service, key, lambda view: "worker was lost" in view.message)
        assert "goes on from update" in told.message
        view = wait_until_over(service, key)
        assert view.status == "done"
        assert_same_weights(service, key, run)
        again = service.start(run_of(ENDLESS), "ann", "another")
        wait_for(service, again, lambda view: view.lanes[0].update >= 40)
        service.stop(again, "ann")
        assert wait_until_over(service, again).status == "stopped"
