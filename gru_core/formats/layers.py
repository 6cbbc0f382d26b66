"""Finding the layers in a flat set of named arrays: each way to name a GRU's parameters is one `Naming`.

The containers (.pt, .safetensors, .npz) only unpack arrays; what the arrays are is told here, by
their names and shapes, so that a naming is known in every container at once.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from torch import Tensor

from gru_core.errors import LimitError, ModelFileError
from gru_core.formats.choices import NO_CHOICES, Choices
from gru_core.formats.contents import Contents, OtherLayer, TensorInfo
from gru_core.formats.guide import Guide
from gru_core.formats.plain_layers import plain_layers
from gru_core.formats.readings.own_arrays import arrays_used, check_readings, gru_of
from gru_core.formats.strays import note, refusal, strays
from gru_core.formats.torch.reparametrised import whole_weights
from gru_core.formats.weights import dtype_name
from gru_core.limits import MAX_GRUS, MAX_TENSORS
from gru_core.model import GRU

MAX_NAME_CHARACTERS = 2_000_000
"""Characters of all names in one file together: each way of naming looks at each of them."""


class _Grus(dict[str, GRU]):
    """GRUs by name, refused as soon as they are too many: making ten thousand takes long."""

    def __setitem__(self, name: str, gru: GRU) -> None:
        super().__setitem__(name, gru)
        _check_count(len(self))


class _Others(list[OtherLayer]):
    """Other layers; those that can be run are counted as GRUs are."""

    def append(self, layer: OtherLayer) -> None:
        super().append(layer)
        if layer.core is not None:
            self.cores = getattr(self, "cores", 0) + 1
            _check_count(self.cores)


def _check_count(count: int) -> None:
    if count > MAX_GRUS:
        raise LimitError(
            f"At most {MAX_GRUS} recurrent layers are read from one file, and this one holds more."
        )


@dataclass(frozen=True)
class Refused:
    """A GRU by some of its names that cannot be read exactly: where, why, and the arrays that are its."""

    path: str
    why: str
    names: frozenset[str]

    @property
    def layer(self) -> OtherLayer:
        """How it is listed."""
        return OtherLayer(self.path, "other", "", self.why, refused=self.why)


@dataclass
class Found:
    """What one naming found: GRUs and other layers by their path, and the arrays they are made of.

    used     the arrays that are read
    names    of them, those of each GRU
    refused  what looked like a GRU and is none that can be read; its arrays are free for other namings
    """

    grus: dict[str, GRU] = field(default_factory=_Grus)
    others: list[OtherLayer] = field(default_factory=_Others)
    used: set[str] = field(default_factory=set)
    names: dict[str, set[str]] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)

    def read(self, path: str, names: Iterable[str], make: Callable[[str], GRU]) -> None:
        """Make the GRU of these arrays under a free name; one that cannot be read is noted as refused."""
        name, own = free_name(path, self.grus), set(names)
        try:
            gru = make(name)
        except ModelFileError as problem:
            self.refused.append(Refused(path, str(problem), frozenset(own)))
            return
        self.grus[name] = gru
        self.names[name] = own
        self.used |= own

    def add(self, other: "Found") -> None:
        """Take all that was found otherwise as well."""
        self.grus |= other.grus
        self.others += other.others
        self.used |= other.used
        self.names |= other.names
        self.refused += other.refused

    def renamed(self, names: Mapping[str, str]) -> "Found":
        """The same with the names of arrays as they are in the file."""
        return Found(
            self.grus,
            self.others,
            {names[name] for name in self.used},
            {gru: {names[name] for name in own} for gru, own in self.names.items()},
            [replace(r, names=frozenset(names[name] for name in r.names)) for r in self.refused],
        )


@dataclass(frozen=True)
class Naming:
    """One framework's names for the parameters of recurrent layers, and its guides for people."""

    name: str
    find: Callable[[Mapping[str, Tensor], Choices], Found]
    guides: tuple[Guide, ...] = ()


def path_of(prefix: str | None) -> str:
    """The name of a GRU from the part of its arrays' names that is before the parameter: "gru" when bare."""
    return (prefix or "").strip("./_") or "gru"


def find_layers(
    tensors: Mapping[str, Tensor],
    namings: tuple[Naming, ...],
    choices: Choices = NO_CHOICES,
    notes: tuple[str, ...] = (),
) -> Contents:
    """Everything the namings find in the arrays, or what readings say instead, and what is left over.

    Raises ModelFileError when a GRU is there and cannot be right, LimitError when there are too many.
    """
    if len(tensors) > MAX_TENSORS:
        raise LimitError(
            f"A model file may hold at most {MAX_TENSORS:,} arrays, and this one holds {len(tensors):,}."
        )
    if sum(map(len, tensors)) > MAX_NAME_CHARACTERS:
        raise LimitError(
            f"The names in a model file may have at most {MAX_NAME_CHARACTERS:,} characters together, and "
            f"here they have {sum(map(len, tensors)):,}: save it with shorter names."
        )
    grus: dict[str, GRU] = {}
    others: list[OtherLayer] = []
    left = dict(tensors)
    if choices.readings is not None:
        namings = ()
        check_readings(choices.readings)
        grus = {reading.name: gru_of(reading, tensors) for reading in choices.readings}
        used = arrays_used(choices.readings, tensors)
        left = {name: tensor for name, tensor in left.items() if name not in used}
    else:
        left, said = whole_weights(tensors)
        notes += said
    names: dict[str, set[str]] = {}
    refused: list[Refused] = []
    for naming in namings:
        found = _found(naming, left, choices)
        for name, gru in found.grus.items():
            free = free_name(name, grus)
            grus[free] = gru
            names[free] = found.names.get(name, set())
        others += found.others
        refused += found.refused
        left = {name: tensor for name, tensor in left.items() if name not in found.used}
    _check_count(len(grus))
    infos = tuple(TensorInfo(name, tuple(t.shape), dtype_name(t.dtype)) for name, t in tensors.items())
    refused = _with_strays(grus, names, left) + refused
    others += _others_of(left, grus, refused)
    return Contents(infos, grus, tuple(others), notes, arrays=dict(tensors))


def _found(naming: Naming, tensors: Mapping[str, Tensor], choices: Choices) -> Found:
    """What one naming finds; what it refuses as a whole is noted, since other namings may read the file."""
    try:
        return naming.find(tensors, choices)
    except ModelFileError as problem:
        return Found(refused=[Refused("", str(problem), frozenset())])


def _with_strays(
    grus: dict[str, GRU], names: Mapping[str, set[str]], left: Mapping[str, Tensor]
) -> list[Refused]:
    """Take out the GRUs beside which biases are left over, and note other arrays of a GRU's size."""
    unread = {layer.name: left[layer.name] for layer in plain_layers(left, grus) if layer.kind == "other"}
    refused = []
    for name, (biases, rest) in strays(grus, names, unread, left).items():
        if biases:
            refused.append(Refused(name, refusal(name, biases), frozenset((*names[name], *biases))))
            del grus[name]
        elif rest:
            grus[name].notes += (note(rest),)
    return refused


def _others_of(
    left: Mapping[str, Tensor], grus: Mapping[str, GRU], refused: Sequence[Refused]
) -> list[OtherLayer]:
    """The refused GRUs whose arrays no naming has read, each array told of once, and what else is left."""
    listed: list[OtherLayer] = []
    told: set[str] = set()
    for one in refused:
        known = one.names & left.keys()
        # One that was read and then taken out has biases that are left.
        if one.names and (not known or known & told):
            continue
        listed.append(one.layer)
        told |= known
    free = {name: tensor for name, tensor in left.items() if name not in told}
    return listed + plain_layers(free, grus)


def with_strangers(contents: Contents, strangers: Sequence[TensorInfo]) -> Contents:
    """The contents and the arrays that are listed but not read, as they are not of numbers."""
    others = tuple(OtherLayer(info.name, "other", f"{info.dtype}, not numbers") for info in strangers)
    return replace(contents, tensors=contents.tensors + tuple(strangers), others=contents.others + others)


def free_name(name: str, taken: Mapping[str, GRU]) -> str:
    """The name, with a number behind it where two namings found a GRU under the same path."""
    number, free = 2, name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free
