"""What a survey shows, in two to four plain sentences, all of them computed."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from gru_core.analysis.fact import Fact, Piece, fact, rounded

if TYPE_CHECKING:
    from gru_core.survey.statistics import Survey

MOSTLY: Final = 0.5
"""A gate is mostly open or shut when it is so at more than this share of the steps."""

SATURATION_TEXTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "z": (
            "Z is above 0.9 at {high:.0%} of all steps of all units and below 0.1 at {low:.0%}. Of {units} "
            "units {keep} mostly keep what they have, and {write} mostly take what is new."
        ),
        "z_one": (
            "Z is 1 at every step of every unit: all dots lie in the right corner, and the state is only "
            "copied."
        ),
        "z_zero": (
            "Z is 0 at every step of every unit: all dots lie in the upper corner, and the whole state is "
            "overwritten at each step."
        ),
        "z_high": (
            "Z is above 0.9 at every step of every unit: all dots lie in the right corner, and more than "
            "nine tenths of the state are kept at each step."
        ),
        "z_low": (
            "Z is below 0.1 at every step of every unit: all dots lie in the upper corner, and more than "
            "nine tenths of the state are overwritten at each step."
        ),
        "z_between": "Z is never below 0.1 nor above 0.9: all dots lie at the origin.",
        "r": (
            "R is above 0.9 at {high:.0%} of all steps and below 0.1 at {low:.0%}: {open} of {units} units "
            "mostly show the candidate their old state, and {shut} mostly hide it."
        ),
        "r_one": "R is 1 at every step of every unit: the candidate always sees the whole old state.",
        "r_zero": "R is 0 at every step of every unit: the candidate never sees the old state.",
        "r_high": (
            "R is above 0.9 at every step of every unit: the candidate always sees nearly all of the state."
        ),
        "r_low": (
            "R is below 0.1 at every step of every unit: the candidate sees next to nothing of the state."
        ),
        "r_between": "R is never below 0.1 nor above 0.9: all dots lie at the origin.",
        "longest": (
            "Unit {unit} in {where} keeps longest: at its mean Z of {mean:.4g} what it holds lasts "
            "{steps:,.15g} steps on average."
        ),
        "shortest": "In every unit what it holds lasts a single step: nothing is kept.",
        "forever": "In {count} of {units} units Z is 1 at every step: what they hold lasts for ever.",
        "unit": (
            "Unit {unit} in {where}: Z is above 0.9 at {z_high:.0%} of the steps and below 0.1 at "
            "{z_low:.0%}, R at {r_high:.0%} and {r_low:.0%}; at its mean Z what it holds lasts {steps:,.15g} "
            "steps."
        ),
        "unit_forever": (
            "Unit {unit} in {where}: Z is 1 at every step, so that it keeps for ever; R is above 0.9 at "
            "{r_high:.0%} of the steps and below 0.1 at {r_low:.0%}."
        ),
        "counted_one": "Counted over the {steps:,} steps of one sequence.",
        "counted": (
            "Counted over {steps:,} steps of {sequences:,} sequences, which have {shortest:,} to {longest:,} "
            "steps."
        ),
        "left_out": "{count:,} sequences could not be read and are not in it.",
        "left_out_one": "1 sequence could not be read and is not in it.",
        "forward": "layer {layer} forward",
        "backward": "layer {layer} backward",
    }
)


def saturation_facts(found: "Survey", cell: int = 0, unit: int = -1) -> tuple[Fact, ...]:
    """Sentences on a survey: its Z, its R, its longest memory or the chosen unit's, and what was counted.

    cell  index into the layers and directions, for `unit`; -1 chooses no unit
    """
    said = [_gate(found, "Z"), _gate(found, "R")]
    said.append(_longest(found) if not 0 <= unit < found.units else _unit(found, cell, unit))
    if found.sequences == 1:
        said.append(fact(SATURATION_TEXTS, "counted_one", steps=found.steps))
    else:
        counted = {name: getattr(found, name) for name in ("steps", "sequences", "shortest", "longest")}
        said.append(fact(SATURATION_TEXTS, "counted", **counted))
    if found.left_out:
        key = "left_out_one" if found.left_out == 1 else "left_out"
        said.append(fact(SATURATION_TEXTS, key, count=found.left_out))
    return tuple(said)


def _gate(found: "Survey", gate: str) -> Fact:
    low, high = found.left_saturated(gate), found.right_saturated(gate)
    name = gate.lower()
    mean = found.mean(gate)
    for key, everywhere in (
        ("one", (mean == 1).all()),
        ("zero", (mean == 0).all()),
        ("high", (high == 1).all()),
        ("low", (low == 1).all()),
    ):
        if everywhere:
            return fact(SATURATION_TEXTS, f"{name}_{key}")
    if not low.any() and not high.any():
        return fact(SATURATION_TEXTS, f"{name}_between")
    above, below = (high > MOSTLY).sum(), (low > MOSTLY).sum()
    counts = (
        {"keep": int(above), "write": int(below)} if gate == "Z" else {"open": int(above), "shut": int(below)}
    )
    shares = {"high": float(high.mean()), "low": float(low.mean())}
    return fact(SATURATION_TEXTS, name, units=low.size, **shares, **counts)


def _longest(found: "Survey") -> Fact:
    scale = found.time_scale()
    if np.isinf(scale).any():
        return fact(SATURATION_TEXTS, "forever", count=int(np.isinf(scale).sum()), units=scale.size)
    if (scale == 1).all():
        return fact(SATURATION_TEXTS, "shortest")
    cell, unit = np.unravel_index(int(scale.argmax()), scale.shape)
    return fact(
        SATURATION_TEXTS,
        "longest",
        unit=int(unit),
        where=_where(found, int(cell)),
        mean=float(found.mean("Z")[cell, unit]),
        steps=rounded(float(scale[cell, unit])),
    )


def _unit(found: "Survey", cell: int, unit: int) -> Fact:
    values = {
        f"{gate.lower()}_{side}": float(share(gate)[cell, unit])
        for gate in "RZ"
        for side, share in (("low", found.left_saturated), ("high", found.right_saturated))
    }
    steps = float(found.time_scale()[cell, unit])
    where = _where(found, cell)
    if np.isinf(steps):
        return fact(
            SATURATION_TEXTS,
            "unit_forever",
            unit=unit,
            where=where,
            r_high=values["r_high"],
            r_low=values["r_low"],
        )
    return fact(SATURATION_TEXTS, "unit", unit=unit, where=where, steps=rounded(steps), **values)


def _where(found: "Survey", cell: int) -> Piece:
    layer, direction = found.about.places[cell]
    return Piece(direction, (("layer", layer),))
