"""Find in a real browser: brushed by mouse, keys and touch, answered there; the places are the core's."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Page, expect

from gru_core.analysis.find import Found, Rule, find, units_on
from gru_core.analysis.find_data import Searched, most_steps, of_trace, read_all
from gru_core.demos import demo_path
from gru_core.formats import load_model
from gru_core.model import SequenceModel
from gru_core.sequences.examples import demo_sequence
from gru_core.tasks.to_search import sequences_of
from gru_core.trace import trace
from tests.browser.conftest import NewPage
from tests.support.screen import PROBED, Picture, query

LETTERS = load_model(demo_path("letters"))
BRACKETS = load_model(demo_path("brackets"))


def opened(new_page: NewPage, url: str, link: str, **how: object) -> Page:
    page = new_page(f"{url}/find?{link}", allow=(PROBED,), **how)
    answered(page)
    return page


def answered(page: Page) -> None:
    """Return once the places stand there that belong to what was brushed."""
    page.locator(".find[data-stale='false']:not([data-revision='0'])").wait_for(timeout=60_000)
    expect(page.locator(".find .heading")).to_contain_text("other place", ignore_case=True, timeout=60_000)


def chosen(page: Page) -> list[int]:
    found: list[int] = page.locator(".find").evaluate("(node) => node.gatescope.chosen()")
    return found


def stretch(page: Page) -> tuple[int, int]:
    choice = page.locator(".find").evaluate("(node) => node.gatescope.choice()")
    return choice["start"], choice["stop"]


def here(model: SequenceModel, layer: int = 0) -> Searched:
    """The first example as codes."""
    return of_trace(trace(model.gru, model.encoder.encode(demo_sequence(model, 0)))[layer])


def searched(model: SequenceModel, layer: int = 0) -> Searched:
    inputs = [model.encoder.encode(one) for one in sequences_of(model, most_steps(model.gru))]
    return read_all(model.gru, inputs, (), layer)


def looked_for(data: Searched, rule: Rule, units: list[int], steps: int, least: int = 0) -> Found:
    return find(
        data.codes[rule.quantity],
        data.lengths,
        rule,
        units,
        least=least or len(units),
        steps=steps,
        shortest=(steps + 1) // 2,
    )


def middle_of_step(page: Page, step: int) -> tuple[float, float]:
    """Where a step that is in view stands in the plot."""
    plot = page.locator(".find .plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    view = page.locator(".find").evaluate("(node) => node.gatescope.view()")
    assert view["from"] <= step < view["from"] + view["count"]
    share = (step + 0.5 - view["from"]) / view["count"]
    return box["x"] + view["left"] + share * view["room"], box["y"] + box["height"] / 2


def expect_places(page: Page, found: Found) -> None:
    """The heading counts them, and the rows are the best of them."""
    count = "One other place" if len(found) == 1 else f"{len(found):,} other places"
    expect(page.locator(".find .heading")).to_contain_text(count, timeout=60_000)
    best = [found.place(rank) for rank in range(min(len(found), 12))]
    wanted = [f"{len(p.on)} of {len(found.units)} units · {p.steps} steps" for p in best]
    expect(page.locator(".find .place .meta")).to_have_text(wanted, timeout=30_000)


def test_a_stretch_brushed_by_mouse_finds_the_places_that_the_core_finds(
    app_url: str, new_page: NewPage
) -> None:
    page = opened(new_page, app_url, "model=letters&layer=1&begin=200&end=204")
    codes, rule = here(LETTERS, 1).codes["H"], Rule("H", 0.5)
    # As many steps are in view as have room for their letters, those around the stretch.
    scroll = page.locator(".find .scroll")
    assert 0 < int(scroll.input_value()) <= 200
    scroll.focus()
    scroll.press("Home")
    expect(page.locator(".find .moving")).to_contain_text(f"of {len(codes)}")
    page.mouse.move(*middle_of_step(page, 57))
    page.mouse.down()
    page.mouse.move(*middle_of_step(page, 62), steps=3)
    # Before anything is let go, the browser knows which units are on.
    assert stretch(page) == (57, 63)
    assert chosen(page) == list(units_on(codes, 57, 63, rule))
    page.mouse.up()
    answered(page)
    units = chosen(page)
    data = searched(LETTERS, 1)
    found = looked_for(data, rule, units, 6)
    expect_places(page, found)
    assert query(page).items() >= {"begin": "57", "end": "63"}.items()
    # Less than all of the units, one of them left out by hand.
    page.locator(".find .chip").first.click()
    page.locator(".find .need select").select_option(str(len(units) - 2))
    some = looked_for(data, rule, units[1:], 6, least=len(units) - 2)
    expect_places(page, some)
    assert query(page)["without"] == str(units[0])
    # The text of the best place is what the data set has there, and its tint counts units.
    place = some.place(0)
    labels = sequences_of(LETTERS, most_steps(LETTERS.gru))[place.sequence].labels
    inside = page.locator(".find .place").first.locator(".cell.inside")
    shown = "".join(inside.all_text_contents()).replace("⏎", "\n")
    assert shown == "".join(labels[place.start : place.stop])[: len(shown)]
    page.locator(".find .place").first.click()
    picture = Picture(page)
    picture.root.wait_for(timeout=60_000)
    expect(page.get_by_role("link", name="Gates", exact=True)).to_be_visible()
    x = np.eye(len(LETTERS.card.outputs), dtype=np.float32)[[LETTERS.card.outputs.index(s) for s in labels]]
    states = trace(LETTERS.gru, x)[1].H[0]
    np.testing.assert_allclose(picture.values(3, 20, 80), states[:20], atol=0.006)
    assert query(page)["t"] == str(place.start)


def test_edges_and_threshold_move_by_keys_and_the_same_on_a_telephone(
    app_url: str, new_page: NewPage
) -> None:
    codes = here(BRACKETS).codes["Z"]
    steps = len(codes)
    page = opened(new_page, app_url, "model=brackets&find=Z&begin=4&end=6&within=here", width=390, height=844)
    last, level = page.locator(".find .handle.to"), page.locator(".find .handle.level")
    last.focus()
    last.press("ArrowRight")
    last.press("Shift+ArrowRight")
    level.focus()
    for _ in range(3):
        level.press("ArrowDown")
    assert stretch(page) == (5, 8)
    assert level.get_attribute("data-value") == "0.44"
    expect(last).to_have_attribute("aria-valuenow", "7")
    rule = Rule("Z", 0.44)
    assert chosen(page) == list(units_on(codes, 5, 8, rule))
    answered(page)
    found = find(
        codes, [steps], rule, chosen(page), least=len(chosen(page)), steps=3, shortest=2, leave_out=(0, 5, 8)
    )
    expect_places(page, found)
    # Touch: a finger drawn over the plot brushes; what follows is in the facts, too.
    first, second = (middle_of_step(page, step) for step in (10, 12))
    touch = page.context.new_cdp_session(page)
    for kind, points in (("touchStart", [first]), ("touchMove", [second]), ("touchEnd", [])):
        touched = [{"x": x, "y": y} for x, y in points]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})
    expect(page.locator(".find .sentence")).to_contain_text("Steps 10 to 12")
    on = units_on(codes, 10, 13, rule)
    assert chosen(page) == list(on)
    expect(page.locator(".st-key-facts")).to_contain_text(
        f"{len(on)} of {codes.shape[1]} units have Z at 0.44"
    )
