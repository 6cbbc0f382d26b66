"""A whole data set read by one layer, kept as codes: what `find` searches, in memory that has a bound."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import cast

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.find import QUANTITIES, Codes, Quantity, coded
from gru_core.analysis.parcels import pack, unpack
from gru_core.jobs.parcel import Parcel
from gru_core.limits import MAX_FIND_CELLS, MAX_FIND_STEPS
from gru_core.model import GRU, SequenceModel
from gru_core.overrides import GateOverride
from gru_core.tasks.to_search import sequences_of
from gru_core.trace import GateTrace, trace

TOGETHER = 4_000
"""Steps that are traced at once where sequences of one length follow each other."""


@dataclass(frozen=True, eq=False)
class Searched:
    """What every unit of one layer did over a data set.

    codes    by quantity (steps of all sequences one after another, units)
    lengths  steps of each sequence
    """

    codes: Mapping[Quantity, Codes]
    lengths: tuple[int, ...]

    @property
    def steps(self) -> int:
        """Of all sequences together."""
        return sum(self.lengths)

    @property
    def nbytes(self) -> int:
        """What it takes in memory."""
        return sum(codes.nbytes for codes in self.codes.values())


def most_steps(gru: GRU) -> int:
    """Steps of a data set that are searched at most: MAX_FIND_STEPS, fewer for many units."""
    return max(1, min(MAX_FIND_STEPS, MAX_FIND_CELLS // gru.hidden_size))


def of_trace(found: GateTrace) -> Searched:
    """The first sequence of a trace as a data set of its own."""
    codes = {quantity: coded(getattr(found, quantity)[0], quantity) for quantity in QUANTITIES}
    return Searched(codes, (found.steps,))


def read_all(
    gru: GRU,
    inputs: Sequence[NDArray[np.float32]],
    overrides: tuple[GateOverride, ...],
    layer: int,
    tell: Callable[[float], None] = lambda done: None,
    wanted: Callable[[], bool] = lambda: True,
) -> Searched:
    """Every sequence (time, inputs) read from the model's own start; `layer` counts what `trace` returns.

    Sequences of one length that follow each other are read together, TOGETHER steps at a time, so that no
    more than that is in memory besides the codes. Ends early, with what it has, when not `wanted` any more.
    """
    nothing = np.zeros((0, gru.hidden_size), np.uint8)
    parts: dict[Quantity, list[Codes]] = {quantity: [nothing] for quantity in QUANTITIES}
    lengths: list[int] = []
    total = sum(map(len, inputs))
    for batch in _batches(inputs):
        if not wanted():
            break
        found = trace(gru, np.stack(batch), overrides=overrides)[layer]
        for quantity in QUANTITIES:
            codes = coded(getattr(found, quantity), quantity)
            parts[quantity].append(codes.reshape(-1, codes.shape[-1]))
        lengths += [len(x) for x in batch]
        tell(sum(lengths) / total)
    return Searched({quantity: np.concatenate(of) for quantity, of in parts.items()}, tuple(lengths))


def _batches(inputs: Sequence[NDArray[np.float32]]) -> list[list[NDArray[np.float32]]]:
    found: list[list[NDArray[np.float32]]] = []
    for length, same in groupby(inputs, key=len):
        rows, most = list(same), max(1, TOGETHER // length)
        found += [rows[start : start + most] for start in range(0, len(rows), most)]
    return found


def parcel_of(model: SequenceModel, overrides: tuple[GateOverride, ...], layer: int) -> Parcel:
    """What `search_work` is sent: the model alone, for its data set can be made again from it."""
    return pack(model, np.zeros(0, np.float32), overrides, layer=layer)


def search_work(parcel: Parcel, tell: Callable[[Parcel], None], heard: Callable[[], str | None]) -> Parcel:
    """A worker's part: the model's data set, read."""
    packed = unpack(parcel)
    assert packed.model is not None
    sequences = sequences_of(packed.model, most_steps(packed.gru))
    found = read_all(
        packed.gru,
        [packed.model.encoder.encode(sequence) for sequence in sequences],
        packed.overrides,
        packed.head["layer"],
        lambda done: tell(Parcel({"done": done})),
        lambda: heard() != "stop",
    )
    blobs: dict[str, bytes] = {quantity: codes.tobytes() for quantity, codes in found.codes.items()}
    return Parcel({"lengths": list(found.lengths), "units": packed.gru.hidden_size}, blobs)


def read_parcel(parcel: Parcel) -> Searched:
    """What `search_work` found."""
    units = int(parcel.head["units"])
    codes = {
        cast(Quantity, name): np.frombuffer(blob, np.uint8).reshape(-1, units)
        for name, blob in parcel.blobs.items()
    }
    return Searched(codes, tuple(parcel.head["lengths"]))
