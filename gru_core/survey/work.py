"""What a worker does for a survey: it counts one chunk of sequences and sends the counts back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors.torch import load, save

from gru_core.errors import GateScopeError
from gru_core.jobs.names import Heard, Tell
from gru_core.jobs.parcel import Parcel
from gru_core.model import GRU, gru_config
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
    """The counts of the sequences that `chunk_parcel` packed; "stop" ends it early with what is counted."""
    gru, overrides, sequences = _unpacked(parcel)
    found = count(gru, sequences, overrides, rows=int(parcel.head["rows"]), stopped=lambda: heard() == "stop")
    return counts_parcel(found)


def count(
    gru: GRU,
    sequences: Sequence[Inputs],
    overrides: Sequence[GateOverride] = (),
    *,
    rows: int = ROWS,
    stopped: Any = lambda: False,
) -> Survey:
    """The survey of these sequences, computed here and now, on one thread.

    One that cannot be counted is left out and named with the reason.
    """
    tally = Tally.empty(len(gru.cells), gru.hidden_size)
    lengths: list[int] = []
    refused: list[tuple[str, str]] = []
    # One engine from the first sequence to the last: another one rounds differently.
    warm_kernels()
    with one_thread():
        for batch in batches(sequences, gru, overrides, rows):
            if stopped():
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


def packed_gru(gru: GRU) -> bytes:
    """Weights and convention of a GRU."""
    tensors = {name: tensor.detach().contiguous() for name, tensor in gru.state_dict().items()}
    return save(tensors, {"gru": json.dumps(dict(gru_config(gru)))})


def chunk_parcel(
    gru: bytes,
    config: Mapping[str, Any],
    overrides: Sequence[GateOverride],
    chunk: Sequence[Inputs],
    rows: int,
) -> Parcel:
    """A chunk for `count_chunk`; `gru` is what `packed_gru` gave and `config` gru_config."""
    head = {
        "gru": dict(config),
        "overrides": [override.to_dict() for override in overrides],
        "names": [one.name for one in chunk],
        "shapes": [list(one.values.shape) for one in chunk],
        "rows": rows,
    }
    return Parcel(head, {"weights": gru, "values": b"".join(one.values.tobytes() for one in chunk)})


def _unpacked(parcel: Parcel) -> tuple[GRU, tuple[GateOverride, ...], list[Inputs]]:
    head = parcel.head
    tensors = load(parcel.blobs["weights"])
    gru = GRU(**head["gru"])
    if "h0" in tensors:
        gru.set_initial_state(tensors["h0"])
    gru.to(tensors["cells.0.weight_x"].dtype).load_state_dict(tensors)
    sequences = []
    start = 0
    for name, shape in zip(head["names"], head["shapes"], strict=True):
        dtype: Any = np.int32 if len(shape) == 1 else np.float32
        size = int(np.prod(shape)) * 4
        values = np.frombuffer(parcel.blobs["values"][start : start + size], dtype).reshape(shape)
        sequences.append(Inputs(values, name))
        start += size
    return gru.eval(), tuple(map(GateOverride.from_dict, head["overrides"])), sequences


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
