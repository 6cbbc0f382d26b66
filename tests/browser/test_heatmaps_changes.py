"""The live heatmaps when things change: data, theme, width, length, orders of the page; and what is saved."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from gru_core.figures.colours import GATE, STATE_DARK
from tests.browser.apps.heatmaps_data import example
from tests.browser.conftest import NewPage, Serve
from tests.browser.heatmaps_picture import APP, NAMES, PIXEL, Picture, expected_colour, open_picture
from tests.support.pages import settled


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
