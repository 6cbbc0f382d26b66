"""Which arrays are which layer's: by the description where there is one, else by names and shapes."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from torch import Tensor

from gru_core.formats.hdf5.tree import Group
from gru_core.formats.keras.blocks import (
    EMBEDDINGS,
    KERNEL,
    Block,
    container,
    is_cell,
    keras3_keys,
    named_blocks,
    stored_blocks,
)
from gru_core.formats.keras.config import Described, Layer, inner
from gru_core.formats.keras.plan import plan_of

_DIRECTIONS = ("forward", "backward")
WEIGHTS_ALONE = "The file holds weights alone"


@dataclass(frozen=True, eq=False)
class Owned:
    """A layer and the blocks of arrays that are its own.

    guessed  why only names and shapes tell what it is, "" where the description does
    """

    layer: Layer
    blocks: tuple[Block, ...]
    guessed: str = ""


def legacy_layers(
    group: Group, prefix: str, model: Described | None, tensors: Mapping[str, Tensor]
) -> list[Owned]:
    """The layers of an HDF5 file of Keras 1 or 2: each layer's group lists the names of its weights.

    prefix  where `group` is in the file, with a slash behind it, or ""
    """
    names = group.listed("layer_names") or tuple(group.groups)
    by_layer = {name: _legacy_blocks(group, prefix, name) for name in names}
    if model is None:
        found: list[Owned] = []
        for name, blocks in by_layer.items():
            placed = [(_below(block.path, name), block) for block in blocks]
            found += guessed_layers(placed, tensors)
        return found
    return [
        owned for layer in model.layers for owned in _shared_out(layer, by_layer.get(layer.name, []), tensors)
    ]


def _legacy_blocks(group: Group, prefix: str, name: str) -> list[Block]:
    own = group.group(name)
    if own is None:
        return []
    listed = own.listed("weight_names")
    names = [path for path, _ in own.walk()] if listed is None else listed
    return named_blocks((path, f"{prefix}{name}/{path}".replace("//", "/")) for path in names)


def named_layers(names: Iterable[str], model: Described, tensors: Mapping[str, Tensor]) -> list[Owned]:
    """The layers of a flat list of named arrays, as in TensorFlow.js."""
    blocks = named_blocks((name, name) for name in names)
    whole = Layer("", "", "Model", {}, parts=model.layers)
    return _shared_out(whole, blocks, tensors)


def stored_layers(root: Group, model: Described | None, tensors: Mapping[str, Tensor]) -> list[Owned]:
    """The layers of a Keras 3 file of weights."""
    if model is None:
        return guessed_layers(((b.path, b) for b in stored_blocks(root, "")), tensors)
    return list(_visit(model.layers, container(root) or Group(), _container_path(root, "")))


def _visit(layers: Sequence[Layer], group: Group, path: str) -> Iterator[Owned]:
    keys = keras3_keys(((layer.name, layer.kind) for layer in layers), group)
    for layer in layers:
        key = keys.get(layer.name)
        own = group.groups[key] if key is not None else Group()
        where = f"{path}/{key}"
        if not layer.is_model:
            yield Owned(layer, tuple(stored_blocks(own, where)))
            continue
        if "layer" in own.groups and container(own) is None:
            own, where = own.groups["layer"], f"{where}/layer"
        yield from _visit(layer.parts, container(own) or Group(), _container_path(own, where))


def _container_path(group: Group, path: str) -> str:
    below = container(group)
    name = next((key for key, value in group.groups.items() if value is below), "")
    return f"{path}/{name}".lstrip("/")


def _shared_out(layer: Layer, blocks: Sequence[Block], tensors: Mapping[str, Tensor]) -> list[Owned]:
    """The blocks of a layer, or of a model, among the layers in it: by name, and what is left by kind."""
    if not layer.is_model:
        return [Owned(layer, tuple(blocks))]
    leaves = list(layer.leaves())
    left = _Left(blocks)
    given: dict[int, list[Block]] = {}
    left.file_under(lambda block: set(block.path))
    for names in (_own_names, _inner_names):
        for index, leaf in enumerate(leaves):
            if index not in given and (mine := left.take(names(leaf), _blocks_of(leaf))):
                given[index] = mine
    left.file_under(lambda block: {is_cell(block, tensors)})
    for index, leaf in enumerate(leaves):
        plan = plan_of(leaf)
        if index not in given and plan is not None:
            given[index] = left.take(plan.kinds, len(plan.cells))
    return [Owned(leaf, tuple(given.get(index, ()))) for index, leaf in enumerate(leaves)]


class _Left:
    """Blocks that nobody has taken, in their order, to be asked for by marks.

    Each is looked at once per filing, so that thousands of layers and blocks are no matter of minutes.
    """

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._left = dict(enumerate(blocks))
        self._under: dict[str, deque[int]] = {}

    def file_under(self, marks: Callable[[Block], set[str]]) -> None:
        """From now on blocks are asked for by these marks."""
        self._under = {}
        for place, block in self._left.items():
            for mark in marks(block):
                self._under.setdefault(mark, deque()).append(place)

    def take(self, marks: set[str], most: int | None) -> list[Block]:
        """The first `most` blocks that have one of the marks, all of them where it is None."""
        queues = [queue for mark in marks if (queue := self._under.get(mark))]
        taken: list[Block] = []
        while most is None or len(taken) < most:
            for queue in queues:
                while queue and queue[0] not in self._left:
                    queue.popleft()
            fronts = [queue[0] for queue in queues if queue]
            if not fronts:
                break
            taken.append(self._left.pop(min(fronts)))
        return taken


def _blocks_of(leaf: Layer) -> int | None:
    """How many blocks a layer has at most; None where that is open."""
    plan = plan_of(leaf)
    if plan is not None:
        return len(plan.cells)
    return 1 if leaf.kind in ("Dense", "Embedding") else None


def _own_names(leaf: Layer) -> set[str]:
    """What a layer's name may look like in the path of its arrays."""
    names = {leaf.name}
    if leaf.kind == "Bidirectional" and (cell := inner(leaf.config, "layer")):
        own = cell[1].get("name")
        names |= {f"{direction}_{str(own).removeprefix('forward_')}" for direction in _DIRECTIONS}
    return names


def _inner_names(leaf: Layer) -> set[str]:
    inside = [inner(leaf.config, key) for key in ("layer", "backward_layer", "cell")]
    return {name for cell in inside if cell and isinstance(name := cell[1].get("name"), str)}


def _below(path: tuple[str, ...], name: str) -> tuple[str, ...]:
    """The path of a block under its layer's own name, which may be in it already."""
    parts = tuple(part for part in name.split("/") if part)
    for start in range(len(path) - len(parts) + 1):
        if path[start : start + len(parts)] == parts:
            return (name, *path[start + len(parts) :])
    return (name, *path)


def guessed_layers(
    placed: Iterable[tuple[tuple[str, ...], Block]], tensors: Mapping[str, Tensor], why: str = WEIGHTS_ALONE
) -> list[Owned]:
    """Layers from blocks alone: cells by their shapes, directions by their names, the rest as it looks."""
    groups: dict[tuple[str, ...], list[tuple[str, tuple[str, ...], Block]]] = {}
    for path, block in placed:
        owner, direction = _owner(path)
        groups.setdefault(owner, []).append((direction, path, block))
    found: list[Owned] = []
    taken: dict[str, int] = {}
    for owner, members in groups.items():
        kinds = {is_cell(block, tensors) for *_, block in members}
        directions = sorted(direction for direction, *_ in members)
        # Keras 2.0 gave both directions the same names, one behind the other.
        twins = len(members) == 2 and members[0][1] == members[1][1]
        if (directions == ["backward", "forward"] or twins) and len(kinds) == 1 and "" not in kinds:
            ordered = sorted(members, key=lambda member: member[0] == "backward")
            name = _free(".".join(owner) or "layer", taken)
            layer = Layer(name, name, f"Bidirectional {kinds.pop()}", {})
            found.append(Owned(layer, tuple(block for *_, block in ordered), why))
            continue
        for direction, path, block in members:
            alone = len(members) == 1 and not direction
            name = _free(".".join(owner if alone else path) or "layer", taken)
            kind = is_cell(block, tensors) or _plain_kind(block, tensors)
            found.append(Owned(Layer(name, name, kind, {}), (block,), why))
    return found


def _owner(path: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The names of the layer that a block is in, without its cell's, and its direction or ""."""
    parts = list(path)
    while len(parts) > 1 and (parts[-1] in ("cell", "layer") or "_cell" in parts[-1]):
        parts.pop()
    for direction in _DIRECTIONS:
        if parts and parts[-1].startswith(f"{direction}_"):
            return tuple(parts[:-1]) or (parts[-1].removeprefix(f"{direction}_"),), direction
    return tuple(parts), ""


def _plain_kind(block: Block, tensors: Mapping[str, Tensor]) -> str:
    """ "Dense" or "Embedding" where names or shapes tell, else ""."""
    shapes = {part: tuple(tensors[name].shape) for part, name in block.parts.items() if name in tensors}
    if set(shapes) == {EMBEDDINGS} and len(shapes[EMBEDDINGS]) == 2:
        return "Embedding"
    kernel, bias = (shapes.get(part, shapes.get(number)) for part, number in ((KERNEL, "0"), ("bias", "1")))
    if kernel is not None and len(kernel) == 2 and (bias in (None, kernel[1:])) and len(shapes) <= 2:
        named = " ".join(block.path).lower()
        if bias is None and "embed" in named:
            return "Embedding"
        return "Dense" if bias is not None or KERNEL in shapes else ""
    return ""


def _free(name: str, taken: dict[str, int]) -> str:
    """The name, with a number behind it where it is taken; `taken` knows the last number of each."""
    free = name
    while free in taken:
        taken[name] += 1
        free = f"{name} ({taken[name]})"
    taken[free] = 1
    return free
