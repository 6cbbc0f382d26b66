"""The link says what is on the page: reloading, sending, going back; and what is not in it stays private."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

from gru_core import EXTREMES, GateOverride, trace
from gru_core.sequences import sequence_from_symbols
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import (
    PROBED,
    Picture,
    assert_shows,
    choose,
    choose_gates,
    chosen,
    complaints,
    demo,
    demo_trace,
    file,
    gates_chosen,
    go_to,
    options,
    paste,
    query,
    slider_at,
    upload,
    use,
)
from tests.support.server import ROOT, running

GONE = "This link names an upload that the server no longer has"


def test_the_first_page_by_its_name_is_no_missing_page(app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/gates?model=elnino&gates=rnn&t=3")
    assert page.url.startswith(f"{app_url}/?")
    assert query(page).items() >= {"model": "elnino", "gates": "rnn", "t": "3"}.items()
    expect(page.get_by_text("Page not found")).to_have_count(0)
    assert_shows(Picture(page), demo_trace("elnino", overrides=EXTREMES["rnn"]))


def test_reloading_and_sending_restore_everything(app_url: str, new_page: NewPage, repository: Path) -> None:
    page = new_page(f"{app_url}/your_data", allow=(PROBED,))
    upload(page, "model", repository / "tests" / "cases" / "fw_torch" / "gru2bi_state_dict.pt")
    use(page, "Use ")
    go_to(page, "Gates")
    choose(page, "Sequence", "Probe: noise")
    choose(page, "Layer", "layer 1 backward (right to left)")
    choose_gates(page, "rnn")
    picture = Picture(page)
    picture.press(*["ArrowRight"] * 4, "ArrowDown", "ArrowDown")
    page.get_by_role("combobox", name="Units by").select_option("similarity")
    picture.wait_for(order="similarity", cursor=4)
    page.wait_for_url("**order=similarity**")
    settled(page)
    link = query(page)
    assert {name: link[name] for name in link if name != "model"} == {
        "seq": "probe.noise",
        "gates": "rnn",
        "layer": "3",
        "t": "4",
        "unit": picture.said("unit"),
        "order": "similarity",
    }
    shown = picture.values(3, 20, 6)
    boxes = [chosen(page, label) for label in ("Sequence", "Layer")]

    page.reload()
    settled(page)
    other = new_page(page.url)
    for window in (page, other):
        again = Picture(window)
        again.wait_for(cursor=4, unit=link["unit"], order="similarity")
        np.testing.assert_array_equal(again.values(3, 20, 6), shown)
        assert gates_chosen(window) == "rnn"
        assert [chosen(window, label) for label in ("Sequence", "Layer")] == boxes
        assert query(window) == link


def test_a_free_setting_is_in_the_link(app_url: str, new_page: NewPage) -> None:
    link = "?gates=custom&z=0.3&zmix=0.5&r=1&rmix=0.25&units=0%2C+3-5&steps=2%3A9&t=7"
    page = new_page(f"{app_url}/{link}")
    some = {"units": (0, 3, 4, 5), "steps": slice(2, 9)}
    overrides = [GateOverride("Z", 0.3, blend=0.5, **some), GateOverride("R", 1.0, blend=0.25, **some)]
    assert_shows(Picture(page), demo_trace(overrides=overrides))
    assert slider_at(page, "R: learned to forced") == 0.25
    assert Picture(page).cursor == 7
    assert page.url.endswith(link)


def test_small_data_travel_in_the_link_and_large_ones_by_a_key(app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/your_data?gates=copy", allow=(PROBED,))
    paste(page, "B A D C A F E")
    use(page)
    small = query(page)["seq"]
    go_to(page, "Gates")
    model, _, _ = demo()
    x = model.encoder.encode(sequence_from_symbols(list("BADCAFE"), "typed"))
    expected = trace(model.gru, x, overrides=EXTREMES["copy"])[0]

    go_to(page, "Your data")
    choose(page, "Model", demo("elnino")[0].card.title)
    numbers = 22 + 2 * np.random.default_rng(0).standard_normal(3000)
    upload(page, "sequence", file("long.csv", "temperature\n" + "\n".join(map(str, numbers))))
    use(page)
    large = query(page)["seq"]
    assert large.startswith("data.")
    assert len(page.url) < 200

    same = new_page(f"{app_url}/?model=elnino&seq={large}")
    elnino = demo("elnino")[0]
    x = ((numbers - elnino.encoder.mean[0]) / elnino.encoder.std[0]).astype(np.float32)[:, None]
    shown = Picture(same)
    states = trace(elnino.gru, x)[0].H[0].reshape(-1, 2, elnino.gru.hidden_size).mean(axis=1)
    shown.wait_for(bin=2)
    np.testing.assert_allclose(shown.values(3, 40, elnino.gru.hidden_size)[::2], states[:20], atol=0.006)

    with running() as another:
        fresh = new_page(f"{another.url}/?gates=copy&seq={small}")
        assert_shows(Picture(fresh), expected)
        assert chosen(fresh, "Sequence") == "Sequence in this link"
        gone = new_page(f"{another.url}/?model=elnino&seq={large}")
        assert GONE in complaints(gone)[0]
        # It is not the end: the way on is on the page.
        choose(gone, "Sequence", elnino.card.examples[1].title)
        assert_shows(Picture(gone), demo_trace("elnino", 1))
        assert complaints(gone) == []


DAMAGED = {
    "model=gpt": "model is 'gpt'",
    "seq=example.99": "example 99",
    "seq=text.AAAA": "damaged",
    "seq=../../etc/passwd": "seq is",
    "gates=open": "gates is 'open'",
    "z=2&zmix=nan": "in [0, 1]",
    "t=minus": "whole number",
    "layer=-3": "at least 0",
    "order=colour": "order is 'colour'",
    "units=<script>window.hacked=1</script>": "units is",
    "model=file.AAAAAAAAAAAAAAAAAAAAAA.0": GONE,
    "hello=<img src=x onerror=window.hacked=1>": "hello",
}


def test_unknown_values_in_a_link_get_a_sentence(app_url: str, new_page: NewPage) -> None:
    page = new_page()
    for link, reason in DAMAGED.items():
        page.goto(f"{app_url}/?{link}")
        settled(page)
        page.get_by_role("alert").first.wait_for()
        assert any(reason in sentence for sentence in complaints(page)), (link, complaints(page))
        assert page.evaluate("window.hacked") is None
        choose_gates(page, "learned" if gates_chosen(page) != "learned" else "copy")
        assert "Sorry" not in " ".join(complaints(page))
    # The rest of a damaged link holds.
    page.goto(f"{app_url}/?model=parity&gates=open&t=3")
    settled(page)
    assert_shows(Picture(page), demo_trace("parity"))
    assert Picture(page).cursor == 3
    choose_gates(page, "copy")
    assert complaints(page) == []


def test_a_step_unit_or_layer_that_is_not_there(app_url: str, new_page: NewPage) -> None:
    """The last step, no unit, the first layer."""
    page = new_page(f"{app_url}/?t=5000&unit=700&layer=7")
    picture = Picture(page)
    picture.wait_for(cursor=29, unit="")
    assert_shows(picture, demo_trace())
    unit, layer = sorted(complaints(page), reverse=True)
    assert "unit is 700, but this model has units 0 to 15" in unit
    assert "layer is 7" in layer


def test_back_returns_to_the_setting_and_page_before(app_url: str, new_page: NewPage) -> None:
    page = new_page(app_url)
    choose_gates(page, "copy")
    choose_gates(page, "rnn")
    go_to(page, "Extremes")
    choose_gates(page, "input_only")
    picture = Picture(page)
    picture.press("ArrowRight")
    page.wait_for_url("**&t=1")
    settled(page)
    picture.press("ArrowRight")
    page.wait_for_url("**&t=2")
    settled(page)

    def back(address: str, gates: str, cursor: int) -> None:
        page.go_back()
        settled(page)
        picture.wait_for(cursor=cursor)
        assert gates_chosen(page) == gates
        assert page.url == f"{app_url}/{address}"

    back("extremes?gates=input_only&t=1", "input_only", 1)
    back("extremes?gates=input_only", "input_only", 0)
    back("extremes?gates=rnn", "rnn", 0)
    page.go_back()
    settled(page)
    if page.url == f"{app_url}/extremes":
        # The address that the menu asked for, before the link was put back: it means the same.
        assert gates_chosen(page) == "rnn"
        page.go_back()
        settled(page)
    assert page.url == f"{app_url}/?gates=rnn"
    assert gates_chosen(page) == "rnn"
    back("?gates=copy", "copy", 0)
    back("", "learned", 0)
    assert_shows(Picture(page), demo_trace())
    page.go_forward()
    settled(page)
    assert gates_chosen(page) == "copy"


def test_two_clicks_in_one_moment_both_count(app_url: str, new_page: NewPage) -> None:
    page = new_page(app_url)
    expect(page.get_by_role("radio", name="Only input")).to_be_visible()
    for pause in (0, 5, 20, 40):
        page.evaluate(
            """async (pause) => {
                const find = (name) => [...document.querySelectorAll(".st-key-gates [role=radio]")]
                    .find((button) => button.textContent.trim() === name);
                for (const name of ["Copy", "RNN", "Learned", "Copy", "Only input"]) {
                    // Only what is on the screen at that moment can be clicked.
                    while (!find(name)) await new Promise(requestAnimationFrame);
                    find(name).click();
                    await new Promise((resolve) => setTimeout(resolve, pause));
                }
            }""",
            pause,
        )
        settled(page)
        assert gates_chosen(page) == "input_only"
    assert query(page) == {"gates": "input_only"}
    assert_shows(Picture(page), demo_trace(overrides=EXTREMES["input_only"]))


def test_a_page_switch_keeps_everything(app_url: str, new_page: NewPage) -> None:
    free = "gates=custom&z=0.9&zmix=1"
    page = new_page(f"{app_url}/?model=brackets&seq=example.2&{free}&t=11&unit=2&order=similarity")
    link = query(page)
    for title in ("Extremes", "Your data", "Gates", "Extremes"):
        go_to(page, title)
        assert query(page) == link
        assert gates_chosen(page) == "custom"
        assert chosen(page, "Sequence") == demo("brackets")[0].card.examples[2].title
    Picture(page).wait_for(cursor=11, unit=2, order="similarity")


def test_people_do_not_see_each_other_s_data(app_url: str, new_page: NewPage) -> None:
    one = new_page(f"{app_url}/your_data", allow=(PROBED,))
    paste(one, "A B B A")
    use(one)
    choose_gates(one, "copy")
    other = new_page(app_url)
    assert gates_chosen(other) == "learned"
    assert query(other) == {}
    assert not any("Pasted" in option for option in options(other, "Sequence"))
    assert any("Pasted: A B B A" in option for option in options(one, "Sequence"))
    choose_gates(other, "rnn")
    one.reload()
    settled(one)
    assert gates_chosen(one) == "copy"


@pytest.mark.parametrize("script", [None, ROOT / "app.py"], ids=["make run", "streamlit run"])
def test_a_deep_link_is_the_first_thing_a_new_server_is_asked(script: Path | None, new_page: NewPage) -> None:
    """Also: no icon or script is asked of another machine, which `new_page` watches."""
    with ExitStack() as stack:
        server = stack.enter_context(running(script))
        page = new_page(f"{server.url}/extremes?model=parity&gates=rnn&t=3", allow=(PROBED,))
        Picture(page).wait_for(cursor=3)
        assert gates_chosen(page) == "rnn"
        assert query(page) == {"model": "parity", "gates": "rnn", "t": "3"}
        expect(page.locator(".st-key-card_copy")).to_contain_text("holds")
        Picture(page).wait_for_values(0, demo_trace("parity").H[0])
        assert "Traceback" not in server.log()
