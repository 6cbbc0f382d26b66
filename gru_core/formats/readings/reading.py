"""How the arrays of one GRU are packed, as a person says it where no framework's names tell."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, get_args

from gru_core.equations import GATE_ACTIVATIONS, RESET_MODES, GateActivation, ResetMode
from gru_core.errors import InputError

ZSense = Literal["keep", "update"]
Layout = Literal["rows", "columns"]
GateOrder = Literal["rzh", "zrh", "rhz", "zhr", "hrz", "hzr"]

ORDERS: tuple[GateOrder, ...] = get_args(GateOrder)
"""Every order of the three gates, the common ones first."""
Z_SENSES: tuple[ZSense, ...] = get_args(ZSense)
LAYOUTS: tuple[Layout, ...] = get_args(Layout)

GATE_WORDS: Mapping[str, str] = {
    "sigmoid": "sigmoid",
    "hard_sigmoid_fifth": "hard sigmoid, clip(a/5 + 1/2)",
    "hard_sigmoid_sixth": "hard sigmoid, clip(a/6 + 1/2)",
}
"""The gate activations in words."""

_PARTS = ("weight_x", "weight_h", "bias_x", "bias_h")


@dataclass(frozen=True)
class Reading:
    """Which arrays of a file are one GRU of one layer and direction, and how they are packed.

    weight_x  the input's weights, weight_h  the state's, bias_x  of the input, bias_h  of the state: names of
              arrays, joined along the axis of the gates. So each is one packed array, or one per gate in
              `order`, or one of two gates and one of the candidate. "W[1]" is entry 1 of W's first axis.
    order     of the gates' blocks, such as "zrh"
    z_sense   "keep" when z = 1 keeps the old state, "update" when z = 1 writes the new one
    layout    "columns": inputs x gates, read as x W; "rows": gates x inputs, read as W x

    weight_x == weight_h  input and state are stacked in one matrix, the input's part first, or, with
                          `state_first`, the state's
    weight_x == ()        each step already is the input's product with its weights, 3 numbers per unit
    bias_x == bias_h      one array of both: the input's half first
    bias_h                may have one number per unit only: that of the candidate. In reset mode "after" the
                          candidate's part of it is inside the reset product, and `bias_x` never is
    state_in_two          the state's array is one buffer of (units, 2 units) and (units, units), whatever
                          shape it declares, as PaddlePaddle 1 stores it
    backwards             it reads from the last step to the first
    initial_state         an array with the state before the first step; None is zeros
    name                  what this GRU is called

    Raises InputError for an entry outside its rule. Values compare and hash by content.
    """

    weight_x: tuple[str, ...]
    weight_h: tuple[str, ...]
    bias_x: tuple[str, ...] = ()
    bias_h: tuple[str, ...] = ()
    order: GateOrder = "rzh"
    z_sense: ZSense = "keep"
    reset_mode: ResetMode = "after"
    layout: Layout = "rows"
    gate_activation: GateActivation = "sigmoid"
    state_first: bool = False
    state_in_two: bool = False
    backwards: bool = False
    initial_state: str | None = None
    name: str = "gru"

    def __post_init__(self) -> None:
        for part in _PARTS:
            given = getattr(self, part)
            names = (given,) if isinstance(given, str) else tuple(given)
            if len(names) > 3 or not all(isinstance(name, str) and name for name in names):
                raise InputError(f"{part} is at most 3 names of arrays, got {given!r}.")
            object.__setattr__(self, part, names)
        for entry, allowed in (
            ("order", ORDERS),
            ("z_sense", Z_SENSES),
            ("reset_mode", RESET_MODES),
            ("layout", LAYOUTS),
            ("gate_activation", tuple(GATE_ACTIVATIONS)),
        ):
            if getattr(self, entry) not in allowed:
                raise InputError(
                    f"{entry} must be one of {', '.join(allowed)}, got {getattr(self, entry)!r}."
                )
        for entry in ("state_first", "state_in_two", "backwards"):
            if not isinstance(getattr(self, entry), bool):
                raise InputError(f"{entry} must be True or False, got {getattr(self, entry)!r}.")
        for entry, text in (("initial_state", self.initial_state), ("name", self.name)):
            if not (isinstance(text, str) and text) and not (entry == "initial_state" and text is None):
                raise InputError(f"{entry} must be a name, got {text!r}.")
        if not self.weight_h:
            raise InputError("A reading needs weight_h, the name of the state's weights.")
        if self.state_first and not self.is_stacked:
            raise InputError(
                "state_first is for input and state stacked in one matrix: give the same names as weight_x "
                "and weight_h."
            )
        if self.state_in_two and (self.layout != "columns" or self.is_stacked or len(self.weight_h) > 1):
            raise InputError(
                "state_in_two is for one array of the state's weights, of layout 'columns' and not stacked."
            )

    @property
    def is_stacked(self) -> bool:
        """Whether input and state share one matrix."""
        return self.weight_x == self.weight_h

    @property
    def shares_bias(self) -> bool:
        """Whether one array holds the biases of input and state."""
        return bool(self.bias_x) and self.bias_x == self.bias_h

    @property
    def names(self) -> tuple[str, ...]:
        """Every array it reads, each once."""
        start = () if self.initial_state is None else (self.initial_state,)
        return tuple(dict.fromkeys((*self.weight_x, *self.weight_h, *self.bias_x, *self.bias_h, *start)))

    def sentence(self) -> str:
        """How it is packed, in words."""
        sense = "keeps the old state" if self.z_sense == "keep" else "writes the new state"
        product = "W x (rows)" if self.layout == "rows" else "x W (columns)"
        way = ", backwards" if self.backwards else ""
        return (
            f"blocks {', '.join(self.order)}; z = 1 {sense}; reset {self.reset_mode} the product; {product}; "
            f"gates {GATE_WORDS[self.gate_activation]}{way}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values that JSON can hold; `from_dict` gives the same reading back."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Reading":
        """The reading that `to_dict` wrote. Raises InputError for an unknown, missing or wrong entry."""
        known = {entry.name for entry in fields(cls)}
        if not isinstance(plain, Mapping) or not {"weight_x", "weight_h"} <= set(plain) <= known:
            raise InputError(
                f"A reading needs weight_x and weight_h, and may have {', '.join(sorted(known))}."
            )
        entries = dict(plain)
        for part in _PARTS:
            if not isinstance(entries.get(part, ()), list | tuple | str):
                raise InputError(f"{part} is at most 3 names of arrays, got {entries[part]!r}.")
        try:
            return cls(**entries)
        except TypeError as problem:
            raise InputError("The entries of a reading are names, words, true and false.") from problem
