"""What a race is sent, and how its lanes are told apart: what can be said about them without a browser."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from gru_core.errors import LimitError, ShapeError
from gru_core.symbols import SYMBOLS
from gru_ui.components.bundle import bundle
from gru_ui.components.race import ASSETS, DASHES, LANE_COLOURS, STATUSES, Lane, build_news, build_race
from gru_ui.components.race_texts import RACE_TEXTS
from tests.ui.test_heatmap_payload import read

PAPER = {"light": "#FFFFFF", "dark": "#11161D"}
LANE = Lane(
    id="gru",
    name="GRU",
    note="learns",
    parameters=4232,
    milliseconds_per_update=5.25,
    status="running",
    learned_at=None,
    updates_done=20,
    curves={"update": [0, 10, 20], "score": [0.125, 0.5, None], "gradient": [1e-3, 0.0, None]},
)


def still(lanes: list[Lane], **texts: str) -> dict[str, Any]:
    data = build_race(
        {"key": "race"},
        lanes=lanes,
        updates=600,
        chance=0.125,
        learned_score=0.99,
        score_name="share",
        delay_words="50 letters",
        percent=True,
        texts=texts,
    )
    return read(data)[0]


def test_numbers_and_curves_travel_as_they_are() -> None:
    header, array = read(build_news({"live": True}, [LANE]))
    (lane,) = header["lanes"]
    assert (lane["parameters"], lane["milliseconds"], lane["status"], lane["learned_at"], lane["done"]) == (
        4232,
        5.25,
        "running",
        None,
        20,
    )
    for name, values in LANE.curves.items():
        wanted = np.array([np.nan if value is None else value for value in values], np.float32)
        np.testing.assert_array_equal(array(lane["curves"][name]), wanted)


def test_names_words_and_looks_travel_once() -> None:
    header = still([LANE, replace(LANE, id="rnn", name="RNN")], learned="学会")
    assert [lane["name"] for lane in header["lanes"]] == ["GRU", "RNN"]
    assert header["texts"]["learned"] == "学会"
    assert header["texts"]["weights"] == "weights"
    assert len(header["dashes"]) == len(header["colours"]["light"]) == len(header["colours"]["dark"])
    # What changes is not in it, or the script would travel with every number.
    assert still([LANE]) == still([replace(LANE, updates_done=30, status="done", learned_at=30, curves={})])


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ShapeError, match="at least one lane, got none"):
        still([])
    with pytest.raises(LimitError, match="at most 6 lanes, and this one has 7: leave some out"):
        still([LANE] * 7)
    with pytest.raises(ShapeError, match="The curves of GRU must have the same number of points"):
        build_news({}, [replace(LANE, curves={"update": [1, 2], "score": [0.5]})])
    with pytest.raises(ShapeError, match=r"one of done, failed, .*, got 'lost'"):
        build_news({}, [replace(LANE, status="lost")])


def linear(colour: str) -> np.ndarray:
    rgb = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(light: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of linear sRGB."""
    matrix = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = (
        np.cbrt(v) if v > 216 / 24389 else 7.787 * v + 16 / 116
        for v in matrix @ light / np.array([0.9505, 1.0, 1.089])
    )
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


# Linear-RGB simulation of deuteranopia and protanopia (Vienot, Brettel and Mollon 1999).
EYES = {
    "all": np.eye(3),
    "deutan": np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]]),
    "protan": np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]]),
}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_lanes_can_be_seen_and_told_apart(theme: str) -> None:
    colours = LANE_COLOURS[theme]
    luminance = np.array([0.2126, 0.7152, 0.0722])
    paper = linear(PAPER[theme]) @ luminance
    for colour in colours:
        dark, light = sorted((paper, linear(colour) @ luminance))
        assert (light + 0.05) / (dark + 0.05) >= 3, colour
    for matrix, (one, other) in itertools.product(EYES.values(), itertools.combinations(colours, 2)):
        apart = lab((matrix @ linear(one)).clip(0, 1)) - lab((matrix @ linear(other)).clip(0, 1))
        assert np.linalg.norm(apart) >= 17, (one, other)
    # A lane is not a gate: nobody may take its colour for that of a symbol.
    for colour, symbol in itertools.product(colours, SYMBOLS.values()):
        assert np.linalg.norm(lab(linear(colour)) - lab(linear(symbol.colour))) >= 20, (colour, symbol.name)
    assert len(set(DASHES)) == len(DASHES) == len(colours)


def test_every_word_is_used_and_every_used_word_exists() -> None:
    script = bundle(ASSETS)
    used = {one or two for one, two in re.findall(r'texts(?:\.(\w+)|\["([^"]+)"\])', script)}
    assert used <= set(RACE_TEXTS)
    reached = used | set(re.findall(r'"([A-Za-z_ -]+)"', script)) | {"save png", "save svg"}
    assert set(RACE_TEXTS) <= reached | {f"status {status}" for status in STATUSES}
