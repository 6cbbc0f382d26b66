""".npz: numpy arrays by name. Every header is read before any array, and objects are refused."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gru_core.archives import npz_headers, open_zip, read_npz_array
from gru_core.errors import ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents, TensorInfo
from gru_core.formats.guide import Guide
from gru_core.formats.layers import find_layers, with_strangers
from gru_core.formats.namings import NAMINGS
from gru_core.formats.registry import Evidence, Format
from gru_core.limits import MAX_MODEL_BYTES
from gru_core.sources import Opened

_NUMBERS = "fiub"
_BFLOAT16 = np.dtype("V2")
"""What numpy writes for bfloat16, which it has no name for; JAX and MLX give it such arrays."""


BFLOAT16_NOTE = (
    "Arrays of two bytes without a number type are read as bfloat16, which numpy writes in this way."
)


def recognises(evidence: Evidence) -> bool:
    """A zip archive of nothing but .npy entries."""
    files = [name for name in evidence.entries if not name.endswith("/")]
    return evidence.is_zip and bool(files) and all(name.endswith(".npy") for name in files)


def read(opened: Opened, choices: Choices) -> Contents:
    """The arrays and layers of an npz file; arrays that are not numbers are listed and not read."""
    archive = open_zip(opened.file, "A model file", MAX_MODEL_BYTES, ModelFileError)
    headers = npz_headers(archive, "A model file", MAX_MODEL_BYTES, ModelFileError)
    tensors: dict[str, Tensor] = {}
    strangers = []
    halves = False
    for header in headers:
        if header.dtype.kind not in _NUMBERS and header.dtype != _BFLOAT16:
            strangers.append(header)
            continue
        halves = halves or header.dtype == _BFLOAT16
        tensors[header.name] = as_tensor(read_npz_array(archive, header.name, "A model file", ModelFileError))
    contents = find_layers(tensors, NAMINGS, choices, (BFLOAT16_NOTE,) if halves else ())
    return with_strangers(contents, [TensorInfo(h.name, h.shape, str(h.dtype)) for h in strangers])


def as_tensor(array: NDArray[np.generic]) -> Tensor:
    """The array as a tensor: the machine's byte order, and float64 where torch has no such number type."""
    if array.dtype == _BFLOAT16:
        return torch.from_numpy(np.array(array).view(np.uint16)).view(torch.bfloat16)
    plain = array.astype(array.dtype.newbyteorder("="), copy=False)
    if plain.dtype.kind == "f" and plain.dtype.itemsize > 8:
        plain = plain.astype(np.float64)
    if not plain.flags.writeable or not plain.flags.c_contiguous:
        plain = np.array(plain, order="C")
    return torch.from_numpy(plain)


GUIDES = (
    Guide(
        title="Arrays with any names",
        files=".npz, .safetensors, .pt and every other file of named arrays",
        holds="A GRU whose names no reader knows is read as you say it is packed: which arrays, the order of "
        "the gates, the sense of Z, where R multiplies, the layout, the biases, the activation of the gates. "
        "Nothing of it is guessed; the form on the page Your data, and inspect --agree-with OUTPUT --input "
        "INPUT, find the readings that give an output which you have.",
        conventions=("own",),
        example='np.savez("model.npz", a=w_ih, b=w_hh, c=b_ih, d=b_hh)      # packed as in PyTorch\n'
        'gru = load("model.npz", Choices(readings=(Reading("a", "b", "c", "d", order="rzh"),)))["gru"]',
    ),
)

FORMAT = Format("npz", "numpy archive", (".npz",), recognises, read, GUIDES)
