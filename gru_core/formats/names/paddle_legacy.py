"""PaddlePaddle 1's dynamic_gru and gru_unit: gru_0.w_0, gru_0.b_0, and the fc before each as projection.

gru_0.w_0 is declared (D, 3D), and its memory is a (D, 2D) matrix of u and r followed by a (D, D) matrix of
the candidate. The layer reads 3D numbers per step, u, r, c, that a fully connected layer, fc_0, has made.
Both biases add. The files do not say which way a GRU reads, nor whether u keeps or writes (origin_mode); see
Choices.
Rows of conventions.py: "paddle_legacy" (origin_mode=False, the default there) and "paddle_legacy_origin".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import torch
from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.contents import OtherLayer
from gru_core.formats.guide import Guide
from gru_core.formats.layers import Found, Naming, Refused
from gru_core.formats.open_choices import leave_open
from gru_core.formats.paddle.program import GRUOperator, Program
from gru_core.formats.plain_layers import embedding_layer, linear_layer
from gru_core.formats.weights import PackedCell, Sizes, build_gru
from gru_core.limits import check_gru_size
from gru_core.model import GRU, OpenChoice

_GRU = re.compile(r"(?P<layer>(?:.*[./])?(?:\w+_)?gru(?:_unit)?_\d{1,6})\.(?P<part>w_0|b_0)")
_FC = re.compile(r"(?P<layer>(?:.*[./])?(?:\w+_)?(?:fc|linear)_\d{1,6})\.(?P<part>w_\d{1,2}|b_0)")
_OP = re.compile(r"(?P<layer>(?:.*[./])?)(?P<part>weight|bias)")


NO_PROGRAM = Program()


@dataclass(frozen=True)
class Dense:
    """A fully connected layer: its weights (inputs, outputs), one per input that it reads, and its bias."""

    weights: tuple[str, ...]
    bias: str | None

    @property
    def names(self) -> set[str]:
        return {*self.weights, *([self.bias] if self.bias else [])}


def find(tensors: Mapping[str, Tensor], choices: Choices, program: Program = NO_PROGRAM) -> Found:
    """Every GRU under its own name, gru_0, and the Linear layers and embeddings beside them.

    program  what the file beside them says of its GRUs
    """
    found = Found()
    parts = _parts(_GRU, tensors)
    for name, op in program.grus.items():
        if name in tensors:
            named = {"w_0": name}
            if op.bias is not None and op.bias in tensors:
                named["b_0"] = op.bias
            parts[name.removesuffix(".w_0")] = named
    if choices.projected_gru:
        parts |= {
            layer: {"w_0": names["weight"], **({"b_0": names["bias"]} if "bias" in names else {})}
            for layer, names in _parts(_OP, tensors).items()
            if "weight" in names
        }
    units: dict[str, int] = {}
    for layer, names in parts.items():
        try:
            if "w_0" in names:
                units[layer] = _units(names["w_0"], tensors[names["w_0"]])
        except ModelFileError as problem:
            found.refused.append(Refused(layer.strip("./"), str(problem), frozenset(names.values())))
    if not units:
        return found
    dense = _dense(tensors)
    told = {
        layer: program.grus[parts[layer]["w_0"]] for layer in units if parts[layer]["w_0"] in program.grus
    }
    projections = {
        layer: Dense(op.weights, op.weights_bias if op.weights_bias in tensors else None)
        for layer, op in told.items()
        if op.weights and all(_is_wide(tensors.get(name), units[layer]) for name in op.weights)
    }
    if not choices.projected_gru and len(projections) < len(units):
        projections = _projections(units, dense, tensors)
    for layer, size in units.items():
        names, before = parts[layer], projections.get(layer)
        make = partial(
            _gru,
            units=size,
            names=names,
            before=before,
            tensors=tensors,
            choices=choices,
            told=told.get(layer),
        )
        own = set(names.values()) | (before.names if before else set())
        found.read(layer.strip("./") or "gru", own, make)
    _add_plain(found, tensors, dense)
    return found


def _parts(pattern: re.Pattern[str], tensors: Mapping[str, Tensor]) -> dict[str, dict[str, str]]:
    """By layer, and in it by part, the names of the arrays."""
    layers: dict[str, dict[str, str]] = {}
    for name in tensors:
        if match := pattern.fullmatch(name):
            layers.setdefault(match["layer"], {})[match["part"]] = name
    return layers


def _units(name: str, weight: Tensor) -> int:
    if weight.ndim != 2 or weight.shape[1] != 3 * weight.shape[0] or not weight.shape[0]:
        raise ModelFileError(
            f"{name} must be (hidden, 3 x hidden), as PaddlePaddle declares it, got {tuple(weight.shape)}."
        )
    return int(weight.shape[0])


def _is_wide(weight: Tensor | None, units: int) -> bool:
    """Whether a matrix makes the three numbers per unit that a GRU reads."""
    return weight is not None and weight.ndim == 2 and weight.shape[1] == 3 * units


def _dense(tensors: Mapping[str, Tensor]) -> dict[str, Dense]:
    """The fully connected layers, in the order of their numbers."""
    layers = {}
    for layer, names in _parts(_FC, tensors).items():
        weights = tuple(names[part] for part in sorted(names, key=lambda p: (len(p), p)) if part[0] == "w")
        outputs = {tuple(tensors[name].shape[1:]) for name in weights}
        if weights and all(tensors[name].ndim == 2 for name in weights) and len(outputs) == 1:
            bias = names.get("b_0")
            fits = bias is not None and (tensors[bias].numel(),) in outputs
            layers[layer] = Dense(weights, bias if fits else None)
    return dict(sorted(layers.items(), key=lambda item: int(item[0].rpartition("_")[2])))


def _projections(
    units: Mapping[str, int], dense: Mapping[str, Dense], tensors: Mapping[str, Tensor]
) -> dict[str, Dense]:
    """Which fully connected layer makes the inputs of which GRU.

    Layers are numbered as they are made, each fc before its GRU: where as many have the GRUs' width as there
    are such GRUs, they belong together in order; else equal numbers do.

    Raises ModelFileError when neither settles it.
    """
    found: dict[str, Dense] = {}
    for size in dict.fromkeys(units.values()):
        grus = sorted((layer for layer in units if units[layer] == size), key=_number)
        wide = [layer for layer in dense if tensors[dense[layer].weights[0]].shape[1] == 3 * size]
        if len(wide) == len(grus):
            found |= {gru: dense[layer] for gru, layer in zip(grus, wide, strict=True)}
            continue
        by_number = {_number(layer): layer for layer in wide}
        if not wide:
            continue
        if not all(_number(gru) in by_number for gru in grus):
            raise ModelFileError(
                f"{grus[0]!r} reads {3 * size} numbers that a fully connected layer has made, and which one "
                f"that is among {', '.join(map(repr, wide[:6]))} the files do not tell: leave out those that "
                "feed no GRU."
            )
        found |= {gru: dense[by_number[_number(gru)]] for gru in grus}
    return found


def _number(layer: str) -> int:
    return int(layer.rpartition("_")[2])


def _gru(
    path: str,
    units: int,
    names: Mapping[str, str],
    before: Dense | None,
    tensors: Mapping[str, Tensor],
    choices: Choices,
    told: GRUOperator | None,
) -> GRU:
    """One GRU with its projection, or reading projected numbers as they are where the files have none."""
    inputs = sum(tensors[name].shape[0] for name in before.weights) if before else 3 * units
    check_gru_size(path, inputs, units, 1, 1)
    flat = tensors[names["w_0"]].reshape(-1)
    gates, candidate = (
        flat[: 2 * units * units].view(units, 2 * units),
        flat[2 * units * units :].view(units, units),
    )
    arrays = {names["w_0"]: torch.cat([gates, candidate], dim=1)}
    weight_x, bias_x, bias_h = f"{path}: identity", None, names.get("b_0")
    arrays[weight_x] = torch.eye(3 * units)
    if before:
        weight_x, bias_x = before.weights[0], before.bias
        arrays[weight_x] = torch.cat([tensors[name] for name in before.weights])
    arrays |= {bias: tensors[bias].reshape(-1) for bias in (bias_x, bias_h) if bias is not None}
    sense = choices.z_sense or ("keep" if told and told.keeps else "update")
    if told and (told.gates, told.candidate) != ("sigmoid", "tanh"):
        raise ModelFileError(
            f"{path!r} has gates of {told.gates[:20]} and a candidate of {told.candidate[:20]}: "
            "what is read here has sigmoid and tanh."
        )
    gru = build_gru(
        path,
        "paddle_legacy" if sense == "update" else "paddle_legacy_origin",
        Sizes(inputs, units, 1, 1),
        [PackedCell(weight_x, names["w_0"], bias_x, bias_h)],
        arrays,
        "before",
        choices.gate_activation or "sigmoid",
    )
    if before is None:
        gru.notes += (
            f"Its projection is not in the file: it reads {3 * units} projected numbers, u, r, c, per step.",
        )
    if told and told.backwards is not None:
        gru.backwards = told.backwards
    way: tuple[OpenChoice, ...] = () if told and told.backwards is not None else ("backwards",)
    rest: tuple[OpenChoice, ...] = () if told else ("gate_activation", "z_sense")
    leave_open(gru, choices, *rest, *way)
    if choices.z_sense is None and told is None:
        gru.notes += (
            "The file does not say whether u keeps or writes (origin_mode): as by default, it writes.",
        )
    return gru


def _add_plain(found: Found, tensors: Mapping[str, Tensor], dense: Mapping[str, Dense]) -> None:
    """The fully connected layers that feed no GRU, and embeddings."""
    for layer, parts in dense.items():
        if parts.names & found.used or len(parts.weights) > 1:
            continue
        bias = None if parts.bias is None else tensors[parts.bias].reshape(-1)
        found.others.append(_linear(layer, tensors[parts.weights[0]].T, bias, found.grus))
        found.used |= parts.names
    for name, tensor in tensors.items():
        if name not in found.used and tensor.ndim == 2 and "emb" in name.lower():
            found.others.append(embedding_layer(name, tensor, found.grus))
            found.used.add(name)


def _linear(name: str, weight: Tensor, bias: Tensor | None, grus: Mapping[str, GRU]) -> OtherLayer:
    """A Linear; one that reads two GRUs' states side by side, as of both directions, says so."""
    layer = linear_layer(name, weight, bias, grus)
    pair = [repr(path) for path, gru in grus.items() if 2 * gru.hidden_size == weight.shape[1]][-2:]
    if layer.fits or len(pair) < 2:
        return layer
    note = f"reads as many numbers as two GRUs give side by side, such as {' and '.join(pair)}"
    return replace(layer, note=note)


GUIDE = Guide(
    title="PaddlePaddle 1, dynamic_gru and gru_unit",
    files="the folder of parameters (fc_0.w_0, gru_0.w_0, ...), as a .zip or its files together; .npz, "
    ".pdparams and .pdiparams with these names",
    holds="Every GRU by its name, with the fc before it. Parameters alone do not say which read backwards "
    "nor origin_mode: give the program (__model__, .pdmodel) with them, or say so with "
    "Choices(backwards=..., z_sense=...). Parameters in one file (.pdiparams) need the program, too.",
    conventions=("paddle_legacy", "paddle_legacy_origin"),
    example='fluid.io.save_params(executor, "parameters")\n'
    'load("parameters", Choices(backwards=("gru_1",)))  # {"gru_0": GRU(...), "gru_1": GRU(...)}',
)

NAMING = Naming("paddle_legacy", find)
