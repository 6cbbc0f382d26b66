"""Runs from the first press of Train to the shared link: started, paused, resumed, kept and found again.

One service per server. Training happens in the workers of `jobs`; what they tell is taken in here, shown from
memory, and written to the store by one thread, the scribe, about twice a second. A run that this server does
not hold is read from the store; one whose server is gone shows as interrupted and can go on from its last
checkpoint, on any server with the same store.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from functools import partial

from cachetools import TTLCache

from gru_core.baselines import BaselineModel
from gru_core.errors import GateScopeError, InputError, JobError, JobTimeError, StoreError, WorkerLostError
from gru_core.jobs import JobFuture, Jobs, Parcel
from gru_core.limits import MAX_TRAIN_SECONDS
from gru_core.model import SequenceModel
from gru_core.runs import refusals
from gru_core.runs.live import LiveRun
from gru_core.runs.models import model_from
from gru_core.runs.outcome import outcome
from gru_core.runs.records import ACTIVE, KEY_PATTERN, RunRecord, Status, new_key
from gru_core.runs.scribe import from_store, line_of, write_pending
from gru_core.runs.servers import process_lives, seen_status, server_name
from gru_core.runs.spec import RunSpec
from gru_core.runs.store import RunStore
from gru_core.runs.view import RunLine, RunView
from gru_core.runs.work import job_parcel, train_run

LOST_WORKERS = 2
"""How often a run is given to another worker when its own is lost; a run that kills workers must end."""

SPARE_SECONDS = 30.0
"""What a job may take beyond the training's own time, which ends it in good order."""

WRITE_SECONDS = 0.5
HEARTBEAT_SECONDS = 2.0
RETRY_SECONDS = 5.0
EXPIRE_SECONDS = 60.0
HELD_BYTES, HELD_SECONDS = 640_000_000, 120.0
"""Room for runs held in memory for looking at, and how long before the store is asked again."""

KEPT = "What was learned until then is kept."

_LOG = logging.getLogger(__name__)


class RunService:
    """Starts runs and answers for them. Every method is safe from any thread.

    seconds  time allowed for one run, until it rests and may be resumed
    server   the name of this server, where it is not this process
    notice   what everybody who trains must know, such as that nothing is kept
    """

    def __init__(
        self,
        store: RunStore,
        jobs: Jobs,
        *,
        clock: Callable[[], float] = time.time,
        seconds: float = MAX_TRAIN_SECONDS,
        server: str = "",
        notice: str = "",
    ) -> None:
        self.store, self.jobs, self.clock, self.seconds = store, jobs, clock, seconds
        self.server, self.notice = server or server_name(), notice
        self._under_way: dict[str, LiveRun] = {}
        self._held: TTLCache[str, LiveRun] = TTLCache(HELD_BYTES, HELD_SECONDS, getsizeof=LiveRun.room)
        self._futures: dict[str, JobFuture] = {}
        self._wishes: dict[str, str] = {}
        self._lock = threading.RLock()
        self._wake, self._closed = threading.Event(), threading.Event()
        self._scribe = threading.Thread(target=self._write_on, name="scribe", daemon=True)
        self._scribe.start()

    def warm(self) -> None:
        """Get a worker ready, so that the first training need not wait for one."""
        self.jobs.warm()

    # --- what a person does ---

    def start(self, spec: RunSpec, owner: str, title: str) -> str:
        """Begin a run; returns its key. Raises LimitError when this person has one under way, or too
        many people wait, and what the task raises when its data cannot be used."""
        spec.task.make()
        run = LiveRun(new_key(), owner, title, spec, self.clock())
        self._submit(run, until=None)
        return run.key

    def go_on(self, key: str, owner: str, updates: int | None = None) -> None:
        """Resume a run from where it stands, for so many updates more (None: to the end).

        Raises LinkError when there is no such run, InputError when it is not this person's or is through.
        """
        run = self._mine(key, owner)
        view = self._view(run, owner)
        if not view.can_go_on:
            raise refusals.nothing_left()
        until = None if updates is None else view.lanes[0].update + updates
        self._take_up(run)
        try:
            self._submit(run, until, go_back=True)
        except GateScopeError:
            # It is this server's now, and the store must hear that it does not wait here.
            self._keep(run, run.status, run.message)
            raise
        run.lost_workers = 0

    def pause(self, key: str, owner: str) -> None:
        """Let the run rest where it is; its worker is free for others."""
        self._wish(key, owner, "paused")

    def stop(self, key: str, owner: str) -> None:
        """End the run; what was learned is kept."""
        self._wish(key, owner, "stopped")

    def delete(self, key: str, owner: str) -> None:
        """Remove the run and everything of it. Raises InputError when it is not this person's."""
        run = self._mine(key, owner)
        with self._lock:
            # From now on no job begins for it, and the scribe does not write it anew.
            run.is_deleted = True
        self._end_job(key, "stopped")
        with run.writing:
            try:
                self.store.delete(key, owner)
            except StoreError:
                run.is_deleted = False
                raise
        with self._lock:
            self._under_way.pop(key, None)
            self._held.pop(key, None)

    def look(self, key: str, owner: str = "") -> RunView:
        """The run as it stands, for who looks. Raises LinkError when there is none of that key."""
        return self._view(self._find(key), owner)

    def of_owner(self, owner: str) -> list[RunLine]:
        """This person's runs, newest first."""
        kept = self.store.of_owner(owner) if owner else []
        with self._lock:
            here = {run.key: run for run in (*self._held.values(), *self._under_way.values())}
        lines = {record.key: line_of(record, self._status(record)) for record in kept}
        lines |= {key: run.line() for key, run in here.items() if run.owner == owner}
        return sorted(lines.values(), key=lambda line: line.created, reverse=True)

    def model(self, key: str, lane: int = 0, update: int | None = None) -> SequenceModel | BaselineModel:
        """The trained model of a lane, as it is or as it was after so many updates.

        Raises LinkError when there is no such run, InputError when it has no such model.
        """
        run = self._find(key)
        if not 0 <= lane < len(run.lanes):
            raise InputError(f"This run has {len(run.lanes)} models, numbered from 0, got {lane}.")
        with run.lock:
            known = sorted(run.lanes[lane].frames)
            if not known:
                raise InputError("This training has not begun, so there is no model yet.")
            at = known[-1] if update is None else update
            if at not in run.lanes[lane].frames:
                raise InputError(
                    f"This training has kept no model of update {at:,}: choose a frame of its film."
                )
            weights = run.lanes[lane].weights.get(at) or self.store.snapshot_weights(key, lane, at)
            point = run.lanes[lane].points.get(at)
        if weights is None:
            raise InputError(f"The model of update {at:,} is not in the store any more: train it again.")
        return model_from(run.spec, lane, weights, None if point is None else float(point["score"]))

    def pending(self, key: str) -> bool:
        """Whether something of this run is not in the store yet."""
        with self._lock:
            run = self._under_way.get(key)
        if run is None:
            return False
        # What the scribe holds in its hands at this moment is not in the store either.
        with run.writing:
            return bool(run.pending)

    def close(self, *, end_jobs: bool = True) -> None:
        """Write what is not written, and end the workers too unless they are somebody else's."""
        self._closed.set()
        self._wake.set()
        self._scribe.join()
        if end_jobs:
            self.jobs.shutdown(wait=False, cancel_futures=True)

    # --- what happens ---

    def _submit(self, run: LiveRun, until: int | None, message: str = "", *, go_back: bool = False) -> None:
        """Hand in the job for what is left of a run. Where that is refused, nothing has changed."""
        with self._lock, run.lock:
            self._check_free(run)
            job = job_parcel(run.spec, run.unfinished, until=until, seconds=self.seconds)
            future = self.jobs.submit(
                train_run, job, on_parcel=run.take_in, seconds=self.seconds + SPARE_SECONDS
            )
            if go_back:
                run.go_back()
            run.put("queued", message)
            self._wishes.pop(run.key, None)
            self._under_way[run.key] = run
            self._futures[run.key] = future
        future.add_done_callback(partial(self._ended, run, until))
        self._wake.set()

    def _keep(self, run: LiveRun, status: Status, message: str = "") -> None:
        """Put how a run without a job stands, and have it written."""
        with self._lock:
            if run.is_deleted or run.key in self._futures:
                return
            run.put(status, message)
            self._under_way[run.key] = run
        self._wake.set()

    def _check_free(self, run: LiveRun) -> None:
        if run.is_deleted:
            raise refusals.no_run(run.key)
        if run.key in self._futures:
            raise refusals.nothing_left()
        for other in self._under_way.values():
            if other.owner == run.owner and other.key != run.key and other.status in ("queued", "running"):
                raise refusals.one_each(other.title)
        refusals.check_room(self._under_way.values())

    def _ended(self, run: LiveRun, until: int | None, future: "Future[Parcel]") -> None:
        """A job is over, one way or another."""
        with self._lock:
            if self._futures.get(run.key) is not future:
                return
            del self._futures[run.key]
            wish = self._wishes.pop(run.key, None)
        try:
            future.result()
        except CancelledError:
            run.put("paused" if wish == "paused" else "stopped")
        except WorkerLostError as error:
            self._worker_lost(run, until, error)
        except JobTimeError as error:
            run.put("stopped", f"{error} {KEPT}")
        except JobError as error:
            run.put("interrupted", f"{error} {KEPT}")
        except GateScopeError as error:
            run.put("failed", str(error))
        except Exception:
            _LOG.exception("A training failed")
            run.put("failed", "This training failed for a reason that is this app's fault: it was logged.")
        else:
            run.put(*outcome(run, wish, self.seconds))
        self._wake.set()

    def _worker_lost(self, run: LiveRun, until: int | None, error: WorkerLostError) -> None:
        """Give the run to another worker, from its last checkpoint; after several losses, let it rest."""
        at = run.lanes[0].update
        run.go_back()
        run.lost_workers += 1
        if run.lost_workers > LOST_WORKERS or self._closed.is_set():
            run.put("interrupted", f"{error} It can go on from update {run.lanes[0].update:,}.")
            return
        told = (
            f"The worker was lost at update {at:,}; another one goes on from update {run.lanes[0].update:,}."
        )
        try:
            self._submit(run, until, told)
        except GateScopeError as refused:
            run.put("interrupted", f"{error} {refused}")

    def _wish(self, key: str, owner: str, wish: Status) -> None:
        run = self._mine(key, owner)
        if self._end_job(key, wish):
            return
        if run.is_elsewhere:
            raise refusals.elsewhere()
        if run.status in ("paused", "interrupted"):
            self._take_up(run)
            self._keep(run, wish)

    def _end_job(self, key: str, wish: str) -> bool:
        """Take the run's job out of the queue, or tell its worker to end; False when it has none."""
        with self._lock:
            future = self._futures.get(key)
            if future is None:
                return False
            self._wishes[key] = wish
        if not future.cancel():
            future.command(wish)
        return True

    def _take_up(self, run: LiveRun) -> None:
        """Make a run that was read from the store this server's own; InputError when another was quicker."""
        if run.record is None:
            return
        if not self.store.claim(run.record, self.server, self.clock()):
            with self._lock:
                self._held.pop(run.key, None)
            raise refusals.taken_up()
        run.record = None

    # --- where runs are found ---

    def _find(self, key: str) -> LiveRun:
        if not KEY_PATTERN.fullmatch(key):
            raise refusals.no_key(key)
        with self._lock:
            run = self._under_way.get(key) or self._held.get(key)
        if run is not None:
            return run
        record = self.store.get(key)
        if record is None:
            raise refusals.no_run(key)
        with suppress(StoreError):
            # A store that is full can be read all the same.
            self.store.opened(key, self.clock())
        run = from_store(record, self.store, self._status(record))
        if not run.is_elsewhere:
            with self._lock:
                run = self._held.setdefault(key, run)
        return run

    def _status(self, record: RunRecord) -> Status:
        if record.server == self.server and record.status in ACTIVE and record.key not in self._under_way:
            return "interrupted"
        return seen_status(record, self.clock(), self.server, process_lives)

    def _mine(self, key: str, owner: str) -> LiveRun:
        run = self._find(key)
        if not owner or run.owner != owner:
            raise refusals.not_theirs()
        return run

    def _view(self, run: LiveRun, owner: str) -> RunView:
        with self._lock:
            future = self._futures.get(run.key)
        return run.view(owner, None if future is None else future.position())

    # --- the scribe ---

    def _write_on(self) -> None:
        """Write what is new, say that this server lives, and remove what has had its time; until closed."""
        beat = expired = 0.0
        while True:
            self._wake.wait(WRITE_SECONDS)
            self._wake.clear()
            last = self._closed.is_set()
            now = self.clock()
            with self._lock:
                runs = list(self._under_way.values())
            try:
                troubled = [run for run in runs if not self._write(run, now)]
                if now - beat > HEARTBEAT_SECONDS:
                    beat = now
                    self.store.touch([run.key for run in runs if run.is_live], now)
                if now - expired > EXPIRE_SECONDS:
                    expired = now
                    self.store.expire(now)
            except Exception:
                # Not errors of the store alone: some faults of a driver come as they are.
                _LOG.warning("The store of runs cannot be reached", exc_info=True)
                troubled = runs
            self._put_away(runs, troubled)
            if last:
                return
            if troubled:
                self._closed.wait(RETRY_SECONDS - WRITE_SECONDS)

    def _write(self, run: LiveRun, now: float) -> bool:
        """False when the store cannot take it now."""
        try:
            with run.writing:
                written = "written" if run.is_deleted else write_pending(run, self.store, self.server, now)
        except Exception:
            # A fault met with one run must not end the writing of all.
            _LOG.exception("A run could not be written")
            return False
        if written == "gone":
            run.is_deleted = True
            self._end_job(run.key, "stopped")
            with self._lock:
                self._under_way.pop(run.key, None)
        return written != "trouble"

    def _put_away(self, runs: list[LiveRun], troubled: list[LiveRun]) -> None:
        """What is over and written need not be watched any more."""
        with self._lock:
            for run in runs:
                over = not run.is_live and run.key not in self._futures
                if over and run not in troubled and not run.pending and run.key in self._under_way:
                    del self._under_way[run.key]
                    self._held[run.key] = run
