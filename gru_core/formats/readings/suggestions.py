"""Which arrays could be the parts of a GRU, by shapes first and names second, and every reading they allow.

Nothing here decides: it proposes. What it proposes is bounded, the likeliest first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice, product
from typing import get_args

from torch import Tensor

from gru_core.equations import RESET_MODES, GateActivation
from gru_core.errors import GateScopeError
from gru_core.formats.readings.array_sets import ArraySet, NamedArray, arrays_of, bias_sets, matrix_sets
from gru_core.formats.readings.own_arrays import sizes_of
from gru_core.formats.readings.reading import LAYOUTS, ORDERS, Z_SENSES, GateOrder, Layout, Reading
from gru_core.formats.readings.typed import options_of

MAX_PARTS = 400
"""Ways to give the arrays of one file their parts."""
MAX_WEIGHTS = 1_000
"""Ways to give the weights alone their parts that are looked at in each layout."""
BEST_WEIGHTS = 100
"""Those of them that biases are tried with."""
MAX_READINGS = 6_000
"""Readings that are proposed for one file."""
NEAREST = 8
"""Sets of arrays that are tried for a part, those closest in the file first."""

MAX_OPTIONS = 500
"""Characters of options that are still copied."""
LONG_OPTIONS = "the options of inspect and trace, --weight-x and so on"

_ACTIVATIONS: tuple[GateActivation, ...] = get_args(GateActivation)


@dataclass(frozen=True)
class Suggested:
    """One way to give arrays their parts.

    reading  with the packing that is usual for such shapes; order, sense of Z, reset mode and gate
             activation are open
    cost     0 for arrays that lie together and whose names say nothing against it; more is less likely
    """

    reading: Reading
    inputs: int
    units: int
    cost: float


def suggest_parts(
    tensors: Mapping[str, Tensor],
    inputs: int | None = None,
    units: int | None = None,
    most: int = MAX_PARTS,
) -> tuple[Suggested, ...]:
    """Every way to find the parts of a GRU among the arrays, the likeliest first, at most `most`.

    inputs, units  where they are known, only what fits them
    """
    pool = _Pool(arrays_of(tensors), inputs, units)
    found: list[Suggested] = []
    for layout in LAYOUTS:
        weights = sorted(islice(_weights(pool, layout), MAX_WEIGHTS), key=pool.rank)
        for one in weights[:BEST_WEIGHTS]:
            found += _with_biases(one, pool, tensors)
    return tuple({one.reading: one for one in sorted(found, key=pool.rank)}.values())[:most]


def suggest_readings(
    tensors: Mapping[str, Tensor],
    inputs: int | None = None,
    units: int | None = None,
    most: int = MAX_READINGS,
) -> tuple[Reading, ...]:
    """Every reading that the shapes allow, the likeliest first, at most `most`."""
    parts = suggest_parts(tensors, inputs, units)
    return tuple(islice((reading for one in parts for reading in every_packing(one.reading)), most))


def every_packing(parts: Reading) -> Iterator[Reading]:
    """The reading itself, and those with every other order, sense of Z, reset mode and gate activation.

    Where the gates come as two arrays, gates and candidate, the candidate is the last in every order.
    """
    yield parts
    in_two = any(len(names) == 2 for names in (parts.weight_x, parts.weight_h, parts.bias_x))
    orders: tuple[GateOrder, ...] = tuple(o for o in ORDERS if o[-1] == "h" or not in_two)
    if parts.state_in_two:
        orders = ("zrh", "rzh")
    for activation, sense, mode, order in product(_ACTIVATIONS, Z_SENSES, RESET_MODES, orders):
        other = replace(parts, gate_activation=activation, z_sense=sense, reset_mode=mode, order=order)
        if other != parts:
            yield other


def likeliest(tensors: Mapping[str, Tensor]) -> Suggested | None:
    """The likeliest parts of a GRU among the arrays; None when no arrays have the shapes of one.

    It never decides: a wrong reading costs 0.4 to 2.0 in H.
    """
    # One matrix of 3H columns and a bias is any Linear; that alone says nothing of a GRU.
    pool = _Pool(arrays_of(tensors), None, None)
    likely = [
        one
        for layout in LAYOUTS
        for one in islice(_weights(pool, layout), MAX_WEIGHTS)
        if len(one.reading.weight_h) > 1 or not one.reading.is_stacked
    ]
    if not likely:
        return None
    best = sorted(likely, key=pool.rank)[:NEAREST]
    return min((full for weights in best for full in _with_biases(weights, pool, tensors)), key=pool.rank)


def first_suggestion(tensors: Mapping[str, Tensor]) -> str | None:
    """A sentence that leads a person whose arrays have unknown names to saying what they are.

    None when no arrays have the shapes of a GRU.
    """
    one = likeliest(tensors)
    if one is None:
        return None
    options = options_of(one.reading)
    # Cut names would name nothing.
    such = f"options such as {options}" if len(options) <= MAX_OPTIONS else LONG_OPTIONS
    return (
        f"{shapes_words(one)} If it is one, say how it is packed: in the form on the page Your data, or with "
        f"{such}."
    )


def shapes_words(one: Suggested) -> str:
    """The end of a sentence: which arrays have the shapes of a GRU, and of which."""
    names = dict.fromkeys((*one.reading.weight_x, *one.reading.weight_h))
    listed = " and ".join(f"{name[:60]!r}" for name in names)
    verb = "have the shapes" if len(names) > 1 else "has the shape"
    return f"{listed} {verb} of one with {one.inputs} inputs and {one.units} units."


class _Pool:
    """The arrays of a file, and the sets that can be made of them, each made once."""

    def __init__(self, arrays: list[NamedArray], inputs: int | None, units: int | None) -> None:
        self.arrays, self.inputs, self.units = arrays, inputs, units
        self._matrices: dict[tuple[Layout, int | None], list[ArraySet]] = {}
        self._biases: dict[int, dict[str, list[ArraySet]]] = {}
        self._by_name = {one.name: one for one in arrays}

    def rank(self, one: Suggested) -> tuple[float, int, int]:
        """A key that puts the likeliest first: what lies together, has one stem, and leaves little unused."""
        reading = one.reading
        used = [self._by_name[name] for name in reading.names]
        places = [entry.place for entry in used]
        gap = max(places) - min(places) + 1 - len(set(places))
        stems = {name[: max(name.rfind("."), name.rfind("/"), 0)] for name in reading.names}
        # Files mostly hold the input's part first; that only breaks ties.
        turned = [
            bool(first and second) and self._by_name[first[0]].place > self._by_name[second[0]].place
            for first, second in ((reading.weight_x, reading.weight_h), (reading.bias_x, reading.bias_h))
        ]
        cost = one.cost + 0.25 * gap + 0.1 * len(stems) + 0.05 * sum(turned)
        cost += 2.0 * (len({entry.entry for entry in used}) - 1)
        return cost, -sum(entry.numel for entry in used), min(places)

    def states(self, layout: Layout) -> list[ArraySet]:
        """Sets that could be the state's weights, stacked on the input's or not."""
        return matrix_sets(self.arrays, layout, self.units)

    def input_sets(self, layout: Layout, units: int) -> list[ArraySet]:
        """Sets that could be the input's weights."""
        if (layout, units) not in self._matrices:
            self._matrices[layout, units] = matrix_sets(self.arrays, layout, units, self.inputs)
        return self._matrices[layout, units]

    def biases(self, units: int) -> dict[str, list[ArraySet]]:
        """Sets that could be biases, see `bias_sets`."""
        if units not in self._biases:
            self._biases[units] = bias_sets(self.arrays, units)
        return self._biases[units]


def _weights(pool: _Pool, layout: Layout) -> Iterator[Suggested]:
    """Ways to give the weights their parts, in one layout, biases left open."""
    for state in pool.states(layout):
        hidden, inputs = state.units, state.width - state.units
        if inputs > 0 and pool.inputs in (None, inputs):
            # A matrix that is called the input's alone is no stack of both.
            lonely = (1.0 if len(state.names) == 1 else 0.0) + state.named_as("input")
            for first in (False, True):
                stacked = Reading(state.names, state.names, layout=layout, state_first=first)
                yield Suggested(_usual(stacked), inputs, hidden, state.cost + lonely + 0.5 * first)
        if inputs:
            continue
        taken = set(state.names)
        fitting = [one for one in pool.input_sets(layout, hidden) if taken.isdisjoint(one.names)]
        for weight_x in sorted(fitting, key=lambda one: _distance(one, state) + one.cost)[:NEAREST]:
            cost = weight_x.cost + state.named_as("input") + weight_x.named_as("state")
            cost += abs(len(state.names) - len(weight_x.names))
            for permuted in weight_x.aligned(state):
                reading = _usual(Reading(weight_x.names, permuted.names, layout=layout))
                yield from _also_in_two(Suggested(reading, weight_x.width, hidden, cost + permuted.cost))
        if pool.inputs == 3 * hidden or (pool.inputs is None and not fitting):
            reading = _usual(Reading((), state.names, layout=layout))
            yield from _also_in_two(Suggested(reading, 3 * hidden, hidden, state.cost + 3))


def _also_in_two(one: Suggested) -> Iterator[Suggested]:
    """The same, and with the state's array as PaddlePaddle 1 stores it where that can be."""
    yield one
    if one.reading.layout == "columns" and len(one.reading.weight_h) == 1:
        # Where the input comes projected, that is how it is used there.
        cost = 1.5 if one.reading.weight_x else -0.5
        in_two = _usual(replace(one.reading, state_in_two=True))
        yield replace(one, reading=in_two, cost=one.cost + cost)


def _with_biases(weights: Suggested, pool: _Pool, tensors: Mapping[str, Tensor]) -> Iterator[Suggested]:
    """The same with every choice of biases that fits, none among them."""
    reading = weights.reading
    taken = set(reading.weight_x + reading.weight_h)
    anchor = ArraySet.of(one for one in pool.arrays if one.name in taken)
    near = {
        what: sorted(
            (one for one in sets if taken.isdisjoint(one.names)),
            key=lambda one: _distance(one, anchor) + one.cost,
        )[:NEAREST]
        for what, sets in pool.biases(weights.units).items()
    }
    full, shared, single = near["full"], near["shared"], near["single"]
    choices: list[tuple[tuple[str, ...], tuple[str, ...], float]] = [((), (), 2.0 if full or shared else 0.0)]
    choices += [(one.names, one.names, 0.0) for one in shared]
    for one in full:
        choices += [
            (one.names, (), one.cost + one.named_as("state") + (len(full) > 1)),
            ((), one.names, one.cost + one.named_as("input") + 0.5 + (len(full) > 1)),
        ]
        for other in full:
            if set(one.names).isdisjoint(other.names):
                hints = one.named_as("state") + other.named_as("input")
                choices.append((one.names, other.names, one.cost + other.cost + hints))
        for other in single:
            if set(one.names).isdisjoint(other.names):
                choices.append((one.names, other.names, one.cost))
    for bias_x, bias_h, cost in choices:
        made = _usual(replace(reading, bias_x=bias_x, bias_h=bias_h))
        try:
            sizes = sizes_of(made, tensors)
        except GateScopeError:
            continue
        yield Suggested(made, sizes.inputs, sizes.units, weights.cost + cost)


def _usual(parts: Reading) -> Reading:
    """The parts as frameworks with such shapes pack them: a start for a form, never a verdict."""
    if parts.state_in_two:
        return replace(parts, order="zrh", z_sense="update", reset_mode="before")
    if parts.is_stacked:
        return replace(parts, order="rzh", reset_mode="before")
    if len(parts.weight_h) == 3:
        return replace(parts, order="rzh", reset_mode="after" if parts.bias_h else "before")
    if parts.layout == "columns":
        return replace(parts, order="zrh", reset_mode="after" if parts.bias_h else "before")
    return replace(parts, order="zrh" if parts.shares_bias else "rzh", reset_mode="after")


def _distance(one: ArraySet, other: ArraySet) -> float:
    """How far apart two sets lie in the file, 0 for neighbours; entries of different index count as far."""
    apart = max(0, max(one.first - other.last, other.first - one.last) - 1)
    return 0.25 * apart + (2.0 if one.entry != other.entry else 0.0)
