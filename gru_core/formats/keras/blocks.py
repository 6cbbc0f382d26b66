"""The arrays of Keras' layers in blocks: what one cell or one plain layer owns, wherever a file keeps it.

Keras 1 and 2 and TensorFlow.js name every array ("gru/gru_cell/kernel:0"); Keras 3 numbers those of a
layer and keeps them in groups that are named after classes, not after the layers.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from torch import Tensor

from gru_core.formats.hdf5.tree import Group

KERNEL, RECURRENT, BIAS, EMBEDDINGS = "kernel", "recurrent_kernel", "bias", "embeddings"

_KERAS1 = re.compile(r"(?:(?P<path>.+)_)?(?P<part>[WUb](?:_[zrhifco])?)")
_NAMED = re.compile(rf"(?P<part>{RECURRENT}|{KERNEL}|{BIAS}|{EMBEDDINGS})(?P<number>_\d+)?")
_VARS = "vars"
_CONTAINERS = ("layers", "_layer_checkpoint_dependencies", "_self_tracked_trackables", "_operations")


@dataclass(frozen=True, eq=False)
class Block:
    """One cell's or layer's own arrays.

    path   where they are: names of layers and cells, outermost first
    parts  the names of the arrays in the file by what they are ("kernel", "W_z", ...), or by number
    """

    path: tuple[str, ...]
    parts: dict[str, str] = field(default_factory=dict)

    def part(self, name: str, number: int) -> str | None:
        """The array of that meaning: by its name, or where arrays are numbered, by its number."""
        return self.parts.get(name, self.parts.get(str(number)))


def named_blocks(names: Iterable[tuple[str, str]]) -> list[Block]:
    """Blocks from arrays that have names.

    names  pairs of the array's own name, such as "gru/gru_cell/kernel:0", and its name in the file
    """
    blocks: dict[tuple[str, str], list[Block]] = {}
    order: list[Block] = []
    for own, full in names:
        folder, _, last = re.sub(r":\d+$", "", own).rpartition("/")
        number = ""
        if (match := _NAMED.fullmatch(last)) is not None:
            part, number = match["part"], match["number"] or ""
        elif (match := _KERAS1.fullmatch(last)) is not None:
            part, folder = match["part"], "/".join(filter(None, (folder, match["path"] or "")))
        else:
            part = last
        there = blocks.setdefault((folder, number), [])
        # A name that comes again begins the next cell: Keras 2.0 named both directions alike.
        if not there or part in there[-1].parts:
            there.append(Block(tuple(filter(None, folder.split("/")))))
            order.append(there[-1])
        there[-1].parts[part] = full
    return order


def stored_blocks(group: Group, path: str, names: tuple[str, ...] = ()) -> Iterator[Block]:
    """Blocks of a group of Keras 3, in the order that a layer counts its weights in.

    path   where the group is in the file
    names  the layers it lies in, by their own names where the file says them
    """
    own = group.groups.get(_VARS)
    if own is not None and own.arrays:
        yield Block(names, {key: f"{path}/{_VARS}/{key}".lstrip("/") for key in own.arrays})
    for key in sorted(group.groups, key=_in_order):
        if key == _VARS:
            continue
        yield from stored_blocks(group.groups[key], f"{path}/{key}", names + _own_name(group, key))


def _in_order(key: str) -> int:
    """Forward before backward; all else as it stands."""
    return {"cell": 0, "forward_layer": 1, "backward_layer": 2}.get(key, 3)


def _own_name(group: Group, key: str) -> tuple[str, ...]:
    """What a group adds to the names of its layers."""
    below = group.groups[key]
    if key in _CONTAINERS and _VARS not in below.groups:
        return ()
    if key in ("cell", "layer", "forward_layer", "backward_layer"):
        return (key,)
    said = below.groups[_VARS].text("name") if _VARS in below.groups else ""
    return (said or key,)


def container(group: Group) -> Group | None:
    """The group that holds a model's layers, or None."""
    for name in _CONTAINERS:
        if name in group.groups:
            return group.groups[name]
    return None


def keras3_keys(layers: Iterable[tuple[str, str]], group: Group) -> dict[str, str]:
    """The names of the groups in which a model's layers keep their weights.

    layers  pairs of a layer's own name and its class, in the model's order
    group   the group that holds them

    A group that says its layer's name is that layer's. Others are named after the class, counted:
    the second GRU's is "gru_1".
    """
    said = {
        below.groups[_VARS].text("name"): key for key, below in group.groups.items() if _VARS in below.groups
    }
    keys: dict[str, str] = {}
    counts: dict[str, int] = {}
    for name, kind in layers:
        snake = _snake(kind)
        number = counts[snake] = counts.get(snake, -1) + 1
        counted = f"{snake}_{number}" if number else snake
        for key in (said.get(name), counted, name):
            if key is not None and key in group.groups and name not in keys:
                keys[name] = key
    return keys


def _snake(kind: str) -> str:
    """ "SimpleRNN" as "simple_rnn", the way Keras 3 names groups."""
    words = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", re.sub(r"\W+", "", kind))
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()


def is_cell(block: Block, tensors: Mapping[str, Tensor]) -> str:
    """What cell a block's shapes are of: "GRU", "LSTM", "SimpleRNN", the two for cuDNN, or ""."""
    if "U" in block.parts:
        recurrent, bias = block.parts["U"], block.parts.get("b")
    elif "U_z" in block.parts:
        return "GRU"
    elif "U_i" in block.parts:
        return "LSTM"
    else:
        found = block.parts.get(RECURRENT)
        if found is None and set(block.parts) <= {"0", "1", "2"}:
            found = block.parts.get("1")
        if found is None:
            return ""
        recurrent, bias = found, block.part(BIAS, 2)
    kernel = block.parts.get("W") or block.part(KERNEL, 0)
    if kernel is None or recurrent not in tensors or kernel not in tensors:
        return ""
    if tensors[recurrent].ndim != 2 or tensors[kernel].ndim != 2:
        return ""
    units, columns = tensors[recurrent].shape
    if units == 0 or columns != tensors[kernel].shape[1]:
        return ""
    kind = {3 * units: "GRU", 4 * units: "LSTM", units: "SimpleRNN"}.get(columns, "")
    entries = tuple(tensors[bias].shape) if bias is not None and bias in tensors else ()
    if kind in ("GRU", "LSTM") and entries == (2 * columns,):
        return f"CuDNN{kind}"
    return kind
