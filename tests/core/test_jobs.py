"""What every way of doing jobs keeps to: worker processes, and a real Dask cluster of two workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, as_completed, wait
from contextlib import contextmanager

import pytest

from gru_core import errors
from gru_core.errors import InputError, JobError, JobTimeError, LimitError, WorkerLostError
from gru_core.jobs import JobFuture, Jobs, Parcel
from tests.support import job_work
from tests.support.cluster import Cluster, two_workers
from tests.support.job_ways import make
from tests.support.server import ROOT
from tests.support.told import Told, runs, until

WAIT = 60.0


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two workers with nannies, which start another worker for one that is killed."""
    with two_workers(nanny=True) as running:
        yield running


@pytest.fixture(scope="module", params=["processes", pytest.param("cluster", marks=pytest.mark.slow)])
def address(request: pytest.FixtureRequest) -> str:
    """Of the cluster, empty for worker processes."""
    return request.getfixturevalue("cluster").address if request.param == "cluster" else ""


@pytest.fixture(scope="module")
def jobs(address: str) -> Iterator[Jobs]:
    with make(address) as made:
        yield made


@contextmanager
def both_busy(jobs: Jobs) -> Iterator[list[JobFuture]]:
    """Two jobs that run until told to stop, so that the next ones wait."""
    told = [Told(), Told()]
    busy = [jobs.submit(job_work.obey, Parcel({}), on_parcel=each) for each in told]
    for each in told:
        each.first("pid")
    try:
        yield busy
    finally:
        for future in busy:
            future.command("stop")
        wait(busy, WAIT)


def test_what_goes_in_comes_out(jobs: Jobs) -> None:
    blobs = {"large": b"\x00\xff" * 2_500_000, "empty": b""}
    parcel = Parcel({"text": "H̃ 门", "list": [1, 2.5, None, True]}, blobs)
    back = jobs.submit(job_work.echo, parcel).result(WAIT)
    assert back.head == parcel.head
    assert dict(back.blobs) == blobs


def test_parcels_come_in_order_and_before_the_end(jobs: Jobs) -> None:
    seen_at_the_end = []
    told = Told()
    future = jobs.submit(job_work.count, Parcel({"to": 500}), on_parcel=told)
    future.add_done_callback(lambda done: seen_at_the_end.append(len(told.parcels)))
    assert future.result(WAIT).head == {"sum": 124_750}
    assert [head["number"] for head in told.heads] == list(range(500))
    until(lambda: seen_at_the_end == [500])


def test_parcels_may_be_large(jobs: Jobs) -> None:
    told = Told()
    jobs.submit(job_work.count, Parcel({"to": 6, "size": 5_000_000}), on_parcel=told).result(WAIT)
    assert [parcel.blobs["bytes"] for parcel in told.parcels] == [bytes([n]) * 5_000_000 for n in range(6)]


def test_a_running_job_hears_commands(jobs: Jobs) -> None:
    told = Told()
    future = jobs.submit(job_work.obey, Parcel({}), on_parcel=told)
    told.first("pid")
    for command in ("faster", "slower", "stop"):
        future.command(command)
        until(lambda command=command: {"heard": command} in told.heads)
    assert future.result(WAIT).head == {"last": "stop"}
    future.command("too late")


def test_a_waiting_job_hears_its_latest_command_at_its_start(jobs: Jobs) -> None:
    told = Told()
    with both_busy(jobs):
        future = jobs.submit(job_work.obey, Parcel({}), on_parcel=told)
        future.command("never heard")
        future.command("stop")
        assert future.position() == 0
    assert future.result(WAIT).head == {"last": "stop"}
    assert told.heads[1:] == [{"heard": "stop"}]
    # The command was that job's alone.
    after = Told()
    other = jobs.submit(job_work.obey, Parcel({}), on_parcel=after)
    after.first("pid")
    assert not [head for head in after.heads if "heard" in head]
    other.command("stop")
    other.result(WAIT)


def test_jobs_wait_in_line_and_can_be_taken_back(jobs: Jobs) -> None:
    with both_busy(jobs) as busy:
        waiting = [jobs.submit(job_work.echo, Parcel({"number": number})) for number in range(3)]
        assert [future.position() for future in (*busy, *waiting)] == [None, None, 0, 1, 2]
        assert waiting[1].cancel()
        assert [future.position() for future in waiting] == [0, None, 1]
        assert waiting[1].cancelled()
        assert waiting[1].done()
        assert waiting[1].cancel()
        with pytest.raises(CancelledError):
            waiting[1].result(0)
        assert not busy[0].cancel()
        assert busy[0].running()
    assert [waiting[number].result(WAIT).head["number"] for number in (0, 2)] == [0, 2]
    assert [future.position() for future in waiting] == [None] * 3
    assert not waiting[0].cancel()


def test_two_jobs_run_at_the_same_time_in_two_processes(jobs: Jobs) -> None:
    told = [Told(), Told()]
    futures = [jobs.submit(job_work.obey, Parcel({}), on_parcel=each) for each in told]
    first, second = (each.first("pid") for each in told)
    assert first != second
    assert os.getpid() not in (first, second)
    for future in futures:
        future.command("stop")
        future.result(WAIT)


@pytest.mark.slow
def test_no_more_jobs_wait_than_may(address: str) -> None:
    with make(address, waiting=2) as few, both_busy(few):
        waiting = [few.submit(job_work.echo, Parcel({})) for _ in range(2)]
        with pytest.raises(LimitError, match="2 jobs wait already and no more than 2 may: try again"):
            few.submit(job_work.echo, Parcel({}))
        waiting[0].cancel()
        few.submit(job_work.echo, Parcel({}))


@pytest.mark.parametrize(
    ("how", "kind", "text"),
    [
        ("limit", errors.LimitError, "^At most 3 are allowed, got 4: take one away.$"),
        ("ours", errors.ShapeError, "^It must be square, got 2 x 3.$"),
        ("fault", errors.JobError, "^This work met a fault of the program itself .* the server's log"),
        ("exit", errors.JobError, "^This work met a fault"),
        ("memory", errors.JobError, "^This work needs more memory than a worker may have"),
        ("result", errors.InputError, "^A parcel's head must hold plain JSON values"),
        ("tell", errors.InputError, "^A parcel's head must hold plain JSON values"),
    ],
)
def test_errors_come_back_as_what_they_are(
    jobs: Jobs, how: str, kind: type[Exception], text: str, caplog: pytest.LogCaptureFixture
) -> None:
    error = jobs.submit(job_work.fail, Parcel({"how": how})).exception(WAIT)
    assert type(error) is kind
    with pytest.raises(kind, match=text):
        raise error
    assert "job_work" not in str(error)
    # What people are spared is for the log: a traceback, of faults alone.
    assert ("Traceback" in caplog.text) == (how in ("fault", "exit"))
    assert ("nobody foresaw this" in caplog.text) == (how == "fault")
    assert jobs.submit(job_work.echo, Parcel({"well": True})).result(WAIT).head == {"well": True}


def test_what_a_job_prints_does_no_harm(jobs: Jobs) -> None:
    told = Told()
    assert jobs.submit(job_work.print_much, Parcel({}), on_parcel=told).result(WAIT).head == {"read": ""}
    assert told.heads == [{"said": True}]


def test_only_known_packages_do_work(jobs: Jobs) -> None:
    error = jobs.submit(textwrap.dedent, Parcel({})).exception(WAIT)
    assert type(error) is JobError
    assert str(error) == "A worker does work of gru_core and tests only, not 'textwrap:dedent'."


def test_only_functions_with_a_name_can_be_sent(jobs: Jobs) -> None:
    def inner(parcel: Parcel, tell: object, heard: object) -> Parcel:
        return parcel

    for work in (inner, lambda parcel, tell, heard: parcel, Parcel.from_bytes, print, "os:system"):
        with pytest.raises(JobError, match="Work must be a function at the top of a module"):
            jobs.submit(work, Parcel({}))


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_a_time_limit_must_be_one(jobs: Jobs, seconds: float) -> None:
    with pytest.raises(InputError, match="must be above 0 s, got"):
        jobs.submit(job_work.echo, Parcel({}), seconds=seconds)


def test_a_parcel_that_cannot_be_sent_is_refused_at_once(jobs: Jobs) -> None:
    with pytest.raises(InputError, match="plain JSON values"):
        jobs.submit(job_work.echo, Parcel({"a set": {1}}))


def test_a_killed_worker_is_told_of_and_another_takes_the_next_job(jobs: Jobs) -> None:
    told = Told()
    future = jobs.submit(job_work.obey, Parcel({}), on_parcel=told)
    pid = told.first("pid")
    os.kill(pid, signal.SIGKILL)
    error = future.exception(WAIT)
    assert type(error) is WorkerLostError
    assert "ended" in str(error)
    assert "before it was done: start it again" in str(error)
    # It was not begun again behind our back.
    assert [head for head in told.heads if "pid" in head] == [told.heads[0]]
    again = Told()
    next_one = jobs.submit(job_work.obey, Parcel({}), on_parcel=again)
    assert again.first("pid") != pid
    next_one.command("stop")
    next_one.result(WAIT)


def test_a_job_over_its_time_ends_by_itself_when_it_tells_or_listens(jobs: Jobs) -> None:
    told = Told()
    future = jobs.submit(job_work.obey, Parcel({}), on_parcel=told, seconds=0.1)
    error = future.exception(WAIT)
    assert type(error) is JobTimeError
    assert str(error) == "This work may take 0.1 s and was ended then: give it less to do."
    assert runs(told.first("pid"))


@pytest.mark.slow
def test_a_job_over_its_time_that_does_not_end_is_ended(jobs: Jobs) -> None:
    told = Told()
    error = jobs.submit(job_work.be_deaf, Parcel({}), on_parcel=told, seconds=0.1).exception(WAIT)
    assert type(error) is JobTimeError
    until(lambda: not runs(told.first("pid")))
    assert jobs.submit(job_work.echo, Parcel({"well": True})).result(WAIT).head == {"well": True}


def test_a_listener_that_fails_does_not_stop_the_job(jobs: Jobs, caplog: pytest.LogCaptureFixture) -> None:
    def fail(parcel: Parcel) -> None:
        raise ZeroDivisionError

    assert jobs.submit(job_work.count, Parcel({"to": 2}), on_parcel=fail).result(WAIT).head == {"sum": 1}
    assert caplog.text.count("What was to be done with a parcel") == 2
    assert "ZeroDivisionError" in caplog.text


def test_the_usual_tools_of_futures_work(jobs: Jobs) -> None:
    assert [back.head for back in jobs.map(job_work.echo, [Parcel({"n": n}) for n in range(4)])] == [
        {"n": n} for n in range(4)
    ]
    futures = [jobs.submit(job_work.echo, Parcel({"n": n})) for n in range(4)]
    assert sorted(done.result().head["n"] for done in as_completed(futures, WAIT)) == [0, 1, 2, 3]


def test_a_callback_may_hand_in_the_next_job(jobs: Jobs) -> None:
    then: list[JobFuture] = []
    first = jobs.submit(job_work.echo, Parcel({}))
    first.add_done_callback(lambda done: then.append(jobs.submit(job_work.echo, Parcel({"second": True}))))
    until(lambda: then)
    assert then[0].result(WAIT).head == {"second": True}


@pytest.mark.slow
@pytest.mark.parametrize("cancel", [True, False])
def test_after_the_shutdown_no_job_is_taken_and_those_that_run_end_well(address: str, cancel: bool) -> None:
    jobs = make(address)
    told = [Told(), Told()]
    busy = [jobs.submit(job_work.obey, Parcel({}), on_parcel=each) for each in told]
    pids = [each.first("pid") for each in told]
    waiting = jobs.submit(job_work.echo, Parcel({"late": True}))
    jobs.shutdown(wait=False, cancel_futures=cancel)
    with pytest.raises(JobError, match="No more work is taken"):
        jobs.submit(job_work.echo, Parcel({}))
    for future in busy:
        future.command("stop")
    assert [future.result(WAIT).head for future in busy] == [{"last": "stop"}] * 2
    jobs.shutdown()
    assert waiting.cancelled() == cancel
    assert waiting.done()
    if not address:
        assert not any(runs(pid) for pid in pids)


def test_the_work_of_a_killed_server_ends_with_it(
    address: str, request: pytest.FixtureRequest, jobs: Jobs
) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.support.job_ways", address], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    with server:
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        assert runs(pid)
        server.kill()
    if address:
        # The worker stays, but has both hands free and the scheduler keeps nothing of that server.
        with both_busy(jobs):
            pass
        running: Callable[[], dict[str, list[str]]] = request.getfixturevalue("cluster").left
        until(lambda: set(running()) <= {"clients", "queues"} and len(running().get("queues", [])) <= 1)
    else:
        until(lambda: not runs(pid))
