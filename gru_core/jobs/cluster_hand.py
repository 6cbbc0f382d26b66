"""A hand that a Dask worker lends: it asks its server for work and does it until no more waits.

A hand is an ordinary Dask task, so Dask decides where and when there is one. What it says goes through the
server's inbox, a queue on the scheduler; what it is told arrives by `deliver`, which the server runs on
this worker. Nothing but names, strings and bytes is sent by way of Dask.
"""

import contextlib
import queue
import threading

import torch
from distributed import Client, Queue, Worker, get_worker
from distributed.utils import sync

from gru_core.jobs.desk import Desk, message
from gru_core.jobs.parcel import Parcel

LEND = "gru_core.jobs.cluster_hand:lend_a_hand"

UNSENT = 64
"""Messages that may wait to be sent; then `tell` waits too."""

CLOSE_SECONDS = 10.0

TOGETHER = 1_000_000
"""Bytes from which on messages are no longer put together."""

_DESKS: dict[str, Desk] = {}  # of the hands that this process lends, by their keys


def deliver(key: str, data: bytes) -> None:
    """Give a message to the hand of that key, if it is here."""
    desk = _DESKS.get(key)
    if desk is not None:
        desk.receive(Parcel.from_bytes(data))


def lend_a_hand(inbox: str, key: str, packages: str) -> None:
    """The task: do what the owner of `inbox` has to do, until it says "rest" or is gone.

    `packages` holds names with spaces between.
    """
    # So that a job gives the same numbers wherever it is done.
    torch.set_num_threads(1)
    worker = get_worker()
    post = _Post(worker, inbox, key)
    desk = Desk(post.send, packages.split(), post.wanted)
    _DESKS[key] = desk
    dismissed = False
    try:
        post.send(message("free", address=worker.address))
        dismissed = desk.serve()
    finally:
        del _DESKS[key]
        post.close(dismissed)


def take_down(inbox: Queue) -> None:
    """Take a queue off the scheduler, which keeps it until it was closed as often as it was opened.

    Opening one in a coroutine counts twice (distributed 2026.8), and closing one that is gone does nothing.
    """
    for _ in range(4):
        inbox.close()


class _Post:
    """Carries messages to the inbox in a thread of its own, in order, several at a time."""

    def __init__(self, worker: Worker, inbox: str, key: str) -> None:
        self._worker, self._inbox, self._key = worker, inbox, key
        self._task = worker.get_current_task()
        self._unsent: queue.Queue[bytes | None] = queue.Queue(UNSENT)
        self._lost = False  # the inbox, or the scheduler with it
        self._carrier = threading.Thread(target=self._carry, name="post", daemon=True)
        self._carrier.start()

    def wanted(self) -> bool:
        """Whether the server still waits for this hand: Dask takes the task back when its client is gone."""
        task = self._worker.state.tasks.get(self._task)
        return not self._lost and task is not None and task.state in {"executing", "long-running"}

    def send(self, parcel: Parcel) -> None:
        self._put(parcel.to_bytes())

    def close(self, dismissed: bool) -> None:
        """Return when all is sent. Not dismissed means that the server is gone: its inbox goes too."""
        self._put(None)
        while self._carrier.is_alive() and self.wanted():
            self._carrier.join(0.2)
        if not dismissed and not self._lost:
            with contextlib.suppress(OSError):
                self._clear()
        # Again, for where there was no room for it.
        with contextlib.suppress(queue.Full):
            self._unsent.put_nowait(None)
        self._carrier.join(CLOSE_SECONDS)

    def _put(self, data: bytes | None) -> None:
        while not self._lost:
            try:
                return self._unsent.put(data, timeout=0.5)
            except queue.Full:
                if not self.wanted():
                    break
        return None

    def _carry(self) -> None:
        more = True
        while more and not self._lost:
            batch: list[bytes] = []
            while more and (not batch or (self._unsent.qsize() and sum(map(len, batch)) < TOGETHER)):
                data = self._unsent.get()
                more = data is not None
                if data is not None:
                    batch.append(data)
            if batch:
                try:
                    put = self._worker.scheduler.queue_put
                    sync(self._worker.loop, put, name=self._inbox, data=[self._key, batch])
                except (OSError, KeyError):
                    self._lost = True

    def _clear(self) -> None:
        """Take the inbox of a server that was killed off the scheduler, which would keep it."""
        status = sync(self._worker.loop, self._worker.scheduler.get_task_status, keys=[self._task])
        # A task that is known is still waited for: by a worker that took over, since this one lost touch.
        if status[self._task] is not None:
            return
        address, security = self._worker.scheduler.address, self._worker.security
        with Client(address, security=security, set_as_default=False) as client:
            inbox = Queue(self._inbox, client=client)
            # Also lets a message go that waited for room.
            inbox.get(batch=True)
            take_down(inbox)
