"""The connection of one server to a Dask scheduler, and the hands that it was lent."""

import asyncio
import contextlib
import itertools
import operator
import pkgutil
import threading
import uuid
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import distributed
from distributed import Client, Queue

from gru_core.errors import JobError, WorkerLostError
from gru_core.jobs.cluster_hand import LEND, deliver, take_down
from gru_core.jobs.desk import message, over_time
from gru_core.jobs.futures import LOG, JobFuture, Jobs
from gru_core.jobs.parcel import Parcel

CONNECT_SECONDS = 10.0
LEAVE_SECONDS = 5.0
RETRY_SECONDS = 5.0

INBOX = 64
"""Batches of messages that may wait on the scheduler for this server; then the workers wait."""

WORKER_LOST = "The worker of the cluster that did this work ended before it was done: start it again."
OTHER_VERSION = (
    "The workers of the cluster cannot do this work: they need the same version of GateScope as the server, "
    "whose log says more."
)
END = ""  # stands for the key of a hand where the inbox is told that no more is to come


def unreachable(address: str) -> JobError:
    """What is said when nobody answers at that address, or no longer."""
    return JobError(
        f"The cluster at {address} does not answer. Start its scheduler, or correct GATESCOPE_SCHEDULER, "
        "or unset it to work on this machine."
    )


@dataclass(eq=False)
class _Hand:
    key: str
    messages: asyncio.Queue[Parcel] = field(default_factory=lambda: asyncio.Queue(64))
    speaking: asyncio.Lock = field(default_factory=asyncio.Lock)  # what it is told arrives in order
    asked: bool = False  # for work, at least once
    address: str = ""  # of the worker that it has now
    job: JobFuture | None = None
    number: int = 0  # of the job that it was given last
    timer: asyncio.TimerHandle | None = None


class Link(threading.Thread):
    """The connection: one thread with one loop, in which all of this happens.

    All that concerns a hand comes by the inbox, also what this side notices: so it is seen after what the
    hand had said before.
    """

    def __init__(self, jobs: Jobs, address: str, grace: float) -> None:
        super().__init__(name="cluster", daemon=True)
        self.up = False  # whether there is a connection; goes down with the lock of the waiting line held
        self._jobs = jobs
        self._address = address
        self._packages = " ".join(jobs._packages)
        self._grace = grace
        self._opened: Future[None] = Future()
        self._numbers = itertools.count(1)
        self._hands: dict[str, _Hand] = {}
        self._errands: set[asyncio.Task[None]] = set()
        self._done = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop
        self._client: Client
        self._inbox: Queue

    def open(self) -> None:
        """Connect. Raises JobError when nobody answers. A connection lost later is tried again and again."""
        self.start()
        self._opened.result()

    def call(self, function: Callable[[], None]) -> None:
        """Have it called in the loop, if that still runs."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function)

    def ask(self) -> None:
        """See that for each waiting job there is a hand on its way."""
        coming = sum(not hand.address for hand in self._hands.values())
        for _ in range(len(self._jobs._waiting) - coming if self.up else 0):
            hand = _Hand(f"gatescope-{uuid.uuid4().hex}")
            self._hands[hand.key] = hand
            self._spawn(self._attend(hand))

    def leave_if_done(self) -> None:
        """Leave the cluster when no more is to be done."""
        busy = any(hand.job is not None for hand in self._hands.values())
        if self._jobs._closed and not self._jobs._waiting and not busy:
            self._done.set()
            if self.up:
                self._spawn(self._put(END, []))

    def run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        while True:
            lost = await self._connected()
            if not self._opened.done():
                self._opened.set_exception(unreachable(self._address))
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._done.wait(), RETRY_SECONDS if lost else 0)
            if self._done.is_set():
                return

    async def _connected(self) -> bool:
        """Connect, and work until all is done (False), or until the connection is lost or fails (True)."""
        name = f"gatescope-{uuid.uuid4().hex}"
        self._client = Client(
            self._address, asynchronous=True, set_as_default=False, timeout=CONNECT_SECONDS, name=name
        )
        try:
            await self._client
            self._inbox = await Queue(name, client=self._client, maxsize=INBOX)
        # Whatever it is: a wrong certificate and a foreign server at that port raise what they like.
        except Exception as error:
            LOG.warning("There is no way to the cluster: %r", error)
            await self._client.close()
            return True
        self._client.subscribe_topic("all", self._noticed)
        self.up = True
        if not self._opened.done():
            self._opened.set_result(None)
        self.leave_if_done()
        try:
            await self._distribute()
            return False
        except (OSError, KeyError) as error:
            LOG.warning("The connection to the cluster is lost: %r", error)
            return True
        finally:
            await self._leave()

    async def _distribute(self) -> None:
        """Hand out what comes into the inbox, until its end. Raises OSError or KeyError when it is lost."""
        while True:
            key, batch = await self._inbox.get()
            if key == END:
                return
            hand = self._hands.get(key)
            if hand is not None:
                for data in batch:
                    await hand.messages.put(Parcel.from_bytes(data))

    async def _leave(self) -> None:
        """End what is still to be done, take everything off the scheduler, and disconnect."""
        with self._jobs._changed:
            self.up = False
            left = []
            while (future := self._jobs._next()) is not None:
                left.append(future)
        for hand in list(self._hands.values()):
            self._spawn(hand.messages.put(message("over", why="")))
        deadline = self._loop.time() + LEAVE_SECONDS
        while self._hands and self._loop.time() < deadline:
            await asyncio.sleep(0.01)
        left += [hand.job for hand in self._hands.values() if hand.job is not None]
        for task in self._errands:
            task.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)
        for future in left:
            await asyncio.to_thread(future._end, unreachable(self._address))
        take_down(self._inbox)
        await self._client.close()

    def _spawn(self, errand: Coroutine[Any, Any, Any]) -> None:
        task = self._loop.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._returned)

    def _returned(self, task: asyncio.Task[Any]) -> None:
        self._errands.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            LOG.error("A fault in the connection to the cluster.", exc_info=error)

    async def _attend(self, hand: _Hand) -> None:
        """Follow a hand from its asking to its end."""
        # By its name, which a worker looks up in the task. Functions that Dask sends are looked up as soon
        # as they arrive, and a worker that does not have their module ends for it.
        work = (operator.call, (pkgutil.resolve_name, LEND), self._inbox.name, hand.key, self._packages)
        task = self._client.get({f"hand-{hand.key}": work}, f"hand-{hand.key}", sync=False)
        self._spawn(self._watch(hand, task))
        try:
            while (received := await hand.messages.get()).head["op"] != "over":
                await self._heed(hand, received)
            await self._lose(hand)
            if not hand.asked:
                await self._no_hand(received.head["why"])
        finally:
            task.release()
            del self._hands[hand.key]
            self.ask()
            self.leave_if_done()

    async def _watch(self, hand: _Hand, task: "distributed.Future[None]") -> None:
        error = await task.exception()
        await self._note(hand, message("over", why=repr(error)))

    async def _heed(self, hand: _Hand, received: Parcel) -> None:
        head = received.head
        match head["op"]:
            case "free":
                # A hand that had work and asks again was begun anew by Dask.
                await self._lose(hand)
                hand.asked, hand.address = True, head["address"]
                await self._give(hand)
            case "gone" if head["address"] == hand.address:
                await self._lose(hand)
                hand.address = ""
            case "late" if head["number"] == hand.number and hand.job is not None:
                await self._end(hand, over_time(hand.job.seconds))
                self._spawn(self._restart(hand.address))
            case "told" if hand.job is not None:
                await asyncio.to_thread(hand.job._outcome, received)
            case "done" | "failed" if hand.job is None:
                # Its time was over, so its worker may be about to be ended.
                await self._deliver(hand, message("rest"))
            case "done" | "failed":
                assert hand.job is not None
                outcome = hand.job._outcome(received)
                assert outcome is not None
                await self._end(hand, outcome)
                await self._give(hand)

    async def _give(self, hand: _Hand) -> None:
        """Give a free hand the next job, or let it rest."""
        with self._jobs._changed:
            job = self._jobs._next()
        if job is None:
            await self._deliver(hand, message("rest"))
            return
        number = next(self._numbers)
        hand.job, hand.number = job, number
        late = message("late", number=number)
        hand.timer = self._loop.call_later(
            job.seconds + self._grace, lambda: self._spawn(self._note(hand, late))
        )
        order = job._order(number)
        if await self._deliver(hand, order):
            job._ordered(order, lambda text: self._say(hand, message("hear", number=number, command=text)))
        else:
            await self._lose(hand)

    def _say(self, hand: _Hand, command: Parcel) -> None:
        self.call(lambda: self._spawn(self._deliver(hand, command)))

    async def _deliver(self, hand: _Hand, said: Parcel) -> bool:
        """Tell a hand something; False when its worker cannot be reached."""
        async with hand.speaking:
            try:
                await self._client.run(deliver, hand.key, said.to_bytes(), workers=[hand.address])
            except OSError:
                LOG.info("A worker of the cluster is gone.", exc_info=True)
                return False
        return True

    async def _end(self, hand: _Hand, outcome: Parcel | Exception) -> None:
        job, hand.job = hand.job, None
        assert job is not None
        if hand.timer is not None:
            hand.timer.cancel()
        # What others hung onto the future may take its time.
        await asyncio.to_thread(job._end, outcome)
        self.leave_if_done()

    async def _lose(self, hand: _Hand) -> None:
        if hand.job is not None:
            await self._end(hand, WorkerLostError(WORKER_LOST) if self.up else unreachable(self._address))

    async def _no_hand(self, why: str) -> None:
        """A hand ended before it asked for work: a waiting job hears of it."""
        if not self.up:
            return
        LOG.error("The cluster cannot do this server's work: %s", why)
        with self._jobs._changed:
            future = self._jobs._next()
        if future is not None:
            await asyncio.to_thread(future._end, JobError(OTHER_VERSION))

    async def _restart(self, address: str) -> None:
        """End a worker whose job does not end; Dask's nanny starts another."""
        try:
            await self._client.restart_workers([address], raise_for_error=False)
        except (ValueError, OSError, KeyError):
            LOG.warning("A job over its time goes on: its worker cannot be started anew.", exc_info=True)

    def _noticed(self, event: tuple[float, Any]) -> None:
        """The scheduler tells of something; that a worker left it is of interest."""
        told = event[1]
        if isinstance(told, dict) and told.get("action") == "remove-worker":
            for hand in self._hands.values():
                if hand.address == told["worker"]:
                    self._spawn(self._note(hand, message("gone", address=hand.address)))

    async def _note(self, hand: _Hand, noticed: Parcel) -> None:
        await self._put(hand.key, [noticed.to_bytes()])

    async def _put(self, key: str, batch: list[bytes]) -> None:
        # A scheduler that is gone, or another one at its place, is noticed in `_distribute`.
        with contextlib.suppress(OSError, KeyError):
            await self._inbox.put([key, batch])
