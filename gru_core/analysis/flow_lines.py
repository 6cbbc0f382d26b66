"""The lines of gradient flow that are looked at together: one model under several gate settings, and others.

A line is asked for by a `Question`: what flows where, to which step. Small ones are worked out where they are
asked for; `work_out` does the same in a worker, and tells how far it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import load, save

from gru_core.analysis.baseline_jacobian import BaselineDerivatives
from gru_core.analysis.flow import Told, answer_flow, state_flow
from gru_core.analysis.flow_rate import Rate, rate
from gru_core.analysis.jacobian import StepDerivatives
from gru_core.analysis.parcels import pack, unpack
from gru_core.analysis.way_back import WayBack
from gru_core.baselines import BaselineModel, trace_baseline
from gru_core.errors import InputError
from gru_core.jobs.names import Heard, Tell
from gru_core.jobs.parcel import Parcel
from gru_core.model import SequenceModel
from gru_core.overrides import GateOverride
from gru_core.trace import trace

Of = Literal["state", "answer"]

QUICK = 0.25
"""Seconds up to which lines are worked out where they are asked for."""

LARGE = 1e9
"""Steps times units^3 above which a state's line is computed in float32, with seven digits."""

_ARRAYS = ("norms", "parts", "shares")

Array = NDArray[np.floating]


@dataclass(frozen=True)
class Question:
    """What a line shows.

    of     "state": || d H_T / d H_t || of one layer and direction; "answer": || d Y_T / d X_t || of the whole
           model, from what it reads to its readout (logits, or standardised numbers)
    layer  index into what `trace` returns; which layer's states
    last   T, index into time; None is the last step that was read
    """

    of: Of = "state"
    layer: int = 0
    last: int | None = None


@dataclass(frozen=True, eq=False)
class FlowLine:
    """One line.

    norms     (time,) log10, -inf where exactly 0, NaN at steps that T has not read
    last      T
    backward  whether it was read from the last step to the first
    parts, shares  (4, time) of a GRU's states by route, as `Flow` has them; (0, time) otherwise
    error     standard error of each norm as a part of it; 0 where exact
    """

    norms: NDArray[np.float64]
    last: int
    backward: bool
    parts: NDArray[np.float64]
    shares: NDArray[np.float64]
    error: float

    @property
    def rate(self) -> Rate:
        """How it fades or grows on the way back."""
        order = range(len(self.norms))
        at = (
            order[: self.last + 1]
            if not self.backward
            else order[: self.last - 1 if self.last else None : -1]
        )
        return rate(self.norms, list(at))

    @property
    def portions(self) -> NDArray[np.float64]:
        """(4, time) the size of each route's part among those of all, adding up to 1; NaN where all are 0.

        Unlike `shares` it knows no signs: parts that work against each other both count.
        """
        if not len(self.parts):
            return self.parts
        with np.errstate(invalid="ignore"):
            sizes = np.power(10.0, self.parts - self.parts.max(axis=0))
            portions: NDArray[np.float64] = sizes / sizes.sum(axis=0)
        return portions


def gru_line(
    model: SequenceModel,
    x: Array,
    overrides: Sequence[GateOverride],
    question: Question,
    told: Told = lambda done: None,
) -> FlowLine:
    """The line of a GRU on x (time, inputs) with some gates forced.

    Raises InputError when there is no such step or layer, or no readout to ask for an answer.
    """
    gru = model.gru
    traces = trace(gru, x, overrides=overrides)

    def way(index: int, dtype: type[np.floating]) -> WayBack:
        return StepDerivatives(gru, traces[index], overrides, dtype)

    widths = [gru.input_size] + [gru.num_directions * gru.hidden_size] * (gru.num_layers - 1)
    shape = _Shape(len(x), gru.hidden_size, widths, gru.num_directions)
    return _line(way, shape, None if model.readout is None else _weight(model), question, told)


def baseline_line(
    model: BaselineModel, x: Array, question: Question, told: Told = lambda done: None
) -> FlowLine:
    """The same of an RNN or an LSTM; its state is H, and for an LSTM H and C together."""
    core = model.core
    traces = trace_baseline(core, x)

    def way(index: int, dtype: type[np.floating]) -> WayBack:
        return BaselineDerivatives(core, traces[index], dtype)

    widths = [core.input_size] + [core.hidden_size] * (core.num_layers - 1)
    return _line(way, _Shape(len(x), core.hidden_size, widths, 1), _weight(model), question, told)


def lines(
    model: SequenceModel,
    x: Array,
    settings: Mapping[str, Sequence[GateOverride]],
    question: Question,
    others: Sequence[BaselineModel] = (),
    told: Told = lambda done: None,
) -> dict[str, FlowLine]:
    """A line for each gate setting by its name, and those of others as "trained_rnn" and "trained_lstm".

    others  an RNN and an LSTM that were trained beside the model and read the same x

    Raises as `gru_line` does.
    """
    count, made = len(settings) + len(others), dict[str, FlowLine]()

    def part(done: float) -> None:
        told((len(made) + done) / count)

    for name, overrides in settings.items():
        made[name] = gru_line(model, x, overrides, question, part)
    for other in others:
        made[f"trained_{other.kind}"] = baseline_line(other, x, question, part)
    return made


def seconds(model: SequenceModel, steps: int, count: int, of: Of) -> float:
    """Roughly what so many lines take on one core: each step costs a little, and its products."""
    gru = model.gru
    walks = 1 if of == "state" else len(gru.cells)
    outputs = gru.hidden_size if of == "state" or model.readout is None else model.readout.out_features
    rows = min(outputs, gru.hidden_size)
    products = 6.0 * rows * gru.hidden_size * (gru.hidden_size + gru.input_size)
    return count * walks * steps * (1.5e-4 + products / 3e10)


def send(
    model: SequenceModel,
    x: Array,
    settings: Mapping[str, Sequence[GateOverride]],
    question: Question,
    others: Sequence[BaselineModel] = (),
) -> Parcel:
    """What `work_out` is given; `received` reads what it gives back."""
    held = {name: [override.to_dict() for override in overrides] for name, overrides in settings.items()}
    asked = {entry.name: getattr(question, entry.name) for entry in fields(question)}
    packed = pack(model, x, settings=held, question=asked)
    sizes = [[other.kind, other.core.hidden_size, other.core.num_layers] for other in others]
    weights = {f"other {other.kind}": save(other.state_dict()) for other in others}
    return Parcel({**packed.head, "others": sizes}, {**packed.blobs, **weights})


def work_out(parcel: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """The lines that `send` asks for, in a worker."""
    packed = unpack(parcel)
    assert packed.model is not None
    told_so_far = -1.0

    def told(done: float) -> None:
        nonlocal told_so_far
        if heard() == "stop":
            raise _StoppedError
        if done - told_so_far >= 0.01:
            told_so_far = done
            tell(Parcel({"done": done}))

    settings = {
        name: tuple(GateOverride.from_dict(plain) for plain in held)
        for name, held in packed.head["settings"].items()
    }
    question = Question(**packed.head["question"])
    try:
        made = lines(packed.model, packed.x, settings, question, _others(parcel, packed.model), told)
    except _StoppedError:
        return Parcel({"lines": {}})
    return _packed(made)


def received(parcel: Parcel) -> dict[str, FlowLine]:
    """The lines that `work_out` gave back."""
    made: dict[str, FlowLine] = {}
    for name, about in parcel.head["lines"].items():
        norms, parts, shares = (
            np.frombuffer(parcel.blobs[f"{name} {key}"], np.float64).reshape(about["shapes"][key])
            for key in _ARRAYS
        )
        made[name] = FlowLine(
            norms, int(about["last"]), bool(about["backward"]), parts, shares, float(about["error"])
        )
    return made


def _others(parcel: Parcel, model: SequenceModel) -> list[BaselineModel]:
    found = []
    for kind, units, layers in parcel.head["others"]:
        other = BaselineModel(kind, model.encoder, units, layers, len(model.card.outputs), model.card)
        other.load_state_dict(load(parcel.blobs[f"other {kind}"]))
        found.append(other.eval())
    return found


class _StoppedError(Exception):
    pass


@dataclass(frozen=True)
class _Shape:
    """Steps, units, inputs of each layer, directions."""

    steps: int
    units: int
    widths: Sequence[int]
    directions: int


def _line(
    way: Callable[[int, type[np.floating]], WayBack],
    shape: _Shape,
    weight: Array | None,
    question: Question,
    told: Told,
) -> FlowLine:
    if question.of == "state":
        if not 0 <= question.layer < len(shape.widths) * shape.directions:
            raise InputError(f"There is no layer {question.layer} in this model.")
        width = shape.widths[question.layer // shape.directions]
        # Seven digits are more than a picture shows, and twice as fast where that counts.
        large = shape.steps * shape.units**3 > LARGE
        one = way(question.layer, np.float32 if large else np.float64)
        found = state_flow(one, shape.units, question.last, inputs=width, told=told)
        return FlowLine(found.state, found.last, _is_backward(one), found.parts, found.shares, found.error)
    if weight is None:
        raise InputError("This model has no readout, so there is no answer to look back from.")
    ways = [way(index, np.float64) for index in range(len(shape.widths) * shape.directions)]
    layers = [ways[at : at + shape.directions] for at in range(0, len(ways), shape.directions)]
    top = layers[-1][0]
    last = list(top.order)[-1] if question.last is None else question.last
    answered = answer_flow(layers, weight, shape.widths, last, told=told)
    norms = answered.input.copy()
    if shape.directions == 1:
        # What is read after T cannot reach it: there is no line, which is not the same as 0.
        norms[[step for step in top.order if (step < last if _is_backward(top) else step > last)]] = np.nan
    none = np.empty((0, shape.steps))
    return FlowLine(norms, last, _is_backward(top), none, none, answered.error)


def _is_backward(way: WayBack) -> bool:
    order = way.order
    return len(order) > 1 and order[0] > order[1]


def _weight(model: SequenceModel | BaselineModel) -> Array:
    assert model.readout is not None
    weight: Array = model.readout.weight.detach().cpu().numpy()
    return weight


def _packed(made: Mapping[str, FlowLine]) -> Parcel:
    head: dict[str, Any] = {}
    blobs: dict[str, bytes] = {}
    for name, line in made.items():
        arrays = {key: getattr(line, key) for key in _ARRAYS}
        head[name] = {
            "shapes": {key: list(array.shape) for key, array in arrays.items()},
            "last": line.last,
            "backward": line.backward,
            "error": line.error,
        }
        blobs |= {f"{name} {key}": array.astype(np.float64).tobytes() for key, array in arrays.items()}
    return Parcel({"lines": head}, blobs)
