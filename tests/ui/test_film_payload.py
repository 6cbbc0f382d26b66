"""What the film of a training is sent, and what of it is sent again: read back by an independent reader."""

from __future__ import annotations

import itertools
import re
from typing import Any

import numpy as np
import pytest

from gru_core.errors import InputError, ShapeError
from gru_core.learner import BINS
from gru_core.runs.frames import PANELS, Frame
from gru_ui.components import film as module
from gru_ui.components.bundle import bundle
from gru_ui.components.film import FILM_TEXTS, build_feed, build_film, film, frames_wanted
from gru_ui.components.points import MAX_POINTS
from tests.ui.test_heatmap_payload import read

CURVES = {
    "update": [0, 10, 20],
    "train_loss": [None, 1.5, 1.25],
    "loss": [2.0, 1.5, 1.0],
    "train_score": [None, 0.5, 0.625],
    "score": [0.125, 0.5, 0.75],
}


def frames(count: int, cell: str = "gru", units: int = 3, steps: int = 5, layers: int = 2) -> list[Frame]:
    rng = np.random.default_rng(count)
    return [
        Frame(
            cell,
            10 * at,
            tuple(
                {kind.name: rng.integers(0, 256, (units, steps), np.uint8) for kind in PANELS[cell]}
                for _ in range(layers)
            ),
        )
        for at in range(count)
    ]


def feed(given: list[Frame], **changes: Any) -> bytes:
    arguments: dict[str, Any] = {
        "cell": "gru",
        "shape": (3, 5),
        "frames": given,
        "first": 0,
        "total": len(given),
        "histograms": (),
        "answers": (),
        "curves": CURVES,
    }
    return build_feed({"layer": changes.pop("layer", 0)}, **(arguments | changes))


def test_frames_travel_as_they_are_kept() -> None:
    given = frames(4)
    header, array = read(feed(given, layer=1, first=3, total=9, answers=["a", "b", "c", "d"]))
    values = array(header["frames"]["values"]).reshape(4, 4, 3, 5)
    for at, frame in enumerate(given):
        for panel, kind in enumerate(PANELS["gru"]):
            assert (values[at, panel] == frame.layers[1][kind.name]).all()
    assert (header["frames"]["first"], header["total"]) == (3, 9)
    assert header["frames"]["updates"] == [0, 10, 20, 30]
    assert header["frames"]["answers"] == ["a", "b", "c", "d"]
    # The newest that is known, be it a frame or a measurement.
    assert header["done"] == 30


def test_histograms_travel_as_shares() -> None:
    counts = [0] * (BINS - 1) + [3]
    histograms: list[dict[str, list[int]]] = [{"R": [1] * BINS, "Z": counts}, {}]
    header, array = read(feed(frames(2), histograms=histograms))
    shares = array(header["frames"]["shares"]).reshape(2, 2, BINS)
    assert shares[0, 0] == pytest.approx([1 / BINS] * BINS)
    assert shares[0, 1].tolist() == [0.0] * (BINS - 1) + [1.0]
    assert np.isnan(shares[1]).all()


def test_curves_are_whole_or_thinned_to_what_a_screen_can_show() -> None:
    header, array = read(feed([]))
    assert header["frames"] is None
    for name, values in CURVES.items():
        wanted = [np.nan if value is None else value for value in values]
        np.testing.assert_array_equal(array(header["curves"][name]), np.array(wanted, np.float32))
    long = {name: list(range(7001)) for name in CURVES}
    header, array = read(feed([], curves=long))
    points = array(header["curves"]["update"])
    assert len(points) <= MAX_POINTS + 1
    assert (points[0], points[-1]) == (0, 7000)
    assert (array(header["curves"]["score"]) == points).all()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"first": 3, "total": 4}, "Frames 3 to 4 do not lie within the 4 frames there are."),
        ({"shape": (3, 6)}, "(units, steps) = (3, 6) cannot take the frame of update 0"),
        ({"cell": "lstm"}, "A film of layer 0 of a lstm"),
        ({"layer": 2}, "A film of layer 2 of a gru"),
        ({"histograms": [{}]}, "as many histograms as frames (2), got 1"),
        ({"answers": ["a"]}, "as many answers as frames (2), got 1"),
        ({"histograms": [{"R": [1, 2]}, {}]}, f"A histogram has {BINS} counts, that of R has 2"),
        ({"curves": {**CURVES, "loss": [1.0]}}, "the same number of points"),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ShapeError, match=re.escape(sentence)):
        feed(frames(2), **changes)


def test_words_and_panels_of_each_cell() -> None:
    def still(cell: str, **texts: str) -> Any:
        data = build_film(
            {},
            cell=cell,
            units=3,
            ticks=["a" * 99, "b"],
            updates=600,
            chance=0.125,
            score_name="share",
            learned_score=None,
            percent=True,
            texts=texts,
        )
        return read(data)[0]

    lstm = still("lstm", **{"panel F": "遗忘门"})
    assert [panel["label"] for panel in lstm["panels"]] == ["F", "I", "O", "C̃", "C", "H"]
    assert lstm["panels"][0]["title"] == "遗忘门"
    assert lstm["panels"][1]["title"] == "input gate"
    assert [panel["open"] for panel in lstm["panels"]] == [False] * 4 + [True, False]
    assert lstm["panels"][lstm["orderBy"]]["name"] == "F"
    assert len(lstm["ticks"][0]) == 40
    gru = still("gru")
    assert [panel["range"] for panel in gru["panels"]] == [[0, 1], [0, 1], [-1, 1], [-1, 1]]
    assert gru["panels"][gru["orderBy"]]["name"] == "Z"
    assert still("rnn")["orderBy"] is None
    with pytest.raises(InputError, match="out of gru, lstm, rnn, got 'cnn'"):
        still("cnn")


class Browser:
    """Keeps frames as the browser does, and loses messages where told to; asks as the browser asks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.state: dict[str, Any] = {}
        self.frames: dict[tuple[str, int], set[int]] = {}
        self.sent: list[list[int]] = []
        self.lose = False
        self.serials = itertools.count(1)
        monkeypatch.setattr(module.st, "session_state", self.state)
        monkeypatch.setattr(module, "_mount", lambda: None)
        monkeypatch.setattr(module, "mount_fed", self.receive)

    def receive(self, picture: Any, *, moving: bytes, **_: Any) -> None:
        header, _array = read(moving)
        entry = header["frames"]
        came = list(range(entry["first"], entry["first"] + len(entry["updates"]))) if entry else []
        self.sent.append(came)
        if self.lose:
            return
        have = self.frames.setdefault((header["run"], header["layer"]), set())
        have |= set(came)
        missing = sorted(set(range(header["total"])) - have)
        if missing:
            needs = {"run": header["run"], "layer": header["layer"], "first": missing[0]}
            if self.state.get("film", {}).get("needs", {}) | {"serial": 0} != needs | {"serial": 0}:
                self.state["film"] = {"needs": needs | {"serial": next(self.serials)}}


def turn(given: list[Frame], run: str = "run", layer: int = 0) -> module.FilmEvent:
    """One call of the page."""
    first = frames_wanted("film", run, layer)
    return film(
        key="film",
        run=run,
        cell="gru",
        units=3,
        ticks=["a"] * 5,
        layer_frames=given[first:],
        first=first,
        total=len(given),
        layer=layer,
        curves=CURVES,
        updates=100,
        live=True,
        chance=0.125,
        score_name="share",
    )


def test_a_frame_is_sent_once_and_again_only_when_it_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    browser, given = Browser(monkeypatch), frames(8)
    assert turn(given[:2]).needs is None
    turn(given[:2])
    turn(given[:3])
    assert browser.sent == [[0, 1], [], [2]]
    browser.lose = True
    turn(given[:4])
    browser.lose = False
    # The gap is seen with the next message, and filled with the one after it.
    turn(given[:5])
    turn(given[:6])
    turn(given[:7])
    assert browser.sent[3:] == [[3], [4], [3, 4, 5], [6]]
    # The other layer is another film, and the first one is not forgotten.
    turn(given[:7], layer=1)
    turn(given[:8])
    assert browser.sent[7:] == [list(range(7)), [7]]


def test_a_browser_that_was_opened_anew_gets_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    browser, given = Browser(monkeypatch), frames(4)
    turn(given)
    browser.frames.clear()
    turn(given)
    turn(given)
    assert browser.sent == [[0, 1, 2, 3], [], [0, 1, 2, 3]]
    turn(given)
    assert browser.sent[-1] == []


def test_a_long_film_comes_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    browser, given = Browser(monkeypatch), frames(7)
    monkeypatch.setattr(module, "MESSAGE_BYTES", 3 * 4 * 15)
    for _ in range(3):
        turn(given)
    assert browser.sent == [[0, 1, 2], [3, 4, 5], [6]]


@pytest.mark.parametrize(
    "nonsense",
    [
        {"first": -1},
        {"first": 1.5},
        {"first": True},
        {"first": "2"},
        {"first": None},
        {"first": 2, "layer": 1},
        {"first": 2, "run": "other"},
    ],
)
def test_what_a_browser_makes_up_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, nonsense: dict[str, Any]
) -> None:
    browser, given = Browser(monkeypatch), frames(4)
    turn(given)
    browser.state["film"] = {"needs": {"run": "run", "layer": 0, "serial": 9} | nonsense}
    assert frames_wanted("film", "run") == 4
    for needs in ([], "x", 7, {"run": "run"}):
        browser.state["film"] = {"needs": needs, "frame": needs}
        assert frames_wanted("film", "run") == 4
        assert turn(given).frame is None
    # Past the end: nothing is there to be sent, and nothing breaks.
    browser.state["film"] = {"needs": {"run": "run", "layer": 0, "first": 99, "serial": 10}}
    assert frames_wanted("film", "run", 0) <= 4


def test_the_chosen_frame_is_of_this_run(monkeypatch: pytest.MonkeyPatch) -> None:
    browser, given = Browser(monkeypatch), frames(4)
    assert turn(given).frame is None
    browser.state["film"] = {"frame": {"run": "run", "index": 2}}
    assert turn(given).frame == 2
    assert turn(given, run="next").frame is None
    browser.state["film"] = {"frame": {"run": "run", "index": 4}}
    assert turn(given).frame is None


def test_every_word_is_used_and_every_used_word_exists() -> None:
    script = bundle(module.ASSETS)
    used = {one or two for one, two in re.findall(r'texts(?:\.(\w+)|\["([^"]+)"\])', script)}
    assert used <= set(FILM_TEXTS)
    reached = used | set(re.findall(r'"([A-Za-z_ -]+)"', script))
    reached |= {
        f"{what} {kind.name}" for cell in PANELS for kind in PANELS[cell] for what in ("panel", "hint")
    }
    reached |= {"order Z", "order F", "save png", "save svg", "where step", "where symbol"}
    assert set(FILM_TEXTS) <= reached
