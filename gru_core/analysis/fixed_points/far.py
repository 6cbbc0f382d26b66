"""A search for fixed points in another process: what is sent there, the work itself, and what comes back."""

import io
from typing import Any

import numpy as np

from gru_core.analysis.fixed_points.found import FixedPoint, FixedPoints
from gru_core.analysis.fixed_points.held import Array, Gate, HeldStep
from gru_core.analysis.fixed_points.search import find_fixed_points
from gru_core.jobs.names import Heard, Tell
from gru_core.jobs.parcel import Parcel

_GATE = ("offset", "weight", "keep", "force")


def search_parcel(step: HeldStep, starts: Array, held_at: Array) -> Parcel:
    """What `search` needs to know."""
    arrays = {"offset": step.offset, "weight": step.weight, "bias_hh": step.bias_hh}
    for name, gate in (("reset", step.reset), ("update", step.update)):
        arrays |= {f"{name}_{part}": getattr(gate, part) for part in _GATE}
    head = {"reset_mode": step.reset_mode, "activation": step.reset.activation}
    return Parcel(head, {"arrays": _packed(arrays | {"starts": starts, "held_at": held_at})})


def search(parcel: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """The work: `find_fixed_points`, which tells how far it is and ends when it hears "stop"."""
    arrays, activation = _unpacked(parcel.blobs["arrays"]), str(parcel.head["activation"])

    def gate(name: str) -> Gate:
        return Gate(**{part: arrays[f"{name}_{part}"] for part in _GATE}, activation=activation)

    def look(done: float) -> bool:
        tell(Parcel({"done": done}))
        return heard() == "stop"

    step = HeldStep(
        reset=gate("reset"),
        update=gate("update"),
        offset=arrays["offset"],
        weight=arrays["weight"],
        bias_hh=arrays["bias_hh"],
        reset_mode=str(parcel.head["reset_mode"]),
    )
    found = find_fixed_points(step, arrays["starts"], arrays["held_at"], look)
    free = int((~found.frozen).sum())
    values = np.array([point.eigenvalues for point in found.points]).reshape(len(found.points), free)
    return Parcel(
        {
            "errors": [point.error for point in found.points],
            "speeds": [point.speed for point in found.points],
            "arrivals": [point.arrivals for point in found.points],
            "starts": found.starts,
            "lost": found.lost,
            "everything": found.everything,
        },
        {
            "arrays": _packed(
                {
                    "states": found.states,
                    "real": values.real,
                    "imag": values.imag,
                    "frozen": found.frozen,
                    "held_at": found.held_at,
                    "slow": found.slow,
                    "slow_speed": found.slow_speed,
                    "slow_move": found.slow_move,
                }
            )
        },
    )


def found_in(parcel: Parcel) -> FixedPoints:
    """What the work found."""
    head, arrays = parcel.head, _unpacked(parcel.blobs["arrays"])
    values = arrays["real"] + 1j * arrays["imag"]
    told = zip(arrays["states"], head["errors"], head["speeds"], values, head["arrivals"], strict=True)
    return FixedPoints(
        tuple(FixedPoint(*entry) for entry in told),
        int(head["starts"]),
        int(head["lost"]),
        bool(head["everything"]),
        arrays["frozen"],
        arrays["held_at"],
        arrays["slow"],
        arrays["slow_speed"],
        arrays["slow_move"],
    )


def _packed(arrays: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _unpacked(data: bytes) -> dict[str, Any]:
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return dict(arrays)
