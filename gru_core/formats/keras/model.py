"""From layers and their arrays to the contents of a file, whichever of Keras' containers they came from."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from torch import Tensor

from gru_core.errors import LimitError, ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents, OtherLayer, TensorInfo
from gru_core.formats.keras.blocks import is_cell
from gru_core.formats.keras.config import INPUTS, Described
from gru_core.formats.keras.graph import Graph
from gru_core.formats.keras.grus import grus_of
from gru_core.formats.keras.match import Owned, guessed_layers
from gru_core.formats.keras.others import plain_other, recurrent_other
from gru_core.formats.keras.plan import Plan, plan_of
from gru_core.formats.keras.version import Written
from gru_core.formats.layers import find_layers
from gru_core.limits import MAX_GRUS
from gru_core.model import GRU

_GRUS = {"GRU", "CuDNNGRU"}


def contents_of(
    layers: Sequence[Owned],
    model: Described | None,
    tensors: Mapping[str, Tensor],
    infos: Sequence[TensorInfo],
    written: Written,
    choices: Choices,
    notes: tuple[str, ...] = (),
) -> Contents:
    """The GRUs and the other layers. A GRU that cannot be read exactly is listed with the reason.

    Raises LimitError when there are too many GRUs or one is too large.
    """
    if choices.readings is not None:
        return replace(find_layers(tensors, (), choices, notes), tensors=tuple(infos))
    graph = Graph(model) if model is not None else None
    grus: dict[str, GRU] = {}
    rest: list[Owned | OtherLayer] = []
    for owned in _opened(layers, tensors):
        plan = plan_of(owned.layer)
        if plan is None:
            rest.append(owned)
        elif plan.kinds <= _GRUS:
            refused = _add(owned, plan, tensors, written, choices, graph, grus)
            rest += [refused] if refused is not None else []
        else:
            rest.append(recurrent_other(owned, plan, tensors, written))
        if len(grus) > MAX_GRUS:
            raise LimitError(f"At most {MAX_GRUS} GRUs are read from one file, and this one holds more.")
    others = [
        layer if isinstance(layer, OtherLayer) else plain_other(layer, tensors, grus, graph)
        for layer in rest
        if isinstance(layer, OtherLayer) or layer.layer.kind not in INPUTS
    ]
    return Contents(tuple(infos), grus, tuple(others), notes, arrays=tensors)


def _opened(layers: Sequence[Owned], tensors: Mapping[str, Tensor]) -> list[Owned]:
    """The layers; instead of one of own code that holds recurrent cells, what their shapes tell."""
    found: list[Owned] = []
    for owned in layers:
        kinds = {is_cell(block, tensors) for block in owned.blocks}
        if plan_of(owned.layer) is None and kinds & {"GRU", "LSTM", "CuDNNGRU", "CuDNNLSTM"}:
            placed = [((owned.layer.path, *_after(block.path, owned)), block) for block in owned.blocks]
            why = f"{owned.layer.path!r} is a layer of the model's own code"
            found += guessed_layers(placed, tensors, why)
        else:
            found.append(owned)
    return found


def _after(path: tuple[str, ...], owned: Owned) -> tuple[str, ...]:
    """The names in a block's path below its layer's own."""
    name = owned.layer.name
    return path[path.index(name) + 1 :] if name in path else path


def _add(
    owned: Owned,
    plan: Plan,
    tensors: Mapping[str, Tensor],
    written: Written,
    choices: Choices,
    graph: Graph | None,
    grus: dict[str, GRU],
) -> OtherLayer | None:
    """Put the layer's GRUs to the others, or return it with the reason why that cannot be."""
    layer = owned.layer
    try:
        found = grus_of(owned, plan, tensors, written, choices)
    except ModelFileError as problem:
        return OtherLayer(layer.path, "other", "", str(problem), refused=str(problem))
    around = graph.notes(layer) if graph is not None else ()
    for name, gru in found.items():
        gru.notes = gru.notes + around
        number, free = 2, name
        while free in grus:
            free, number = f"{name} ({number})", number + 1
        grus[free] = gru
    return None
