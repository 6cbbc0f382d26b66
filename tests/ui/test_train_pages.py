"""The pages Train and Race, run by Streamlit itself: what they offer and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from gru_core.runs.records import SnapshotRecord
from gru_core.runs.spec import MOST_LANES, RunSpec
from gru_core.tasks.catalogue import TASKS, TaskSpec
from gru_core.training_spec import TrainSpec
from gru_ui.cache import run_service, run_task
from gru_ui.training.form import COMPETITORS
from tests.support.files import npy
from tests.support.training import wait_for, wait_until_over
from tests.ui.test_pages import link, opened, words


def pasted(task: str, text: str) -> AppTest:
    app = opened("train", task=task)
    app.text_area(key=f"train_pasted_{task}").set_value(text).run()
    assert not app.exception
    return app


@pytest.mark.parametrize("page", ["train", "race"])
@pytest.mark.parametrize("task", list(TASKS))
def test_every_task_says_what_it_asks(page: str, task: str) -> None:
    app = opened(page, task=task)
    assert not app.exception
    assert not app.error
    if TASKS[task].kind == "own":
        assert "paste or upload it first" in words(app)
    else:
        assert TASKS[task].make is not None
        assert "To remember:" in words(app)


@pytest.mark.parametrize(
    ("task", "text", "says"),
    [
        ("text", "a" * 500, "at least 2 different characters"),
        ("text", "too short", "at least"),
        ("forecast", "\n".join(["3.5"] * 200), "the same value"),
        ("forecast", "1\n2\n3\n4", "at least"),
        ("forecast", "\n".join(["1", "2", "nan"] * 60), "missing"),
        ("forecast", "all happy families are alike " * 9, "needs numbers"),
    ],
)
def test_data_that_cannot_be_learned_from_get_a_sentence(task: str, text: str, says: str) -> None:
    app = pasted(task, text)
    said = "\n".join(str(error.value) for error in app.error).replace("\\", "")
    assert len(app.error) == 1
    assert says in said
    assert app.button(key="start").disabled
    assert app.session_state["workspace"].run == ""


def test_gaps_can_be_filled_and_columns_left_out_where_the_training_is() -> None:
    rows = ["a,b,c"] + [f"{np.sin(n / 4):.3f},1,{'' if n % 9 == 0 else n}" for n in range(150)]
    app = pasted("forecast", "\n".join(rows))
    assert app.error
    app.multiselect(key="train_columns").set_value(["a", "c"]).run()
    app.segmented_control(key="train_missing").set_value("fill").run()
    assert not app.exception
    assert not app.error
    assert not app.button(key="start").disabled


def test_an_upload_that_is_no_sequence_gets_a_sentence() -> None:
    app = opened("train", task="forecast")
    uploader = app.get("file_uploader")[0]
    uploader.upload("data.npy", npy(np.full((4, 4, 4), 1.0)), "application/octet-stream").run()
    assert not app.exception
    assert app.error


def test_one_s_own_data_stay_in_the_link() -> None:
    app = pasted("forecast", "\n".join(f"{np.sin(n / 5):.3f}" for n in range(200)))
    assert not app.error
    again = opened("train", **link(app))
    assert "200 steps" in words(again)
    assert not again.error


def test_settings_are_behind_a_button_and_change_the_link() -> None:
    app = opened("train", hidden="16", rate="0.02", reset="after", frozen="rnn", seed="7")
    assert link(app) == {"hidden": "16", "rate": "0.02", "reset": "after", "frozen": "rnn", "seed": "7"}
    app.segmented_control(key="train_cell").set_value("lstm").run()
    assert link(app)["cell"] == "lstm"
    app.selectbox(key="train_task").set_value("digits").run()
    assert "hidden" not in link(app)


def test_a_race_without_racers_is_refused() -> None:
    app = opened("race", racers="gru")
    app.multiselect(key="train_racers").set_value([]).run()
    app.button(key="start").click().run()
    assert not app.exception
    assert "at least one model" in words(app)


def test_every_racer_has_its_words() -> None:
    names = list(COMPETITORS)
    for some in (names[:MOST_LANES], names[-MOST_LANES:]):
        app = opened("race", racers="|".join(some))
        assert not app.exception
        assert app.multiselect(key="train_racers").value == some
    app = opened("race", racers="|".join(names))
    assert "at most 6 of" in words(app)
    assert not app.exception


@pytest.mark.parametrize("key", ["abcdefghjk", "zzzzzzzzzz"])
def test_a_link_to_a_training_that_is_gone_says_so(key: str) -> None:
    app = opened("train", run=key)
    assert not app.exception
    assert "There is no training" in words(app).replace("\\", "")
    app = opened("gates", model=f"run.{key}.0.600")
    assert not app.exception
    assert "There is no training" in words(app).replace("\\", "")


def test_the_task_of_a_run_is_found_again_by_the_key_of_the_run_alone() -> None:
    """A panel asks for it twice a second; a key made of 160,000 numbers would take a second each time."""
    rows = tuple(map(tuple, np.random.default_rng(0).normal(size=(300, 2)).tolist()))
    task = run_task("abcdefghjk", TaskSpec("forecast", values=rows))
    assert run_task("abcdefghjk", TaskSpec("forecast", values=rows[::-1])) is task, (
        "the data are not looked at"
    )
    assert run_task("abcdefghjm", TaskSpec("remember", 20)).name == "remember"


@pytest.mark.parametrize(("variable", "value"), [("GATESCOPE_WORKERS", "many"), ("GATESCOPE_SCHEDULER", "?")])
def test_a_server_that_cannot_train_says_why(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    run_service.clear()
    monkeypatch.setenv(variable, value)
    try:
        for page in ("train", "race"):
            app = opened(page)
            assert not app.exception
            assert variable in words(app).replace("\\", "")
    finally:
        run_service.clear()


def test_a_model_whose_training_was_deleted_is_gone_for_all() -> None:
    service = run_service()
    key = service.start(RunSpec(TaskSpec("remember", 5), (TrainSpec(hidden_size=4, steps=1),)), "ann", "x")
    wait_until_over(service, key)
    reference = f"run.{key}.0.1"
    assert not opened("gates", model=reference).warning
    service.delete(key, "ann")
    app = opened("gates", model=reference)
    assert not app.exception
    assert "There is no training" in words(app).replace("\\", "")


def test_a_damaged_frame_gets_a_sentence() -> None:
    service = run_service()
    key = service.start(RunSpec(TaskSpec("remember", 5), (TrainSpec(hidden_size=4, steps=1),)), "ann", "x")
    wait_for(service, key, lambda view: not view.is_live and not service.pending(key))
    head = {"units": 4, "steps": 6, "answer": None}
    service.store.write(key, [], [SnapshotRecord(0, 1, head, b"no frame")])
    service._held.clear()
    app = opened("train", run=key)
    assert not app.exception
    assert "is damaged" in words(app)
