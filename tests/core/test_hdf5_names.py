"""HDF5 files that Keras did not write: the names of every framework are known there as in any container."""

import io
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from gru_core.errors import ModelFileError
from gru_core.formats import Choices, inspect_file, load

CASES = Path(__file__).resolve().parents[1] / "cases"
FILES = (
    "fw_mxnet_gluon/layer_bi.npz",
    "fw_mxnet_gluon/cell.npz",
    "fw_d2l_scratch/params.npz",
    "fw_flax/linen_params.npz",
    "fw_flax/nnx_GRUCell_params.npz",
    "fw_chainer/nstep_gru_chainer.npz",
    "fw_mlx/gru_mlx.npz",
    "fw_tf1_grucell/params.npz",
    "fw_tf_checkpoints/tf1_both_params.npz",
)


def stored(arrays: dict[str, NDArray[np.generic]], separator: str = "/") -> io.BytesIO:
    """An HDF5 file of these arrays; a separator of the names becomes a group of its own."""
    file = io.BytesIO()
    with h5py.File(file, "w") as writing:
        for name, array in arrays.items():
            writing.create_dataset(name.replace(separator, "/"), data=array)
    file.seek(0)
    return file


@pytest.mark.parametrize("file", FILES)
def test_names_mean_the_same_as_in_npz(file: str) -> None:
    expected = load(CASES / file)
    found = load(stored(dict(np.load(CASES / file))))
    assert [gru.fingerprint() for gru in found.values()] == [gru.fingerprint() for gru in expected.values()]
    assert [gru.convention for gru in found.values()] == [gru.convention for gru in expected.values()]


@pytest.mark.parametrize("separator", ["/", "."])
@pytest.mark.parametrize("prefix", ["", "encoder.rnn."])
def test_pytorchs_names_flat_and_in_groups(separator: str, prefix: str) -> None:
    torch.manual_seed(1)
    module = nn.GRU(3, 4, 2, bidirectional=True, batch_first=True)
    state = {prefix + name: value.numpy() for name, value in module.state_dict().items()}
    (gru,) = load(stored(state, separator)).values()
    x = torch.randn(2, 5, 3)
    with torch.no_grad():
        assert float((gru(x)[0] - module(x)[0]).abs().max()) < 1e-6
    assert (gru.num_layers, gru.bidirectional) == (2, True)


def test_every_array_is_listed_by_its_own_path() -> None:
    state = {f"encoder.{name}": value.numpy() for name, value in nn.GRU(3, 4).state_dict().items()}
    found = inspect_file(stored({**state, "steps": np.arange(3)}, "."))
    assert [gru.name for gru in found.grus] == ["encoder"]
    assert sorted(tensor.name for tensor in found.tensors) == sorted([*map(_path, state), "steps"])


def _path(name: str) -> str:
    return name.replace(".", "/")


def test_a_gru_that_is_incomplete_is_refused_as_elsewhere() -> None:
    state = {name: value.numpy() for name, value in nn.GRU(3, 4, 2).state_dict().items()}
    state.pop("weight_ih_l1")
    with pytest.raises(ModelFileError, match="incomplete: weight_ih_l1 is missing"):
        load(stored(state))


def test_such_a_gru_can_be_said_to_read_backwards() -> None:
    torch.manual_seed(1)
    state = {f"encoder.{name}": value.numpy() for name, value in nn.GRU(3, 4).state_dict().items()}
    (gru,) = load(stored(state, "."), Choices(backwards=("encoder",))).values()
    assert gru.backwards


def test_other_layers_of_keras_stay_what_they_are() -> None:
    dense = {
        "layers/dense/vars/0": np.zeros((3, 4), np.float32),
        "layers/dense/vars/1": np.zeros(4, np.float32),
    }
    found = inspect_file(stored(dense))
    assert found.grus == ()
    assert [(layer.kind, layer.name) for layer in found.others] == [("Linear", "dense")]
