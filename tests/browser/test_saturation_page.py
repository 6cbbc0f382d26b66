"""Saturation: what is drawn and said is what was counted; a dot chooses its unit; a survey is brought."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Page, expect

from gru_core.analysis.saturation_facts import saturation_facts
from gru_core.demos import demo_path
from gru_core.formats import load_model
from gru_core.overrides import EXTREMES
from gru_core.survey import Survey, survey, survey_of_traces
from gru_core.survey.of_model import survey_of_data
from gru_core.survey.saved import survey_bytes
from gru_core.survey.statistics import About
from gru_core.survey.work import places_of
from gru_core.tasks.to_search import sequences_of
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import PROBED, choose, choose_gates, demo, demo_trace, query

SHOWS = """(expected) => {
    const traces = document.querySelector(".js-plotly-plot")?._fullData ?? [];
    const dots = traces.filter((trace) => trace.customdata && trace.type === "scatter");
    const near = (shown, wanted) => shown.length === wanted.length
        && Array.from(shown).every((value, at) => Math.abs(value - wanted[at]) < 1e-12);
    return dots.length === expected.length
        && dots.every((trace, at) => near(trace.x, expected[at][0]) && near(trace.y, expected[at][1]));
}"""
PLACE = """([panel, x, y]) => {
    const chart = document.querySelector(".js-plotly-plot"), box = chart.getBoundingClientRect();
    const layout = chart._fullLayout;
    const [across, up] = panel ? [layout.xaxis2, layout.yaxis2] : [layout.xaxis, layout.yaxis];
    return [box.left + across._offset + across.l2p(x), box.top + up._offset + up.l2p(y)];
}"""


def dots(page: Page, found: Survey) -> None:
    """Wait until the dots are those of a survey."""
    expected = [
        [found.right_saturated(gate)[cell].tolist(), found.left_saturated(gate)[cell].tolist()]
        for gate in "RZ"
        for cell in range(len(found.about.places))
    ]
    page.wait_for_function(SHOWS, arg=expected)


def says(page: Page, found: Survey, cell: int = 0, unit: int = -1) -> None:
    """The sentences are those of a survey."""
    for fact in saturation_facts(found, cell, unit):
        expect(page.locator(".st-key-facts").get_by_text(str(fact), exact=True)).to_be_visible()


def test_dots_are_counted_shares_and_one_can_be_chosen(app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/saturation?model=parity", allow=(PROBED,))
    model, _, _ = demo("parity")
    about = About("", (), places_of(model.gru))
    found = survey_of_traces([demo_trace("parity")], about)
    dots(page, found)
    says(page, found)

    unit = int(np.argmax(found.left_saturated("Z")[0]))
    x, y = found.right_saturated("Z")[0, unit], found.left_saturated("Z")[0, unit]
    page.mouse.click(*page.evaluate(PLACE, [1, x, y]))
    settled(page)
    assert query(page)["unit"] == str(unit)
    says(page, found, 0, unit)
    choose(page, "Unit", "Unit 3")
    assert query(page)["unit"] == "3"
    says(page, found, 0, 3)

    choose_gates(page, "copy")
    frozen = survey_of_traces([demo_trace("parity", overrides=EXTREMES["copy"])], about)
    dots(page, frozen)
    assert (frozen.right_saturated("Z") == 1).all()
    says(page, frozen, 0, 3)


def test_the_data_set_is_counted_by_a_worker_and_a_survey_can_be_brought(
    app_url: str, new_page: NewPage
) -> None:
    page = new_page(f"{app_url}/saturation?model=parity", allow=(PROBED,))
    choose(page, "Counted over", "Over its task's data set")
    counted = survey_of_data(load_model(demo_path("parity")))
    page.get_by_text(str(saturation_facts(counted)[-1]), exact=True).wait_for(timeout=120_000)
    dots(page, counted)
    says(page, counted)

    choose(page, "Counted over", "Over a survey you bring")
    other = load_model(demo_path("brackets"))
    data = [(str(number), each) for number, each in enumerate(sequences_of(other, 2_000))]
    found = survey(other, data, EXTREMES["input_only"])
    chooser = page.locator(".st-key-survey_file input[type=file]")
    chooser.set_input_files({"name": "x.npz", "mimeType": "", "buffer": b"PK\x03\x04" + bytes(40)})
    expect(page.get_by_text("is damaged: its list of contents cannot be read")).to_be_visible()
    chooser.set_input_files({"name": "mine.npz", "mimeType": "", "buffer": survey_bytes(found)})
    expect(
        page.get_by_text(
            f"mine.npz is a survey of {other.card.title}, not of the model chosen above · gates: Z=0 R=0"
        )
    ).to_be_visible()
    dots(page, found)
    says(page, found)
    choose(page, "Picture", "How long units keep")
    page.wait_for_function(
        "() => document.querySelector('.js-plotly-plot')?._fullLayout?.yaxis?.type === 'log'"
    )
    # The link finds it again, as long as the server has it.
    again = new_page(page.url, allow=(PROBED,))
    again.wait_for_selector(".js-plotly-plot .main-svg")
    says(again, found)
