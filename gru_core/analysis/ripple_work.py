"""Ripples and connectivity that take longer than a page may, as work for another process."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.connectivity import Array, answer_seeds, connectivity, state_seeds
from gru_core.analysis.jacobian import ROUTES
from gru_core.analysis.parcels import pack, unpack
from gru_core.analysis.ripple import Ripple, change_input, ripple
from gru_core.errors import InputError, LimitError
from gru_core.jobs.names import Heard, Tell
from gru_core.jobs.parcel import Parcel
from gru_core.model import SequenceModel
from gru_core.overrides import GateOverride
from gru_core.trace import last_output, trace

Overrides = tuple[GateOverride, ...]

MAX_RIPPLE_CELLS: Final = 4_000_000
"""Steps times units of a layer whose ripple is kept whole: 5 arrays of 16 MB."""

_ARRAYS = ("difference", *ROUTES)


@dataclass(frozen=True, eq=False)
class Rippled:
    """A ripple, and the answers before and after the change (time, outputs); None without a readout."""

    found: Ripple
    answers: tuple[NDArray[np.floating], NDArray[np.floating]] | None

    @property
    def nbytes(self) -> int:
        """Bytes of its arrays."""
        answers = sum(each.nbytes for each in self.answers or ())
        return answers + sum(getattr(self.found, name).nbytes for name in _ARRAYS)


def make_ripple(
    model: SequenceModel,
    x: NDArray[np.floating],
    overrides: Overrides,
    *,
    layer: int,
    step: int,
    row: NDArray[np.floating],
) -> Rippled:
    """What becomes of a step that reads `row` instead, in one layer and direction and in the answers.

    Raises LimitError where a layer has more than MAX_RIPPLE_CELLS states.
    """
    units = model.gru.hidden_size
    if len(x) * units > MAX_RIPPLE_CELLS:
        raise LimitError(
            f"A ripple may have {MAX_RIPPLE_CELLS:,} states (steps x units), this one would have "
            f"{len(x) * units:,}: take a sequence of at most {MAX_RIPPLE_CELLS // units:,} steps."
        )
    before, after = change_input(model.gru, x, step, row, overrides)
    found = ripple(model.gru, before[layer], after[layer], step)
    old, new = (model.answers(last_output(traces)) for traces in (before, after))
    return Rippled(found, None if old is None or new is None else (old[0], new[0]))


def ripple_parcel(
    model: SequenceModel, x: NDArray[np.floating], overrides: Overrides, layer: int, step: int, row: Array
) -> Parcel:
    """What `work_ripple` is sent."""
    return pack(model, x, overrides, layer=layer, step=step, row=row.tolist())


def work_ripple(parcel: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """`make_ripple` of a parcel."""
    given = unpack(parcel)
    tell(Parcel({"done": 0.05}))
    head = given.head
    made = make_ripple(
        _model(given.model),
        given.x,
        given.overrides,
        layer=head["layer"],
        step=head["step"],
        row=np.array(head["row"]),
    )
    found = made.found
    blobs = {name: getattr(found, name).astype(np.float32).tobytes() for name in _ARRAYS}
    for name, answers in zip(("before", "after"), made.answers or (), strict=False):
        blobs[name] = answers.astype(np.float32).tobytes()
    facts = {"step": found.step, "layer": found.layer, "backward": found.backward, "kept": found.kept}
    return Parcel(facts | {"shape": list(found.difference.shape)}, blobs)


def read_ripple(parcel: Parcel) -> Rippled:
    """What `work_ripple` made."""
    facts: dict[str, Any] = dict(parcel.head)
    shape = facts.pop("shape")

    def array(name: str) -> Array:
        return np.frombuffer(parcel.blobs[name], np.float32).reshape(shape[0], -1).astype(np.float64)

    arrays: dict[str, Any] = {name: array(name) for name in _ARRAYS}
    found = Ripple(**arrays, **facts)
    answers = (array("before"), array("after")) if "before" in parcel.blobs else None
    return Rippled(found, answers)


def make_connectivity(
    model: SequenceModel,
    x: NDArray[np.floating],
    overrides: Overrides,
    *,
    layer: int,
    step: int,
    about: int | None,
    tell: Tell = lambda _: None,
    heard: Heard = lambda: None,
) -> Array:
    """`connectivity` of the answer at a step, or of the state of a layer where there is no readout.

    about   which output, or which unit; None for all of them together
    """
    traces = trace(model.gru, x, overrides=overrides)
    if model.readout is None:
        asked = state_seeds(model.gru, layer, step, about)
    else:
        asked = answer_seeds(model, step, about)
    told = [0.0]

    def going(done: float) -> bool:
        if done - told[0] >= 0.01:
            told[0] = done
            tell(Parcel({"done": done}))
        return heard() != "stop"

    return connectivity(model.gru, traces, asked, overrides, going)


def connectivity_parcel(
    model: SequenceModel,
    x: NDArray[np.floating],
    overrides: Overrides,
    layer: int,
    step: int,
    about: int | None,
) -> Parcel:
    """What `work_connectivity` is sent."""
    return pack(model, x, overrides, layer=layer, step=step, about=about)


def work_connectivity(parcel: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """`make_connectivity` of a parcel."""
    given = unpack(parcel)
    strength = make_connectivity(
        _model(given.model), given.x, given.overrides, **given.head, tell=tell, heard=heard
    )
    return Parcel({}, {"strength": strength.tobytes()})


def read_connectivity(parcel: Parcel) -> Array:
    """What `work_connectivity` made (time,)."""
    return np.frombuffer(parcel.blobs["strength"], np.float64).copy()


def _model(model: SequenceModel | None) -> SequenceModel:
    if model is None:
        raise InputError("A whole model must be sent, and this parcel has a bare GRU.")
    return model
