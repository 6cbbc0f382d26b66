"""What a lesson can ask of the app: every measure by name, its parameters, and how its number is written.

measure(stage, Asked("mean", (("of", "Z"), ("at", 3))))      # 0.87
show(0.87, "percent")                                        # "87%"
"""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin, get_type_hints

from gru_core.errors import GateScopeError, LessonError
from gru_core.lessons import of_answers, of_changes, of_models, of_traces
from gru_core.lessons.lesson import Asked, Check, LessonView
from gru_core.lessons.stage import Stage
from gru_core.overrides import EXTREMES

if TYPE_CHECKING:
    from gru_core.lessons.fields import Table

Measured = float | int | str | bool


@dataclass(frozen=True)
class Measure:
    """A function of a stage and parameters, and how its number is written where a lesson does not say."""

    compute: Callable[..., Measured]
    shown: Literal["number", "whole", "percent", "tens", "text"]

    @property
    def about(self) -> str:
        """One line on what it is."""
        return (inspect.getdoc(self.compute) or "").splitlines()[0]

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What each parameter may be, as types."""
        hints = get_type_hints(self.compute)
        return {name: hints[name] for name in list(inspect.signature(self.compute).parameters)[1:]}


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "value": Measure(of_traces.value, "number"),
        "mean": Measure(of_traces.mean, "number"),
        "lowest": Measure(of_traces.lowest, "number"),
        "highest": Measure(of_traces.highest, "number"),
        "share_above": Measure(of_traces.share_above, "percent"),
        "share_below": Measure(of_traces.share_below, "percent"),
        "count_above": Measure(of_traces.count_above, "whole"),
        "count_below": Measure(of_traces.count_below, "whole"),
        "unit_of": Measure(of_traces.unit_of, "whole"),
        "step_with": Measure(of_traces.step_with, "whole"),
        "mixing_gap": Measure(of_traces.mixing_gap, "tens"),
        "mixed": Measure(of_traces.mixed, "number"),
        "move": Measure(of_traces.move, "number"),
        "largest_move": Measure(of_traces.largest_move, "number"),
        "far_from_start": Measure(of_traces.far_from_start, "number"),
        "half_life": Measure(of_traces.half_life_of, "number"),
        "half_life_at": Measure(of_traces.half_life_at, "number"),
        "kept_after": Measure(of_traces.kept_after, "percent"),
        "sigmoid": Measure(of_traces.sigmoid, "number"),
        "mean_at_symbol": Measure(of_traces.mean_at_symbol, "number"),
        "slowest_unit": Measure(of_traces.slowest_unit, "whole"),
        "weight_in_last": Measure(of_traces.weight_in_last, "percent"),
        "count": Measure(of_models.count, "whole"),
        "parameters": Measure(of_models.parameters, "whole"),
        "proof": Measure(of_models.proof, "tens"),
        "proof_as_learned": Measure(of_models.proof_as_learned, "tens"),
        "proof_holds": Measure(of_models.proof_holds, "text"),
        "reset_modes_apart": Measure(of_models.reset_modes_apart, "number"),
        "renamed_apart": Measure(of_models.renamed_apart, "tens"),
        "sum_inside": Measure(of_models.sum_inside, "number"),
        "race_score": Measure(of_models.race_score, "percent"),
        "race_learned_at": Measure(of_models.race_learned_at, "whole"),
        "race_parameters": Measure(of_models.race_parameters, "whole"),
        "change_of_state": Measure(of_changes.change_of_state, "tens"),
        "answer_after_change": Measure(of_changes.answer_after_change, "text"),
        "apart_when_held": Measure(of_changes.apart_when_held, "tens"),
        "gradient": Measure(of_changes.gradient, "tens"),
        "gradient_per_step": Measure(of_changes.gradient_per_step, "number"),
        "answer": Measure(of_answers.answer, "text"),
        "confidence": Measure(of_answers.confidence, "percent"),
        "expected": Measure(of_answers.expected, "text"),
        "symbol": Measure(of_answers.symbol, "text"),
        "right_share": Measure(of_answers.right_share, "percent"),
        "is_right": Measure(of_answers.is_right, "text"),
        "mean_error": Measure(of_answers.mean_error, "number"),
        "held_out": Measure(of_answers.held_out, "percent"),
        "guessing": Measure(of_answers.guessing, "percent"),
        "real_says": Measure(of_answers.real_says, "text"),
        "real_share": Measure(of_answers.real_share, "percent"),
        "real_units": Measure(of_answers.real_units, "whole"),
    }
)

_EVERYWHERE: Mapping[str, Any] = {
    "under": Literal[*EXTREMES],
    "hold_z": float,
    "hold_r": float,
    "on_model": str,
    "on_sequence": str,
}
"""Parameters of every measure: under other gates, on another model or sequence than the step's."""


def check_parameters(name: str, given: Mapping[str, Any], table: "Table") -> tuple[tuple[str, Any], ...]:
    """The parameters as an `Asked` keeps them. Raises LessonError, with the line, for what does not fit."""
    known = {**MEASURES[name].parameters, **_EVERYWHERE}
    signature = inspect.signature(MEASURES[name].compute)
    for key, value in given.items():
        if key not in known:
            own = [each for each in known if each not in _EVERYWHERE]
            takes = f"it takes {', '.join(own)}" if own else "it takes nothing"
            table.fail(f"The measure {name} does not take {key[:40]!r}: {takes}.", key)
        if not _fits(value, known[key]):
            table.fail(f"{key} must be {_said(known[key])}, got {str(value)[:40]!r}.", key)
    for key, parameter in signature.parameters.items():
        if key in known and parameter.default is parameter.empty and key not in given:
            table.fail(f"The measure {name} needs {key}: add {key} = ... beside it.", "measure")
    return tuple(sorted(given.items()))


def measure(stage: Stage, asked: Asked) -> Measured:
    """What is asked of a stage, computed. Raises LessonError, with the line where there is one."""
    parameters = dict(asked.parameters)
    try:
        elsewhere = {key: parameters.pop(key) for key in _EVERYWHERE if key in parameters}
        on = stage.open(_seen(stage.view, elsewhere)) if elsewhere else stage
        return MEASURES[asked.measure].compute(on, **parameters)
    except GateScopeError as error:
        place = f"Line {asked.line}: " if asked.line else ""
        raise LessonError(f"{place}{error}") from error


def _seen(view: LessonView, elsewhere: Mapping[str, Any]) -> LessonView:
    """The view as the parameters of every measure change it."""
    for key, field in (("under", "gates"), ("on_model", "model"), ("on_sequence", "sequence")):
        if key in elsewhere:
            view = view.but(**{field: elsewhere[key]})
    for gate in ("z", "r"):
        if f"hold_{gate}" in elsewhere:
            value = float(elsewhere[f"hold_{gate}"])
            view = view.but(gates="custom", **{gate: value, f"{gate}_blend": 1.0})
    return view


def holds(stage: Stage, value: Measured, tests: tuple[Check, ...]) -> bool:
    """Whether a measured value passes every test."""
    return all(_passes(value, _other(stage, test), test) for test in tests)


def _other(stage: Stage, test: Check) -> Measured:
    return measure(stage, test.value) if isinstance(test.value, Asked) else test.value


def _passes(value: Measured, other: Measured, test: Check) -> bool:
    if isinstance(value, str) or isinstance(other, str):
        same = str(value) == str(other)
    else:
        same = abs(float(value) - float(other)) <= test.within
    if test.how in ("is", "not"):
        return same == (test.how == "is")
    if isinstance(value, str) or isinstance(other, str):
        return False
    one, two = float(value), float(other)
    return {"above": one > two, "below": one < two, "at_least": one >= two, "at_most": one <= two}[test.how]


def show(value: Measured, shown: str) -> str:
    """A measured value as it is written in a sentence: figures only, so that it reads in every language."""
    if isinstance(value, str | bool) or shown == "text":
        return str(value)
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    if shown == "whole":
        return f"{round(value):,}"
    if shown == "percent":
        return _percent(value)
    if shown == "tens":
        return _tens(value)
    if shown == "times":
        return f"{value:.3g}×" if value < 1000 else f"{value:,.0f}×"
    return f"{value:.2f}".replace("-", "−") if abs(value) < 10 else f"{value:.1f}".replace("-", "−")


def show_as(asked: Asked, value: Measured, shown: str) -> str:
    """The same, "auto" being as the measure says."""
    return show(value, MEASURES[asked.measure].shown if shown == "auto" else shown)


def _percent(share: float) -> str:
    """Close to the ends never rounded onto them."""
    text = f"{100 * share:.0f}"
    if text == "100" and share < 1:
        return f"{math.floor(1000 * share) / 10:.1f}%"
    if text == "0" and share > 0:
        return f"{100 * share:.1f}%" if share >= 0.0005 else "< 0.1%"
    return f"{text}%"


def _tens(value: float) -> str:
    if value == 0:
        return "0"
    if 0.001 <= abs(value) < 10_000:
        return f"{value:.3g}"
    digits, power = f"{value:.1e}".split("e")
    return f"{digits}\u00a0×\u00a010{str(int(power)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def _fits(value: Any, kind: Any) -> bool:
    if get_origin(kind) is Literal:
        return value in get_args(kind) and isinstance(value, str)
    if get_args(kind):
        return any(_fits(value, one) for one in get_args(kind))
    if kind is bool:
        return isinstance(value, bool)
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind) and not isinstance(value, bool)


def _said(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(get_args(kind))
    if get_args(kind):
        return " or ".join(_said(one) for one in get_args(kind))
    return {int: "a whole number", float: "a number", str: "a text in quotes", bool: "true or false"}[kind]
