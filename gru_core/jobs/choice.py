"""Where jobs are done: on this machine, or on the cluster that GATESCOPE_SCHEDULER names."""

import os
from collections.abc import Mapping

from gru_core.errors import InputError
from gru_core.jobs.futures import Jobs
from gru_core.jobs.pool import WorkerPool, worker_count

VARIABLE = "GATESCOPE_SCHEDULER"


def open_jobs(environment: Mapping[str, str] = os.environ, *, workers: int | None = None) -> Jobs:
    """Worker processes of this machine, or where GATESCOPE_SCHEDULER is set that Dask cluster.

    `workers` says how many processes there are at most, where they are this machine's; None leaves that to
    GATESCOPE_WORKERS and the machine.

    Raises:
        InputError: GATESCOPE_SCHEDULER or GATESCOPE_WORKERS cannot be used.
        JobError: the cluster's scheduler does not answer.
    """
    address = environment.get(VARIABLE, "").strip()
    if not address:
        return WorkerPool(worker_count(environment) if workers is None else workers)
    if not address.startswith(("tcp://", "tls://")):
        raise InputError(
            f"{VARIABLE} must be the address of a Dask scheduler, as tcp://host:8786 or tls://host:8786, "
            f"got {address!r}: correct it, or unset it to work on this machine."
        )
    # Only who has a cluster pays for importing it.
    from gru_core.jobs.cluster import ClusterJobs

    return ClusterJobs(address)
