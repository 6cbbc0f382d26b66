"""Which inputs an answer hangs on: the size of dY_T / dX_t for every step t, through all layers.

Madsen, "Visualizing memorization in RNNs", Distill 2019, colours each symbol of a text by it. A step of
several numbers, a one-hot symbol or a row of an embedding, counts by the norm over them. The way back is that
of `jacobian.StepDerivatives`, layer by layer from the top: what a layer's input receives is what the states
of the layer below are asked about. Exact, and never more in memory than CHUNK_BYTES per layer and direction
beyond what one layer needs.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.jacobian import StepDerivatives
from gru_core.errors import InputError
from gru_core.model import GRU, SequenceModel
from gru_core.overrides import GateOverride
from gru_core.trace import GateTrace

Array = NDArray[np.float64]
Seeds = Mapping[int, Array]
"""Derivatives of what is asked about (rows, units) with respect to the state after a step, by step."""

CHUNK_BYTES: Final = 64 * 2**20
"""Rows that go down together through a layer below are at most so large over all steps."""


def connectivity(
    gru: GRU,
    traces: Sequence[GateTrace],
    asked: Mapping[int, Seeds],
    overrides: Sequence[GateOverride] = (),
    going: Callable[[float], bool] = lambda _: True,
) -> Array:
    """(time,): the Frobenius norm of the derivative of what is asked about with respect to each step's input.

    gru, traces  a GRU and what `trace` gave for all its layers; of the first sequence of the batch
    asked        by the number of a layer and direction (as `gru.cells` counts): `answer_seeds` or
                 `state_seeds`; the same number of rows in all of them
    overrides    the gates that were forced
    going        is told the share that is done, and says whether to go on; where not, what is known so far is
                 returned

    Raises as `StepDerivatives` does, and InputError for a step that does not exist.
    """
    rows = next(len(seed) for seeds in asked.values() for seed in seeds.values())
    steps, width = traces[0].steps, gru.hidden_size * gru.num_directions
    # Rows go down together as long as what the layers below are asked about has room.
    below = max(asked) >= gru.num_directions
    most = max(CHUNK_BYTES // (8 * steps * width), 1) if below else rows
    walks = [StepDerivatives(gru, _first(t), overrides) for t in traces[: max(asked) + 1]]
    squares = np.zeros(steps)
    for first in range(0, rows, most):
        part = slice(first, first + most)
        of_part = {cell: {t: seed[part] for t, seed in seeds.items()} for cell, seeds in asked.items()}
        for walked in _walk(gru, walks, of_part, squares):
            if not going(min((first + walked * most) / rows, 1.0)):
                return np.sqrt(squares)
    return np.sqrt(squares)


def _walk(
    gru: GRU, walks: Sequence[StepDerivatives], asked: Mapping[int, Seeds], squares: Array
) -> Iterator[float]:
    """Adds the sum of squares over rows and inputs to `squares` (time,); gives the share that is walked."""
    directions = gru.num_directions
    layers = max(asked) // directions + 1
    seeds = [dict(asked.get(cell, {})) for cell in range(layers * directions)]
    whole, walked = len(squares) * layers * directions, 0
    for layer in reversed(range(layers)):
        received: dict[int, Array] = {}
        for cell in range(layer * directions, (layer + 1) * directions):
            if not seeds[cell]:
                continue
            for reached in walks[cell].back({t: seed[None] for t, seed in seeds[cell].items()}):
                arrived = reached.pulled.input.total[0]
                received[reached.step] = received.get(reached.step, 0.0) + arrived
                walked += 1
                yield walked / whole
        for step, arrived in received.items():
            if layer == 0:
                squares[step] += np.square(arrived).sum()
                continue
            for direction, piece in enumerate(np.split(arrived, directions, axis=1)):
                below = seeds[(layer - 1) * directions + direction]
                below[step] = below.get(step, 0.0) + piece
    yield 1.0


def answer_seeds(model: SequenceModel, step: int, output: int | None = None) -> dict[int, Seeds]:
    """What `connectivity` is asked about the answer at a step: one of its outputs, or None for all of them.

    Outputs are logits, or numbers in the units of the data. Raises InputError for a model without a readout,
    or an output that it does not have.
    """
    if model.readout is None:
        raise InputError(
            "This model has no readout, so there is no answer to ask about; ask about its state."
        )
    weight = model.readout.weight.detach().cpu().numpy().astype(np.float64)
    if output is not None and not 0 <= output < len(weight):
        raise InputError(f"There is no output {output}: this model has {len(weight)}, counted from 0.")
    weight = weight if output is None else weight[output : output + 1]
    if model.card.answer == "number":
        weight = weight * model.card.output_std
    gru = model.gru
    first = (gru.num_layers - 1) * gru.num_directions
    pieces = np.split(weight, gru.num_directions, axis=1)
    return {first + direction: {step: piece} for direction, piece in enumerate(pieces)}


def state_seeds(gru: GRU, cell: int, step: int, unit: int | None = None) -> dict[int, Seeds]:
    """What `connectivity` is asked about the state of a layer and direction after a step.

    unit    one of its units, or None for all of them

    Raises InputError for a layer or unit that does not exist.
    """
    if not 0 <= cell < len(gru.cells):
        raise InputError(f"There is no layer and direction {cell}: this GRU has {len(gru.cells)} of them.")
    if unit is not None and not 0 <= unit < gru.hidden_size:
        raise InputError(f"There is no unit {unit}: this GRU has {gru.hidden_size}, counted from 0.")
    rows = np.eye(gru.hidden_size)
    return {cell: {step: rows if unit is None else rows[unit : unit + 1]}}


def _first(t: GateTrace) -> GateTrace:
    """The first sequence of the batch alone."""
    if len(t.H0) == 1:
        return t
    own: dict[str, Any] = {entry.name: getattr(t, entry.name) for entry in fields(t)}
    firsts: dict[str, Any] = {name: a[:1] for name, a in own.items() if isinstance(a, np.ndarray)}
    return replace(t, **firsts)
