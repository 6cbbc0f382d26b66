"""Layouts that today's Keras writes no more: one array per gate (Keras 1), and layers for cuDNN (Keras 2)."""

import io
import json

import h5py
import numpy as np
import pytest
import torch
from torch import nn

from gru_core.errors import ModelFileError
from gru_core.formats import load

INPUTS, UNITS = 3, 4
RANDOM = np.random.default_rng(0)


def file_of(
    arrays: dict[str, np.ndarray], kind: str, config: dict[str, object] | None, version: str
) -> bytes:
    file = io.BytesIO()
    with h5py.File(file, "w") as stored:
        stored.attrs["keras_version"] = version.encode()
        group = stored
        if config is not None:
            layers = [{"class_name": kind, "config": {"name": "rec", **config}}]
            stored.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": layers}).encode()
            group = stored.create_group("model_weights")
        group.attrs["layer_names"] = np.array([b"rec"])
        own = group.create_group("rec")
        own.attrs["weight_names"] = np.array([name.encode() for name in arrays])
        for name, array in arrays.items():
            own[name] = array.astype(np.float32)
    return file.getvalue()


def test_a_layer_for_cudnn_is_torchs_gru_with_the_gates_in_keras_order() -> None:
    """cuDNN and torch share one GRU; the layer keeps torch's matrices as they are, gate by gate."""
    core = nn.GRU(INPUTS, UNITS, batch_first=True)
    r_z_n = {name: value.detach().numpy() for name, value in core.state_dict().items()}

    def gates(name: str) -> list[np.ndarray]:
        r, z, n = np.split(r_z_n[f"{name}_l0"], 3)
        return [z, r, n]

    arrays = {
        # Each gate's (units, inputs) in memory order, under the shape (inputs, units).
        "rec/kernel:0": np.hstack([gate.reshape(INPUTS, UNITS) for gate in gates("weight_ih")]),
        "rec/recurrent_kernel:0": np.hstack(gates("weight_hh")),
        "rec/bias:0": np.concatenate(gates("bias_ih") + gates("bias_hh")),
    }
    values = torch.from_numpy(RANDOM.normal(size=(2, 6, INPUTS)).astype(np.float32))
    for config in ({"units": UNITS}, None):
        (gru,) = load(file_of(arrays, "CuDNNGRU", config, "2.2.4")).values()
        assert (gru.convention, gru.reset_mode, gru.gate_activation) == ("keras_cudnn", "after", "sigmoid")
        with torch.no_grad():
            np.testing.assert_allclose(gru(values)[0], core(values)[0], rtol=0, atol=1e-6)


@pytest.mark.parametrize("described", [True, False])
def test_one_array_per_gate_is_the_packed_layer(described: bool) -> None:
    shapes = {"W": (INPUTS, UNITS), "U": (UNITS, UNITS), "b": (UNITS,)}
    arrays = {f"rec_{p}_{g}": RANDOM.normal(size=shapes[p]) for g in "zrh" for p in "WUb"}
    config = {"output_dim": UNITS, "activation": "tanh", "inner_activation": "hard_sigmoid"}
    (gru,) = load(file_of(arrays, "GRU", config if described else None, "1.2.2")).values()
    assert (gru.convention, gru.gate_activation) == ("keras_before", "hard_sigmoid_fifth")
    for ours, old in (
        ("xr", "W_r"),
        ("xz", "W_z"),
        ("xh", "W_h"),
        ("hr", "U_r"),
        ("hz", "U_z"),
        ("hh", "U_h"),
    ):
        theirs = arrays[f"rec_{old}"].astype(np.float32)
        np.testing.assert_array_equal(getattr(gru.cell(0), f"W_{ours}").detach(), theirs)
    np.testing.assert_array_equal(gru.cell(0).b_z.detach(), arrays["rec_b_z"].astype(np.float32))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"units": 5}, "'rec' has 5 units by its description, and .* is of 4"),
        ({"reset_after": True}, r"says reset_after=True, and its bias has the shape \(12,\)"),
        ({"recurrent_activation": "relu"}, "'rec' has the activation 'relu' in its gates"),
        ({"activation": {"class_name": "Lambda"}}, "'rec' has the activation 'Lambda' in its candidate"),
    ],
)
def test_descriptions_that_do_not_fit_are_refused(changes: dict[str, object], says: str) -> None:
    arrays = {
        "rec/kernel:0": RANDOM.normal(size=(INPUTS, 12)),
        "rec/recurrent_kernel:0": RANDOM.normal(size=(UNITS, 12)),
        "rec/bias:0": RANDOM.normal(size=12),
    }
    with pytest.raises(ModelFileError, match=says):
        load(file_of(arrays, "GRU", {"units": UNITS, **changes}, "2.2.4"))
