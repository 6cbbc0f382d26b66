"""What the nodes GRU, LSTM and RNN of ONNX have in common: weights, directions, activations, start.

W (directions, gates * H, I) and R (directions, gates * H, H) have one row per unit; B (directions,
2 * gates * H) has the biases of the input, then those of the state. Gates of a GRU stand in the order
z, r, h, of an LSTM i, o, f, c. `layout` and the order of batch and time change no weight.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.onnx.constants import Budget, Constants
from gru_core.formats.onnx.graph import Operator, readable

DEFAULTS = {"GRU": ("Sigmoid", "Tanh"), "LSTM": ("Sigmoid", "Tanh", "Tanh"), "RNN": ("Tanh",)}
GATES = {"GRU": 3, "LSTM": 4, "RNN": 1}
_ALPHA = {"hardsigmoid": 0.2, "elu": 1.0, "leakyrelu": 0.01, "thresholdedrelu": 1.0} | dict.fromkeys(
    ("affine", "scaledtanh"), 1.0
)
"""Activations that read a number alpha, and what it is where none is given; the some read a beta as well."""
_BETA = {"hardsigmoid": 0.5, "affine": 0.0, "scaledtanh": 1.0}
NO_CLIP = 1e30
"""A clip as large as this changes nothing."""


@dataclass(frozen=True)
class Activation:
    """One activation function: its name in small letters and as written, and its numbers if it has any."""

    name: str
    alpha: float = 0.0
    beta: float = 0.0
    written: str = field(default="", compare=False)


@dataclass(frozen=True, eq=False)
class Recurrent:
    """One recurrent node. D directions, I inputs, H units, G gates.

    weight_x (D, G * H, I), weight_h (D, G * H, H), bias_x and bias_h (D, G * H) or None
    names        of those arrays in the file, for sentences
    backwards    whether it reads from the last step to the first, and only so
    activations  of each direction
    """

    weight_x: Tensor
    weight_h: Tensor
    bias_x: Tensor | None
    bias_h: Tensor | None
    names: tuple[str, str, str]
    backwards: bool
    activations: tuple[tuple[Activation, ...], ...]
    notes: tuple[str, ...]

    @property
    def directions(self) -> int:
        """1 or 2."""
        return self.weight_x.shape[0]

    @property
    def inputs(self) -> int:
        """Numbers per step that it reads."""
        return self.weight_x.shape[2]

    @property
    def units(self) -> int:
        """Hidden units."""
        return self.weight_h.shape[2]

    @property
    def sizes(self) -> str:
        """In words."""
        return f"{self.inputs} -> {self.units * self.directions}"


def read_recurrent(node: Operator, constants: Constants, budget: Budget) -> Recurrent:
    """The weights and settings of a GRU, LSTM or RNN node.

    Raises ModelFileError, with the node's name, when weights are not in the file or do not fit together, and
    LimitError when there are too many of them.
    """
    gates = GATES[node.kind]
    weight_x, name_x = _weights(node, 1, "W", constants)
    weight_h, name_h = _weights(node, 2, "R", constants)
    direction = node.text("direction", "forward")
    if direction not in ("forward", "reverse", "bidirectional"):
        raise ModelFileError(
            f"The {node.kind} node {node.path!r} reads in the direction {readable(direction)!r}, which ONNX "
            "does not have."
        )
    directions = 2 if direction == "bidirectional" else 1
    units = weight_h.shape[-1] if weight_h.ndim == 3 else 0
    inputs = weight_x.shape[-1] if weight_x.ndim == 3 else 0
    stated = node.integer("hidden_size", units)
    for name, array, shape in (
        (name_h, weight_h, (directions, gates * stated, stated)),
        (name_x, weight_x, (directions, gates * stated, inputs)),
    ):
        if tuple(array.shape) != shape or 0 in shape:
            raise ModelFileError(
                f"{name} of the {node.kind} node {node.path!r} must be (directions, {gates} x hidden, width) "
                f"= {shape}, got {tuple(array.shape)}."
            )
    budget.take(weight_x.numel() + weight_h.numel(), f"the {node.kind} node {node.path!r}")
    bias, name_b = None, "B"
    if node.input(3) is not None:
        bias, name_b = _weights(node, 3, "B", constants)
        if tuple(bias.shape) != (directions, 2 * gates * units):
            raise ModelFileError(
                f"{name_b} of the {node.kind} node {node.path!r} must be (directions, {2 * gates} x hidden) "
                f"= ({directions}, {2 * gates * units}), got {tuple(bias.shape)}."
            )
    if node.number("clip", NO_CLIP) < NO_CLIP:
        raise ModelFileError(
            f"The {node.kind} node {node.path!r} clips its sums at {node.number('clip', 0.0):g} before the "
            "activations, and a layer that does so is not shown here."
        )
    return Recurrent(
        weight_x,
        weight_h,
        None if bias is None else bias[:, : gates * units],
        None if bias is None else bias[:, gates * units :],
        (name_x, name_h, name_b),
        direction == "reverse",
        _activations(node, directions),
        _length_notes(node),
    )


def start_state(
    node: Operator, index: int, part: Recurrent, starts: Constants
) -> tuple[Tensor | None, tuple[str, ...]]:
    """The state that a node starts from, None for zeros, and what must be said of it.

    It is (directions, units), or (directions, batch, units) where it differs between a batch's sequences.

    index   which input of the node it is
    starts  constants read loosely, see Constants

    Raises ModelFileError when a stored state does not fit the node.
    """
    given = node.input(index)
    if given is None:
        return None, ()
    known = starts.value(given)
    if known is None:
        return None, (
            f"Its initial state is {readable(given.name)!r}, which is not in the file but computed or given "
            "while the model runs; it starts from zeros here unless you give one.",
        )
    if not known.is_floating_point() or not torch.isfinite(known).all():
        raise ModelFileError(
            f"The initial state of the {node.kind} node {node.path!r} must be finite numbers."
        )
    if not known.any():
        return None, ()
    if bool((known == known.reshape(-1)[0]).all()):
        return known.reshape(-1)[0].expand(part.directions, part.units).clone(), ()
    batch_first = node.integer("layout") == 1
    by_direction = known.reshape((1,) * (3 - known.ndim) + tuple(known.shape))
    by_direction = by_direction.transpose(0, 1) if batch_first else by_direction
    shape = tuple(by_direction.shape)
    if len(shape) != 3 or shape[0] not in (1, part.directions) or shape[2] != part.units or not shape[1]:
        axes = "(batch, directions, hidden)" if batch_first else "(directions, batch, hidden)"
        raise ModelFileError(
            f"The initial state of the {node.kind} node {node.path!r} must be {axes}, got "
            f"{tuple(known.shape)}."
        )
    by_direction = by_direction.expand(part.directions, -1, -1)
    first = by_direction[:, 0].clone()
    if bool((by_direction == first[:, None]).all()):
        return first, ()
    return by_direction.contiguous().clone(), (
        f"The file has an initial state for each of {shape[1]} sequences: a batch of {shape[1]} starts from "
        "them, any other from the first one's.",
    )


def _weights(node: Operator, index: int, what: str, constants: Constants) -> tuple[Tensor, str]:
    value = node.input(index)
    if value is None:
        raise ModelFileError(
            f"The {node.kind} node {node.path!r} has no weights {what}: the file is damaged."
        )
    array = constants.value(value)
    name = readable(value.name)
    if array is None:
        raise ModelFileError(
            f"The weights {what} of the {node.kind} node {node.path!r} ({name!r}) are computed or given "
            "while the model runs, so they are not in the file."
        )
    return array, name


def _activations(node: Operator, directions: int) -> tuple[tuple[Activation, ...], ...]:
    """Those of each direction; alphas and betas are handed out in order to the activations that read one."""
    defaults = DEFAULTS[node.kind]
    attributes = node.attributes
    stored = attributes["activations"].strings if "activations" in attributes else ()
    names = [name.decode("utf-8", errors="replace") for name in stored] or list(defaults) * directions
    if len(names) != len(defaults) * directions:
        raise ModelFileError(
            f"The {node.kind} node {node.path!r} must name {len(defaults)} activations per direction, "
            f"got {len(names)}."
        )
    given = {
        name: iter(list(attributes[name].floats) if name in attributes else [])
        for name in ("activation_alpha", "activation_beta")
    }
    found = []
    for written in names:
        name = written.lower()
        alpha = next(given["activation_alpha"], _ALPHA[name]) if name in _ALPHA else 0.0
        beta = next(given["activation_beta"], _BETA[name]) if name in _BETA else 0.0
        found.append(Activation(name, alpha, beta, readable(written)))
    each = len(defaults)
    return tuple(tuple(found[start : start + each]) for start in range(0, len(found), each))


def _length_notes(node: Operator) -> tuple[str, ...]:
    if node.input(4) is None:
        return ()
    return ("The model tells it how long each sequence of a batch is; here a sequence is read to its end.",)
