"""The same jobs on a cluster: Dask `distributed` lends hands, this server gives them work."""

from collections.abc import Sequence

from gru_core.jobs.cluster_link import Link, unreachable
from gru_core.jobs.futures import GRACE, WAITING, Jobs
from gru_core.jobs.names import PACKAGES


class ClusterJobs(Jobs):
    """Jobs on the workers of a Dask cluster.

    For each job that waits Dask is asked for one *hand*, a task that asks back for work as soon as a worker
    runs it and then does what waits longest. So this server alone decides which job is next, and `position`
    is exact among its own jobs; how busy the cluster is with others' work it does not know. When Dask runs a
    hand again because its worker died, the hand asks again: no job is ever done twice.

    When the connection is lost, every job ends with a JobError and no more are taken until it is back.

    A job over its time that does not end by itself is ended with its worker, where Dask's nanny watches
    over that; on a worker without one it keeps its place until it ends.

    Args:
        address: the scheduler's, as tcp://host:8786; tls:// takes its certificates from Dask's configuration.
        waiting: jobs that may wait for a worker.
        packages: where work may come from.
        grace: seconds that a job over its time has before its worker is ended.

    Raises:
        JobError: nobody answers at that address.
    """

    def __init__(
        self,
        address: str,
        *,
        waiting: int = WAITING,
        packages: Sequence[str] = PACKAGES,
        grace: float = GRACE,
    ) -> None:
        super().__init__(waiting=waiting, packages=packages)
        self._address = address
        self._link = Link(self, address, grace)
        self._link.open()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more jobs; leave the cluster when those that were taken are done."""
        self._close(cancel_futures)
        self._link.call(self._link.leave_if_done)
        if wait:
            self._link.join()

    def _free(self) -> int:
        return 0

    def _awaited(self) -> None:
        if not self._link.up:
            self._waiting.pop()
            raise unreachable(self._address)
        self._link.call(self._link.ask)
