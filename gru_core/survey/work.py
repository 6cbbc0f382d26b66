"""What a worker does for a survey: it counts one chunk of sequences and sends the counts back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from gru_core.analysis.parcels import pack, unpack
from gru_core.errors import GateScopeError
from gru_core.jobs.names import Heard, Tell
from gru_core.jobs.parcel import Parcel
from gru_core.model import GRU
from gru_core.overrides import GateOverride
from gru_core.scan import warm_kernels
from gru_core.survey.chunks import ROWS, batches
from gru_core.survey.inputs import Inputs
from gru_core.survey.rows import count_rows
from gru_core.survey.statistics import About, Survey
from gru_core.survey.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

ARRAYS = ("low", "high", "total", "square", "unit_square")


def count_chunk(parcel: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """The counts of the sequences that `chunk_parcel` packed.

    Tells how much is done; "stop" ends it early, with what is counted by then.
    """
    packed = unpack(parcel)
    lengths = packed.head["lengths"]
    ends = np.cumsum(lengths)
    sequences = [
        Inputs(packed.x[end - length : end], name)
        for name, length, end in zip(packed.head["names"], lengths, ends, strict=True)
    ]

    def stopped(done: int) -> bool:
        tell(Parcel({"done": done / len(sequences)}))
        return heard() == "stop"

    found = count(packed.gru, sequences, packed.overrides, rows=packed.head["rows"], stopped=stopped)
    return counts_parcel(found)


def count(
    gru: GRU,
    sequences: Sequence[Inputs],
    overrides: Sequence[GateOverride] = (),
    *,
    rows: int = ROWS,
    stopped: Callable[[int], bool] = lambda done: False,
) -> Survey:
    """The survey of these sequences, computed here and now, on one thread.

    One that cannot be counted is left out and named with the reason. `stopped` is asked before each batch,
    with the number of sequences done; True ends it.
    """
    tally = Tally.empty(len(gru.cells), gru.hidden_size)
    lengths: list[int] = []
    refused: list[tuple[str, str]] = []
    # One engine from the first sequence to the last: another one rounds differently.
    warm_kernels()
    with one_thread():
        for batch in batches(sequences, gru, overrides, rows):
            if stopped(len(lengths) + len(refused)):
                break
            try:
                count_rows(gru, batch, overrides, tally)
                lengths += map(len, batch)
            except GateScopeError:
                for one in batch:
                    try:
                        count_rows(gru, [one], overrides, tally)
                        lengths.append(len(one))
                    except GateScopeError as error:
                        refused.append((one.name, str(error)))
    return Survey(
        About("", (), places_of(gru)),
        tally,
        len(lengths),
        sum(lengths),
        min(lengths, default=0),
        max(lengths, default=0),
        len(refused),
        tuple(sorted(refused)),
    )


def places_of(gru: GRU) -> tuple[Any, ...]:
    """The layer and direction of each cell."""
    return tuple((layer, direction) for layer in range(gru.num_layers) for direction in gru.directions)


@contextmanager
def one_thread() -> Iterator[None]:
    """A product may round by how many threads share it, so everywhere it is one."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def chunk_parcel(
    gru: GRU, overrides: Sequence[GateOverride], chunk: Sequence[Inputs], rows: int = ROWS
) -> Parcel:
    """A chunk for `count_chunk`: all steps of all its sequences, one after the other."""
    steps = np.concatenate([one.values for one in chunk])
    names, lengths = [one.name for one in chunk], [len(one) for one in chunk]
    return pack(gru, steps, overrides, names=names, lengths=lengths, rows=rows)


def counts_parcel(found: Survey) -> Parcel:
    """A survey as it travels; what it is of is known where it goes."""
    head = {
        "shape": list(found.tally.low.shape),
        "sequences": found.sequences,
        "steps": found.steps,
        "shortest": found.shortest,
        "longest": found.longest,
        "left_out": found.left_out,
        "refused": [list(entry) for entry in found.refused],
    }
    return Parcel(head, {name: getattr(found.tally, name).tobytes() for name in ARRAYS})


def counts_of(parcel: Parcel, about: About) -> Survey:
    """The survey that `counts_parcel` packed."""
    head = parcel.head
    _, cells, units = head["shape"]
    empty = Tally.empty(cells, units)
    arrays = {
        name: np.frombuffer(parcel.blobs[name], np.int64).reshape(getattr(empty, name).shape)
        for name in ARRAYS
    }
    return Survey(
        about,
        Tally(**arrays),
        head["sequences"],
        head["steps"],
        head["shortest"],
        head["longest"],
        head["left_out"],
        tuple((name, why) for name, why in head["refused"]),
    )
