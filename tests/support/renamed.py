"""Every framework's reference GRU as arrays that are called a, b, c, d, with the framework's own output."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import h5py
import numpy as np
import torch

CASES = Path(__file__).parent.parent / "cases"

Arrays = dict[str, np.ndarray]


@dataclass(frozen=True)
class Renamed:
    """Arrays without a telling name, an input and the framework's output, and how it should be read.

    truth  (sense of Z, reset mode, layout, gate activation, backwards) as in conventions.py
    """

    arrays: dict[str, torch.Tensor]
    x: np.ndarray
    output: np.ndarray
    truth: tuple[str, str, str, str, bool]
    h0: np.ndarray | None = None


def natural(name: str) -> list[Any]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", name)]


def without_names(arrays: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    """The arrays under single letters, in the order of their names."""
    ordered = sorted(arrays, key=natural)
    letters = zip(ascii_lowercase, ordered, strict=False)
    return {letter: torch.tensor(np.array(arrays[name])) for letter, name in letters}


def npz(path: str) -> Arrays:
    return dict(np.load(CASES / path))


def parameters(reference: Arrays) -> Arrays:
    return {name: value for name, value in reference.items() if name.startswith("param/")}


def torch_arrays(name: str) -> Arrays:
    stored = torch.load(CASES / "fw_torch" / f"{name}_state_dict.pt", weights_only=True)
    return {key: value.numpy() for key, value in stored.items()}


def keras(name: str, activation: str, mode: str) -> Renamed:
    arrays: Arrays = {}

    def take(path: str, item: object) -> None:
        if isinstance(item, h5py.Dataset):
            arrays[path] = np.array(item)

    with h5py.File(CASES / "fw_keras" / f"{name}.h5") as file:
        file["model_weights"].visititems(take)
    reference = npz(f"fw_keras/{name}_reference.npz")
    truth = ("keep", mode, "columns", activation, False)
    return Renamed(without_names(arrays), reference["X"], reference["Y"], truth)


def keras_backward() -> Renamed:
    both = keras("keras3_ra1_bi", "sigmoid", "after")
    return Renamed(both.arrays, both.x, both.output[..., 6:], (*both.truth[:4], True))


def plain(arrays: Arrays, reference: Arrays, output: str, *truth: Any, h0: str = "") -> Renamed:
    start = reference[h0] if h0 else None
    told = (*truth, "sigmoid", False)
    return Renamed(without_names(arrays), reference["X"], reference[output], told, start)


def torch_case(output: str = "Y", h0: str = "") -> Renamed:
    reference = npz("fw_torch/gru1_reference.npz")
    return plain(torch_arrays("gru1"), reference, output, "keep", "after", "rows", h0=h0)


def torch_cell() -> Renamed:
    reference = npz("fw_torch/grucell_reference.npz")
    return plain(torch_arrays("grucell"), reference, "H", "keep", "after", "rows")


def onnx(name: str, mode: str, h0: str = "") -> Renamed:
    reference = npz(f"fw_onnx/hand_{name}_reference.npz")
    arrays = {part: reference[part] for part in "WRB"}
    return plain(arrays, reference, "Y", "keep", mode, "rows", h0=h0)


def onnx_backward() -> Renamed:
    reference = npz("fw_onnx/hand_lbr1_bidirectional_reference.npz")
    arrays = {part: reference[part] for part in "WRB"}
    truth = ("keep", "after", "rows", "sigmoid", True)
    return Renamed(without_names(arrays), reference["X"], reference["Y"][:, 1], truth)


def mxnet(name: str) -> Renamed:
    reference = npz(f"fw_mxnet_gluon/{name}.npz")
    return plain(parameters(reference), reference, "Y", "keep", "after", "rows")


def files(arrays: str, reference: str, *truth: str) -> Renamed:
    return plain(npz(arrays), npz(reference), "H", *truth)


def chainer(name: str, *truth: str) -> Renamed:
    return files(f"fw_chainer/{name}_gru_chainer.npz", f"fw_chainer/{name}_gru_reference.npz", *truth)


def paddle() -> Renamed:
    arrays = {name: v for name, v in npz("fw_paddle/gru1_params.npz").items() if "cell" not in name}
    return plain(arrays, npz("fw_paddle/gru1_reference.npz"), "Y", "keep", "after", "rows")


def paddle_legacy() -> Renamed:
    stored = npz("fw_paddle_legacy/gru_op_origin0_rev0.npz")
    arrays = {name: stored[name] for name in ("weight", "bias")}
    reference = {"X": stored["pre_projected_input"], "H": stored["H"]}
    return plain(arrays, reference, "H", "update", "before", "columns")


FLAX = "fw_flax"
RENAMED: dict[str, Callable[[], Renamed]] = {
    "torch": torch_case,
    "torch, last state": lambda: torch_case("h_n"),
    "torch, from a state": lambda: torch_case("Y_with_h0", "h0"),
    "torch cell": torch_cell,
    "keras 3, before": lambda: keras("keras3_ra0_single", "sigmoid", "before"),
    "keras 3, hard sigmoid": lambda: keras("keras3_ra0_hardsig", "hard_sigmoid_sixth", "before"),
    "keras 2, before": lambda: keras("tfkeras2_ra0_single", "sigmoid", "before"),
    "keras 3, backward half, after": keras_backward,
    "onnx lbr 0": lambda: onnx("lbr0_forward", "before"),
    "onnx lbr 1, from a state": lambda: onnx("lbr1_forward_h0", "after", "h0"),
    "onnx backward half": onnx_backward,
    "mxnet cell": lambda: mxnet("cell"),
    "mxnet layer": lambda: mxnet("layer"),
    "mlx": lambda: files("fw_mlx/gru_mlx.npz", "fw_mlx/reference.npz", "keep", "after", "rows"),
    "flax nnx": lambda: files(
        f"{FLAX}/nnx_GRUCell_params.npz", f"{FLAX}/nnx_GRUCell_reference.npz", "keep", "after", "columns"
    ),
    "flax linen": lambda: files(
        f"{FLAX}/linen_GRUCell_params.npz", f"{FLAX}/linen_GRUCell_reference.npz", "keep", "after", "columns"
    ),
    "paddle": paddle,
    "paddle legacy": paddle_legacy,
    "tf1": lambda: files(
        "fw_tf1_grucell/params.npz", "fw_tf1_grucell/reference.npz", "keep", "before", "columns"
    ),
    "chainer stateful": lambda: chainer("stateful", "update", "before", "rows"),
    "chainer n step": lambda: chainer("nstep", "keep", "after", "rows"),
    "textbook": lambda: files(
        "fw_d2l_scratch/params.npz", "fw_d2l_scratch/reference.npz", "keep", "before", "columns"
    ),
}
"""Every framework's reference, by what it is."""
