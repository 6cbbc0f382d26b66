"""Readers that stand in until the format readers are here."""

import io
import struct
import zipfile
from pathlib import Path

import h5py
import numpy as np
import torch
from torch import Tensor

from gru_core.formats.weights import PackedCell, Sizes, build_gru
from gru_core.model import GRU


def paddle(folder: Path) -> dict[str, Tensor]:
    found = {}
    for path in folder.iterdir():
        data = path.read_bytes()
        _, lod, _, size = struct.unpack_from("<IQIi", data)
        at = 20
        desc = data[at : at + size]
        dims, i = [], 0
        while i < len(desc):
            key, i = desc[i], i + 1
            value = shift = 0
            while True:
                byte = desc[i]
                i += 1
                value |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
            if key >> 3 == 2:
                dims.append(value)
        found[path.name] = torch.from_numpy(np.frombuffer(data[at + size :], "<f4").reshape(dims).copy())
    return found


def paddle_grus(arrays: dict[str, Tensor]) -> list[GRU]:
    grus = []
    for j in range(4):
        wx, flat = arrays[f"fc_{j}.w_0"], arrays[f"gru_{j}.w_0"].reshape(-1)
        D = wx.shape[1] // 3
        wh = torch.cat([flat[: 2 * D * D].reshape(D, 2 * D), flat[2 * D * D :].reshape(D, D)], 1)
        b = arrays[f"fc_{j}.b_0"].reshape(-1) + arrays[f"gru_{j}.b_0"].reshape(-1)
        grus.append(
            build_gru(
                f"gru_{j}",
                "paddle_legacy",
                Sizes(wx.shape[0], D, 1, 1),
                [PackedCell("x", "h", "b")],
                {"x": wx, "h": wh, "b": b},
                "before",
                backwards=bool(j % 2),
            )
        )
    return grus


def h5(path: Path) -> dict[str, Tensor]:
    if path.suffix == ".keras":
        source = io.BytesIO(zipfile.ZipFile(path).read("model.weights.h5"))
    else:
        source = path
    found = {}
    with h5py.File(source) as file:
        file.visititems(
            lambda name, item: (
                found.update({name: torch.from_numpy(item[()])})
                if isinstance(item, h5py.Dataset) and item.shape
                else None
            )
        )
    return found


def keras_gru(x: Tensor, h: Tensor, b: Tensor, after: bool, activation: str = "sigmoid") -> GRU:
    tensors = {"x": x, "h": h, "b": b[0] if after else b, "c": b[1] if after else b}
    return build_gru(
        "gru",
        "keras_after" if after else "keras_before",
        Sizes(x.shape[0], h.shape[0], 1, 1),
        [PackedCell("x", "h", "b", "c" if after else None)],
        tensors,
        "after" if after else "before",
        activation,
    )


def torch_gru(a: dict[str, Tensor], p: str) -> GRU:
    return build_gru(
        p,
        "torch",
        Sizes(a[p + "_w_ih"].shape[1], a[p + "_w_hh"].shape[1], 1, 1),
        [PackedCell(p + "_w_ih", p + "_w_hh", p + "_b_ih", p + "_b_hh")],
        a,
        "after",
    )
