"""What is particular to a cluster: workers and schedulers that are lost, and what is left on them."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gru_core.errors import JobError, WorkerLostError
from gru_core.jobs import Parcel, cluster_link, open_jobs
from gru_core.jobs.cluster import ClusterJobs
from tests.support import job_work
from tests.support.cluster import Cluster, cluster, two_workers
from tests.support.job_ways import make
from tests.support.server import free_port
from tests.support.told import Told, until

WAIT = 60.0
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def two() -> Iterator[Cluster]:
    """Two workers without nannies: one that is killed stays away. The first test kills one."""
    with two_workers() as running:
        yield running


def test_the_other_worker_takes_the_next_jobs(two: Cluster) -> None:
    with make(two.address) as jobs:
        told = [Told(), Told()]
        first, second = (jobs.submit(job_work.obey, Parcel({}), on_parcel=each) for each in told)
        assert {each.first("pid") for each in told} == set(two.pids)
        waiting = [jobs.submit(job_work.echo, Parcel({"number": number})) for number in range(3)]
        os.kill(told[0].first("pid"), signal.SIGKILL)
        # At once, though the only other worker is busy and Dask has nowhere to begin anything again.
        error = first.exception(WAIT)
        assert type(error) is WorkerLostError
        assert str(error).startswith("The worker of the cluster that did this work ended before it was done")
        assert [future.position() for future in waiting] == [0, 1, 2]
        second.command("stop")
        assert second.result(WAIT).head == {"last": "stop"}
        assert [future.result(WAIT).head["number"] for future in waiting] == [0, 1, 2]
        assert sum("pid" in head for each in told for head in each.heads) == 2
    until(lambda: two.left() == {})


def test_nothing_is_left_on_the_scheduler_nor_here(two: Cluster) -> None:
    before = set(threading.enumerate())
    with make(two.address) as jobs:
        busy = jobs.submit(job_work.obey, Parcel({}))
        waiting = [jobs.submit(job_work.echo, Parcel({}, {"a": bytes(20_000_000)})) for _ in range(3)]
        waiting[1].cancel()
        # Two servers may share a cluster.
        with make(two.address) as other:
            also = other.submit(job_work.count, Parcel({"to": 5}))
            until(lambda: set(two.left()) == {"tasks", "queues", "clients"})
            busy.command("stop")
            assert also.result(WAIT).head == {"sum": 10}
    until(lambda: two.left() == {})
    left = {
        thread for thread in set(threading.enumerate()) - before if not thread.name.startswith("Dask-Off")
    }
    assert left == set()


def test_open_jobs_goes_where_the_environment_says(two: Cluster) -> None:
    with open_jobs({"GATESCOPE_SCHEDULER": two.address}) as jobs:
        assert isinstance(jobs, ClusterJobs)
        error = jobs.submit(job_work.echo, Parcel({})).exception(WAIT)
        assert str(error).startswith("A worker does work of gru_core only, not 'tests.support.job_work:echo'")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not as patient with a scheduler that does not answer as one is with people's work at stake."""
    assert cluster_link.CONNECT_SECONDS <= 10
    monkeypatch.setattr(cluster_link, "CONNECT_SECONDS", 1.5)
    monkeypatch.setattr(cluster_link, "RETRY_SECONDS", 0.2)


@pytest.mark.usefixtures("hasty")
def test_an_address_at_which_nobody_answers_is_told_of() -> None:
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(JobError) as refused:
        open_jobs({"GATESCOPE_SCHEDULER": address})
    assert str(refused.value) == (
        f"The cluster at {address} does not answer. Start its scheduler, or correct GATESCOPE_SCHEDULER, "
        "or unset it to work on this machine."
    )


@pytest.mark.usefixtures("hasty")
def test_certificates_that_are_missing_are_told_of_too() -> None:
    with pytest.raises(JobError, match="does not answer"):
        open_jobs({"GATESCOPE_SCHEDULER": f"tls://127.0.0.1:{free_port()}"})


@pytest.mark.usefixtures("hasty")
def test_a_lost_scheduler_ends_the_jobs_and_is_found_again() -> None:
    with cluster(1) as running, make(running.address) as jobs:
        told = Told()
        futures = [jobs.submit(job_work.obey, Parcel({}), on_parcel=told) for _ in range(2)]
        told.first("pid")
        running.scheduler.kill()
        for future in futures:
            error = future.exception(WAIT)
            assert type(error) is JobError
            assert "GATESCOPE_SCHEDULER" in str(error)
        with pytest.raises(JobError, match="does not answer"):
            jobs.submit(job_work.echo, Parcel({}))
        port = int(running.address.rpartition(":")[2])
        with cluster(1, port=port):
            until(lambda: _taken(jobs))


def _taken(jobs: ClusterJobs) -> bool:
    try:
        return jobs.submit(job_work.echo, Parcel({"well": True})).result(WAIT).head == {"well": True}
    except JobError:
        return False


def test_workers_that_do_not_know_the_work_are_told_of(tmp_path: Path) -> None:
    """The words of the error are for people; what Dask says is for the log."""
    with cluster(1, project=tmp_path) as strangers, make(strangers.address) as jobs:
        futures = [jobs.submit(job_work.echo, Parcel({})) for _ in range(2)]
        for future in futures:
            error = future.exception(WAIT)
            assert type(error) is JobError
            assert "they need the same version of GateScope" in str(error)


def test_jobs_wait_until_there_is_a_worker() -> None:
    with cluster(0) as empty, make(empty.address) as jobs:
        future = jobs.submit(job_work.echo, Parcel({}))
        until(lambda: empty.left().get("tasks"))
        assert future.position() == 0
        assert future.cancel()
