"""How a reading of arrays is put into words and equations on the screen."""

from collections.abc import Mapping, Sequence

from torch import Tensor

from gru_core.formats import Reading, Suggested
from gru_core.formats.readings.own_arrays import array
from gru_ui.texts import say

Names = tuple[str, ...]

LONGEST_NAME = 40
"""Letters of an array's name that fit into a list."""


def shape_words(shape: Sequence[int]) -> str:
    """ "21 × 7"."""
    return " × ".join(f"{length:,}" for length in shape) or "1"


def array_words(name: str, tensors: Mapping[str, Tensor]) -> str:
    """An array's name and shape; of a long name its end, where names differ."""
    short = name if len(name) <= LONGEST_NAME else "…" + name[-LONGEST_NAME:]
    return f"{short} ({shape_words(array(name, tensors).shape)})"


def joined_words(names: Names, tensors: Mapping[str, Tensor]) -> str:
    """Several arrays, as they are joined."""
    return " + ".join(array_words(name, tensors) for name in names)


def sizes_words(one: Suggested) -> str:
    """What the shapes say, in one sentence."""
    inputs = say("own.input") if one.inputs == 1 else say("own.inputs", count=f"{one.inputs:,}")
    units = say("own.unit") if one.units == 1 else say("own.units", count=f"{one.units:,}")
    return say("own.sizes", inputs=inputs, units=units)


def equations(reading: Reading) -> tuple[str, ...]:
    """What the file's own letters mean under this reading, one line of LaTeX for each equation."""
    by_columns = reading.layout == "columns"
    z = "Z_t" if reading.z_sense == "keep" else "z_t"

    def of_input(gate: str) -> str:
        if not reading.weight_x:
            return rf"X_{{t,{gate}}}"
        return rf"X_t W_{{x{gate}}}" if by_columns else rf"W_{{x{gate}}} X_t"

    def of_state(gate: str, state: str = "H_{t-1}") -> str:
        return rf"{state} W_{{h{gate}}}" if by_columns else rf"W_{{h{gate}}} {state}"

    any_bias = bool(reading.bias_x or reading.bias_h)

    def gate(letter: str) -> str:
        return rf"\sigma({of_input(letter)} + {of_state(letter)}{f' + b_{letter}' if any_bias else ''})"

    if reading.reset_mode == "before":
        seen = r"(R_t \odot H_{t-1})"
        inside = f"{of_input('h')} + {of_state('h', seen)}{' + b_h' if any_bias else ''}"
    else:
        outer, inner = " + b_h" if reading.bias_x else "", " + b_{hh}" if reading.bias_h else ""
        inside = rf"{of_input('h')}{outer} + R_t \odot ({of_state('h')}{inner})"
    kept, written = (z, f"(1 - {z})") if reading.z_sense == "keep" else (f"(1 - {z})", z)
    return (
        rf"R_t = {gate('r')}",
        rf"{z} = {gate('z')}",
        rf"\tilde H_t = \tanh({inside})",
        rf"H_t = {kept} \odot H_{{t-1}} + {written} \odot \tilde H_t",
    )


def explanations(reading: Reading) -> tuple[str, ...]:
    """What must be known besides: the sense of Z, the gates' activation, the direction."""
    found = [say(f"own.sense_{reading.z_sense}_means")]
    if reading.gate_activation != "sigmoid":
        found.append(say(f"own.{reading.gate_activation}_means"))
    if reading.backwards:
        found.append(say("own.backwards_means"))
    return tuple(found)


def table_row(reading: Reading, difference: str, agrees: bool) -> dict[str, str]:
    """A reading as a row of a table."""
    names = dict.fromkeys((*reading.weight_x, *reading.weight_h, *reading.bias_x, *reading.bias_h))
    direction = say("own.backwards_short") if reading.backwards else say("own.forwards_short")
    return {
        say("own.column_difference"): difference,
        say("own.column_agrees"): say("own.agrees") if agrees else "–",
        say("own.order"): ", ".join(reading.order),
        say("own.sense"): say(f"own.sense_{reading.z_sense}"),
        say("own.reset"): say(f"own.reset_{reading.reset_mode}"),
        say("own.gates"): say(f"own.{reading.gate_activation}_short"),
        say("own.direction"): direction,
        say("own.column_arrays"): ", ".join(names),
    }
