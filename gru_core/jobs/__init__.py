"""Work that must not be done where the pages are made: sent to worker processes, or to a cluster.

    jobs = open_jobs()
    future = jobs.submit(work, Parcel({"steps": 100}), on_parcel=show, seconds=600)
    future.position(); future.command("pause"); future.result()

`work(parcel, tell, heard)` is a function at the top of a module: it returns its result, tells of its
progress by `tell(parcel)`, and asks for the latest command by `heard()`.
"""

from gru_core.jobs.choice import open_jobs
from gru_core.jobs.futures import JobFuture, Jobs
from gru_core.jobs.names import Heard, Tell, Work
from gru_core.jobs.parcel import Parcel
from gru_core.jobs.pool import WorkerPool

__all__ = ["Heard", "JobFuture", "Jobs", "Parcel", "Tell", "Work", "WorkerPool", "open_jobs"]
