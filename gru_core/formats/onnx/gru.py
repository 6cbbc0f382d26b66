"""One GRU node of an ONNX graph as a GRU. Rows of conventions.py: "onnx_before" and "onnx_after".

Sources: onnx.ai, operator GRU; what is stored and in which order stands in onnx_recurrent.py.
"""

import math

from torch import Tensor

from gru_core.equations import GateActivation, ResetMode
from gru_core.errors import ModelFileError
from gru_core.formats.onnx.constants import Budget, Constants
from gru_core.formats.onnx.graph import Operator
from gru_core.formats.onnx.recurrent import Activation, Recurrent, read_recurrent, start_state
from gru_core.formats.weights import PackedCell, Sizes, build_gru
from gru_core.model import GRU

_INITIAL_H = 5


def gru_of(name: str, node: Operator, constants: Constants, starts: Constants, budget: Budget) -> GRU:
    """The GRU of one node.

    Raises ModelFileError, with the node's name, when it is another function than a GRU here can be, or its
    weights are not in the file; LimitError when it is too large.
    """
    part = read_recurrent(node, constants, budget)
    activation = _gate_activation(node, part)
    after = node.integer("linear_before_reset") != 0
    reset_mode: ResetMode = "after" if after else "before"
    arrays: dict[str, Tensor] = {}
    cells = []
    for direction in range(part.directions):
        behind = f"[{direction}]" if part.directions > 1 else ""
        names = [f"{stored}{behind} of the GRU node {node.path!r}" for stored in part.names]
        arrays[names[0]], arrays[names[1]] = part.weight_x[direction], part.weight_h[direction]
        if part.bias_x is None or part.bias_h is None:
            cells.append(PackedCell(names[0], names[1]))
            continue
        bias_x, bias_h = f"the input's half of {names[2]}", f"the state's half of {names[2]}"
        arrays[bias_x], arrays[bias_h] = part.bias_x[direction], part.bias_h[direction]
        cells.append(PackedCell(names[0], names[1], bias_x, bias_h))
    gru = build_gru(
        name,
        "onnx_after" if after else "onnx_before",
        Sizes(part.inputs, part.units, 1, part.directions),
        cells,
        arrays,
        reset_mode,
        activation,
        part.backwards,
    )
    start, notes = start_state(node, _INITIAL_H, part, starts)
    if start is not None:
        gru.set_initial_state(start)
    gru.notes += (*part.notes, *notes)
    return gru


def _gate_activation(node: Operator, part: Recurrent) -> GateActivation:
    """The gates' activation; ModelFileError where the node has another than a GRU here can have."""
    gates, candidates = ({pair[index] for pair in part.activations} for index in (0, 1))
    for candidate in candidates:
        if candidate.name != "tanh":
            raise _refused(node, "candidate", candidate)
    if len(gates) > 1:
        raise ModelFileError(
            f"The GRU node {node.path!r} has other activations forwards than backwards, and a GRU here has "
            "the same in both directions."
        )
    (gate,) = gates
    if gate.name == "sigmoid":
        return "sigmoid"
    if gate.name == "hardsigmoid" and math.isclose(gate.beta, 0.5, abs_tol=1e-6):
        if math.isclose(gate.alpha, 0.2, abs_tol=1e-6):
            return "hard_sigmoid_fifth"
        if math.isclose(gate.alpha, 1 / 6, abs_tol=1e-6):
            return "hard_sigmoid_sixth"
    raise _refused(node, "gate", gate)


def _refused(node: Operator, what: str, activation: Activation) -> ModelFileError:
    numbers = f" of alpha {activation.alpha:g} and beta {activation.beta:g}" if activation.alpha else ""
    can = "Tanh" if what == "candidate" else "Sigmoid, or HardSigmoid of alpha 0.2 or 1/6 and beta 0.5"
    return ModelFileError(
        f"The GRU node {node.path!r} has the {what} activation {activation.written!r}{numbers}, and a GRU "
        f"here has {can}."
    )
