"""Arrays of unknown names on the page Your data: why there is no GRU, and the form to say what they are."""

import pytest
import torch
from torch import nn

from gru_core.conventions import CONVENTIONS
from gru_core.formats import Choices, Reading, inspect_file
from gru_ui import view
from gru_ui.how_read import row_in_words
from tests.ui.test_pages import link
from tests.ui.test_your_model import case, dropped, other_way, packed, shown


def test_arrays_of_unknown_names_are_read_as_the_person_says() -> None:
    torch.manual_seed(52)
    layer = nn.GRU(3, 4)
    arrays = {f"thing{i}": value for i, value in enumerate(layer.state_dict().values())}
    data = packed(arrays)
    app = dropped(("things.npz", data))
    (warning,) = [one.value.replace("\\", "") for one in app.warning]
    assert "'thing0' and 'thing1' have the shapes of one with 3 inputs and 4 units." in warning
    assert "say in the form below" in warning
    assert "--" not in warning
    (switch,) = other_way(app)
    assert switch.value
    assert "a GRU with 3 inputs, 4 units" in shown(app)
    found = inspect_file(
        {"things.npz": data},
        Choices(
            readings=(Reading(("thing0",), ("thing1",), order="zrh", reset_mode="after", layout="rows"),)
        ),
    ).grus[0]
    assert "order" not in row_in_words(CONVENTIONS["own"], found)
    app.button(key="use_model_0").click().run(timeout=60)
    assert not app.exception
    assert not app.warning
    assert view.model_of(link(app)["model"]).gru.convention == "own"
    (switch,) = other_way(app)
    switch.set_value(False).run(timeout=60)
    assert len(app.warning) == 1
    assert not [one for one in app.button if one.key.startswith("use_model_")]


REFUSED = {
    # A known naming refuses what is incomplete, and the arrays that are a GRU have no known names.
    "incomplete": {"custom.W_hr": torch.zeros(3, 3), "custom.W_hz": torch.zeros(3, 3)},
    "half of PyTorch's": {"weight_ih_l0": torch.zeros(21, 5)},
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_file_whose_known_names_are_refused_can_still_be_read_as_said(what: str) -> None:
    torch.manual_seed(53)
    layer = nn.GRU(3, 4)
    own = {f"thing{i}": value for i, value in enumerate(layer.state_dict().values())}
    app = dropped(("things.npz", packed(own | REFUSED[what])))
    said = [one.value for one in (*app.error, *app.warning)]
    assert len(said) == 1
    assert not [one for one in app.button if one.key.startswith("use_model_")]
    (switch,) = other_way(app)
    switch.set_value(True).run(timeout=60)
    assert not app.exception
    assert "a GRU with 3 inputs, 4 units" in shown(app)
    app.button(key="use_model_0").click().run(timeout=60)
    assert view.model_of(link(app)["model"]).gru.convention == "own"
    (switch,) = other_way(app)
    switch.set_value(False).run(timeout=60)
    assert [one.value for one in (*app.error, *app.warning)] == said


def test_what_known_names_were_read_as_can_be_said_otherwise() -> None:
    torch.manual_seed(54)
    state = nn.GRU(3, 4).state_dict()
    app = dropped(("model.npz", packed(state)))
    assert "a GRU with 3 inputs, 4 units" in shown(app)
    (switch,) = other_way(app)
    switch.set_value(True).run(timeout=60)
    app.button(key="use_model_0").click().run(timeout=60)
    assert view.model_of(link(app)["model"]).gru.convention == "own"


def test_a_graph_that_says_itself_how_its_weights_are_used_offers_no_other_way() -> None:
    assert not other_way(dropped(case("fw_onnx/torch_export_gru1_dynamo.onnx")))
