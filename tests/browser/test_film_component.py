"""The film of a training in a real browser: what it shows, how it is moved, and how it grows."""

from __future__ import annotations

import itertools
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from gru_core.figures.colours import GATE, STATE_DARK, STATE_LIGHT
from gru_core.runs.frames import PANELS
from tests.browser.apps.film_data import UPDATES, Example, example, tick_names
from tests.browser.conftest import NewPage, Serve
from tests.browser.drawn_texts import drawn_texts, overprinted
from tests.browser.film_picture import APP, FilmPicture, open_film, watch_socket
from tests.browser.heatmaps_picture import PIXEL, expected_colour

CELLS = ((0, 0), (15, 29), (7, 12), (3, 1))
LIVE = {"LIVE": "0.15"}


@pytest.fixture(scope="module")
def data() -> Example:
    return example()


def shows(film: FilmPicture, data: Example, index: int) -> None:
    """Every panel shows the numbers of that frame, and the words beside them too."""
    frame = data.frames[index]
    film.has(frame=index, update=frame.update)
    for panel, kind in enumerate(PANELS[data.cell]):
        for unit, step in CELLS:
            assert film.ask(f"wholeAt({panel}, {unit}, {step})") == frame.layers[0][kind.name][unit, step]
    for gate, name in enumerate("RZ"):
        counts = np.array(data.histograms[index][name])
        assert film.ask(f"shares({gate})") == pytest.approx(counts / counts.sum(), abs=1e-6)
    point = data.curves["update"].index(frame.update)
    score, loss = data.curves["score"][point] * 100, data.curves["loss"][point]
    r, z = (frame.layers[0][name].mean() / 255 for name in "RZ")
    expect(film.sentence).to_have_text(
        f"After {frame.update} of {UPDATES} updates: held-out score {f'{score:.1f}'.removesuffix('.0')}% "
        f"(guessing 12.5%), loss {loss:.3f}; in this sequence mean R {r:.2f}, mean Z {z:.2f}."
    )


def seen(film: FilmPicture, panel: int, unit: int, step: int) -> np.ndarray:
    """The colour that is painted in a cell."""
    at = film.ask(f"cellAt({panel}, {unit}, {step})")
    return np.array(film.root.evaluate(PIXEL.replace("canvas.base", "canvas.over"), [at["x"], at["y"]])[:3])


@pytest.mark.parametrize(("scheme", "state"), [("light", STATE_LIGHT), ("dark", STATE_DARK)])
def test_what_is_shown_is_what_was_sent(
    serve: Serve, new_page: NewPage, data: Example, scheme: str, state: tuple[str, ...]
) -> None:
    film = open_film(serve, new_page, scheme=scheme)
    film.has(frames=31, total=31, live="false", theme=scheme)
    # A film that is over starts with what was learned.
    shows(film, data, 30)
    film.press("Home")
    shows(film, data, 0)
    film.drag(film.on_bar(0), film.on_bar(241))
    shows(film, data, 12)
    for panel, kind in enumerate(PANELS["gru"]):
        for unit, step in CELLS:
            share = data.frames[12].layers[0][kind.name][unit, step] / 255
            expected = expected_colour(GATE if kind.scale == "gate" else state, share)
            assert np.abs(seen(film, panel, unit, step) - expected).max() <= 5, (kind.name, unit, step)
    for name, values in data.curves.items():
        shown = np.array([np.nan if v is None else v for v in film.ask(f"curve('{name}')")], float)
        given = np.array([np.nan if v is None else v for v in values], float)
        np.testing.assert_allclose(shown, given, rtol=1e-6)


def test_hovering_tells_the_numbers(serve: Serve, new_page: NewPage, data: Example) -> None:
    film = open_film(serve, new_page)
    page = film.page
    page.mouse.move(*film.cell(2, 6, 9))
    layer = data.frames[30].layers[0]
    lines = film.tooltip.inner_text()
    assert f"Step 9 (‘{data.ticks[9]}’)" in lines
    assert "unit 6" in lines
    for kind in PANELS["gru"]:
        value = layer[kind.name][6, 9] / 255 * (kind.range[1] - kind.range[0]) + kind.range[0]
        assert f"{value:.2f}".replace("-", "−") in lines, kind.name
    page.mouse.move(*film.on_chart("score", 200))
    expect(film.tooltip).to_contain_text("Update 200")
    at = data.curves["update"].index(200)
    for name in ("loss", "train_loss"):
        expect(film.tooltip).to_contain_text(f"{data.curves[name][at]:.3f}")
    for name in ("score", "train_score"):
        expect(film.tooltip).to_contain_text(f"{data.curves[name][at] * 100:.1f}".removesuffix(".0") + "%")
    place = film.places()["layout"]["hists"][1]
    page.mouse.move(*film.on_page(place["left"] + place["width"] * 0.975, place["top"] + 9))
    expect(film.tooltip).to_contain_text("Z from 0.95 to 1.00")
    counts = np.array(data.histograms[30]["Z"])
    expect(film.tooltip).to_contain_text(f"{counts[19] / counts.sum() * 100:.1f}%")
    page.mouse.move(5, 5)
    expect(film.tooltip).to_be_hidden()
    # Nothing of that asked the server.
    assert film.server()[3] == "1"


def test_bar_curves_and_keys_move_the_film(serve: Serve, new_page: NewPage) -> None:
    film = open_film(serve, new_page)
    film.drag(film.on_chart("loss", 580), film.on_chart("loss", 119))
    film.has(frame=6)
    film.event(6)
    film.drag(film.on_chart("score", 119), film.on_bar(700))
    film.has(frame=30)
    page = film.page
    page.mouse.click(*film.on_bar(300))
    film.has(frame=15)
    for keys, frame in (("Home", 0), ("ArrowLeft", 0), ("ArrowRight", 1), ("End", 30), ("ArrowRight", 30)):
        film.press(keys)
        film.has(frame=frame)
    film.event(30)
    turns = film.server()[3:]
    # r would run the page again, c would offer to clear its cache.
    film.press("r", "c")
    page.wait_for_timeout(400)
    assert film.server()[3:] == turns
    expect(page.get_by_role("dialog")).to_have_count(0)
    film.press("Home", " ")
    film.has(playing="true")
    film.press(" ")
    film.has(playing="false")


def test_playing_asks_nothing_of_the_server_until_it_stops(serve: Serve, new_page: NewPage) -> None:
    film = open_film(serve, new_page)
    sent, _ = watch_socket(film.page)
    film = FilmPicture(film.page)
    film.root.locator(".speed select").select_option("20")
    film.root.evaluate(
        """(node) => {
          node.frames = [];
          new MutationObserver(() => node.frames.push(Number(node.dataset.frame))).observe(
            node, { attributes: true, attributeFilter: ["data-frame"] });
        }"""
    )
    before = len(sent)
    film.button("play").click()
    expect(film.sentence).to_have_attribute("aria-live", "off")
    film.has(frame=30, playing="false")
    film.event(30)
    assert len(sent) == before + 1
    frames = film.root.evaluate("(node) => [...new Set(node.frames)]")
    assert frames == sorted(frames)
    assert len(frames) > 20
    expect(film.sentence).to_have_attribute("aria-live", "polite")


def test_units_are_sorted_by_the_last_frame(serve: Serve, new_page: NewPage, data: Example) -> None:
    film = open_film(serve, new_page)
    film.root.get_by_role("combobox", name="Units by").select_option(label="update gate")
    film.has(order="gate")
    heights = [film.ask(f"cellAt(0, {unit}, 3)")["y"] for unit in range(data.units)]
    means = data.frames[30].layers[0]["Z"].mean(axis=1)
    assert (np.diff(means[np.argsort(heights)]) >= 0).all()
    film.press("Home")
    film.has(frame=0)
    value = data.frames[0].layers[0]["R"][5, 20] / 255
    assert np.abs(seen(film, 0, 5, 20) - expected_colour(GATE, value)).max() <= 5
    assert film.server()[4] == "1"


def go_on(film: FilmPicture, frames: int) -> None:
    """Let the training come that far."""
    film.page.get_by_role("button", name=f"as far as {frames}").click()


def test_a_training_is_followed_until_one_touches_the_bar(
    serve: Serve, new_page: NewPage, data: Example
) -> None:
    film = open_film(serve, new_page, **LIVE)
    film.has(live="true", following="true", frame=1)
    places = film.places()
    expect(film.button("live")).to_have_attribute("aria-pressed", "true")
    expect(film.root.locator(".order select")).to_be_disabled()
    go_on(film, 6)
    shows(film, data, 5)
    film.page.mouse.click(*film.on_bar(41))
    film.has(frame=2, following="false")
    film.event(2)
    go_on(film, 11)
    film.has(frames=11, frame=2)
    film.button("live").click()
    film.has(following="true", frame=10)
    film.event(None)
    go_on(film, 31)
    film.has(frames=31, live="false")
    shows(film, data, 30)
    # Nothing has moved, and what waited for the end can be used.
    assert film.places() == places
    expect(film.root.locator(".order select")).to_be_enabled()
    expect(film.button("live")).to_be_hidden()


def test_news_is_small_because_the_script_stays(serve: Serve, new_page: NewPage) -> None:
    film = open_film(serve, new_page, **LIVE)
    _, received = watch_socket(film.page)
    film = FilmPicture(film.page)
    film.has(frame=1)
    before = len(received)
    go_on(film, 6)
    film.has(frame=5)
    assert max(received[:before]) > 50_000
    assert max(received[before:]) < 12_000


def test_frames_that_went_by_are_asked_for(serve: Serve, new_page: NewPage, data: Example) -> None:
    film = open_film(serve, new_page, GAP="1", **LIVE)
    go_on(film, 11)
    # All of them came, although the server left one out on the way.
    film.has(frames=11, total=11, frame=10)
    assert film.ask("updates()") == [frame.update for frame in data.frames[:11]]
    film.event(None)
    turns, asked = (int(film.server()[at]) for at in (3, 5))
    assert asked >= 1
    film.page.wait_for_timeout(1200)
    assert int(film.server()[3]) > turns, "the page goes on drawing itself"
    assert int(film.server()[5]) == asked, "and no more is asked"
    # A page that is opened anew is sent everything once more.
    film.page.reload()
    FilmPicture(film.page).has(frames=2, total=2)


def test_a_film_that_comes_back_goes_on_where_it_was(serve: Serve, new_page: NewPage) -> None:
    film = open_film(serve, new_page)
    page = film.page
    page.mouse.click(*film.on_bar(200))
    film.has(frame=10)
    page.get_by_text("take the film away").click()
    expect(page.locator(".film")).to_have_count(0)
    page.get_by_text("take the film away").click()
    film = FilmPicture(page)
    film.has(frame=10, frames=31)
    film.event(10)
    assert film.server()[2] == "31", "its frames were still in the browser"
    page.get_by_text("another run").click()
    film.has(run="another:0", frame=30, frames=31)
    film.event(None)


def test_the_learned_flag_stands_where_it_was_learned(serve: Serve, new_page: NewPage, data: Example) -> None:
    film = open_film(serve, new_page)
    film.press("Home")
    film.root.locator("summary").click()
    with film.page.expect_download() as download:
        film.button("save svg").click()
    assert download.value.suggested_filename == "made-up-film.svg"
    drawing = ElementTree.parse(download.value.path())
    space = "{http://www.w3.org/2000/svg}"
    texts = [node.text for node in drawing.iter(f"{space}text")]
    assert {f"learned at update {data.learned_at}", "After 0 of 600 updates", "guessing 12.5%", "H̃"} <= set(
        texts
    )
    bar = film.places()["bar"]
    assert data.learned_at is not None
    wanted = bar["left"] + data.learned_at / UPDATES * bar["width"]
    poles = [str(node.get("points")).split() for node in drawing.iter(f"{space}polygon")]
    assert any(abs(float(pole[0]) - wanted) < 0.6 for pole in poles), poles
    assert len(list(drawing.iter(f"{space}image"))) == 4
    assert str(drawing.findtext(f"{space}desc")).startswith("A made-up training After 0 of 600 updates")
    film.root.locator("summary").click()
    with film.page.expect_download() as download:
        film.button("save png").click()
    image = Path(download.value.path()).read_bytes()
    assert image.startswith(b"\x89PNG\r\n\x1a\n")
    box = film.stage.bounding_box()
    assert box is not None
    assert int.from_bytes(image[16:20], "big") >= 2 * box["width"]


def test_a_change_of_theme_repaints(serve: Serve, new_page: NewPage, data: Example) -> None:
    film = open_film(serve, new_page)
    film.has(theme="light")
    film.page.emulate_media(color_scheme="dark")
    film.has(theme="dark")
    share = data.frames[30].layers[0]["H"][7, 12] / 255
    assert np.abs(seen(film, 3, 7, 12) - expected_colour(STATE_DARK, share)).max() <= 5


@pytest.mark.parametrize(
    "env", [{}, {"CELL": "lstm", "STEPS": "50"}, {"CELL": "rnn", "UNITS": "128", "STEPS": "300"}]
)
def test_on_a_phone_nothing_is_cut_off(serve: Serve, new_page: NewPage, env: dict[str, str]) -> None:
    page = new_page(serve(APP, **env), width=390, height=844, touch=True)
    film = FilmPicture(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for control in film.root.locator("button:visible, select:visible, summary:visible").all():
        box = control.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    layout = film.places()["layout"]
    inside = [*layout["panels"], *layout["hists"], *layout["charts"].values(), layout["scrub"]]
    for place in inside:
        if isinstance(place, dict):
            assert place["left"] >= 0
            assert place["left"] + place["width"] <= layout["width"]
            assert place["top"] + place["height"] <= layout["height"]
    page.touchscreen.tap(*film.cell(0, 3, 10))
    expect(film.tooltip).to_contain_text("unit 3")
    page.touchscreen.tap(*film.on_bar(300))
    film.has(frame=15)


SIZES = ((1366, 768), (390, 844))


@pytest.mark.parametrize(("chance", "learned"), [("0.75", "0.9"), ("0.95", "0.97"), ("0.9", "0.9")])
def test_names_of_lines_that_are_near_each_other_can_be_read(
    serve: Serve, new_page: NewPage, chance: str, learned: str
) -> None:
    url = serve(APP, CHANCE=chance, LEARNED=learned, PERCENT="0", STEPS="24", TICKS="months")
    for width, height in SIZES:
        film = FilmPicture(new_page(url, width=width, height=height))
        texts = drawn_texts(film.root)
        chart = film.places()["charts"]["score"]
        assert overprinted(texts) == []
        for words in (f"guessing {float(chance):.2f}", f"learned from {float(learned):.2f}"):
            (label,) = (text for text in texts if text.text == words)
            assert chart["top"] <= label.top
            assert label.bottom <= chart["top"] + chart["height"]
            assert chart["left"] < label.left
            assert label.right < chart["left"] + chart["width"]


@pytest.mark.parametrize(("kind", "steps"), [("letters", 51), ("months", 24), ("decimals", 50)])
def test_names_of_steps_stay_apart_and_in_their_panel(
    serve: Serve, new_page: NewPage, kind: str, steps: int
) -> None:
    url = serve(APP, STEPS=str(steps), TICKS=kind)
    names = tick_names(kind, steps)
    for width, height in SIZES:
        film = FilmPicture(new_page(url, width=width, height=height))
        texts = drawn_texts(film.root)
        assert overprinted(texts) == []
        layout = film.places()["layout"]
        for place in layout["panels"][:2]:
            shown = {}
            for row in ("symbols", "numbers"):
                right = place["left"] + place["width"]
                inside = [
                    text
                    for text in texts
                    if text.y == layout["steps"][row] and text.right > place["left"] and text.left < right
                ]
                assert all(place["left"] - 0.1 <= text.left and text.right <= right + 0.1 for text in inside)
                shown[row] = [text.text for text in sorted(inside, key=lambda text: text.left)]
                gaps = [b.left - a.right for a, b in itertools.pairwise(sorted(inside, key=lambda t: t.left))]
                # Nobody reads a choice out of the steps as their whole sequence.
                assert len(inside) in (0, steps) or min(gaps) >= 6
            numbers = [int(text) for text in shown["numbers"]]
            assert numbers[0] == 0
            assert len(numbers) > 1
            if len(shown["symbols"]) < steps:
                assert shown["symbols"] == [names[step] for step in numbers]


def test_controls_have_names_and_the_picture_its_text_twin(serve: Serve, new_page: NewPage) -> None:
    film = open_film(serve, new_page)
    page = film.page
    expect(page.get_by_role("application", name="A made-up training")).to_be_visible()
    for name in ("First frame", "One frame back", "Play", "One frame on", "Last frame"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    for name in ("Speed", "Units by"):
        expect(page.get_by_role("combobox", name=name)).to_be_visible()
