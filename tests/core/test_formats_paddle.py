"""PaddlePaddle's .pdparams: the outputs that PaddlePaddle gave, and nothing of a pickle is run."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from gru_core.errors import ModelFileError
from gru_core.formats import inspect_file, load
from gru_core.model import GRU
from tests.support.files import npz

CASES = Path(__file__).parent.parent / "cases" / "fw_paddle"


def output(gru: GRU, x: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return gru(torch.from_numpy(x))[0].numpy()


@pytest.mark.parametrize(
    ("file", "reference", "name"),
    [
        ("gru1.pdparams", "gru1", "gru"),
        ("gru1_params.npz", "gru1", "gru"),
        ("gru2bi.pdparams", "gru2bi", "gru"),
        ("grucell.pdparams", "grucell", "gru"),
        ("birnn.pdparams", "birnn", "gru"),
        ("tagger.pdparams", "tagger", "encoder.gru"),
    ],
)
def test_files_give_the_outputs_that_paddlepaddle_gave(file: str, reference: str, name: str) -> None:
    grus = load(CASES / file)
    assert list(grus) == [name]
    expected = np.load(CASES / f"{reference}_reference.npz")
    np.testing.assert_allclose(output(grus[name], expected["X"]), expected["Y"], rtol=0, atol=1e-5)
    assert (grus[name].convention, grus[name].reset_mode) == ("paddle", "after")


def test_wrong_readings_would_be_noticed() -> None:
    expected = np.load(CASES / "gru1_reference.npz")
    arrays = {name: value for name, value in np.load(CASES / "gru1_params.npz").items() if "cell" not in name}

    def swapped(value: np.ndarray, order: tuple[int, int, int]) -> np.ndarray:
        return np.concatenate([np.split(value, 3)[block] for block in order])

    for order in ((1, 0, 2), (0, 2, 1), (2, 1, 0)):
        gru = load(npz(**{name: swapped(value, order) for name, value in arrays.items()}))["gru"]
        assert np.abs(output(gru, expected["X"]) - expected["Y"]).max() > 1e-2
    before = GRU(5, 7, reset_mode="before")
    before.load_state_dict(load(CASES / "gru1.pdparams")["gru"].state_dict(), strict=False)
    assert np.abs(output(before, expected["X"]) - expected["Y"]).max() > 1e-2
    both = load(CASES / "gru2bi.pdparams")["gru"]
    expected = np.load(CASES / "gru2bi_reference.npz")
    both.cells = both.cells[1::-1] + both.cells[2:]
    assert np.abs(output(both, expected["X"]) - expected["Y"]).max() > 1e-2


def test_other_layers_are_read_in_paddlepaddles_orientation() -> None:
    found = inspect_file(CASES / "tagger.pdparams")
    assert [(layer.name, layer.kind, layer.sizes, layer.fits) for layer in found.others] == [
        ("emb", "Embedding", "7 x 3", ("encoder.gru",)),
        ("out", "Linear", "4 -> 2", ("encoder.gru",)),
    ]
    assert tuple(found.others[1].weight.shape) == (2, 4)
    assert tuple(found.others[1].bias.shape) == (2,)


def test_where_paddlepaddle_names_arrays_wrongly_the_second_names_are_read() -> None:
    gru = load(CASES / "bias_off.pdparams")["gru"]
    assert (gru.input_size, gru.hidden_size, gru.num_layers) == (3, 4, 2)
    # The layer's state bias was left as it began; what is called bias_hh_l0 is the other one, which is 0.
    assert float(gru.cells[0].b_hh.detach().abs().max()) > 0.1


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize("spelling", ["numpy.core", "numpy._core"])
def test_every_protocol_and_both_spellings_of_numpy(protocol: int, spelling: str) -> None:
    arrays = dict(np.load(CASES / "gru1_params.npz"))
    arrays["weight_ih_l0"] = np.asfortranarray(arrays["weight_ih_l0"])
    arrays["weight_hh_l0"] = arrays["weight_hh_l0"].astype(">f4")
    content = pickle.dumps({"epoch": np.float64(3.5), "model": arrays, "words": np.array(["a"])}, protocol)
    if spelling == "numpy.core":
        for length, module in ((22, b"multiarray"), (19, b"numeric")):
            today, once = b"numpy._core." + module, b"numpy.core." + module
            content = content.replace(bytes([length]) + today, bytes([length - 1]) + once)
        content = content.replace(b"cnumpy._core.", b"cnumpy.core.")
        assert b"_core" not in content
    expected = np.load(CASES / "gru1_reference.npz")
    gru = load({"model.pdparams": content})["gru"]
    assert gru.convention == "paddle"
    np.testing.assert_allclose(output(gru, expected["X"]), expected["Y"], rtol=0, atol=1e-5)
    assert inspect_file(content).notes == ("Arrays of texts and dates are left out (1).",)


def test_the_container_tells_paddlepaddle_from_pytorch() -> None:
    single = {name: value for name, value in np.load(CASES / "gru1_params.npz").items() if "." not in name}
    assert load({"a.pkl": pickle.dumps(single)})["gru"].convention == "torch"
    assert load({"a.pdparams": pickle.dumps(single)})["gru"].convention == "paddle"
    assert load(npz(**single))["gru"].convention == "torch"
    key = {"StructuredToParameterName@@": dict.fromkeys(single, "gru_cell_0.w_0")}
    assert load(pickle.dumps(single | key))["gru"].convention == "paddle"


def test_prefixes_and_two_grus_stay_apart() -> None:
    arrays = dict(np.load(CASES / "gru1_params.npz"))
    paths = ("encoder.gru", "decoder")
    several = {f"{path}.{name}": value for path in paths for name, value in arrays.items()}
    grus = load({"a.pdparams": pickle.dumps(several, 2)})
    assert list(grus) == ["encoder.gru", "decoder"]
    grus = load(npz(**several))
    assert [(name, gru.convention) for name, gru in grus.items()] == [(path, "paddle") for path in paths]


def test_a_tensor_saved_by_itself_is_read_and_a_python_2_class_is_not() -> None:
    arrays = {name: (tuple, ((name, value),)) for name, value in np.load(CASES / "gru1_params.npz").items()}

    class Saved:
        def __init__(self, name: str) -> None:
            self.name = name

        def __reduce__(self) -> tuple[object, ...]:
            return arrays[self.name]

    content = pickle.dumps({name: Saved(name) for name in arrays}, 4)
    assert load({"a.pdparams": content})["gru"].convention == "paddle"
    old = b"\x80\x02cmadmom.ml.rnn\nRecurrentNeuralNetwork\nq\x00)\x81q\x01}q\x02b."
    with pytest.raises(ModelFileError, match=r"a Python object 'madmom\.ml\.rnn\.RecurrentNeuralNetwork'"):
        load(old)
