"""The form for arrays of unknown names: what it offers, what it says, and what it gives."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from gru_core.formats import Choices, Reading, agreeing_readings, load
from gru_ui.reading_words import equations
from tests.support.renamed import RENAMED, Renamed

APP = Path(__file__).resolve().parents[1] / "browser" / "apps" / "own_reading_app.py"


def opened(arrays: dict[str, torch.Tensor], folder: Path) -> AppTest:
    path = folder / "own.npz"
    np.savez(path, **{name: value.numpy() for name, value in arrays.items()})
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["ARRAYS"] = str(path)
    app.run()
    assert not app.exception
    return app


def select(app: AppTest, label: str) -> object:
    return next(box for box in app.selectbox if box.label == label)


def words(app: AppTest) -> str:
    kinds = ("text", "markdown", "caption", "error", "warning", "success", "info")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind))


def loaded(app: AppTest) -> str:
    """The fingerprint of the GRU that the form's choices load."""
    return re.search(r"loaded (\w+)", words(app))[1]


def fingerprint(reading: Reading, app_file: Path) -> str:
    return load(app_file, Choices(readings=(reading,)))["gru"].fingerprint()


def pair(case: Renamed, output: np.ndarray | None = None) -> bytes:
    file = io.BytesIO()
    np.savez(file, X=case.x, H=case.output if output is None else output)
    return file.getvalue()


def test_it_offers_what_fits_and_says_what_is_read(tmp_path: Path) -> None:
    arrays = RENAMED["torch"]().arrays | {"e": torch.zeros(4, 4), "f": torch.ones(7)}
    app = opened(arrays, tmp_path)
    # PyTorch's names in order: bias_hh, bias_ih, weight_hh, weight_ih.
    assert select(app, "The state's weights").options == ["c (21 × 7) · W x"]
    assert select(app, "The input's weights").options == ["d (21 × 5)"]
    assert set(select(app, "The input's bias").options) == {"none", "a (21)", "b (21)"}
    assert select(app, "State before the first step").options == ["zeros", "f (7)"]
    assert "**This reads 5 inputs and has 7 units.**" in words(app)
    assert r"$R_t = \sigma(W_{xr} X_t + W_{hr} H_{t-1} + b_r)$" in words(app)
    assert "Z = 1 keeps the old state" in words(app)


def test_what_is_chosen_is_what_is_loaded(tmp_path: Path) -> None:
    app = opened(RENAMED["torch"]().arrays, tmp_path)
    select(app, "The input's bias").set_value((("b",), False)).run()
    select(app, "The state's bias").set_value((("a",), False)).run()
    select(app, "Order of the gates").set_value("hzr").run()
    select(app, "Activation of the gates").set_value("hard_sigmoid_fifth").run()
    next(c for c in app.segmented_control if c.label == "z = 1").set_value("update").run()
    next(c for c in app.segmented_control if c.label == "The reset gate acts").set_value("before").run()
    app.toggle[0].set_value(True).run()
    assert not app.exception
    expected = Reading(
        "d",
        "c",
        "b",
        "a",
        order="hzr",
        z_sense="update",
        reset_mode="before",
        gate_activation="hard_sigmoid_fifth",
        backwards=True,
    )
    assert loaded(app) == fingerprint(expected, tmp_path / "own.npz")
    for sentence in ("The app shows Z = 1 − z", "σ(a) is a/5 + ½", "from the last step to the first;"):
        assert sentence in words(app)


@pytest.mark.slow
def test_the_search_fills_the_form(tmp_path: Path) -> None:
    case = RENAMED["paddle legacy"]()
    app = opened(case.arrays, tmp_path)
    best = agreeing_readings(case.arrays, case.x, case.output).agreeing[0].reading
    wanted = fingerprint(best, tmp_path / "own.npz")
    assert loaded(app) != wanted
    app.file_uploader(key="own_pair").upload("pair.npz", pair(case)).run()
    assert not app.exception
    assert "One of 288 readings gives this output: off by at most" in app.success[0].value
    table = app.dataframe[0].value
    assert list(table["Agrees"]) == ["yes", "–", "–", "–", "–", "–"]
    app.button(key="own_take").click().run()
    assert loaded(app) == wanted
    assert "**This reads 18 inputs and has 6 units.**" in words(app)
    assert app.button(key="own_take").disabled


@pytest.mark.slow
def test_a_wrong_output_and_files_that_are_none_are_said(tmp_path: Path) -> None:
    case = RENAMED["torch"]()
    app = opened(case.arrays, tmp_path)

    def give(name: str, data: bytes) -> None:
        app.file_uploader(key="own_pair").set_value([(name, data, "application/octet-stream")]).run()
        assert not app.exception

    give("pair.npz", pair(case, case.output[..., ::-1]))
    assert "None of 504 readings gives this output: the closest is off by" in app.warning[0].value
    assert not [button for button in app.button if button.key == "own_take"]
    give("pair.npz", pair(case, case.output[:, :4]))
    assert "The output must have the states of every step" in app.error[0].value.replace("\\", "")
    give("x.npy", b"some text")
    assert "must be a .npy or .npz file" in app.error[0].value.replace("\\", "")


def test_arrays_that_fit_no_gru_get_one_sentence(tmp_path: Path) -> None:
    app = opened({"a": torch.zeros(4, 4), "b": torch.zeros(5)}, tmp_path)
    assert "No arrays in this file have the shapes of a GRU" in app.info[0].value
    assert not app.selectbox


def test_equations_say_what_is_read() -> None:
    assert equations(Reading("a", "b", order="zrh", layout="columns", reset_mode="before")) == (
        r"R_t = \sigma(X_t W_{xr} + H_{t-1} W_{hr})",
        r"Z_t = \sigma(X_t W_{xz} + H_{t-1} W_{hz})",
        r"\tilde H_t = \tanh(X_t W_{xh} + (R_t \odot H_{t-1}) W_{hh})",
        r"H_t = Z_t \odot H_{t-1} + (1 - Z_t) \odot \tilde H_t",
    )
    after = equations(Reading("a", "b", "c", "d", z_sense="update", layout="columns"))
    assert after[1] == r"z_t = \sigma(X_t W_{xz} + H_{t-1} W_{hz} + b_z)"
    assert after[2] == r"\tilde H_t = \tanh(X_t W_{xh} + b_h + R_t \odot (H_{t-1} W_{hh} + b_{hh}))"
    assert after[3] == r"H_t = (1 - z_t) \odot H_{t-1} + z_t \odot \tilde H_t"
    assert equations(Reading((), "b"))[0] == r"R_t = \sigma(X_{t,r} + W_{hr} H_{t-1})"
