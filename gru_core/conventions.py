"""How frameworks pack a GRU, as one table of named rows, and the way into the canonical form.

Canonical here: row blocks in the order r, z, h; a weight matrix has one row per unit of its gate
(`x @ weight.T`); Z = 1 keeps the old state; the biases of input and state are summed, except `b_hh`
of reset mode "after", which sits inside the reset product and cannot be merged.

A loader names its row; `to_canonical` then is exact or refuses. Reading a model with the wrong row
gives states that are off by 0.4 to 2.0, so a row is never guessed silently.
"""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import torch
from torch import Tensor

from gru_core.equations import ResetMode
from gru_core.errors import ModelFileError


@dataclass(frozen=True)
class Convention:
    """One framework's way to pack the parameters of a GRU.

    name        key in `CONVENTIONS`
    framework   in words, with the versions it is true of
    order       gate blocks in the order they are stored; "n" and "c" are other names of the candidate h
    z_sense     "keep" when z = 1 keeps the old state, "update" when z = 1 writes the new one
    reset_mode  where R multiplies; "either" when each file decides by itself
    layout      "rows" (3H, I), "columns" (I, 3H), or "separate" matrices per gate
    biases      in words
    source      where that can be read
    files       where such parameters come from: files and names in them, in words
    """

    name: str
    framework: str
    order: tuple[str, str, str]
    z_sense: Literal["keep", "update"]
    reset_mode: ResetMode | Literal["either"]
    layout: Literal["rows", "columns", "separate"]
    biases: str
    source: str
    files: str = ""


_ROWS = (
    Convention(
        name="gatescope",
        framework="GateScope",
        order=("r", "z", "h"),
        z_sense="keep",
        reset_mode="either",
        layout="rows",
        biases="one per gate, and b_hh in reset mode 'after'",
        source="gru_core/equations.py",
        files="what GateScope saves: .safetensors",
    ),
    Convention(
        name="torch",
        framework="PyTorch nn.GRU and nn.GRUCell",
        order=("r", "z", "n"),
        z_sense="keep",
        reset_mode="after",
        layout="rows",
        biases="two per gate: bias_ih (3H) and bias_hh (3H)",
        source="documentation of torch.nn.GRU",
        files="weight_ih_l0, ... in .pt, .pth, .bin, TorchScript archives, .safetensors and .npz",
    ),
    Convention(
        name="textbook",
        framework="parameters named as in textbooks: W_xr, W_hr, b_r, ...",
        order=("r", "z", "h"),
        z_sense="keep",
        reset_mode="before",
        layout="separate",
        biases="one per gate",
        source="Zhang et al., Dive into Deep Learning, chapter on gated recurrent units",
        files="W_xr, W_hr, b_r, ... in .npz, .pt and .safetensors",
    ),
    Convention(
        name="keras_after",
        framework="Keras and tf.keras, GRU(reset_after=True)",
        order=("z", "r", "h"),
        z_sense="keep",
        reset_mode="after",
        layout="columns",
        biases="two per gate, as rows of one array (2, 3H): of the input, of the state",
        source="Keras, keras/src/layers/rnn/gru.py",
        files=".keras, .h5, .weights.h5",
    ),
    Convention(
        name="keras_before",
        framework="Keras and tf.keras, GRU(reset_after=False)",
        order=("z", "r", "h"),
        z_sense="keep",
        reset_mode="before",
        layout="columns",
        biases="one per gate (3H)",
        source="Keras, keras/src/layers/rnn/gru.py",
        files=".keras, .h5, .weights.h5",
    ),
    Convention(
        name="keras_cudnn",
        framework="Keras 2, CuDNNGRU",
        order=("z", "r", "h"),
        z_sense="keep",
        reset_mode="after",
        layout="columns",
        biases="two per gate in one row (6H); each gate's matrix is stored for the GPU's own order",
        source="Keras 2, keras/saving: conversion of CuDNN weights",
        files=".h5 of models trained on a GPU before TensorFlow 2",
    ),
    Convention(
        name="tfjs",
        framework="TensorFlow.js layers, gru",
        order=("z", "r", "h"),
        z_sense="keep",
        reset_mode="before",
        layout="columns",
        biases="one per gate (3H)",
        source="TensorFlow.js, tfjs-layers/src/layers/recurrent.ts",
        files="model.json with its .bin shards",
    ),
    Convention(
        name="onnx_before",
        framework="ONNX GRU, linear_before_reset=0",
        order=("z", "r", "h"),
        z_sense="keep",
        reset_mode="before",
        layout="rows",
        biases="two per gate in one row (6H)",
        source="onnx.ai, operator GRU",
        files=".onnx",
    ),
    Convention(
        name="onnx_after",
        framework="ONNX GRU, linear_before_reset=1",
        order=("z", "r", "h"),
        z_sense="keep",
        reset_mode="after",
        layout="rows",
        biases="two per gate in one row (6H)",
        source="onnx.ai, operator GRU",
        files=".onnx, such as PyTorch exports",
    ),
    Convention(
        name="paddle",
        framework="PaddlePaddle 2 and 3, nn.GRU and nn.GRUCell",
        order=("r", "z", "c"),
        z_sense="keep",
        reset_mode="after",
        layout="rows",
        biases="two per gate: bias_ih (3H) and bias_hh (3H)",
        source="documentation of paddle.nn.GRU",
        files=".pdparams",
    ),
    Convention(
        name="paddle_legacy",
        framework="PaddlePaddle 1 dynamic_gru and gru_unit, origin_mode=False",
        order=("z", "r", "h"),
        z_sense="update",
        reset_mode="before",
        layout="columns",
        biases="one of the fully connected layer before it and one of its own, which add",
        source="documentation of paddle.fluid.layers.dynamic_gru",
        files="a folder of parameter files: fc_0.w_0, fc_0.b_0, gru_0.w_0, gru_0.b_0",
    ),
    Convention(
        name="paddle_legacy_origin",
        framework="PaddlePaddle 1 dynamic_gru and gru_unit, origin_mode=True",
        order=("z", "r", "h"),
        z_sense="keep",
        reset_mode="before",
        layout="columns",
        biases="one of the fully connected layer before it and one of its own, which add",
        source="documentation of paddle.fluid.layers.dynamic_gru",
        files="a folder of parameter files: fc_0.w_0, fc_0.b_0, gru_0.w_0, gru_0.b_0",
    ),
    Convention(
        name="flax_linen",
        framework="Flax linen GRUCell",
        order=("r", "z", "n"),
        z_sense="keep",
        reset_mode="after",
        layout="separate",
        biases="ir, iz, in of the input, hn of the state",
        source="documentation of flax.linen.GRUCell",
        files="msgpack and .npz with ir/kernel, hr/kernel, ...",
    ),
    Convention(
        name="flax_nnx",
        framework="Flax nnx GRUCell",
        order=("r", "z", "n"),
        z_sense="keep",
        reset_mode="after",
        layout="columns",
        biases="of the input alone (3H)",
        source="documentation of flax.nnx.GRUCell",
        files="msgpack and .npz with dense_i.kernel, dense_h.kernel",
    ),
    Convention(
        name="mxnet",
        framework="MXNet Gluon rnn.GRU and rnn.GRUCell",
        order=("r", "z", "n"),
        z_sense="keep",
        reset_mode="after",
        layout="rows",
        biases="two per gate: i2h_bias (3H) and h2h_bias (3H)",
        source="documentation of mxnet.gluon.rnn.GRU",
        files=".params and .npz with i2h_weight, h2h_weight, ...",
    ),
    Convention(
        name="chainer",
        framework="Chainer links.GRU and StatefulGRU",
        order=("r", "z", "h"),
        z_sense="update",
        reset_mode="before",
        layout="separate",
        biases="two per gate",
        source="documentation of chainer.links.StatefulGRU",
        files=".npz with W_r/W, U_r/W, ...",
    ),
    Convention(
        name="chainer_nstep",
        framework="Chainer links.NStepGRU and NStepBiGRU",
        order=("r", "z", "h"),
        z_sense="keep",
        reset_mode="after",
        layout="separate",
        biases="two per gate: b0 to b2 of the input, b3 to b5 of the state",
        source="documentation of chainer.links.NStepGRU",
        files=".npz with 0/w0 to 0/w5, 0/b0 to 0/b5",
    ),
    Convention(
        name="mlx",
        framework="MLX nn.GRU",
        order=("r", "z", "n"),
        z_sense="keep",
        reset_mode="after",
        layout="rows",
        biases="b (3H) of the input, bhn (H) of the state",
        source="documentation of mlx.nn.GRU",
        files=".safetensors and .npz with Wx, Wh, b, bhn",
    ),
    Convention(
        name="tf1",
        framework="TensorFlow 1 rnn_cell.GRUCell and GRUBlockCell",
        order=("r", "z", "h"),
        z_sense="keep",
        reset_mode="before",
        layout="columns",
        biases="gates/bias (2H) and candidate/bias (H)",
        source="documentation of tf.compat.v1.nn.rnn_cell.GRUCell",
        files="checkpoints (.index with .data) and .npz with gates/kernel, candidate/kernel",
    ),
    Convention(
        name="tf1_cudnn",
        framework="TensorFlow 1 CudnnCompatibleGRUCell",
        order=("r", "z", "h"),
        z_sense="keep",
        reset_mode="after",
        layout="columns",
        biases="gates/bias (2H), and two of the candidate: of the input, of the state",
        source="TensorFlow 1, contrib/cudnn_rnn/python/ops/cudnn_rnn_ops.py",
        files="checkpoints and .npz with gates/kernel, candidate/hidden_projection/kernel",
    ),
    Convention(
        name="own",
        framework="as the person who brought the file said",
        order=("r", "z", "h"),
        z_sense="keep",
        reset_mode="either",
        layout="separate",
        biases="as said",
        source="the form on the page Your data, or the options of inspect and trace",
        files=".npz and .safetensors with any names",
    ),
)

CONVENTIONS: MappingProxyType[str, Convention] = MappingProxyType({row.name: row for row in _ROWS})
"""Every convention a loader can name."""


@dataclass(frozen=True, eq=False)
class CanonicalWeights:
    """The parameters of one layer and direction in canonical form.

    weight_x (3H, I), weight_h (3H, H), bias (3H,), and bias_hh (H,) in reset mode "after", else None.
    """

    weight_x: Tensor
    weight_h: Tensor
    bias: Tensor
    bias_hh: Tensor | None


def to_canonical(
    convention: Convention,
    weight_x: Tensor,
    weight_h: Tensor,
    bias_x: Tensor | None,
    bias_h: Tensor | None,
    reset_mode: ResetMode,
) -> CanonicalWeights:
    """Canonical weights from packed ones: blocks reordered, sense of z turned to "keep", biases merged.

    weight_x and weight_h are packed as `convention.layout` says ((3H, I) and (3H, H) for "rows",
    (I, 3H) and (H, 3H) for "columns"); the biases are (3H,) in the same order, or None for zeros.

    Raises ModelFileError when the shapes do not fit each other or the reset mode is not that convention's.
    """
    if convention.reset_mode not in ("either", reset_mode):
        raise ModelFileError(
            f"{convention.framework} has reset mode {convention.reset_mode!r}, not {reset_mode!r}: "
            "the two are different functions and one cannot be turned into the other."
        )
    if convention.layout == "columns":
        weight_x, weight_h = weight_x.T, weight_h.T
    check_packed(weight_x, weight_h, bias_x, bias_h)
    hidden = weight_h.shape[1]
    zeros = torch.zeros(3 * hidden, dtype=weight_h.dtype, device=weight_h.device)
    bias_x = zeros if bias_x is None else bias_x
    bias_h = zeros if bias_h is None else bias_h

    def in_order(packed: Tensor) -> Tensor:
        """Blocks r, z, h, with the sense of z turned where needed (sigmoid(-a) = 1 - sigmoid(a))."""
        named = dict(
            zip(("h" if g in "nc" else g for g in convention.order), packed.split(hidden), strict=True)
        )
        if convention.z_sense == "update":
            named["z"] = -named["z"]
        return torch.cat([named["r"], named["z"], named["h"]])

    ordered_x, ordered_h = in_order(bias_x), in_order(bias_h)
    if reset_mode == "before":
        bias, bias_hh = ordered_x + ordered_h, None
    else:
        bias_hh = ordered_h[2 * hidden :].clone()
        bias = torch.cat([ordered_x[: 2 * hidden] + ordered_h[: 2 * hidden], ordered_x[2 * hidden :]])
    return CanonicalWeights(in_order(weight_x), in_order(weight_h), bias, bias_hh)


def check_packed(weight_x: Tensor, weight_h: Tensor, bias_x: Tensor | None, bias_h: Tensor | None) -> None:
    """Check that (3H, I), (3H, H) and (3H,) fit together; raises ModelFileError that says what does not."""
    if weight_x.ndim != 2 or weight_h.ndim != 2:
        shapes = f"{tuple(weight_x.shape)} and {tuple(weight_h.shape)}"
        raise ModelFileError(f"The weights of a GRU layer are two matrices; the file has shapes {shapes}.")
    hidden = weight_h.shape[1]
    for what, tensor in (("the state's weights", weight_h), ("the input's weights", weight_x)):
        rows = tensor.shape[0]
        if rows != 3 * hidden:
            guess = {4 * hidden: ": is this an LSTM?", hidden: ": is this a plain RNN?"}.get(rows, ".")
            raise ModelFileError(
                f"A GRU of {hidden} units has 3 x {hidden} = {3 * hidden} rows in {what}, got {rows}{guess}"
            )
    for what, bias in (("input", bias_x), ("state", bias_h)):
        if bias is not None and tuple(bias.shape) != (3 * hidden,):
            raise ModelFileError(
                f"The {what} bias of a GRU of {hidden} units has {3 * hidden} entries, "
                f"got shape {tuple(bias.shape)}."
            )
