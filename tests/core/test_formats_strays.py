"""An array too many in a file: the GRU stays what it is, or it is refused; it never becomes another one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gru_core import trace
from gru_core.errors import ModelFileError
from gru_core.formats import inspect_file, load, named_arrays
from tests.support.files import npz

CASES = Path(__file__).parent.parent / "cases"
EQUINOX = CASES / "fw_equinox"
UNITS, INPUTS = 5, 3


def seeded() -> np.random.Generator:
    return np.random.default_rng(0)


def arrays_of(*shapes: tuple[str, tuple[int, ...]]) -> dict[str, np.ndarray]:
    random = seeded()
    return {name: random.normal(size=shape).astype(np.float32) for name, shape in shapes}


def torch_arrays(prefix: str = "gru.") -> dict[str, np.ndarray]:
    torch.manual_seed(0)
    return {f"{prefix}{name}": value.numpy() for name, value in nn.GRU(INPUTS, UNITS).state_dict().items()}


def book(prefix: str = "", biases: tuple[str, ...] = ("b_r", "b_z", "b_h")) -> dict[str, np.ndarray]:
    shapes = [
        (f"{prefix}W_{side}{gate}", (INPUTS if side == "x" else UNITS, UNITS))
        for side in "xh"
        for gate in "rzh"
    ]
    return arrays_of(*shapes, *((f"{prefix}{name}", (UNITS,)) for name in biases))


def test_equinox_cells_give_the_states_that_equinox_gave() -> None:
    expected = np.load(EQUINOX / "reference.npz")
    found = inspect_file(EQUINOX / "cells.npz")
    grus = load(EQUINOX / "cells.npz")
    assert [(gru.name, gru.convention, gru.reset_mode) for gru in found.grus] == [
        ("gru", "torch", "after"),
        ("bare", "torch", "after"),
    ]
    for name, gru in grus.items():
        np.testing.assert_allclose(
            trace(gru, expected["X"])[0].H[0], expected[f"H_{name}"], rtol=0, atol=1e-5
        )
    (lstm,) = (layer for layer in found.others if layer.kind == "LSTM")
    with torch.no_grad():
        states = lstm.core(torch.from_numpy(expected["X"])[None])[0][0].numpy()
    np.testing.assert_allclose(states, expected["H_lstm"], rtol=0, atol=1e-5)
    # Without its biases it would be another GRU.
    with np.load(EQUINOX / "cells.npz") as file:
        bare = {name: file[name] for name in file.files if not name.startswith("gru.bias")}
    wrong = trace(load(npz(**bare))["gru"], expected["X"])[0].H[0]
    assert np.abs(wrong - expected["H_gru"]).max() > 1e-2


MISREAD = {
    "one bias under PyTorch's names": arrays_of(
        ("weight_ih", (3 * UNITS, INPUTS)), ("weight_hh", (3 * UNITS, UNITS)), ("bias", (3 * UNITS,))
    ),
    "short names with one bias": arrays_of(
        ("w_ih", (3 * UNITS, INPUTS)), ("w_hh", (3 * UNITS, UNITS)), ("b", (3 * UNITS,))
    ),
    "two sets of biases in the textbook": book(biases=("b_xr", "b_xz", "b_xh", "b_hr", "b_hz", "b_hh")),
    "two sets with an i": book(biases=("b_ir", "b_iz", "b_ih", "b_hr", "b_hz", "b_hh")),
    "Cho with six biases": arrays_of(
        *((f"W_{gate}", (UNITS, INPUTS)) for gate in "rzh"),
        *((f"U_{gate}", (UNITS, UNITS)) for gate in "rzh"),
        *((f"b_{side}{gate}", (UNITS,)) for side in "wu" for gate in "rzh"),
    ),
    "MLX with the bias of an LSTM": arrays_of(
        ("Wx", (3 * UNITS, INPUTS)), ("Wh", (3 * UNITS, UNITS)), ("bias", (3 * UNITS,))
    ),
    "MLX with bx and bh": arrays_of(
        ("a.Wx", (3 * UNITS, INPUTS)),
        ("a.Wh", (3 * UNITS, UNITS)),
        ("a.bx", (3 * UNITS,)),
        ("a.bh", (3 * UNITS,)),
    ),
    "Keras with a second bias": arrays_of(
        ("k/kernel", (INPUTS, 3 * UNITS)),
        ("k/recurrent_kernel", (UNITS, 3 * UNITS)),
        ("k/b_state", (3 * UNITS,)),
    ),
    "a bias of six blocks": arrays_of(
        ("g.weight_ih_l0", (3 * UNITS, INPUTS)),
        ("g.weight_hh_l0", (3 * UNITS, UNITS)),
        ("g.bias_l0", (2, 3 * UNITS)),
    ),
}


@pytest.mark.parametrize("arrays", MISREAD.values(), ids=MISREAD)
def test_a_bias_that_nobody_reads_is_never_left_out(arrays: dict[str, np.ndarray]) -> None:
    with pytest.raises(ModelFileError, match="would be a part of its biases by name and size"):
        load(npz(**arrays))
    found = inspect_file(npz(**arrays))
    assert not found.grus
    assert "say how the arrays are packed" in found.missing
    # Without biases at all the same matrices are a GRU.
    assert load(
        npz(**{name: value for name, value in arrays.items() if value.ndim > 1 and value.shape[0] > 2})
    )


def test_a_readout_beside_a_gru_keeps_its_bias() -> None:
    beside = arrays_of(
        ("W_out", (UNITS, UNITS)), ("b_out", (UNITS,)), ("fc_w", (UNITS, UNITS)), ("fc_b", (UNITS,))
    )
    assert load(npz(**book(), **beside))["gru"].fingerprint() == load(npz(**book()))["gru"].fingerprint()


def test_another_array_of_a_grus_size_is_noted() -> None:
    (gru,) = load(npz(**torch_arrays(), **{"gru.h0": np.ones(UNITS, np.float32)})).values()
    assert gru.notes == (
        "Beside its arrays there is gru.h0, of a size that could be its own; it is not read.",
    )
    (gru,) = load(npz(**torch_arrays(), **{"gru.steps": np.ones(7, np.float32)})).values()
    assert gru.notes == ()


FOREIGN = {
    "custom.W_hr": arrays_of(("custom.W_hr", (UNITS, UNITS)), ("custom.W_hz", (UNITS, UNITS))),
    "x.cells.0": arrays_of(("x.cells.0.weight_h", (3 * UNITS, UNITS))),
    "mem.Wx": arrays_of(("mem.Wx", (INPUTS, UNITS)), ("mem.Wh", (UNITS, UNITS))),
    "gates": arrays_of(("gates/kernel", (UNITS, 2)), ("gates/bias", (2,))),
    "x.bias": arrays_of(("x.bias", (3 * UNITS,))),
    "b_hr": arrays_of(("b_hr", (UNITS,))),
    "amp.weight": arrays_of(("amp.weight", (2, 7))),
    "nstep": arrays_of(("n/1/w0", (UNITS, INPUTS)), *((f"n/1/w{k}", (UNITS, UNITS)) for k in range(1, 6))),
    "h2h": arrays_of(("m_h2h_weight", (2 * UNITS, UNITS))),
    "flax": arrays_of(("f/hr/kernel", (UNITS, UNITS))),
    "gru_9": arrays_of(("gru_9.w_0", (UNITS, UNITS))),
    "reset": arrays_of(("k/recurrent_kernel", (UNITS, 3 * UNITS))),
    "l0": arrays_of(("z.weight_hh_l1", (3 * UNITS, UNITS))),
}
FILES = [
    "fw_torch/gru2bi.safetensors",
    "fw_chainer/stateful_gru_chainer.npz",
    "fw_chainer/nstep_gru_chainer.npz",
    "fw_d2l_scratch/params.npz",
    "fw_flax/linen_GRUCell_params.npz",
    "fw_flax/nnx_GRUCell_params.npz",
    "fw_mlx/gru_mlx.npz",
    "fw_mxnet_gluon/layer_bi.npz",
    "fw_mxnet_gluon/cell.npz",
    "fw_tf1_grucell/params.npz",
    "fw_tf_checkpoints/tf1_both_params.npz",
    "fw_paddle/gru1_params.npz",
    "fw_equinox/cells.npz",
]


def prints(arrays: dict[str, np.ndarray]) -> dict[str, str]:
    """What every GRU computes, by name; nothing where the file is refused."""
    content = npz(**arrays)
    return {n: gru.fingerprint() for n, gru in load(content).items()} if inspect_file(content).grus else {}


@pytest.mark.parametrize("file", FILES)
def test_a_foreign_array_leaves_every_gru_as_it_is_or_refused(file: str) -> None:
    arrays = {name: tensor.numpy() for name, tensor in named_arrays(CASES / file).items()}
    known = prints(arrays)
    assert known
    for name, foreign in FOREIGN.items():
        got = prints(foreign | arrays)
        assert {gru: got[gru] for gru in known if gru in got}.items() <= known.items(), name
        refused = [layer for layer in inspect_file(npz(**(foreign | arrays))).others if layer.refused]
        assert set(known) <= set(got) or refused, name


@pytest.mark.parametrize("file", FILES)
def test_a_bias_too_many_beside_a_grus_arrays_is_refused(file: str) -> None:
    arrays = {name: tensor.numpy() for name, tensor in named_arrays(CASES / file).items()}
    known = prints(arrays)
    units = max(gru.hidden_size for gru in load(npz(**arrays)).values())
    needed = [own for own in arrays if prints({n: a for n, a in arrays.items() if n != own}) != known]
    assert len(needed) > 1
    beside = {own[: max(own.rfind("/"), own.rfind(".")) + 1] for own in needed}
    for name in beside:
        for count in (1, 3, 6):
            extra = np.ones(count * units, np.float32)
            assert len(prints(arrays | {f"{name}b_extra": extra})) < len(known), (name, count)
            assert prints(arrays | {f"{name}b_extra": extra[:-1]}) == known, (name, count)


@pytest.mark.parametrize("foreign", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("beside", ["torch", "keras"])
def test_arrays_of_another_kind_leave_a_good_gru_readable(
    foreign: dict[str, np.ndarray], beside: str
) -> None:
    keras = arrays_of(
        ("k1/kernel", (INPUTS, 3 * UNITS)),
        ("k1/recurrent_kernel", (UNITS, 3 * UNITS)),
        ("k1/bias", (2, 3 * UNITS)),
    )
    arrays = torch_arrays() if beside == "torch" else keras
    (name, known), *none = load(npz(**arrays)).items()
    assert not none
    assert load(npz(**arrays, **foreign))[name].fingerprint() == known.fingerprint()


def test_what_is_refused_beside_a_gru_is_listed_with_the_reason() -> None:
    found = inspect_file(npz(**torch_arrays(), **FOREIGN["custom.W_hr"]))
    assert [(layer.name, layer.refused[:23]) for layer in found.others] == [
        ("custom", "'custom' is incomplete:")
    ]
    # Alone it says what it said before.
    with pytest.raises(ModelFileError, match=r"'custom' is incomplete: a GRU has W_xr"):
        load(npz(**FOREIGN["custom.W_hr"]))


def test_a_dense_layer_called_gates_stays_a_readout() -> None:
    keras = arrays_of(("k/kernel", (INPUTS, 3 * UNITS)), ("k/recurrent_kernel", (UNITS, 3 * UNITS)))
    (layer,) = inspect_file(npz(**keras, **FOREIGN["gates"])).others
    assert (layer.name, layer.kind, layer.fits) == ("gates", "Linear", ("k",))


def test_a_numpy_rnn_is_not_told_that_it_is_a_broken_gru() -> None:
    arrays = arrays_of(("Wx", (3, 4)), ("Wh", (4, 4)), ("b", (4,)))
    with pytest.raises(ModelFileError) as refused:
        load(npz(**arrays))
    assert "3 x hidden = 12" not in str(refused.value)


@pytest.mark.parametrize(
    "letters", ["W_{s}{g} b_{s}{g}", "W{s}{g} b{s}{g}", "w_{s}{g} b_{s}{g}", "enc.W_{s}{g} enc.b_{s}{g}"]
)
@pytest.mark.parametrize("turned", [False, True])
def test_the_letters_of_pytorchs_documentation(letters: str, turned: bool) -> None:
    torch.manual_seed(0)
    module = nn.GRU(INPUTS, UNITS, batch_first=True)
    weight, bias = letters.split()
    arrays = {}
    for side in "ih":
        for gate, block in zip("rzn", range(3), strict=True):
            rows = slice(block * UNITS, block * UNITS + UNITS)
            matrix = getattr(module, f"weight_{side}h_l0").detach().numpy()[rows]
            arrays[weight.format(s=side, g=gate)] = matrix.T if turned else matrix
            arrays[bias.format(s=side, g=gate)] = getattr(module, f"bias_{side}h_l0").detach().numpy()[rows]
    (gru,) = load(npz(**arrays)).values()
    assert (gru.convention, gru.reset_mode, len(gru.notes)) == ("torch", "after", int(turned))
    x = torch.randn(2, 6, INPUTS)
    with torch.no_grad():
        assert torch.allclose(gru(x)[0], module(x)[0], rtol=0, atol=1e-6)
        swapped = {
            name.replace("r", "?").replace("z", "r").replace("?", "z"): value
            for name, value in arrays.items()
        }
        (wrong,) = load(npz(**swapped)).values()
        assert float((wrong(x)[0] - module(x)[0]).abs().max()) > 1e-2
    with pytest.raises(ModelFileError, match="W_hn is missing"):
        load(
            npz(
                **{
                    name: value
                    for name, value in arrays.items()
                    if not name.replace("_", "").lower().endswith("whn")
                }
            )
        )


def test_layers_of_mxnet_that_are_missing_are_missed() -> None:
    shapes = [
        (f"l{layer}_{side}_{kind}", (3 * UNITS, UNITS) if kind == "weight" else (3 * UNITS,))
        for layer in (0, 2)
        for side in ("i2h", "h2h")
        for kind in ("weight", "bias")
    ]
    arrays = arrays_of(*shapes)
    with pytest.raises(ModelFileError, match="l1_i2h_weight, l1_h2h_weight are missing"):
        load(npz(**arrays))
    # The cells of save_parameters are numbered with the dropout's between them.
    cells = {
        name.replace("l0_", "_unfused.0.").replace("l2_", "_unfused.2."): value
        for name, value in arrays.items()
    }
    assert load(npz(**cells))["gru"].num_layers == 2
