"""Flax, MXNet, Chainer, MLX and TensorFlow 1: their files against the outputs of the frameworks."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save
from torch import Tensor

from gru_core.conventions import CONVENTIONS
from gru_core.formats import FORMATS, Choices, inspect_file, load
from gru_core.formats.contents import OtherLayer
from gru_core.formats.loading import load_models
from gru_core.formats.namings import NAMINGS
from gru_core.model import GRU
from tests.support.files import npz, torch_file

CASES = Path(__file__).parent.parent / "cases"


def reference(file: str) -> dict[str, np.ndarray]:
    with np.load(CASES / file) as arrays:
        return dict(arrays)


def by_batch(array: np.ndarray) -> np.ndarray:
    """(batch, time, ...) from (time, batch, ...)."""
    return array.transpose(1, 0, 2)


def states(gru: GRU, x: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return gru(torch.from_numpy(np.ascontiguousarray(x)))[0].numpy()


def assert_same(gru: GRU, x: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_allclose(states(gru, x), expected.reshape(len(x), x.shape[1], -1), rtol=0, atol=1e-5)


SINGLE = [
    ("fw_flax/linen_GRUCell.msgpack", "fw_flax/linen_GRUCell_reference.npz", "flax_linen", "after"),
    ("fw_flax/linen_GRUCell_params.npz", "fw_flax/linen_GRUCell_reference.npz", "flax_linen", "after"),
    ("fw_flax/nnx_GRUCell_params.npz", "fw_flax/nnx_GRUCell_reference.npz", "flax_nnx", "after"),
    ("fw_mlx/gru.safetensors", "fw_mlx/reference.npz", "mlx", "after"),
    ("fw_mlx/gru_mlx.npz", "fw_mlx/reference.npz", "mlx", "after"),
    ("fw_tf1_grucell/params.npz", "fw_tf1_grucell/reference.npz", "tf1", "before"),
    ("fw_flax/bf16.msgpack", "fw_flax/bf16_reference.npz", "flax_linen", "after"),
    ("fw_flax/chunked.msgpack", "fw_flax/linen_reference.npz:H_enc", "flax_linen", "after"),
]
TIME_FIRST = [
    ("fw_mxnet_gluon/cell.params", "fw_mxnet_gluon/cell.npz", "mxnet", "after"),
    ("fw_mxnet_gluon/cell.npz", "fw_mxnet_gluon/cell.npz", "mxnet", "after"),
    ("fw_mxnet_gluon/layer.params", "fw_mxnet_gluon/layer.npz", "mxnet", "after"),
    ("fw_mxnet_gluon/layer.npz", "fw_mxnet_gluon/layer.npz", "mxnet", "after"),
    ("fw_mxnet_gluon/layer_bi.params", "fw_mxnet_gluon/layer_bi.npz", "mxnet", "after"),
    ("fw_mxnet_gluon/layer_bi.npz", "fw_mxnet_gluon/layer_bi.npz", "mxnet", "after"),
    ("fw_chainer/stateful_gru_chainer.npz", "fw_chainer/stateful_gru_reference.npz", "chainer", "before"),
    ("fw_chainer/nstep_gru_chainer.npz", "fw_chainer/nstep_gru_reference.npz", "chainer_nstep", "after"),
]
ALL = [(*case, False) for case in SINGLE] + [(*case, True) for case in TIME_FIRST]


def case_of(file: str, expected: str, time_first: bool) -> tuple[GRU, np.ndarray, np.ndarray]:
    """The only GRU of a file, its input and the framework's states."""
    name, _, key = expected.partition(":")
    arrays = reference(name)
    x, h = arrays["X"], arrays[key or ("H" if "H" in arrays else "Y")]
    (gru,) = load(CASES / file).values()
    if time_first:
        return gru, by_batch(x), h.reshape(x.shape[1], x.shape[0], -1)
    return gru, x, h


@pytest.mark.parametrize(("file", "expected", "convention", "mode", "time_first"), ALL)
def test_a_file_gives_its_frameworks_own_states(
    file: str, expected: str, convention: str, mode: str, time_first: bool
) -> None:
    gru, x, h = case_of(file, expected, time_first)
    assert (gru.convention, gru.reset_mode) == (convention, mode)
    assert_same(gru, x, h)


def misread(gru: GRU, how: str) -> GRU:
    """The same weights under a wrong convention."""
    mode = {"before": "after", "after": "before"}[gru.reset_mode] if how == "reset mode" else gru.reset_mode
    wrong = GRU(gru.input_size, gru.hidden_size, gru.num_layers, gru.bidirectional, reset_mode=mode)
    units = gru.hidden_size

    def turned(block: Tensor) -> Tensor:
        r, z, h = block.split(units)
        return {
            "swapped gates": torch.cat([z, r, h]),
            "sense of Z": torch.cat([r, -z, h]),
            "reset mode": block,
        }[how]

    with torch.no_grad():
        for source, target in zip(gru.cells, wrong.cells, strict=True):
            for name in ("weight_x", "weight_h", "bias"):
                getattr(target, name).copy_(turned(getattr(source, name)))
            if target.bias_hh is not None:
                target.bias_hh.copy_(source.b_hh)
    return wrong


@pytest.mark.parametrize("how", ["swapped gates", "sense of Z", "reset mode"])
@pytest.mark.parametrize(("file", "expected", "convention", "mode", "time_first"), ALL)
def test_a_wrong_reading_would_be_noticed(
    file: str, expected: str, convention: str, mode: str, time_first: bool, how: str
) -> None:
    gru, x, h = case_of(file, expected, time_first)
    assert np.abs(states(misread(gru, how), x) - h.reshape(len(x), x.shape[1], -1)).max() > 1e-2


def other(layers: tuple[OtherLayer, ...], name: str) -> OtherLayer:
    (found,) = (layer for layer in layers if layer.name == name)
    return found


def assert_core(layer: OtherLayer, x: np.ndarray, expected: np.ndarray) -> None:
    assert layer.core is not None
    with torch.no_grad():
        got = layer.core(torch.from_numpy(x.copy()))[0].numpy()
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("file", ["linen.msgpack", "linen_params.npz", "train_state.msgpack"])
def test_a_linen_module_of_many_layers(file: str) -> None:
    expected = reference("fw_flax/linen_reference.npz")
    found, models = load_models(CASES / "fw_flax" / file)
    assert set(models) == {"enc/cell", "bi"}
    assert_same(models["enc/cell"].gru, expected["X"], expected["H_enc"])
    assert models["bi"].gru.bidirectional
    assert_same(models["bi"].gru, expected["H_enc"], expected["H_bi"])
    for name, kind in (("lstm", "LSTM"), ("rnn", "RNN")):
        layer = other(found.others, f"{name}/cell")
        assert layer.kind == kind
        assert_core(layer, expected["H_bi"], expected[f"H_{name}"])
    assert ("training" in " ".join(found.notes)) == (file == "train_state.msgpack")


@pytest.mark.parametrize("file", ["nnx.msgpack", "nnx_value.msgpack", "nnx_params.npz"])
def test_an_nnx_module_of_many_layers(file: str) -> None:
    expected = reference("fw_flax/nnx_reference.npz")
    found, models = load_models(CASES / "fw_flax" / file)
    grus = {name.replace(".", "/"): model.gru for name, model in models.items()}
    assert set(grus) == {"gru/cell", "bi"}
    assert_same(grus["gru/cell"], expected["X"], expected["H_gru"])
    assert_same(grus["bi"], expected["H_gru"], expected["H_bi"])
    layers = {layer.name.replace(".", "/"): layer for layer in found.others}
    for name, kind in (("lstm", "LSTM"), ("plstm", "LSTM"), ("rnn", "RNN")):
        assert layers[f"{name}/cell"].kind == kind
        assert_core(layers[f"{name}/cell"], expected["H_bi"], expected[f"H_{name}"])


def test_half_precision_is_said() -> None:
    (gru,) = load(CASES / "fw_flax" / "bf16.msgpack").values()
    assert gru.notes[0] == "Its weights are stored as bfloat16; they are computed with as float32."
    (gru,) = load(CASES / "fw_mlx" / "half.safetensors").values()
    assert gru.notes == ("Its weights are stored as bfloat16; they are computed with as float32.",)


@pytest.mark.parametrize(
    ("file", "same"),
    [("fw_mlx/half.npz", "fw_mlx/half.safetensors"), ("fw_flax/bf16_params.npz", "fw_flax/bf16.msgpack")],
)
def test_bfloat16_in_npz_which_numpy_has_no_name_for(file: str, same: str) -> None:
    (gru,), (expected,) = load(CASES / file).values(), load(CASES / same).values()
    assert gru.fingerprint() == expected.fingerprint()
    assert "read as bfloat16" in inspect_file(CASES / file).notes[0]


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("net.params", ("gru", "lstm", "rnn")),
        ("net_scoped.params", ("net0_gru0", "net0_lstm0", "net0_rnn0")),
    ],
)
def test_a_gluon_block_of_many_layers(file: str, names: tuple[str, str, str]) -> None:
    expected = reference("fw_mxnet_gluon/net_reference.npz")
    found, models = load_models(CASES / "fw_mxnet_gluon" / file)
    gru, lstm, rnn = names
    assert list(models) == [gru]
    assert (models[gru].gru.num_layers, models[gru].gru.bidirectional) == (2, True)
    assert_same(models[gru].gru, expected["X"], expected["H"])
    assert_core(other(found.others, lstm), expected["X_lstm"], expected["H_lstm"])
    assert_core(other(found.others, rnn), expected["X_lstm"], expected["H_rnn"])


@pytest.mark.parametrize("file", ["bicell", "gru3"])
def test_gluon_cells_in_two_directions_and_layers(file: str) -> None:
    expected = reference(f"fw_mxnet_gluon/{file}_reference.npz")
    (gru,) = load(CASES / "fw_mxnet_gluon" / f"{file}.params").values()
    assert (gru.num_layers, gru.bidirectional) == {"bicell": (1, True), "gru3": (3, False)}[file]
    assert_same(gru, expected["X"], expected["H"])


def test_gluon_cells_in_a_row_are_one_gru_each() -> None:
    assert list(load(CASES / "fw_mxnet_gluon" / "seq.params")) == ["0", "1"]


def test_a_chain_of_many_links() -> None:
    expected = reference("fw_chainer/chain_reference.npz")
    found, models = load_models(CASES / "fw_chainer" / "chain.npz")
    assert set(models) == {"predictor/gru", "predictor/bi"}
    assert_same(models["predictor/gru"].gru, expected["X"], expected["H_gru"])
    assert_same(models["predictor/bi"].gru, expected["X"], expected["H_bi"])
    assert_core(other(found.others, "predictor/lstm"), expected["X"], expected["H_lstm"])
    assert_core(other(found.others, "predictor/rnn"), expected["X"], expected["H_rnn"])
    assert_core(other(found.others, "predictor/slstm"), expected["X"], expected["H_link_lstm"])
    assert other(found.others, "predictor/relu").kind == "RNN"


def test_three_layers_of_chainer() -> None:
    expected = reference("fw_chainer/nstep3_reference.npz")
    (gru,) = load(CASES / "fw_chainer" / "nstep3.npz").values()
    assert gru.num_layers == 3
    assert_same(gru, expected["X"], expected["H"])


def test_chainers_first_step_without_a_state_is_another_one_and_said() -> None:
    expected = reference("fw_chainer/stateful_gru_reference.npz")
    (gru,) = load(CASES / "fw_chainer" / "stateful_gru_chainer.npz").values()
    assert "leaves out the U links, biases included, at the first step" in gru.notes[0]
    got = states(gru, by_batch(expected["X"]))[0]
    assert np.abs(got - expected["H_state_None_at_start"]).max() > 1e-2


@pytest.mark.parametrize("file", ["model.safetensors", "model.npz"])
def test_an_mlx_module_of_many_layers(file: str) -> None:
    expected = reference("fw_mlx/model_reference.npz")
    found, models = load_models(CASES / "fw_mlx" / file)
    assert set(models) == {"layers.0", "layers.1"}
    assert_same(models["layers.0"].gru, expected["X"], expected["H0"])
    assert_same(models["layers.1"].gru, expected["H0"], expected["H1"])
    assert_core(other(found.others, "lstm"), expected["X"], expected["H_lstm"])
    assert_core(other(found.others, "rnn"), expected["X"], expected["H_rnn"])


SOURCES = [
    ("fw_flax/linen_params.npz", 2),
    ("fw_flax/nnx_params.npz", 2),
    ("fw_mlx/model.npz", 2),
    ("fw_chainer/chain.npz", 2),
    ("fw_tf1_grucell/params.npz", 1),
    ("fw_mxnet_gluon/layer_bi.npz", 1),
]


@pytest.mark.parametrize(("file", "count"), SOURCES)
def test_every_naming_is_known_in_every_container(file: str, count: int) -> None:
    arrays = {name: torch.from_numpy(value.copy()) for name, value in reference(file).items()}
    from_npz = load(CASES / file)
    assert len(from_npz) == count
    for other_container in (save(arrays), torch_file({"model": arrays})):
        there = load(io.BytesIO(other_container))
        assert set(there) == set(from_npz)
        for name, gru in there.items():
            assert gru.fingerprint() == from_npz[name].fingerprint()


def test_namings_leave_each_others_arrays_alone() -> None:
    """One file with a GRU of every framework in it."""
    arrays = {
        f"{Path(file).parent.name}/{name}": value
        for file, _ in SOURCES
        for name, value in reference(file).items()
    }
    arrays |= {f"torch/{name}": value.numpy() for name, value in torch.nn.GRU(3, 4).state_dict().items()}
    arrays |= {f"textbook/{name}": value for name, value in reference("fw_d2l_scratch/params.npz").items()}
    found = inspect_file(npz(**arrays))
    assert len(found.grus) == sum(count for _, count in SOURCES) + 2
    assert {gru.convention for gru in found.grus} == {
        "flax_linen", "flax_nnx", "mlx", "chainer", "chainer_nstep", "tf1", "mxnet", "torch", "textbook",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("file", "readout", "table"),
    [
        ("fw_flax/linen.msgpack", "params/out", "params/embed"),
        ("fw_mxnet_gluon/net.params", "out", "emb"),
        ("fw_mxnet_gluon/net_scoped.params", "net0_dense0", "net0_embedding0"),
        ("fw_chainer/chain.npz", "predictor/out", "predictor/embed"),
        ("fw_mlx/model.safetensors", "out", "emb"),
    ],
)
def test_readouts_and_embeddings_beside_the_grus(file: str, readout: str, table: str) -> None:
    found = inspect_file(CASES / file)
    linear, embedding = other(found.others, readout), other(found.others, table)
    assert (linear.kind, embedding.kind) == ("Linear", "Embedding")
    assert linear.weight is not None
    assert linear.weight.shape[0] == 2
    assert linear.fits
    assert embedding.weight is not None
    assert tuple(embedding.weight.shape) == (9, 3)
    assert embedding.fits


def test_other_cells_of_tensorflow_1_beside_a_gru() -> None:
    expected = reference("fw_tf_checkpoints/tf1_cells_reference.npz")
    found, models = load_models(CASES / "fw_tf_checkpoints" / "tf1_cells_params.npz")
    assert set(models) == {"gru/rnn"}
    assert_same(models["gru/rnn"].gru, expected["X"], expected["H_gru"])
    for name, cell in (("basic", "basic_lstm_cell"), ("lstm", "lstm_cell"), ("rnn", "basic_rnn_cell")):
        layer = other(found.others, f"{name}/rnn/{cell}")
        assert layer.kind == ("RNN" if name == "rnn" else "LSTM")
        assert_core(layer, expected["X"], expected[f"H_{name}"])


@pytest.mark.parametrize(
    "written",
    [
        lambda path: "".join(f"['{key}']" for key in path),
        lambda path: str(tuple(path)),
        lambda path: ".".join(path),
        lambda path: "/".join(path[1:]) + "/value",
        lambda path: ".".join(path) + ".raw_value",
    ],
)
def test_paths_however_jax_writes_them(written: Callable[[list[str]], str]) -> None:
    arrays = reference("fw_flax/linen_params.npz")
    whole = load(CASES / "fw_flax" / "linen_params.npz")
    again = load(npz(**{written(name.split("/")): value for name, value in arrays.items()}))
    assert [gru.fingerprint() for gru in again.values()] == [gru.fingerprint() for gru in whole.values()]
    assert {name.replace(".", "/") for name in again} == set(whole)


def test_the_guides_name_rows_and_are_two_lines() -> None:
    guides = [guide for entry in (*NAMINGS, *FORMATS) for guide in entry.guides]
    assert len(guides) > 6
    for guide in guides:
        assert set(guide.conventions) <= set(CONVENTIONS)
        assert guide.example.count("\n") == 1, guide.title
        assert all((guide.title, guide.files, guide.holds))


@pytest.mark.parametrize(
    ("file", "chosen"),
    [
        ("fw_flax/linen_GRUCell.msgpack", "hard_sigmoid_sixth"),
        ("fw_mxnet_gluon/cell.params", "hard_sigmoid_sixth"),
        ("fw_mlx/gru.safetensors", "sigmoid"),
        ("fw_tf1_grucell/params.npz", "sigmoid"),
    ],
)
def test_gates_can_be_chosen_where_the_framework_lets_people_choose_them(file: str, chosen: str) -> None:
    (gru,) = load(CASES / file, Choices(gate_activation="hard_sigmoid_sixth")).values()
    assert gru.gate_activation == chosen
