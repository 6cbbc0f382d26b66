"""What is particular to worker processes: how many, when they start and end, and how modest they are."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gru_core.errors import InputError, JobError
from gru_core.jobs import Parcel, WorkerPool, open_jobs, pool
from gru_core.jobs.pool import worker_count
from gru_core.jobs.process import WorkerProcess
from tests.support import job_work
from tests.support.job_ways import PACKAGES
from tests.support.server import ROOT
from tests.support.told import Told, runs, until

WAIT = 60.0


@pytest.fixture(scope="module")
def one() -> Iterator[WorkerPool]:
    """A pool of one worker."""
    with WorkerPool(1, packages=PACKAGES) as made:
        yield made


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The numbers of the processes that pools start from now on."""
    pids = []

    class Listed(WorkerProcess):
        def __init__(self, packages: tuple[str, ...], program: str) -> None:
            super().__init__(packages, program)
            pids.append(self.pid)

    monkeypatch.setattr(pool, "WorkerProcess", Listed)
    return pids


def look(jobs: WorkerPool) -> dict[str, object]:
    """What a worker says of itself."""
    return dict(jobs.submit(job_work.look_around, Parcel({})).result(WAIT).head)


def test_a_worker_steps_back_behind_the_server(one: WorkerPool) -> None:
    seen = look(one)
    assert seen["pid"] != os.getpid()
    assert seen["niceness"] == min(os.nice(0) + 10, 19)
    assert seen["torch_threads"] == 1
    assert seen["OMP_NUM_THREADS"] == "1"
    assert seen["ignores_interrupts"] is True


def test_a_job_that_asks_for_too_much_memory_fails_alone(one: WorkerPool) -> None:
    before = look(one)["pid"]
    for greedy in (job_work.grab, job_work.grab_tensor):
        error = one.submit(greedy, Parcel({"bytes": 40_000_000_000})).exception(WAIT)
        assert type(error) is JobError
        assert "more memory than a worker may have" in str(error)
    assert look(one)["pid"] == before


@pytest.mark.slow
def test_workers_start_when_needed_and_end_when_idle(started: list[int]) -> None:
    with WorkerPool(3, packages=PACKAGES, idle=0.2) as jobs:
        assert started == []
        jobs.warm()
        jobs.warm()
        until(lambda: len(started) == 1)
        # One job after the other needs one worker.
        assert {look(jobs)["pid"] for _ in range(3)} == set(started)
        until(lambda: not runs(started[0]))
        assert look(jobs)["pid"] == started[-1]
        assert len(started) == 2
    assert not any(runs(pid) for pid in started)


@pytest.mark.slow
def test_a_worker_that_died_while_idle_costs_no_job(started: list[int]) -> None:
    with WorkerPool(1, packages=PACKAGES) as jobs:
        look(jobs)
        os.kill(started[0], 9)
        until(lambda: not runs(started[0]))
        assert look(jobs)["pid"] == started[1]


@pytest.mark.slow
def test_what_is_printed_while_a_worker_starts_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('Welcome!' * 1000, flush=True)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with WorkerPool(1, packages=PACKAGES) as jobs:
        assert jobs.submit(job_work.echo, Parcel({"well": True})).result(WAIT).head == {"well": True}


@pytest.mark.parametrize("program", ["/bin/false", "/no/such/program"])
def test_a_worker_that_cannot_start_is_told_of(
    program: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", program)
    with WorkerPool(1, packages=PACKAGES) as jobs:
        futures = [jobs.submit(job_work.echo, Parcel({})) for _ in range(2)]
        for future in futures:
            error = future.exception(WAIT)
            assert type(error) is JobError
            assert str(error).startswith("No worker could be started; the server's log says why.")
    assert "worker" in caplog.text


@pytest.mark.slow
def test_a_frozen_worker_is_ended_when_its_time_is_over() -> None:
    told = Told()
    with WorkerPool(1, packages=PACKAGES, grace=0.1) as jobs:
        future = jobs.submit(job_work.obey, Parcel({}), on_parcel=told, seconds=0.2)
        os.kill(told.first("pid"), 19)  # SIGSTOP: alive, and doing nothing
        assert "may take 0.2 s" in str(future.exception(WAIT))


@pytest.mark.parametrize(
    ("environment", "count"),
    [
        ({}, os.cpu_count() or 1),
        ({"GATESCOPE_WORKERS": ""}, os.cpu_count() or 1),
        ({"GATESCOPE_WORKERS": " 3 "}, 3),
    ],
)
def test_how_many_workers(environment: dict[str, str], count: int) -> None:
    assert worker_count(environment) == count


@pytest.mark.parametrize("words", ["0", "-1", "two", "1.5", "1000"])
def test_a_number_of_workers_must_be_one(words: str) -> None:
    with pytest.raises(InputError, match=f"GATESCOPE_WORKERS must be a whole number from 1 to .* '{words}'"):
        open_jobs({"GATESCOPE_WORKERS": words})


def test_pools_without_workers_or_without_room_are_refused() -> None:
    with pytest.raises(InputError, match="There may be 1 to 256 workers, got 0"):
        WorkerPool(0)
    with pytest.raises(InputError, match="jobs that may wait must be at least 1, got 0"):
        WorkerPool(1, waiting=0)


def test_without_a_scheduler_jobs_are_done_on_this_machine() -> None:
    with open_jobs({"GATESCOPE_WORKERS": "1"}) as jobs:
        assert isinstance(jobs, WorkerPool)


@pytest.mark.parametrize("address", ["localhost:8786", "http://localhost:8786", "8786"])
def test_a_scheduler_must_have_an_address(address: str) -> None:
    with pytest.raises(InputError, match=f"GATESCOPE_SCHEDULER must be the address .* got '{address}'"):
        open_jobs({"GATESCOPE_SCHEDULER": address})


def test_only_who_has_a_cluster_imports_what_speaks_to_it() -> None:
    script = "import sys, gru_core.jobs as j; j.open_jobs({}).shutdown(); print('distributed' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_job_whose_attendant_fails_ends_and_the_next_one_is_done(
    one: WorkerPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failed = WorkerProcess.receive, []

    def receive(process: WorkerProcess) -> Parcel | None:
        if not failed:
            failed.append(process.pid)
            raise MemoryError
        return real(process)

    monkeypatch.setattr(WorkerProcess, "receive", receive)
    with pytest.raises(JobError, match="fault of the program"):
        look(one)
    assert look(one)["pid"] != failed[0]


def test_a_machine_without_a_thread_to_spare_refuses_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with WorkerPool(1, packages=PACKAGES) as jobs:
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", none_left)
            jobs.warm()
            with pytest.raises(JobError, match="No worker could be started"):
                jobs.submit(job_work.look_around, Parcel({}))
        seen = look(jobs)
        assert seen["pid"] != os.getpid()
        assert jobs._busy == 0
