"""The colour maps of the live heatmaps: tables of hexadecimal colours from the lowest value to the highest.

They are built in OKLab (B. Ottosson, "A perceptual color space for image processing", 2020), where equal
distances look about equally different. Lightness runs in one direction along the gates' map and in two
mirrored directions along the others, so that order survives colour-blind eyes, a grey print and a weak
projector.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

STOPS: Final = 33
"""Colours per table. Between two of them the browser interpolates in sRGB: nobody can see the difference."""

Anchor = tuple[float, float, float]
"""Lightness 0 to 1, chroma, hue in degrees."""


def _oklab(anchor: Anchor) -> tuple[float, float, float]:
    lightness, chroma, hue = anchor
    return lightness, chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))


def _to_hex(lab: NDArray[np.float64]) -> str:
    """One OKLab colour as #rrggbb; what sRGB cannot show is clipped."""
    lightness, a, b = (float(part) for part in lab)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = np.array(
        [
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        ]
    ).clip(0, 1)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(float(part) * 255):02x}" for part in srgb)


def ramp(*anchors: Anchor) -> tuple[str, ...]:
    """`STOPS` colours through evenly spaced anchors, interpolated in OKLab."""
    points = np.array([_oklab(anchor) for anchor in anchors])
    places = np.linspace(0, len(anchors) - 1, STOPS)
    return tuple(
        _to_hex(np.array([np.interp(place, range(len(anchors)), points[:, axis]) for axis in range(3)]))
        for place in places
    )


GATE: Final = ramp(
    (0.22, 0.09, 285), (0.40, 0.12, 262), (0.585, 0.11, 215), (0.77, 0.13, 155), (0.95, 0.13, 105)
)
"""0 is dark and 1 is light, in both themes: a picture means the same on every screen."""

STATE_LIGHT: Final = ramp(
    (0.40, 0.13, 258), (0.67, 0.11, 250), (0.975, 0.0, 0), (0.70, 0.13, 50), (0.44, 0.14, 36)
)
"""-1 blue, 0 the paper, +1 red-brown."""

STATE_DARK: Final = ramp(
    (0.88, 0.08, 235), (0.60, 0.14, 250), (0.21, 0.01, 260), (0.60, 0.15, 40), (0.90, 0.09, 75)
)
"""-1 bright blue, 0 the dark page, +1 bright orange."""

DIFFERENCE_LIGHT: Final = ramp(
    (0.38, 0.14, 310), (0.68, 0.11, 310), (0.975, 0.0, 0), (0.70, 0.11, 160), (0.40, 0.09, 160)
)
"""Purple below, green above: nobody takes a difference for a state."""

DIFFERENCE_DARK: Final = ramp(
    (0.88, 0.08, 315), (0.60, 0.15, 308), (0.21, 0.01, 260), (0.60, 0.12, 158), (0.91, 0.11, 150)
)

ANSWER_LIGHT: Final = ramp((0.975, 0.005, 220), (0.74, 0.09, 225), (0.42, 0.11, 245))
"""A probability: 0 the paper, 1 deep blue, so that the answer stands out and is not taken for a gate."""

ANSWER_DARK: Final = ramp((0.23, 0.01, 260), (0.52, 0.10, 235), (0.91, 0.08, 205))

COLOUR_MAPS: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "gate": {"light": GATE, "dark": GATE},
    "state": {"light": STATE_LIGHT, "dark": STATE_DARK},
    "answer": {"light": ANSWER_LIGHT, "dark": ANSWER_DARK},
    "difference": {"light": DIFFERENCE_LIGHT, "dark": DIFFERENCE_DARK},
}
