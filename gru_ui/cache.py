"""What is computed once and kept: models, traces and proofs, by fingerprint, bounded in bytes."""

import atexit
import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from functools import partial
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import streamlit as st
import torch
from cachetools import LRUCache
from torch import nn

from gru_core.analysis.extremes import Proof, prove
from gru_core.analysis.proof import ModelProof, prove_model
from gru_core.analysis.timescale import unit_orders
from gru_core.baselines import LSTMTrace, RNNTrace, trace_baseline
from gru_core.demos import demo_path
from gru_core.errors import GateScopeError, InputError, StoreError
from gru_core.formats import load_model
from gru_core.gallery import GalleryModel, read_model
from gru_core.jobs import open_jobs
from gru_core.model import SequenceModel
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.reading_room import ReadingRoom
from gru_core.runs.example import read_example
from gru_core.runs.service import RunService
from gru_core.runs.store import RunStore, open_store
from gru_core.runs.view import RunView
from gru_core.sharing.store import ShareStore, open_shares
from gru_core.tasks.base import Task
from gru_core.tasks.catalogue import TaskSpec
from gru_core.trace import GateTrace, trace
from gru_ui.analyses import Analyses
from gru_ui.texts import say

TRACE_BYTES = 512 * 2**20
"""Room for kept traces."""

WAITING = 12
"""Most traces that wait to be made in the background."""

Value = TypeVar("Value")


class ByteCache:
    """Values by key, bounded in bytes: the one not used for longest goes first. Thread-safe."""

    def __init__(self, most_bytes: int) -> None:
        self._values: LRUCache[Hashable, tuple[Any, int]] = LRUCache(
            most_bytes, getsizeof=lambda entry: entry[1]
        )
        self._lock = threading.Lock()

    def __contains__(self, key: Hashable) -> bool:
        with self._lock:
            return key in self._values

    def find(self, key: Hashable) -> Any | None:
        """The kept value; None where there is none."""
        with self._lock:
            found = self._values.get(key)
        return None if found is None else found[0]

    def get(self, key: Hashable, make: Callable[[], Value], size: Callable[[Value], int]) -> Value:
        """The kept value, or a new one from `make`; one larger than the cache is returned but not kept."""
        found: Value | None = self.find(key)
        if found is not None:
            return found
        # Made outside the lock: one person's long sequence must not hold up another's short one.
        value = make()
        needed = size(value)
        with self._lock:
            if needed <= self._values.maxsize:
                self._values[key] = (value, needed)
        return value


@st.cache_resource(max_entries=1, show_spinner=False)
def kept() -> ByteCache:
    """The one cache of this server.

    With it, every computation of the server is put on one thread: the cores are shared by many people, and
    two threads that wait for each other at every step of a scan are slowed several times over by any third.
    """
    torch.set_num_threads(1)
    return ByteCache(TRACE_BYTES)


@st.cache_resource(max_entries=32, show_spinner=False)
def demo_model(name: str) -> SequenceModel:
    """A demo model, read from its file the way an uploaded one is."""
    return load_model(demo_path(name))


@st.cache_resource(max_entries=8, show_spinner=False)
def gallery_model(name: str, version: str) -> GalleryModel:
    """A real model of the gallery, read from its package; another version of the package is read anew.

    Raises ModelFileError with the command that brings the package when it is not installed.
    """
    return read_model(name)


@st.cache_resource(max_entries=1, show_spinner=False)
def run_service() -> RunService:
    """The one service of trainings of this server; ended in good order when the server is.

    Raises InputError or JobError when workers or cluster are set up wrongly, or the cluster does not answer.
    """
    jobs = open_jobs()
    try:
        store, notice = open_store(os.environ), ""
    except StoreError as error:
        # People can still train; that nothing is kept beyond this server's life is said on the page.
        folder = tempfile.mkdtemp(prefix="gatescope-runs-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        store = RunStore(f"sqlite:///{folder}/runs.sqlite")
        notice = say("run.not_kept", reason=error)
    service = RunService(store, jobs, notice=notice)
    atexit.register(service.close)
    return service


@st.cache_resource(max_entries=1, show_spinner=False)
def analyses() -> Analyses:
    """What is worked out for pages that would be too long a wait; ended when the server is.

    In a process of its own: an hour of trainings must not hold up what a person looks at.
    Raises InputError or JobError as `open_jobs` does.
    """
    made = Analyses(open_jobs(workers=1))
    atexit.register(made.close)
    return made


@st.cache_resource(max_entries=1, show_spinner=False)
def share_store() -> ShareStore:
    """Where this server keeps shared views. Raises StoreError where there is no place to keep them."""
    return open_shares(os.environ)


@st.cache_resource(max_entries=1, show_spinner=False)
def reading_room() -> ReadingRoom:
    """Where this server reads the model files that people bring; its processes end with the server."""
    room = ReadingRoom()
    atexit.register(room.close)
    return room


@st.cache_resource(max_entries=1, show_spinner=False)
def example_run(name: str) -> RunView:
    """The training or the race that is shown before anybody has made one."""
    return read_example(name)


@st.cache_resource(max_entries=64, show_spinner=False)
def run_task(key: str, _spec: TaskSpec) -> Task:
    """The task of the run with that key; data of one's own are read and split once.

    Kept by the run's key: data of one's own would take a second to make a key of, at every look.
    """
    return _spec.make()


@st.cache_resource(max_entries=64, show_spinner=False)
def run_model(key: str, lane: int, update: int) -> SequenceModel:
    """A GRU of a training. Raises LinkError when it is gone, InputError for an RNN or an LSTM."""
    model = run_service().model(key, lane, update)
    if not isinstance(model, SequenceModel):
        raise InputError(
            f"This model is an {model.kind.upper()}, which has no gates R and Z: "
            "its states are shown where it was trained."
        )
    return model


def fingerprint(model: SequenceModel) -> str:
    """The fingerprint of a model's GRU, computed once per model."""
    known = _fingerprints()
    if model not in known:
        known[model] = model.gru.fingerprint()
    return known[model]


@st.cache_resource(max_entries=1, show_spinner=False)
def _fingerprints() -> WeakKeyDictionary[SequenceModel, str]:
    return WeakKeyDictionary()


def traces(
    model: SequenceModel, x: np.ndarray, x_fingerprint: str, overrides: tuple[GateOverride, ...]
) -> list[GateTrace]:
    """The traces of one sequence x (time, inputs) under a gate setting."""
    key = ("trace", fingerprint(model), x_fingerprint, overrides)
    return kept().get(key, lambda: trace(model.gru, x, overrides=overrides), _trace_bytes)


def baseline_traces(core: nn.LSTM | nn.RNN, x: np.ndarray, backwards: bool) -> list[RNNTrace | LSTMTrace]:
    """The traces of an LSTM or RNN of a file on one sequence x (time, inputs)."""
    digest = hashlib.sha256(x.tobytes())
    for name, tensor in core.state_dict().items():
        digest.update(repr((name, tuple(tensor.shape))).encode() + tensor.numpy().tobytes())
    settings = (core.num_layers, core.bidirectional, getattr(core, "nonlinearity", ""), backwards, x.shape)
    key = ("baseline", type(core).__name__, settings, digest.hexdigest())
    return kept().get(key, lambda: trace_baseline(core, x, backwards=backwards), _baseline_bytes)


def prepare(model: SequenceModel, x: np.ndarray, x_fingerprint: str) -> None:
    """Trace the extremes in the background, one after the other, since a person is likely to ask for them.

    While many are waiting nothing is added: it is a favour, and what is asked for now comes first.
    """
    worker, ready = _background(), kept()
    for overrides in EXTREMES.values():
        key = ("trace", fingerprint(model), x_fingerprint, overrides)
        if key not in ready and worker.waiting() < WAITING:
            worker.submit(ready.get, key, partial(trace, model.gru, x, overrides=overrides), _trace_bytes)


class _Background(ThreadPoolExecutor):
    """One thread that works off what nobody waits for."""

    def __init__(self, name: str) -> None:
        super().__init__(1, thread_name_prefix=name)
        self._under_way: dict[Hashable, Future[Any]] = {}
        self._door = threading.Lock()

    def waiting(self) -> int:
        """How much has not been begun."""
        return self._work_queue.qsize()

    def once(self, key: Hashable, make: Callable[[], Any]) -> Future[Any]:
        """What `make` gives, begun only once for a key as long as it is under way."""
        with self._door:
            if key in self._under_way:
                return self._under_way[key]
            made = self._under_way[key] = self.submit(make)
        made.add_done_callback(lambda _: self._under_way.pop(key, None))
        return made


@st.cache_resource(max_entries=1, show_spinner=False)
def _background() -> _Background:
    return _Background("extremes")


def proof(model: SequenceModel, x: np.ndarray, x_fingerprint: str, setting: str) -> Proof:
    """The proof of one extreme on this model and input."""
    key = ("proof", fingerprint(model), x_fingerprint, setting)
    return kept().get(key, lambda: prove(model.gru, x, setting), lambda _: 1_000)


def model_proof(
    model: SequenceModel, x: np.ndarray, x_fingerprint: str, seconds: float
) -> ModelProof | GateScopeError | None:
    """The proof of a model on one input, or why there can be none; None when it takes longer than `seconds`.

    It is made in the background: nobody waits longer for a picture because of it.
    """
    key = ("model proof", fingerprint(model), x_fingerprint)
    ready, worker = kept(), _background()

    def make() -> ModelProof | GateScopeError:
        try:
            return prove_model(model.gru, traces(model, x, x_fingerprint, ()))
        except GateScopeError as error:
            return error

    if key not in ready:
        if worker.waiting() >= WAITING:
            return None
        try:
            worker.once(key, partial(ready.get, key, make, lambda _: 1_000)).result(seconds)
        except NotYet:
            return None
    return ready.get(key, make, lambda _: 1_000)


def orders(model: SequenceModel, x: np.ndarray, x_fingerprint: str, layer: int) -> dict[str, tuple[int, ...]]:
    """The orders of units of one layer, from its learned trace, so that they stay while gates change."""
    key = ("orders", fingerprint(model), x_fingerprint, layer)
    return unit_orders_of(key, traces(model, x, x_fingerprint, ())[layer])


def unit_orders_of(key: Hashable, learned: GateTrace) -> dict[str, tuple[int, ...]]:
    """The orders of units of a learned trace, kept under a key."""
    return kept().get(key, lambda: unit_orders(learned), lambda _: 100 * learned.units)


def _baseline_bytes(made: list[RNNTrace | LSTMTrace]) -> int:
    # An LSTM keeps its gates, candidate, cell and state, and shares the states before each step with them.
    arrays = 6 if any(isinstance(trace, LSTMTrace) for trace in made) else 1
    return sum(trace.X.nbytes + arrays * trace.H.nbytes for trace in made)


def _trace_bytes(made: list[GateTrace]) -> int:
    arrays = {
        id(a): a.nbytes for t in made for a in (t.X, t.R, t.Z, t.H_tilde, t.H, t.R_proposed, t.Z_proposed)
    }
    return sum(arrays.values())
