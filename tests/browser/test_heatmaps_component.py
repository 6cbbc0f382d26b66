"""The live heatmaps in a real browser: what is painted, read, chosen, zoomed, played and saved."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from gru_core.figures.colours import GATE, STATE_DARK, STATE_LIGHT
from tests.browser.apps.heatmaps_data import example
from tests.browser.conftest import NewPage, Serve
from tests.support.pages import settled

APP = Path(__file__).parent / "apps" / "heatmaps_app.py"
NAMES = ("R", "Z", "H_tilde", "H")

PIXEL = """(node, [x, y]) => {
  const canvas = node.querySelector("canvas.base");
  const scale = canvas.width / canvas.clientWidth;
  return [...canvas.getContext("2d").getImageData(Math.round(x * scale), Math.round(y * scale), 1, 1).data];
}"""


class Picture:
    """The component on a page, by what a person can see of it and by its read-only hook."""

    def __init__(self, page: Page, revision: int = 1) -> None:
        self.page = page
        self.root: Locator = page.locator(".gatescope")
        expect(self.root).to_have_attribute("data-revision", str(revision), timeout=30_000)
        self.stage = self.root.locator(".stage")

    def has(self, **attributes: object) -> None:
        """Waits until the data attributes say so."""
        for name, value in attributes.items():
            expect(self.root).to_have_attribute(f"data-{name}", str(value))

    def value(self, panel: int, unit: int, step: int) -> float:
        return float(self.root.evaluate(f"(node) => node.gatescope.valueAt({panel}, {unit}, {step})"))

    def cell(self, panel: int, unit: int, step: int) -> tuple[float, float]:
        """Middle of a cell in pixels of the stage."""
        at = self.root.evaluate(f"(node) => node.gatescope.cellAt({panel}, {unit}, {step})")
        return at["x"], at["y"]

    def pixel(self, panel: int, unit: int, step: int) -> list[int]:
        return list(self.root.evaluate(PIXEL, list(self.cell(panel, unit, step))))[:3]

    def point(self, panel: int, unit: int, step: int) -> tuple[float, float]:
        """Middle of a cell in pixels of the page."""
        box = self.stage.bounding_box()
        assert box is not None
        x, y = self.cell(panel, unit, step)
        return box["x"] + x, box["y"] + y

    def axis(self, step: int) -> tuple[float, float]:
        """A step on the time axis, in pixels of the page."""
        box = self.stage.bounding_box()
        assert box is not None
        top = self.root.evaluate("(node) => node.gatescope.layout().axis.top")
        return self.point(0, 0, step)[0], box["y"] + top + 12

    def drag(self, start: tuple[float, float], end: tuple[float, float], button: Any = "left") -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down(button=button)
        mouse.move((start[0] + end[0]) / 2, end[1])
        mouse.move(*end)
        mouse.up(button=button)

    def button(self, action: str) -> Locator:
        return self.root.locator(f'button[data-action="{action}"]')

    def event(self, text: str) -> None:
        """Waits until the server says what it was told."""
        expect(self.page.get_by_text(re.compile(f"^event {re.escape(text)} "))).to_be_visible()

    def runs(self) -> int:
        return int(self.page.get_by_text(re.compile("^event ")).inner_text().split()[-1])


def expected_colour(table: tuple[str, ...], share: float) -> np.ndarray:
    """A colour map's colour by linear interpolation of its table, computed apart from the browser."""
    rgb = np.array([[int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in table], dtype=float)
    place = np.clip(share, 0, 1) * (len(table) - 1)
    return np.array([np.interp(place, range(len(table)), rgb[:, part]) for part in range(3)])


def open_picture(serve: Serve, new_page: NewPage, *, scheme: str = "light", **env: str) -> Picture:
    return Picture(new_page(serve(APP, **env), scheme=scheme))


@pytest.mark.parametrize(("scheme", "state"), [("light", STATE_LIGHT), ("dark", STATE_DARK)])
def test_pixels_are_the_colours_of_the_values(
    serve: Serve, new_page: NewPage, scheme: str, state: tuple[str, ...]
) -> None:
    picture = open_picture(serve, new_page, scheme=scheme)
    picture.has(theme=scheme)
    data = example(24, 16)
    # Not column 0, where the cursor stands; the step between two of 256 colours is at most 4 of 255.
    for unit, step in ((0, 5), (3, 20), (15, 23), (8, 11)):
        for panel, name in enumerate(NAMES):
            value = data[name][step, unit]
            table, share = (GATE, value) if name in "RZ" else (state, (value + 1) / 2)
            seen = picture.pixel(panel, unit, step)
            assert np.abs(seen - expected_colour(table, share)).max() <= 5, (name, unit, step)


def test_values_in_the_browser_are_the_arrays(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    data = example(24, 16)
    for panel, name in enumerate(NAMES):
        for unit, step in ((0, 0), (15, 23), (7, 12)):
            assert picture.value(panel, unit, step) == pytest.approx(data[name][step, unit], abs=2e-5)


def test_the_tooltip_reads_one_cell_in_every_panel(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    data = example(24, 16)
    picture.page.mouse.move(*picture.point(2, 6, 9))
    tooltip = picture.root.locator(".tooltip")
    expect(tooltip).to_be_visible()
    text = tooltip.inner_text()
    assert "Step 9 (‘d’)" in text
    assert "unit 6" in text
    for name, label in zip(NAMES, ("R", "Z", "H̃", "H"), strict=True):
        shown = f"{data[name][9, 6]:.3f}".replace("-", "−")
        assert re.search(rf"{label}\s+{re.escape(shown)}", text), (label, shown, text)
    assert picture.runs() == 1
    picture.page.mouse.move(5, 5)
    expect(tooltip).to_be_hidden()


def test_the_sentence_is_computed_from_the_step_under_the_cursor(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    data = example(24, 16)
    picture.stage.focus()
    for _ in range(7):
        picture.page.keyboard.press("ArrowRight")
    picture.has(cursor=7)
    z, r = data["Z"][7], data["R"][7]
    expect(picture.root.locator(".sentence")).to_have_text(
        f"Step 7 (‘_’): {(z > 0.9).sum()} of 16 units keep over 90 %, "
        f"{(z < 0.5).sum()} of 16 rewrite more than half; mean R {r.mean():.2f}."
    )
    picture.event("7 None index None")


def test_keys_move_play_and_stay_inside(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    keyboard = picture.page.keyboard
    picture.stage.focus()
    keyboard.press("End")
    picture.has(cursor=23)
    keyboard.press("ArrowRight")
    picture.has(cursor=23)
    keyboard.press("Home")
    keyboard.press("ArrowLeft")
    picture.has(cursor=0)
    keyboard.press("ArrowDown")
    picture.has(unit=0)
    keyboard.press("Escape")
    picture.has(unit="")
    keyboard.press("+")
    expect(picture.root).not_to_have_attribute("data-window", "")
    keyboard.press("0")
    picture.has(window="")
    # Reports wait for a pause in typing.
    picture.page.wait_for_timeout(600)
    settled(picture.page)
    picture.event("0 None index None")
    runs = picture.runs()
    # r would rerun the app, c would offer to clear its cache.
    keyboard.press("r")
    keyboard.press("c")
    picture.page.wait_for_timeout(500)
    assert picture.runs() == runs
    expect(picture.page.get_by_role("dialog")).to_have_count(0)
    keyboard.press(" ")
    picture.has(playing="true")
    keyboard.press(" ")
    picture.has(playing="false")


def test_playing_asks_nothing_of_the_server_until_it_stops(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    sent: list[int] = []
    picture.page.on(
        "websocket", lambda socket: socket.on("framesent", lambda payload: sent.append(len(payload)))
    )
    picture.page.reload()
    settled(picture.page)
    picture = Picture(picture.page)
    picture.root.locator(".speed select").select_option("25")
    picture.root.evaluate(
        """(node) => {
          node.cursors = [];
          new MutationObserver(() => node.cursors.push(Number(node.dataset.cursor))).observe(
            node, { attributes: true, attributeFilter: ["data-cursor"] });
        }"""
    )
    before = len(sent)
    picture.button("play").click()
    # It stops by itself at the end, and only then reports, once.
    picture.has(cursor=23, playing="false")
    picture.event("23 None index None")
    assert len(sent) == before + 1
    cursors = picture.root.evaluate("(node) => node.cursors")
    assert len(set(cursors)) > 4
    assert cursors == sorted(cursors)


def test_the_cursor_can_be_dragged_by_its_handle(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    picture.drag(picture.axis(0), picture.axis(13))
    picture.has(cursor=13, window="")
    picture.event("13 None index None")
    assert picture.runs() == 2


def test_a_click_chooses_a_unit_and_a_second_one_lets_go(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    height = picture.stage.bounding_box()
    picture.page.mouse.click(*picture.point(1, 4, 12))
    picture.has(unit=4)
    opened = picture.stage.bounding_box()
    assert height is not None
    assert opened is not None
    assert opened["height"] > height["height"] + 80
    picture.event("0 4 index None")
    picture.page.mouse.click(*picture.point(3, 4, 15))
    picture.has(unit="")
    picture.event("0 None index None")
    picture.page.mouse.click(*picture.point(0, 2, 15))
    picture.root.locator("button.close").click()
    picture.has(unit="")


def test_the_order_of_the_units_changes_at_once(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    rows = np.argsort(example(24, 16)["Z"].mean(axis=0)).tolist()
    picture.root.locator(".order select").select_option("time scale")
    picture.has(order="time scale")
    heights = [picture.cell(0, unit, 3)[1] for unit in range(16)]
    assert np.argsort(heights).tolist() == rows
    value = example(24, 16)["R"][20, rows[0]]
    assert np.abs(picture.pixel(0, rows[0], 20) - expected_colour(GATE, value)).max() <= 5
    picture.event("0 None time scale None")


def test_dragging_zooms_and_a_double_click_shows_everything(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    picture.drag(picture.point(1, 3, 6), picture.point(1, 3, 15))
    picture.has(window="6,16", unit="")
    picture.event("0 None index (6, 16)")
    # Shift pans: half the width to the right is five steps back.
    start, end = picture.point(1, 3, 8), picture.point(1, 3, 13)
    picture.page.keyboard.down("Shift")
    picture.drag(start, end)
    picture.page.keyboard.up("Shift")
    picture.has(window="1,11")
    picture.page.mouse.dblclick(*picture.point(1, 3, 6))
    picture.has(window="", unit="")
    picture.event("0 None index None")


def test_the_wheel_zooms_on_the_axis_and_scrolls_elsewhere(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    picture.page.mouse.move(*picture.point(1, 3, 12))
    picture.page.mouse.wheel(0, -400)
    picture.page.wait_for_timeout(300)
    picture.has(window="")
    picture.page.mouse.move(*picture.axis(12))
    for _ in range(4):
        picture.page.mouse.wheel(0, -200)
    expect(picture.root).not_to_have_attribute("data-window", "")
    for action in ("zoom in", "zoom out", "zoom reset"):
        picture.button(action).click()
    picture.has(window="")


def test_new_data_keep_zoom_cursor_and_unit(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    page = picture.page
    picture.page.mouse.click(*picture.point(1, 4, 12))
    picture.drag(picture.axis(0), picture.axis(9))
    picture.drag(picture.point(1, 3, 6), picture.point(1, 3, 15))
    picture.event("9 4 index (6, 16)")
    picture.root.evaluate("(node) => { node.marked = true; }")
    page.get_by_text("flip the gates").click()
    picture = Picture(page, 2)
    picture.has(cursor=9, unit=4, window="6,16", order="index")
    assert picture.root.evaluate("(node) => node.marked") is True
    flipped = example(24, 16, flipped=True)
    assert picture.value(0, 4, 9) == pytest.approx(flipped["R"][9, 4], abs=2e-5)
    assert np.abs(picture.pixel(0, 2, 12) - expected_colour(GATE, flipped["R"][12, 2])).max() <= 5
    picture.event("9 4 index (6, 16)")


def test_the_picture_is_never_blank_while_data_change(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    x, y = picture.cell(0, 2, 12)
    picture.root.evaluate(
        """(node, [x, y]) => {
          node.seen = new Set();
          const look = () => {
            const canvas = node.querySelector("canvas.base");
            const scale = canvas.width / canvas.clientWidth;
            node.seen.add([...canvas.getContext("2d").getImageData(x * scale, y * scale, 1, 1).data].join());
            requestAnimationFrame(look);
          };
          look();
        }""",
        [x, y],
    )
    for revision in (2, 3, 4):
        picture.page.get_by_text("flip the gates").click()
        picture.has(revision=revision)
    seen = picture.root.evaluate("(node) => [...node.seen]")
    assert len(seen) == 2, "one colour for each setting and nothing in between"


def test_unchanged_data_are_not_painted_again(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    picture.drag(picture.axis(0), picture.axis(9))
    picture.event("9 None index None")
    frames: list[int] = []
    picture.page.on(
        "websocket", lambda socket: socket.on("framereceived", lambda payload: frames.append(len(payload)))
    )
    picture.page.reload()
    settled(picture.page)
    picture = Picture(picture.page)
    received = len(frames)
    picture.drag(picture.axis(0), picture.axis(11))
    picture.event("11 None index None")
    assert frames[received:]
    assert max(frames[received:]) < 10_000, "the script and the values were sent only once"


def test_the_page_can_order_the_cursor(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    picture.drag(picture.axis(0), picture.axis(20))
    picture.event("20 None index None")
    picture.page.get_by_role("button", name="cursor to 3").click()
    picture.has(cursor=3)
    picture.event("3 None index None")
    picture.drag(picture.axis(3), picture.axis(8))
    picture.event("8 None index None")
    picture.page.get_by_text("flip the gates").click()
    picture.has(revision=3, cursor=8)


def test_another_length_starts_with_everything_in_view(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    picture.drag(picture.axis(0), picture.axis(20))
    picture.drag(picture.point(1, 3, 16), picture.point(1, 3, 22))
    picture.event("20 None index (16, 23)")
    picture.page.get_by_text("shorter input").click()
    picture.has(revision=2, window="", cursor=11)
    picture.event("11 None index None")


def test_a_picture_that_comes_back_goes_on_where_it_was(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    page = picture.page
    picture.page.mouse.click(*picture.point(1, 4, 12))
    picture.drag(picture.point(1, 3, 6), picture.point(1, 3, 15))
    picture.event("0 4 index (6, 16)")
    page.get_by_text("take the picture away").click()
    expect(page.locator(".gatescope")).to_have_count(0)
    page.get_by_text("take the picture away").click()
    Picture(page).has(unit=4, window="6,16")


def test_long_inputs_are_means_until_one_zooms_in(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page, STEPS="10000", UNITS="64")
    data = example(10_000, 64)
    picture.has(bin=7)
    mean = data["Z"][7000:7007, 5].mean()
    assert picture.value(1, 5, 7003) == pytest.approx(mean, abs=0.003)
    picture.page.mouse.move(*picture.point(1, 5, 7003))
    expect(picture.root.locator(".tooltip")).to_contain_text("on average")
    picture.drag(picture.point(1, 5, 4000), picture.point(1, 5, 4400))
    expect(picture.root).to_have_attribute("data-revision", "2")
    picture.has(bin=1)
    first, last = (int(edge) for edge in str(picture.root.get_attribute("data-window")).split(","))
    assert abs(first - 4000) <= 20
    assert abs(last - 4400) <= 20
    for step in (first, (first + last) // 2, last - 1):
        for panel, name in enumerate(NAMES):
            # 8 bits over the panel's range.
            low = 0.5 / 255 * (1 if name in "RZ" else 2)
            assert picture.value(panel, 5, step) == pytest.approx(data[name][step, 5], abs=low * 1.02)
    picture.button("zoom reset").click()
    picture.has(bin=7, revision=3)


def test_labels_are_text_and_never_run(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page, LABELS="html")
    picture.page.mouse.move(*picture.point(1, 3, 1))
    expect(picture.root.locator(".tooltip")).to_contain_text("<img src=x onerror=")
    picture.drag(picture.axis(0), picture.axis(1))
    expect(picture.root.locator(".sentence")).to_contain_text("<img src=x onerror=")
    assert picture.root.locator("img, script").count() == 0
    with picture.page.expect_download() as download:
        picture.root.locator("summary").click()
        picture.button("save svg").click()
    drawing = ElementTree.parse(download.value.path())
    texts = [node.text or "" for node in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert any("<" in text for text in texts)
    assert not list(drawing.iter("{http://www.w3.org/2000/svg}script"))
    assert picture.page.evaluate("window.hacked") is None


def test_the_drawing_holds_text_and_the_cells_as_an_image(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    picture.root.locator("summary").click()
    with picture.page.expect_download() as download:
        picture.button("save svg").click()
    assert download.value.suggested_filename == "made-up.svg"
    drawing = ElementTree.parse(download.value.path())
    space = "{http://www.w3.org/2000/svg}"
    texts = [node.text for node in drawing.iter(f"{space}text")]
    assert {"Gates and state over time", "Reset gate", "H̃", "unit", "step", "right answer"} <= set(texts)
    images = list(drawing.iter(f"{space}image"))
    assert len(images) == 5
    assert all(str(image.get("href")).startswith("data:image/png;base64,") for image in images)
    assert (images[0].get("width"), images[0].get("height")) == ("24", "16")
    assert drawing.findtext(f"{space}desc") == "Four heatmaps of a made-up GRU"


def test_the_image_is_a_sharp_png(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    picture.root.locator("summary").click()
    with picture.page.expect_download() as download:
        picture.button("save png").click()
    data = Path(download.value.path()).read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (int.from_bytes(data[at : at + 4], "big") for at in (16, 20))
    box = picture.stage.bounding_box()
    assert box is not None
    assert width >= 2 * box["width"]
    assert height >= 2 * box["height"]
    assert len(data) > 10_000


def test_a_change_of_theme_repaints(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    picture.has(theme="light")
    light = picture.pixel(3, 6, 0)
    value = example(24, 16)["H"][10, 6]
    picture.page.emulate_media(color_scheme="dark")
    picture.has(theme="dark")
    seen = picture.pixel(3, 6, 10)
    assert np.abs(seen - expected_colour(STATE_DARK, (value + 1) / 2)).max() <= 5
    assert picture.pixel(3, 6, 0) != light


def test_it_follows_the_width_of_the_page_and_wakes_up_in_a_hidden_place(
    serve: Serve, new_page: NewPage
) -> None:
    picture = open_picture(serve, new_page)
    widths = "(node) => [node.querySelector('canvas.base').width, node.querySelector('.stage').clientWidth]"
    before = picture.root.evaluate(widths)
    picture.page.set_viewport_size({"width": 800, "height": 768})
    picture.page.wait_for_timeout(400)
    after = picture.root.evaluate(widths)
    assert before[0] == before[1]
    assert after[0] == after[1] < before[0]
    # As in a tab that is not chosen: nothing can be measured or painted until it is seen.
    picture.root.evaluate("(node) => { node.style.display = 'none'; }")
    picture.page.set_viewport_size({"width": 1100, "height": 768})
    picture.page.get_by_text("flip the gates").click()
    picture.event("0 None index None")
    settled(picture.page)
    picture.root.evaluate("(node) => { node.style.display = ''; }")
    picture.has(revision=2)
    picture.page.wait_for_timeout(200)
    shown = picture.root.evaluate(widths)
    assert shown[0] == shown[1] > after[0]
    value = example(24, 16, flipped=True)["R"][12, 2]
    assert np.abs(picture.pixel(0, 2, 12) - expected_colour(GATE, value)).max() <= 5


@pytest.mark.parametrize("env", [{"STEPS": "1", "UNITS": "1"}, {"STEPS": "2", "UNITS": "512"}])
def test_the_smallest_and_the_thinnest(serve: Serve, new_page: NewPage, env: dict[str, str]) -> None:
    picture = open_picture(serve, new_page, OUTPUTS="none", HEIGHT="420", **env)
    picture.page.mouse.move(*picture.point(1, 0, 0))
    expect(picture.root.locator(".tooltip")).to_contain_text("unit 0")
    picture.stage.focus()
    for key in ("End", "+", "-", "ArrowUp", "Home"):
        picture.page.keyboard.press(key)
    picture.has(cursor=0, unit=int(env["UNITS"]) - 1, window="")


def test_many_units_share_pixels_as_means(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page, UNITS="512", HEIGHT="420", OUTPUTS="none")
    rows = int(picture.root.evaluate("(node) => node.gatescope.layout().panels[1].height"))
    assert rows < 512
    z = example(24, 512)["Z"]
    first, last = 20 * 512 // rows, 21 * 512 // rows
    mean = z[12, first:last].mean()
    x, _ = picture.cell(1, first, 12)
    top = picture.root.evaluate("(node) => node.gatescope.layout().panels[1].top")
    seen = picture.root.evaluate(PIXEL, [x, top + 20])[:3]
    assert np.abs(seen - expected_colour(GATE, mean)).max() <= 6


def test_on_a_phone_nothing_is_cut_off_and_a_tap_reads(serve: Serve, new_page: NewPage) -> None:
    page = new_page(serve(APP), width=390, height=844, touch=True)
    picture = Picture(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for control in picture.root.locator("button:visible, select:visible, summary:visible").all():
        box = control.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    x, y = picture.cell(1, 5, 9)
    picture.stage.tap(position={"x": x, "y": y})
    picture.has(unit=5)
    expect(picture.root.locator(".tooltip")).to_contain_text("Step 9")
    # The hints had no room beside the titles.
    expect(picture.root.locator(".hints")).to_contain_text("1 keeps the old state")


def test_controls_have_names_and_the_picture_its_text_twin(serve: Serve, new_page: NewPage) -> None:
    picture = open_picture(serve, new_page)
    page = picture.page
    expect(page.get_by_role("application", name="Four heatmaps of a made-up GRU")).to_be_visible()
    for name in ("First step", "One step back", "Play", "One step on", "Last step"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    expect(page.get_by_role("combobox", name="Speed")).to_be_visible()
    expect(page.get_by_role("combobox", name="Units by")).to_be_visible()
    assert picture.root.locator(".sentence").get_attribute("aria-live") == "polite"
