"""The block that shows an LSTM or RNN of a file, run by Streamlit itself."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

CASES = Path(__file__).parent.parent / "cases"


def app(layer: str, sequence: str = "numbers") -> AppTest:
    """A page that shows a layer of the reference file others.onnx, or one that is made."""

    def page(layer: str, sequence: str, cases: str) -> None:
        from dataclasses import replace

        import numpy as np

        from gru_core.formats import inspect_file
        from gru_core.sequences import Sequence, read_sequence
        from gru_ui.show_baseline import show_baseline

        layers = {found.name: found for found in inspect_file(cases + "/fw_onnx/others.onnx").others}
        x = np.load(cases + "/fw_onnx/others_reference.npz")["X"][:, 0]
        if sequence == "text":
            given = read_sequence(b"hello", name="a.txt")
        else:
            x = x[:, :2] if sequence == "narrow" else x
            given = Sequence(x, ("",) * len(x), tuple("abc"[: x.shape[1]]))
        made = x if sequence == "made" else None
        found = layers[layer]
        show_baseline(replace(found, name="") if sequence == "nameless" else found, given, made, key="one")

    return AppTest.from_function(page, args=(layer, sequence, str(CASES)), default_timeout=30).run()


def figure(page: AppTest) -> Any:
    (chart,) = page.get("plotly_chart")
    return json.loads(chart.proto.spec)


def numbers(z: Any) -> np.ndarray:
    """An array as Plotly sends it."""
    if isinstance(z, dict):
        shape = [int(part) for part in str(z["shape"]).split(",")]
        return np.frombuffer(base64.b64decode(z["bdata"]), np.dtype(z["dtype"])).reshape(shape)
    return np.array(z)


@pytest.mark.parametrize("name", ["lstm", "lstm_back", "rnn"])
def test_a_layer_is_drawn_on_the_sequence(name: str) -> None:
    page = app(name)
    assert not page.exception
    expected = np.load(CASES / "fw_onnx" / "others_reference.npz")
    panels = figure(page)["data"]
    assert [panel["name"] for panel in panels] == (["H"] if name == "rnn" else ["F", "I", "O", "C̃", "C", "H"])
    np.testing.assert_allclose(numbers(panels[-1]["z"]), expected[f"{name}.Y"][:, 0, 0].T, rtol=0, atol=1e-5)
    texts = [text.value for text in page.text]
    assert any(text.startswith("Time runs to the right") for text in texts)


def test_both_directions_can_be_chosen() -> None:
    page = app("lstm_both")
    control = page.segmented_control(key="one_layer")
    assert control.options == ["layer 0 forward", "layer 0 backward"]
    before = numbers(figure(page)["data"][-1]["z"])
    control.set_value(1).run()
    assert not page.exception
    assert "layer 0 backward" in figure(page)["layout"]["title"]["text"]
    assert np.abs(numbers(figure(page)["data"][-1]["z"]) - before).max() > 1e-2


@pytest.mark.parametrize(
    ("layer", "sequence", "says"),
    [
        ("lstm_peepholes", "numbers", "peepholes"),
        ("lstm", "narrow", "This model reads 3 columns"),
        ("lstm", "text", "the sequence is text"),
    ],
)
def test_what_cannot_be_shown_says_why(layer: str, sequence: str, says: str) -> None:
    page = app(layer, sequence)
    assert not page.exception
    assert not page.get("plotly_chart")
    (info,) = page.info
    assert says in info.value.replace("\\", "")


def test_inputs_that_the_page_has_made_are_used_and_a_name_is_not_needed() -> None:
    for sequence in ("made", "nameless"):
        page = app("rnn_relu", sequence)
        assert not page.exception
        assert any("H has no bounds" in text.value for text in page.text)
