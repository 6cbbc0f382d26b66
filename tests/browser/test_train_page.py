"""Training from the default page to a model on the Gates page, and through a killed server."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from gru_core import EXTREMES, load_model, trace
from gru_core.runs.addresses import FOLDER_VARIABLE
from gru_core.runs.store import open_store
from gru_core.sequences.examples import demo_sequence
from gru_core.tasks.catalogue import TaskSpec
from gru_core.training import Ended, train
from gru_ui.training.form import TrainingForm
from tests.browser.conftest import NewPage
from tests.support.pages import settled
from tests.support.screen import PROBED, Picture, assert_shows, choose, chosen, gates_chosen, go_to, query
from tests.support.server import free_port, running, stop
from tests.support.training import SECONDS

LEARNED_IN_SECONDS = 60.0
WITHOUT_A_SERVER = (
    "ERR_CONNECTION_REFUSED",
    "WebSocket",
    "Failed to load",
    "disconnected from server",
    "timed out",
)


@pytest.fixture
def data() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="gatescope-runs-"))
    yield folder
    shutil.rmtree(folder)


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def status(page: Page) -> Locator:
    return page.locator(".st-key-run_status")


def film(page: Page) -> Locator:
    return page.locator(".film.picture")


def update_shown(page: Page) -> int:
    return int(film(page).get_attribute("data-update") or -1)


def wait_until_kept(data: Path, key: str, update: int) -> None:
    """Return once the store has a checkpoint of a run, and a frame of this update or a later one."""
    store = open_store({FOLDER_VARIABLE: str(data)})
    deadline = time.monotonic() + SECONDS
    try:
        while not (store.checkpoints(key) and any(kept.update >= update for kept in store.snapshots(key))):
            assert time.monotonic() < deadline, "nothing was kept"
            time.sleep(0.05)
    finally:
        store.close()


def test_from_the_default_page_to_a_model_on_the_gates_page(app_url: str, new_page: NewPage) -> None:
    page = new_page(app_url + "/train", allow=(PROBED,))
    button(page, "Train").click()
    page.wait_for_url("**run=*")
    expect(status(page)).to_contain_text("done", timeout=LEARNED_IN_SECONDS * 1000)
    settled(page)
    sentence = film(page).locator(".sentence").inner_text()
    share = re.search(r"held-out score (\d+(?:\.\d+)?)\s*%", sentence)
    assert share, sentence
    assert float(share[1]) >= 99

    # The film: an early frame shows a model that guesses, the last one that knows.
    frames = int(film(page).get_attribute("data-frames") or 0)
    assert frames >= 40
    stage = film(page).locator(".stage")
    stage.focus()
    page.keyboard.press("Home")
    expect(film(page)).to_have_attribute("data-update", "0")
    page.keyboard.press("ArrowRight")
    expect(film(page)).to_have_attribute("data-update", "10")
    expect(button(page, "Use the model of update 10")).to_be_visible()
    stage.focus()
    page.keyboard.press("End")
    expect(film(page)).to_have_attribute("data-update", "600")

    button(page, "Use this model").click()
    settled(page)
    go_to(page, "Gates")
    form = TrainingForm()
    *_, ended = train(TaskSpec("remember").make(), form.spec())
    assert isinstance(ended, Ended)
    x = ended.model.encoder.encode(demo_sequence(ended.model, 0))
    picture = Picture(page)
    assert_shows(picture, trace(ended.model.gru, x)[0])
    assert gates_chosen(page) == "learned"
    assert "Remember the first letter" in chosen(page, "Model")

    # The link is enough for somebody else: film and model.
    other = new_page(page.url, allow=(PROBED,))
    assert_shows(Picture(other), trace(ended.model.gru, x)[0])
    go_to(other, "Train")
    film(other).wait_for()
    expect(other.get_by_text("Somebody else's training")).to_be_visible()
    expect(button(other, "Go on")).to_have_count(0)


def test_a_training_with_gates_held_brings_its_gates_along(
    app_url: str, new_page: NewPage, data: Path
) -> None:
    page = new_page(f"{app_url}/train?length=5&updates=40&hidden=8&frozen=rnn", allow=(PROBED,))
    button(page, "Train").click()
    expect(status(page)).to_contain_text("done", timeout=60_000)
    settled(page)
    with page.expect_download() as download:
        button(page, "Take home").click()
        button(page, "Model (.safetensors)").click()
    kept = data / "model.safetensors"
    download.value.save_as(kept)
    model = load_model(kept)
    button(page, "Use this model").click()
    settled(page)
    page.reload()
    settled(page)
    go_to(page, "Gates")
    assert gates_chosen(page) == "learned"
    x = model.encoder.encode(demo_sequence(model, 0))
    held = trace(model.gru, x, overrides=EXTREMES["rnn"])[0]
    np.testing.assert_allclose(trace(model.gru, x)[0].H, held.H, atol=1e-6)
    assert_shows(Picture(page), held)


def test_training_again_starts_a_run_and_deleting_asks_first(app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/train?length=5&updates=40&hidden=8", allow=(PROBED,))
    button(page, "Train").click()
    expect(status(page)).to_contain_text("done", timeout=60_000)
    settled(page)
    first = query(page)["run"]
    button(page, "Train again").click()
    page.wait_for_function("(first) => !location.search.includes(first)", arg=first)
    expect(status(page)).to_contain_text("done", timeout=60_000)
    settled(page)
    assert query(page)["run"] != first
    page.get_by_text("My trainings (2)").click()
    page.get_by_role("button", name="Delete", exact=True).first.click()
    button(page, "Delete it for good").click()
    settled(page)
    expect(page.get_by_text("My trainings (1)")).to_be_visible()


def test_a_racer_is_chosen_used_and_seen_learning(app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/race?length=5&updates=40&hidden=8&racers=rnn|gru_rnn", allow=(PROBED,))
    button(page, "Race").click()
    expect(status(page)).to_contain_text("done", timeout=60_000)
    settled(page)
    expect(button(page, "Use this model")).to_have_count(0)
    choose(page, "Model", "GRU, Z=0, R=1")
    expect(page.get_by_text("How GRU, Z=0, R=1 learned")).to_be_visible()
    film(page).wait_for()
    button(page, "Use this model").click()
    settled(page)
    assert query(page)["model"].startswith(f"run.{query(page)['run']}.1.")
    # What may learn in a GRU whose gates are held is as much as in the RNN.
    weights = page.locator(".race.picture table tr").all_inner_texts()
    assert len({row.split("\t")[3] for row in weights[1:]}) == 1, weights


def test_a_killed_server_loses_nothing_that_was_trained(new_page: NewPage, data: Path) -> None:
    port = free_port()
    page = new_page(allow=(PROBED, *WITHOUT_A_SERVER))
    with running(port=port, GATESCOPE_DATA=str(data)) as server:
        page.goto(f"{server.url}/train?updates=6000&length=20&hidden=16")
        settled(page)
        button(page, "Train").click()
        # Until then the film is of the training that the page shows by itself.
        page.wait_for_url("**run=*")
        expect(film(page)).to_have_attribute("data-live", "true", timeout=60_000)
        key = query(page)["run"]
        wait_until_kept(data, key, 100)
        server.process.kill()
        server.process.wait()
    with running(port=port, GATESCOPE_DATA=str(data)) as server:
        page.goto(f"{server.url}/train?run={key}")
        settled(page)
        expect(status(page)).to_contain_text("interrupted")
        film(page).wait_for()
        before = update_shown(page)
        assert before >= 100
        button(page, "10 updates").click()
        expect(status(page)).to_contain_text("paused", timeout=60_000)
        settled(page)
        said = re.search(r"Update ([\d,]+) of 6,000", status(page).inner_text())
        assert said
        at = int(said[1].replace(",", ""))
        assert at > 0
        button(page, "Go on").click()
        page.wait_for_function(
            "([node, at]) => Number(node.dataset.update) > at",
            arg=[film(page).element_handle(), at],
            timeout=60_000,
        )
        button(page, "Stop").click()
        expect(status(page)).to_contain_text("stopped", timeout=60_000)
        settled(page)
        expect(page.get_by_text(re.compile(r"My trainings \(1\)"))).to_be_visible()
        stop(server.process)


def test_two_tabs_of_one_person_share_one_training(app_url: str, new_page: NewPage) -> None:
    page = new_page(f"{app_url}/train?updates=20000&length=5&hidden=8", allow=(PROBED,))
    button(page, "Train").click()
    expect(status(page)).to_contain_text("learning", timeout=60_000)
    tab = page.context.new_page()
    tab.goto(f"{app_url}/train?updates=30&length=5&hidden=8")
    settled(tab)
    button(tab, "Train").click()
    expect(tab.get_by_text("One person may have one training under way")).to_be_visible()
    button(page, "Stop").click()
    expect(status(page)).to_contain_text("stopped", timeout=60_000)
    button(tab, "Train").click()
    expect(status(tab)).to_contain_text("done", timeout=60_000)
    assert query(tab)["run"] != query(page)["run"]
