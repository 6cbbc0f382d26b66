"""From a GRU layer's description and arrays to GRUs: exact, or refused by a sentence that says why.

Rows of conventions.py: "keras_after", "keras_before", "keras_cudnn", and "tfjs" for TensorFlow.js.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from gru_core.equations import GateActivation, ResetMode
from gru_core.errors import ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.keras.cells import CellArrays, cell_arrays
from gru_core.formats.keras.config import activation_of
from gru_core.formats.keras.match import Owned
from gru_core.formats.keras.plan import Cell, Plan, said, units_of
from gru_core.formats.keras.version import Written
from gru_core.formats.open_choices import IN_WORDS
from gru_core.formats.weights import PackedCell, Sizes, build_gru
from gru_core.model import GRU, OpenChoice

_BACKWARDS = "It reads from the last step to the first; its states stand in the order of the input."


@dataclass(frozen=True, eq=False)
class _Ready:
    """One cell with all that decides its numbers."""

    arrays: CellArrays
    convention: str
    reset_mode: ResetMode
    gates: GateActivation
    notes: tuple[str, ...]

    @property
    def rule(self) -> tuple[int, str, str, str]:
        """What cells of one GRU share."""
        return self.arrays.units, self.convention, self.reset_mode, self.gates


def grus_of(
    owned: Owned, plan: Plan, tensors: Mapping[str, Tensor], written: Written, choices: Choices
) -> dict[str, GRU]:
    """The GRUs of one layer by name: one, unless its directions or cells differ in kind or size.

    Raises ModelFileError when it cannot be read exactly, LimitError when it is too large.
    """
    name = owned.layer.path
    cells = plan.cells
    if len(owned.blocks) != len(cells):
        raise ModelFileError(
            f"{name!r} has {len(cells)} cell{'s' if len(cells) > 1 else ''} by its description, and the "
            f"arrays in the file are of {len(owned.blocks)}: save the model whole."
        )
    ready = [
        _ready(name, cell, cell_arrays(block, cell.kind, tensors, name), owned.guessed, written, choices)
        for cell, block in zip(cells, owned.blocks, strict=True)
    ]
    stacks: list[list[_Ready]] = []
    for direction in plan.directions:
        stacks.append([ready.pop(0) for _ in direction.cells])
    sides = [direction.backwards for direction in plan.directions]
    same = len({cell.rule for stack in stacks for cell in stack}) == 1
    if same and len(stacks) == 2 and len(stacks[0]) == 1 and sides == [False, True]:
        widths = {stack[0].arrays.inputs for stack in stacks}
        if len(widths) == 1:
            return {name: _built(name, [stacks[0][0], stacks[1][0]], 1, 2, False, plan.notes, owned.guessed)}
    found: dict[str, GRU] = {}
    for side, stack in enumerate(stacks):
        own = f"{name}.{('forward', 'backward')[side]}" if len(stacks) == 2 else name
        if len({cell.rule for cell in stack}) == 1:
            found[own] = _built(own, stack, len(stack), 1, sides[side], plan.notes, owned.guessed)
            continue
        for index, cell in enumerate(stack):
            found[f"{own}.{index}"] = _built(
                f"{own}.{index}", [cell], 1, 1, sides[side], plan.notes, owned.guessed
            )
    return found


def _ready(
    name: str, cell: Cell, arrays: CellArrays, guessed: str, written: Written, choices: Choices
) -> _Ready:
    """One cell's reset mode, gates and convention, checked against its arrays."""
    config, units = cell.config, units_of(cell.config)
    if units is not None and units != arrays.units:
        raise ModelFileError(
            f"{name!r} has {units:,} units by its description, and {arrays.names[1]} is of {arrays.units:,}: "
            "the description and the weights are of two models."
        )
    activation = activation_of(config, "activation", "tanh")
    if activation != "tanh":
        raise ModelFileError(
            f"{name!r} has the activation {activation!r} in its candidate; only a GRU with 'tanh' is read, "
            "because its states stay within -1 and 1."
        )
    notes: list[str] = []
    after, why = _reset_after(name, cell, arrays, written)
    if why:
        notes.append(why)
    if cell.kind == "CuDNNGRU":
        return _Ready(arrays, "keras_cudnn", "after", "sigmoid", ())
    if written.tfjs and after:
        raise ModelFileError(
            f"{name!r} has resetAfter: true, which TensorFlow.js does not run: "
            "convert a model made with GRU(reset_after=False), or give the Keras file it comes from."
        )
    gates = _gates(name, cell, guessed, after, written, choices)
    if guessed and choices.gate_activation is not None:
        notes.append(
            f"{guessed}, which does not say the activation of the gates: they are read as "
            f"{IN_WORDS[gates]}, as chosen."
        )
    elif guessed:
        notes.append(
            f"{guessed}, which does not say the activation of the gates: they are read as "
            f"{IN_WORDS[gates]}, the usual one of {written.in_words}."
        )
    convention = "tfjs" if written.tfjs else ("keras_after" if after else "keras_before")
    return _Ready(arrays, convention, "after" if after else "before", gates, tuple(notes))


def _reset_after(name: str, cell: Cell, arrays: CellArrays, written: Written) -> tuple[bool, str]:
    """Whether R multiplies after the matrix product, and a note where that was taken, not read."""
    stated = cell.config.get("reset_after")
    two_rows = None if arrays.bias is None else arrays.bias.ndim == 2
    if cell.kind == "CuDNNGRU":
        if two_rows is False:
            raise ModelFileError(
                f"{arrays.names[2]} of a CuDNNGRU of {arrays.units} units must have {6 * arrays.units} "
                f"entries, got {tuple(arrays.bias.shape) if arrays.bias is not None else ()}."
            )
        return True, ""
    if arrays.bias is not None and arrays.bias.numel() == 6 * arrays.units and arrays.bias.ndim == 1:
        raise ModelFileError(f"{name!r} is a GRU by its description, and its bias is that of a CuDNNGRU.")
    if isinstance(stated, bool):
        if two_rows not in (None, stated):
            raise ModelFileError(
                f"{name!r} says reset_after={stated}, and its bias has the shape "
                f"{tuple(arrays.bias.shape) if arrays.bias is not None else ()}, which is that of "
                f"reset_after={not stated}: the description and the weights are of two models."
            )
        return stated, ""
    if two_rows is not None:
        return two_rows, ""
    taken = written.default_reset_after
    return taken, (
        f"It has no bias, so the file does not say where R multiplies: reset_after={taken} is taken, "
        f"the usual one of {written.in_words}."
    )


def _gates(
    name: str, cell: Cell, guessed: str, after: bool, written: Written, choices: Choices
) -> GateActivation:
    if guessed:
        return choices.gate_activation or written.default_gates(after)
    config = cell.config
    key = said(config, "recurrent_activation", "inner_activation")
    usual = "sigmoid" if written.default_gates(after) == "sigmoid" else "hard_sigmoid"
    activation = activation_of(config, key, usual)
    if activation == "sigmoid":
        return "sigmoid"
    if activation == "hard_sigmoid":
        return written.hard_sigmoid
    raise ModelFileError(
        f"{name!r} has the activation {activation!r} in its gates; only a GRU whose gates are 'sigmoid' or "
        "'hard_sigmoid' is read, because a gate must stay within 0 and 1."
    )


def _built(
    name: str,
    cells: Sequence[_Ready],
    layers: int,
    directions: int,
    backwards: bool,
    notes: tuple[str, ...],
    guessed: str,
) -> GRU:
    """One GRU of cells that share their rule."""
    tensors: dict[str, Tensor] = {}
    packed = []
    for cell in cells:
        arrays = cell.arrays
        kernel, recurrent, bias = arrays.names
        tensors |= {kernel: arrays.kernel, recurrent: arrays.recurrent}
        if arrays.bias is None:
            packed.append(PackedCell(kernel, recurrent))
        elif cell.reset_mode == "before":
            tensors[bias] = arrays.bias
            packed.append(PackedCell(kernel, recurrent, bias))
        else:
            of_input, of_state = f"{bias} of the input", f"{bias} of the state"
            tensors |= {of_input: arrays.bias[0], of_state: arrays.bias[1]}
            packed.append(PackedCell(kernel, recurrent, of_input, of_state))
    first = cells[0]
    gru = build_gru(
        name,
        first.convention,
        Sizes(first.arrays.inputs, first.arrays.units, layers, directions),
        packed,
        tensors,
        first.reset_mode,
        first.gates,
        backwards,
    )
    turned = (_BACKWARDS,) if backwards else ()
    every = (*(note for cell in cells for note in cell.notes), *notes, *turned)
    gru.notes = gru.notes + tuple(dict.fromkeys(every))
    if guessed:
        gates: tuple[OpenChoice, ...] = () if first.convention == "keras_cudnn" else ("gate_activation",)
        gru.open_choices = gates if directions == 2 or backwards else (*gates, "backwards")
    return gru
