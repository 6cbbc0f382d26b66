"""A GRU, what it read and how its gates were held, as a parcel for a worker."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import load, save

from gru_core.formats.gatescope import model_from_tensors, model_to_tensors
from gru_core.jobs.parcel import Parcel
from gru_core.model import GRU, SequenceModel, gru_config
from gru_core.overrides import GateOverride


@dataclass(frozen=True, eq=False)
class Packed:
    """What a parcel held.

    model  the whole model, None where a bare GRU was sent
    x      (time, inputs) or (batch, time, inputs), as it was sent
    head   everything else
    """

    gru: GRU
    model: SequenceModel | None
    x: NDArray[np.floating]
    overrides: tuple[GateOverride, ...]
    head: dict[str, Any]


def pack(
    model: SequenceModel | GRU, x: NDArray[np.floating], overrides: Sequence[GateOverride] = (), **head: Any
) -> Parcel:
    """Everything as one parcel that `unpack` undoes; `head` holds plain JSON values.

    Raises InputError and LimitError as `Parcel.check` does.
    """
    if isinstance(model, GRU):
        tensors = {name: tensor.detach().contiguous() for name, tensor in model.state_dict().items()}
        described: dict[str, Any] = {"gru": dict(gru_config(model))}
    else:
        tensors, metadata = model_to_tensors(model)
        described = {"model": metadata}
    array = np.ascontiguousarray(x)
    described |= {
        "x": [str(array.dtype), list(array.shape)],
        "overrides": [override.to_dict() for override in overrides],
        "head": head,
    }
    return Parcel(described, {"weights": save(tensors), "x": array.tobytes()})


def unpack(parcel: Parcel) -> Packed:
    """What `pack` was given."""
    described, tensors = parcel.head, load(parcel.blobs["weights"])
    kind, shape = described["x"]
    x = np.frombuffer(parcel.blobs["x"], dtype=kind).reshape(shape).copy()
    overrides = tuple(GateOverride.from_dict(plain) for plain in described["overrides"])
    if "model" in described:
        model = model_from_tensors(tensors, described["model"])
        return Packed(model.gru, model, x, overrides, described["head"])
    gru = GRU(**described["gru"])
    if "h0" in tensors:
        gru.set_initial_state(tensors["h0"])
    gru.to(tensors["cells.0.weight_x"].dtype).load_state_dict(tensors)
    return Packed(gru.eval(), None, x, overrides, described["head"])
