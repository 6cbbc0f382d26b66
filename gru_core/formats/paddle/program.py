"""The program beside PaddlePaddle's parameters (__model__, .pdmodel): what each GRU of it reads, and how.

A ProgramDesc is blocks (1) of variables (3: name 1, persistable 3) and operators (4: inputs 1, outputs 2,
type 3, attributes 4). Only names and the attributes of `gru` and `gru_unit` are read; nothing in it is run.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from gru_core.errors import ModelFileError
from gru_core.formats.wire import fields
from gru_core.limits import MAX_TENSORS

BLOCKS, VARIABLES, OPERATORS = 1, 3, 4
IN_TURN = {0: "identity", 1: "sigmoid", 2: "tanh", 3: "relu"}
"""Activations of gru_unit, which has them as numbers."""
PRODUCTS = {"mul", "matmul", "matmul_v2"}


@dataclass(frozen=True)
class Operator:
    """One operator: inputs and outputs by slot, attributes by name."""

    kind: str
    inputs: Mapping[str, tuple[str, ...]]
    outputs: Mapping[str, tuple[str, ...]]
    attributes: Mapping[str, int | str]


@dataclass(frozen=True)
class GRUOperator:
    """One `gru` or `gru_unit`, with the parameters of the fully connected layer whose numbers it reads.

    weight, bias  names of its own parameters; weights, weights_bias  of the layer before it, () where unknown
    backwards     reads from the last step to the first; None where the program does not say
    keeps         origin_mode: u keeps the old state
    gates, candidate  the names of their activations
    """

    weight: str
    bias: str | None
    weights: tuple[str, ...]
    weights_bias: str | None
    backwards: bool | None
    keeps: bool
    gates: str
    candidate: str


@dataclass(frozen=True)
class Program:
    """The names of all parameters, sorted as files of all of them are, and every GRU by its weight's name."""

    parameters: tuple[str, ...] = ()
    grus: Mapping[str, GRUOperator] = field(default_factory=dict)


def read_program(data: bytes, name: str) -> Program:
    """What a program says of its GRUs. Raises ModelFileError when it cannot be read."""
    parameters: list[str] = []
    operators: list[Operator] = []
    try:
        for number, block in fields(data):
            if number != BLOCKS or not isinstance(block, bytes):
                continue
            for part, content in fields(block):
                if not isinstance(content, bytes):
                    continue
                if part == VARIABLES:
                    parameters += _parameter(content)
                elif part == OPERATORS:
                    operators.append(_operator(content))
                if len(parameters) + len(operators) > MAX_TENSORS:
                    raise ModelFileError(
                        f"A program may have at most {MAX_TENSORS:,} parameters and operators, and "
                        f"{name!r} has more."
                    )
    except ModelFileError:
        raise
    except ValueError as problem:  # WireError, or names that are no texts
        raise ModelFileError(f"{name!r} is no program of PaddlePaddle: save or copy it again.") from problem
    made_by = {out: op for op in operators for names in op.outputs.values() for out in names}
    stored = frozenset(parameters)
    grus = [_gru(op, made_by, stored) for op in operators if op.kind in ("gru", "gru_unit")]
    return Program(tuple(sorted(stored - {"feed", "fetch"})), {gru.weight: gru for gru in grus if gru.weight})


def _parameter(content: bytes) -> list[str]:
    """The variable's name, where it is stored with the model."""
    name, stored = "", False
    for number, value in fields(content):
        if number == 1 and isinstance(value, bytes):
            name = value.decode()
        elif number == 3:
            stored = value == 1
    return [name] if stored else []


def _operator(content: bytes) -> Operator:
    kind = ""
    slots: dict[int, dict[str, tuple[str, ...]]] = {1: {}, 2: {}}
    attributes: dict[str, int | str] = {}
    for number, value in fields(content):
        if not isinstance(value, bytes):
            continue
        if number == 3:
            kind = value.decode()
        elif number in slots:
            slot, *names = (text.decode() for _, text in fields(value) if isinstance(text, bytes))
            slots[number][slot] = tuple(names)
        elif number == 4:
            attributes.update(_attribute(value))
    return Operator(kind, slots[1], slots[2], attributes)


def _attribute(content: bytes) -> Iterator[tuple[str, int | str]]:
    """The attribute where it is a whole number (3), a text (5) or true or false (10)."""
    name = ""
    for number, value in fields(content):
        if number == 1 and isinstance(value, bytes):
            name = value.decode()
        elif number in (3, 10) and isinstance(value, int):
            yield name, value
        elif number == 5 and isinstance(value, bytes):
            yield name, value.decode()


def _gru(op: Operator, made_by: Mapping[str, Operator], stored: frozenset[str]) -> GRUOperator:
    def only(slot: str) -> str | None:
        names = op.inputs.get(slot, ())
        return names[0] if names and names[0] in stored else None

    weights, bias = _projection(op.inputs.get("Input", ()), made_by, stored)
    activations = (op.attributes.get("gate_activation", "sigmoid"), op.attributes.get("activation", "tanh"))
    gates, candidate = (IN_TURN.get(a, str(a)) if isinstance(a, int) else a for a in activations)
    return GRUOperator(
        only("Weight") or "",
        only("Bias"),
        weights,
        bias,
        bool(op.attributes["is_reverse"]) if "is_reverse" in op.attributes else None,
        bool(op.attributes.get("origin_mode", 0)),
        gates,
        candidate,
    )


def _projection(
    names: tuple[str, ...], made_by: Mapping[str, Operator], stored: frozenset[str]
) -> tuple[tuple[str, ...], str | None]:
    """The weights and the bias of the layer that makes a variable, () and None where it is another kind."""
    op, bias = made_by.get(names[0]) if names else None, None
    if op is not None and op.kind == "elementwise_add":
        added = op.inputs.get("Y", ())
        bias = added[0] if added and added[0] in stored else None
        op = made_by.get(next(iter(op.inputs.get("X", ())), ""))
        if bias is None:
            return (), None
    products = (
        [op] if op is None or op.kind != "sum" else [made_by.get(name) for name in op.inputs.get("X", ())]
    )
    weights = []
    for product in products:
        by = product.inputs.get("Y", ()) if product is not None and product.kind in PRODUCTS else ()
        if not by or by[0] not in stored:
            return (), None
        weights.append(by[0])
    return tuple(weights), bias
