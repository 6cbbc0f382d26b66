"""The two ways of doing jobs, for tests and for servers that a test starts and kills."""

from __future__ import annotations

import sys
import time

from gru_core.jobs import Jobs, Parcel, WorkerPool
from gru_core.jobs.cluster import ClusterJobs
from tests.support import job_work

PACKAGES = ("gru_core", "tests")
GRACE = 0.3


def make(address: str, *, workers: int = 2, waiting: int = 60) -> Jobs:
    """Jobs of the cluster at that address, or of this machine where it is empty."""
    if address:
        return ClusterJobs(address, packages=PACKAGES, grace=GRACE, waiting=waiting)
    return WorkerPool(workers, packages=PACKAGES, grace=GRACE, waiting=waiting)


def main() -> None:
    """A server with one endless job: prints what that tells, until the server is killed."""

    def report(parcel: Parcel) -> None:
        print(parcel.head.get("pid", ""), flush=True)

    make(sys.argv[1]).submit(job_work.obey, Parcel({}), on_parcel=report)
    time.sleep(600)


if __name__ == "__main__":
    main()
