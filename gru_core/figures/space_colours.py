"""Colours of paths, of points and of kinds of steps in pictures of the state space, by theme."""

from typing import Final

from gru_core.figures.colours import ramp
from gru_core.symbols import H

PATH_COLOURS: Final[dict[str, dict[str, str]]] = {
    "learned": {"light": H.colour, "dark": H.colour},
    "rnn": {"light": "#7A4FD0", "dark": "#A583F5"},
    "input_only": {"light": "#85850A", "dark": "#D8D24A"},
    "copy": {"light": "#1B2430", "dark": "#F2F5F9"},
    "custom": {"light": "#2F86B3", "dark": "#7CCDF5"},
}
"""By the name of the setting; what has no entry is drawn as "custom"."""

PATH_DASHES: Final[dict[str, str]] = {
    "learned": "solid",
    "rnn": "dash",
    "input_only": "dot",
    "copy": "solid",
    "custom": "dashdot",
}
"""What tells paths apart where colours do not."""

KIND_COLOURS: Final[dict[str, tuple[str, ...]]] = {
    "light": tuple(ramp((0.58, 0.15, hue))[0] for hue in (250, 35, 150, 330, 85, 200, 300, 10)),
    "dark": tuple(ramp((0.76, 0.13, hue))[0] for hue in (250, 35, 150, 330, 85, 200, 300, 10)),
}
"""Symbols or answers: alike in weight, and each is named in the picture as well."""

TIME_COLOURS: Final[dict[str, tuple[str, ...]]] = {
    "light": ramp((0.83, 0.08, 95), (0.66, 0.13, 45), (0.42, 0.15, 330)),
    "dark": ramp((0.42, 0.09, 330), (0.66, 0.14, 45), (0.92, 0.11, 95)),
}
"""From the first step to the last, or from a small value to a large one: what comes last stands out most."""


def path_colour(name: str, theme: str) -> str:
    """The colour of a setting's path."""
    return PATH_COLOURS.get(name, PATH_COLOURS["custom"])[theme]
