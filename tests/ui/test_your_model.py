"""What a practitioner meets after dropping a model: what is in it, its inputs, its readout, links to it."""

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn

from gru_core.demos import demo_path
from gru_core.formats import MODEL_SUFFIXES, inspect_file, load
from gru_core.model import GRU
from gru_ui import proof_badge, view
from gru_ui.model_contents import CARDS
from gru_ui.words import escape
from tests.ui.test_pages import link, opened, words

CASES = Path(__file__).resolve().parents[1] / "cases"
TOKENS = "<pad> <unk> the cat sat"


class Net(nn.Module):
    """Embedding -> GRU -> Linear."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(50)
        self.embedding = nn.Embedding(5, 4)
        self.gru = nn.GRU(4, 6, batch_first=True)
        self.fc = nn.Linear(6, 3)


def saved(state: object) -> bytes:
    buffer = io.BytesIO()
    torch.save(state, buffer)
    return buffer.getvalue()


def dropped(*files: tuple[str, bytes], app: AppTest | None = None) -> AppTest:
    """The page Your data after these files were given together."""
    app = app or opened("your_data")
    given = [(name, data, "application/octet-stream") for name, data in files]
    app.file_uploader(key="model_file").set_value(given).run(timeout=60)
    assert not app.exception
    return app


def case(path: str) -> tuple[str, bytes]:
    return Path(path).name, (CASES / path).read_bytes()


def shown(app: AppTest) -> str:
    return words(app).replace("\\", "")


def test_what_can_be_given_is_said_in_few_words() -> None:
    app = opened("your_data")
    chooser = app.file_uploader(key="model_file")
    for framework in ("PyTorch", "Keras", "TensorFlow", "ONNX", "Flax", "Paddle", "MXNet"):
        assert framework in chooser.label
    assert all(ending in chooser.help for ending in MODEL_SUFFIXES)
    (caption,) = [one.value for one in app.caption if "Nothing in the file is run" in one.value]
    assert caption == "At most 50 MB. Nothing in the file is run."


def test_a_keras_file_says_what_it_is_and_how_it_was_read() -> None:
    app = dropped(case("fw_keras/keras3_ra1_bi.keras"))
    said = shown(app)
    assert "What is in the file**: Keras model" in said
    assert "**bi**: a GRU with 5 inputs, 6 units, 1 layer, both directions" in said
    assert "GRU bi 5 -> 12" in said
    assert "Linear head 12 -> 3 softmax" in said
    assert "Its reset gate acts after the product" in said
    app.button(key="use_model_0").click().run()
    assert link(app)["model"].startswith("file.")
    assert "In use on every page" in shown(app)
    assert app.button(key="use_model_0").disabled


def test_a_readout_that_is_not_attached_is_named_and_leads_to_where_it_is_attached() -> None:
    app = dropped(case("fw_keras/keras3_ra1_bi.keras"))
    app.button(key="use_model_0").click().run()
    for page in ("gates", "extremes"):
        there = opened(page, **link(app))
        assert "Its readout 'head' is not attached yet" in shown(there)
        assert "came without a readout" not in shown(there)
    app.selectbox(key=fit_key(app, "selectbox", "_readout")).set_value("head").run()
    app.button(key="fit_take").click().run()
    assert "not attached" not in shown(opened(**link(app)))
    plain = dropped(("plain.pt", saved(nn.GRU(2, 3).state_dict())))
    plain.button(key="use_model_0").click().run()
    assert "came without a readout" in shown(opened(**link(plain)))


def test_the_order_of_layers_is_seen() -> None:
    app = dropped(("net.pt", saved(Net().state_dict())))
    (chain,) = [element.value for element in app.markdown if "→" in element.value]
    places = [chain.index(word) for word in ("Embedding", "GRU", "Linear")]
    assert places == sorted(places)


def test_many_layers_stay_clear() -> None:
    torch.manual_seed(51)
    state: dict[str, torch.Tensor] = {}
    for number in range(30):
        kind = nn.GRU(3, 2) if number % 3 == 0 else nn.Linear(2, 3)
        state |= {f"block{number}.{name}": value for name, value in kind.state_dict().items()}
    app = dropped(("deep.pt", saved(state)))
    assert len([one for one in app.button if one.key.startswith("use_model_")]) == 1
    assert f"{10} GRUs" in shown(app)
    assert CARDS < 10
    app.selectbox(key="which_gru").set_value(7).run()
    app.button(key="use_model_7").click().run()
    assert link(app)["model"].endswith(".7")


def test_files_of_one_model_are_read_together() -> None:
    folder = CASES / "fw_tf1_grucell"
    files = [(file.name, file.read_bytes()) for file in sorted(folder.iterdir()) if "ckpt" in file.name]
    app = dropped(*files)
    assert "a GRU with" in shown(app)
    assert not app.error


def test_files_that_are_no_model_together_show_the_last() -> None:
    app = dropped(("one.pt", saved(nn.GRU(2, 3).state_dict())), ("two.pt", saved(nn.GRU(4, 5).state_dict())))
    assert "what the last one holds: two.pt" in shown(app)
    assert "a GRU with 4 inputs, 5 units" in shown(app)
    app.button(key="use_model_0").click().run()
    assert "two.pt" in app.selectbox(key="model").options


def test_a_file_after_a_model_of_several_is_what_is_shown() -> None:
    web = (case("fw_tfjs/gru_sigmoid/model.json"), case("fw_tfjs/gru_sigmoid/weights.bin"))
    app = dropped(*web)
    assert "TensorFlow.js" in shown(app)
    assert "no model together" not in shown(app)
    dropped(*web, ("ck.pt", saved(nn.GRU(4, 5).state_dict())), app=app)
    assert "These 3 files are no model together, so this is what the last one holds: ck.pt" in shown(app)
    assert "a GRU with 4 inputs, 5 units" in shown(app)
    dropped(("ck.pt", saved(nn.GRU(4, 5).state_dict())), *web, app=app)
    assert "TensorFlow.js" in shown(app)


@pytest.mark.parametrize("data", [b"", b"hello, this is a note", b"\x00" * 900, b"PK\x03\x04broken"])
def test_nonsense_is_one_sentence_and_what_one_had_stays(data: bytes) -> None:
    app = opened("your_data", model="parity")
    dropped(("nonsense.pt", data), app=app)
    assert len(app.error) == 1
    assert len(app.error[0].value) < 400
    assert not other_way(app)
    assert app.selectbox(key="model").value == "parity"


def test_a_file_without_a_gru_shows_what_is_there() -> None:
    app = dropped(("lstm.pt", saved(nn.LSTM(3, 4).state_dict())))
    assert "No GRU is in this file, but LSTM" in shown(app)
    assert not [one for one in app.button if one.key.startswith("use_model_")]
    assert app.dataframe


def other_way(app: AppTest) -> list[object]:
    """The switch that opens the form for saying how arrays are packed, where it is offered."""
    return [one for one in app.toggle if one.label == "Read it another way"]


def packed(arrays: dict[str, torch.Tensor]) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **{name: value.numpy() for name, value in arrays.items()})
    return buffer.getvalue()


def asked(app: AppTest, kind: str) -> object | None:
    """The question about "gates", "sense" or "backwards", where it is asked."""
    widgets = (*app.segmented_control, *app.toggle, *app.multiselect)
    return next((one for one in widgets if (one.key or "").startswith(f"choice_{kind}_")), None)


def used_model(app: AppTest) -> GRU:
    app.button(key="use_model_0").click().run()
    return view.model_of(link(app)["model"]).gru


def square(names: str) -> tuple[str, bytes]:
    torch.manual_seed(55)
    return "own.npz", packed({name: torch.randn(4, 4) for name in names.split()})


OURS = demo_path("parity").read_bytes()
OPEN = {
    "PyTorch": lambda: case("fw_torch/gru1.safetensors"),
    "Keras, weights alone": lambda: case("fw_keras/keras3_ra0_hardsig.weights.h5"),
    "Keras, whole": lambda: case("fw_keras/keras3_ra1_bi.keras"),
    "Cho": lambda: square("W_r W_z W_h U_r U_z U_h"),
    "ours, weights alone": lambda: ("own.npz", packed(GRU(3, 4).state_dict())),
    "ours, whole": lambda: ("parity.safetensors", OURS),
}


@pytest.mark.parametrize("what", OPEN)
def test_exactly_what_is_open_is_asked(what: str) -> None:
    name, data = OPEN[what]()
    (gru,) = inspect_file({name: data}).grus
    kinds = {"gates": "gate_activation", "sense": "z_sense", "backwards": "backwards"}
    app = dropped((name, data))
    assert {of for short, of in kinds.items() if asked(app, short)} == set(gru.open_choices)
    assert bool(gru.open_choices) == (what in ("Keras, weights alone", "Cho", "ours, weights alone"))


def test_the_gates_activation_can_be_chosen() -> None:
    app = dropped(case("fw_keras/keras3_ra0_hardsig.weights.h5"))
    assert "hard sigmoid" not in shown(app)
    asked(app, "gates").set_value("hard_sigmoid_sixth").run(timeout=60)
    assert "Its gates are hard sigmoids, a/6 + 1/2" in shown(app)
    assert used_model(app).gate_activation == "hard_sigmoid_sixth"


def test_the_gates_of_our_own_weights_can_be_chosen() -> None:
    app = dropped(OPEN["ours, weights alone"]())
    asked(app, "gates").set_value("hard_sigmoid_fifth").run(timeout=60)
    assert used_model(app).gate_activation == "hard_sigmoid_fifth"


def test_the_sense_of_z_can_be_chosen() -> None:
    name, data = OPEN["Cho"]()
    keeps = load({name: data})["gru"].cell(0)
    app = dropped((name, data))
    question = asked(app, "sense")
    assert question.options == ["Z = 1 keeps the old state", "Z = 1 writes the new one"]
    question.set_value("update").run(timeout=60)
    writes = used_model(app).cell(0)
    assert torch.equal(writes.weight_x[4:8], -keeps.weight_x[4:8])
    assert torch.equal(writes.weight_x[:4], keeps.weight_x[:4])


def test_the_proof_of_a_model_lists_what_was_said_and_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the numbers: they are compared with the weights as read, and the file says less than that."""
    monkeypatch.setattr(proof_badge, "AFTER_PICTURE_SECONDS", 20.0)
    app = dropped(case("fw_keras/keras3_ra0_hardsig.weights.h5"))
    asked(app, "backwards").set_value(True).run(timeout=60)
    notes = used_model(app).notes
    assert len(notes) == 2
    seen = opened(**link(app))
    (said,) = [one.value for one in seen.markdown if "right for these weights" in one.value]
    for note in notes:
        assert f"- {escape(note)}" in said
        assert said.index(escape(note)) < said.index("| H |")


def test_which_way_it_reads_can_be_chosen() -> None:
    app = dropped(case("fw_keras/keras3_ra0_hardsig.weights.h5"))
    switch = asked(app, "backwards")
    assert "reads backwards" in switch.label
    switch.set_value(True).run(timeout=60)
    assert used_model(app).backwards


def test_which_of_several_read_backwards_can_be_chosen() -> None:
    arrays = {f"{way}/{name}": value for way in "ab" for name, value in GRU(3, 4).state_dict().items()}
    arrays = {name.replace("/", "."): value for name, value in arrays.items()}
    app = dropped(("two.npz", packed(arrays)))
    question = asked(app, "backwards")
    assert question.options == ["a", "b"]
    question.set_value(["b"]).run(timeout=60)
    app.button(key="use_model_1").click().run()
    assert view.model_of(link(app)["model"]).gru.backwards
    app.button(key="use_model_0").click().run()
    assert not view.model_of(link(app)["model"]).gru.backwards


def test_an_answer_holds_for_one_file_only() -> None:
    app = dropped(case("fw_keras/keras3_ra0_hardsig.weights.h5"))
    asked(app, "gates").set_value("hard_sigmoid_fifth").run(timeout=60)
    dropped(OPEN["ours, weights alone"](), app=app)
    assert asked(app, "gates").value is None
    assert used_model(app).gate_activation == "sigmoid"


def fit_key(app: AppTest, kind: str, ending: str) -> str:
    """The key of a widget for the model in use, whose beginning tells models apart."""
    (key,) = [one.key for one in app.get(kind) if one.key.startswith("fit_") and one.key.endswith(ending)]
    return key


def fitted(app: AppTest) -> AppTest:
    """The page after an embedding with words and the readout were taken."""
    if not app.button(key="use_model_0").disabled:
        app.button(key="use_model_0").click().run()
    app.segmented_control(key=fit_key(app, "segmented_control", "_kind")).set_value("embedding").run()
    app.text_area(key=fit_key(app, "text_area", "_embedding_pasted")).set_value(TOKENS).run()
    app.selectbox(key=fit_key(app, "selectbox", "_readout")).set_value("fc").run()
    app.text_area(key=fit_key(app, "text_area", "_outputs_1")).set_value("a, b, c").run()
    app.button(key="fit_take").click().run()
    assert not app.exception
    assert not app.error
    return app


def test_words_and_answers_of_ones_own_model() -> None:
    net = Net()
    app = fitted(dropped(("net.pt", saved(net.state_dict()))))
    reference = link(app)["model"]
    model = view.model_of(reference)
    assert model.card.outputs == ("a", "b", "c")
    app.text_area(key="pasted").set_value("the cat sat zzz").run()
    assert "1 not in the vocabulary, read as <unk>: 'zzz'" in shown(app)
    app.button(key="pasted_use").click().run()
    seen = view.build(app.session_state["workspace"])
    with torch.no_grad():
        states = net.gru(net.embedding(torch.tensor([[2, 3, 4, 1]])))[0]
        expected = torch.softmax(net.fc(states), -1)[0].numpy()
    assert abs(seen.answers() - expected).max() < 1e-6


def test_a_link_shows_the_fitted_model_elsewhere_and_the_plain_one_stays() -> None:
    app = dropped(("net.pt", saved(Net().state_dict())))
    app.button(key="use_model_0").click().run()
    plain = link(app)["model"]
    reference = link(fitted(app))["model"]
    assert reference != plain
    assert view.model_of(plain).readout is None
    other = opened(model=reference)
    assert not other.exception
    assert "attached by hand" in shown(other)
    there = opened("your_data", model=reference)
    assert "In use on every page" in shown(there)
    there.segmented_control(key=fit_key(there, "segmented_control", "_kind")).set_value("numbers").run()
    there.selectbox(key=fit_key(there, "selectbox", "_readout")).set_value("").run()
    there.button(key="fit_take").click().run()
    assert link(there)["model"] == plain
    assert view.model_of(reference).readout is not None


def test_a_link_still_says_the_name_of_the_upload() -> None:
    app = dropped(("mine.pt", saved(nn.GRU(2, 3).state_dict())))
    app.button(key="use_model_0").click().run()
    assert "mine.pt" in opened(**link(app)).selectbox(key="model").options


def test_what_is_missing_is_said_before_it_can_be_taken() -> None:
    app = dropped(("net.pt", saved(Net().state_dict())))
    app.button(key="use_model_0").click().run()
    app.segmented_control(key=fit_key(app, "segmented_control", "_kind")).set_value("one-hot").run()
    assert "Give the 4 symbols" in app.error[0].value
    app.text_area(key=fit_key(app, "text_area", "_one_hot_pasted")).set_value("a b c").run()
    assert "knows 4 symbols" in shown(app)
    assert "fit_take" not in {one.key for one in app.button}
    app.text_area(key=fit_key(app, "text_area", "_one_hot_pasted")).set_value("a b c d").run()
    assert not app.error
    kinds = app.segmented_control(key=fit_key(app, "segmented_control", "_kind"))
    assert [label for label in kinds.options if label.startswith("Numbers")] == [
        "Numbers as they are",
        "Numbers, standardised by column",
        "Numbers, by means that I give",
    ]
    kinds.set_value("given scale").run()
    assert "fit_take" not in {one.key for one in app.button}
    app.text_area(key=fit_key(app, "text_area", "_scale")).set_value("1, 2, 3, 4\n1, 1, 1, 2").run()
    app.button(key="fit_take").click().run()
    encoder = view.model_of(link(app)["model"]).encoder
    assert (encoder.mean, encoder.std) == ((1.0, 2.0, 3.0, 4.0), (1.0, 1.0, 1.0, 2.0))
    again = app.segmented_control(key=fit_key(app, "segmented_control", "_kind"))
    assert again.value == "given scale"
    assert app.button(key="fit_take").disabled


def test_a_gatescope_file_needs_no_fitting() -> None:
    app = dropped(("parity.safetensors", demo_path("parity").read_bytes()))
    app.button(key="use_model_0").click().run()
    assert "Inputs and readout of" not in shown(app)
