"""Sets of arrays that joined can be one part of a GRU: one packed, gates and candidate, or one per gate."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import permutations
from typing import Literal

import torch
from torch import Tensor

from gru_core.formats.readings.reading import Layout

MAX_ARRAYS = 400
"""Arrays of a file that are looked at, the first ones."""
NEAREST_PAIRS = 4
"""Arrays of a candidate that are tried with one of gates."""
MOST_ENTRIES = 8
"""Longest first axis of an array of three axes that is taken for layers or directions."""

_STATE = re.compile(
    r"hh|h2h|recurrent|hidden|state|dense_h|w_?h(?![a-z]{2})|(^|[./_])u([./_]|$)|(^|[./])h[rzn]([./]|$)", re.I
)
_INPUT = re.compile(r"ih|i2h|x2h|input|dense_i|w_?[xi](?![a-z]{2})|(^|[./])i[rzn]([./]|$)", re.I)
_GATES = {"r": "r", "z": "z", "u": "z", "h": "h", "n": "h", "c": "h"}
_PLAIN_WORDS = {"w", "b", "weight", "bias", "kernel"}


@dataclass(frozen=True)
class NamedArray:
    """One array, or one entry of an array's first axis: name, shape, place in the file, entry."""

    name: str
    shape: tuple[int, ...]
    place: int
    entry: int | None = None

    @property
    def numel(self) -> int:
        """How many numbers it has."""
        count = 1
        for length in self.shape:
            count *= length
        return count

    @property
    def is_vector(self) -> bool:
        """Whether it is one row of numbers, however it is declared."""
        return max(self.shape, default=0) == self.numel


@dataclass(frozen=True)
class ArraySet:
    """Arrays in the order in which they are joined; `units` by `width` where they are matrices.

    cost  0 where nothing speaks against their belonging together
    """

    arrays: tuple[NamedArray, ...]
    units: int = 0
    width: int = 0
    cost: float = 0.0

    @classmethod
    def of(cls, arrays: Iterable[NamedArray]) -> "ArraySet":
        """A set whose sizes do not matter."""
        return cls(tuple(arrays))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names, in order."""
        return tuple(one.name for one in self.arrays)

    @property
    def first(self) -> int:
        """The first place in the file."""
        return min(one.place for one in self.arrays)

    @property
    def last(self) -> int:
        """The last place in the file."""
        return max(one.place for one in self.arrays)

    @property
    def entry(self) -> int | None:
        """Which entry of a first axis they all are, None where they are whole arrays."""
        return self.arrays[0].entry

    def named_as(self, part: Literal["input", "state"]) -> float:
        """How many of the names say that they belong to that part and not to the other."""
        says, against = (_STATE, _INPUT) if part == "state" else (_INPUT, _STATE)
        return float(sum(bool(says.search(n)) and not against.search(n) for n in self.names))

    def aligned(self, other: "ArraySet") -> Iterator["ArraySet"]:
        """`other` in the orders in which its gates could stand beside these: as it is, then every other one.

        Only sets of three whose names do not tell the gates have more than one.
        """
        yield other
        if len(self.arrays) == len(other.arrays) == 3 and not (
            gates_of(self.names) and gates_of(other.names)
        ):
            for arrays in list(permutations(other.arrays))[1:]:
                yield replace(other, arrays=arrays, cost=other.cost + 4)


def arrays_of(tensors: Mapping[str, Tensor]) -> list[NamedArray]:
    """The arrays that could be weights; those of several layers or directions also entry by entry."""
    found: list[NamedArray] = []
    numbers = [
        (name, t)
        for name, t in tensors.items()
        if t.is_floating_point() and t.layout == torch.strided and t.numel()
    ][:MAX_ARRAYS]
    split = {t.shape[0] for _, t in numbers if t.ndim == 3 and 1 < t.shape[0] <= MOST_ENTRIES}
    for place, (name, tensor) in enumerate(numbers):
        shape = tuple(tensor.shape)
        while len(shape) > 2 and shape[0] == 1:
            shape = shape[1:]
        if len(shape) <= 2:
            found.append(NamedArray(name, shape, place))
        if len(shape) in (2, 3) and shape[0] in split:
            found += [NamedArray(f"{name}[{i}]", shape[1:], place, i) for i in range(shape[0])]
    return found


def matrix_sets(
    arrays: Sequence[NamedArray], layout: Layout, units: int | None = None, width: int | None = None
) -> list[ArraySet]:
    """Every set of matrices that joined are (3 units, width), where these are known."""
    turned = {
        one: one.shape if layout == "rows" else one.shape[::-1] for one in arrays if len(one.shape) == 2
    }
    matrices = {one: shape for one, shape in turned.items() if width in (None, shape[1])}
    found = [
        # A matrix of one row or column is more often a bias.
        ArraySet((one,), along // 3, across, 1.5 if across == 1 else 0.0)
        for one, (along, across) in matrices.items()
        if along % 3 == 0 and units in (None, along // 3)
    ]
    for gates, (along, across) in matrices.items():
        if along % 2 or units not in (None, along // 2):
            continue
        found += [
            ArraySet((gates, one), along // 2, across, 0.25 * max(0, abs(one.place - gates.place) - 1))
            for one in _nearest(gates, (o for o, shape in matrices.items() if shape == (along // 2, across)))
        ]
    groups: dict[tuple[int, ...], list[NamedArray]] = {}
    for one, shape in matrices.items():
        if units in (None, shape[0]):
            groups.setdefault(shape, []).append(one)
    for (along, across), group in groups.items():
        found += [replace(three, units=along, width=across) for three in threes(group)]
    return found


def bias_sets(arrays: Sequence[NamedArray], units: int) -> dict[str, list[ArraySet]]:
    """Sets that could be biases: "full" ones of 3 x units, "shared" of both kinds, "single" of one gate."""
    vectors = [one for one in arrays if one.is_vector]
    of_size = {size: [one for one in vectors if one.numel == size * units] for size in (1, 2, 3, 6)}
    full = [ArraySet.of((one,)) for one in of_size[3]]
    full += [ArraySet.of((two, one)) for two in of_size[2] for one in _nearest(two, of_size[1])]
    full += threes(of_size[1])
    two_rows = [one for one in arrays if one.shape == (2, 3 * units)]
    return {
        "full": full,
        "shared": [ArraySet.of((one,)) for one in (*of_size[6], *two_rows)],
        "single": [ArraySet.of((one,)) for one in of_size[1]],
    }


def _nearest(gates: NamedArray, candidates: Iterable[NamedArray]) -> list[NamedArray]:
    """The few arrays of a candidate that are closest to that of the gates in the file."""
    fitting = [one for one in candidates if one.entry == gates.entry and one is not gates]
    return sorted(fitting, key=lambda one: abs(one.place - gates.place))[:NEAREST_PAIRS]


def threes(group: Sequence[NamedArray]) -> list[ArraySet]:
    """Threes of arrays that follow each other in the file or by name, next to each other or alternating.

    Where their names tell the gates they stand in the order r, z, h; such threes are the only ones then.
    """
    orders = [list(group), sorted(group, key=lambda one: _natural(one.name))]
    if len({re.sub(r"\d+", "", one.name) for one in group}) == 1:
        orders.reverse()
    found: dict[tuple[NamedArray, ...], ArraySet] = {}
    for rank, ordered in enumerate(orders):
        for stride in (1, 2, 3):
            for start in range(len(ordered) - 2 * stride):
                three = tuple(ordered[start : start + 2 * stride + 1 : stride])
                gates = gates_of(tuple(one.name for one in three))
                if gates:
                    three = tuple(three[gates.index(gate)] for gate in "rzh")
                cost = 0.0 if gates else 0.25 * rank + 0.5 * (stride - 1) + 0.5 * (start % 3 > 0)
                if len({one.entry for one in three}) == 1:
                    found.setdefault(three, ArraySet(three, cost=cost))
    told = [three for three in found.values() if gates_of(three.names)]
    return told or list(found.values())


def gates_of(names: Sequence[str]) -> tuple[str, ...]:
    """The gate of each of three arrays by their names, () where these do not tell three different ones."""
    gates = [_gate_of(name) for name in names]
    if gates.count("") == 1 and {"r", "z"} < set(gates):
        gates[gates.index("")] = "h"
    return tuple(gates) if sorted(gates) == ["h", "r", "z"] else ()


def _gate_of(name: str) -> str:
    words = [word for word in re.split(r"[._/\[\]]+", name) if word and word.lower() not in _PLAIN_WORDS]
    if not words or len(words[-1]) > 2:
        return ""
    # "U" alone is the state's weights of the candidate, "xu" or "u" of the update gate.
    return "" if words[-1] == "U" else _GATES.get(words[-1][-1].lower(), "")


def _natural(name: str) -> list[tuple[int, str]]:
    """A key that puts w2 before w10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]
