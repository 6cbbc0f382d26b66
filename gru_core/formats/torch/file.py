"""PyTorch checkpoints (.pt, .pth, .bin): today's zip layout and the older one, read by weights_only alone.

A checkpoint may be a state_dict, or a dict that has one somewhere ("model_state_dict", ...); names may
begin with what DataParallel ("module.") and torch.compile ("_orig_mod.") put before them.
"""

import io
import pickle
from typing import Any

import torch
from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents
from gru_core.formats.flatten import paths_of
from gru_core.formats.guide import Guide
from gru_core.formats.layers import find_layers
from gru_core.formats.model_names import model_names
from gru_core.formats.namings import NAMINGS
from gru_core.formats.npz_file import as_tensor
from gru_core.formats.pickles.pickled_arrays import ARRAY_NAMES, PickledArrays
from gru_core.formats.pickles.plain_pickle import read_pickle
from gru_core.formats.registry import Evidence, Format
from gru_core.formats.shards import add, holds_shards, shards_of
from gru_core.formats.torch.archive import TorchArchive
from gru_core.formats.torch.pickle_scan import foreign, is_plain, strangers
from gru_core.formats.torch.storages import TorchStorages
from gru_core.limits import MAX_MODEL_BYTES, check_bytes
from gru_core.sources import Opened

Paths = dict[tuple[str, ...], Tensor]

_ENDINGS = (".bin", ".pt", ".pth")
LEGACY_MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""How torch.save began a file before torch 1.6: a pickle of its magic number."""
LEGACY_PICKLES = 5
"""Magic number, protocol, system, the object, the keys of its storages; the numbers come behind."""
BOOKKEEPING = (
    "argparse.Namespace",
    "types.SimpleNamespace",
    "collections.",
    "datetime.",
    "decimal.",
    "enum.",
    "pathlib.",
    "uuid.",
    "numpy.",
    "omegaconf.",
    "lightning.",
    "lightning_fabric.",
    "pytorch_lightning.",
    "transformers.",
    "torch.optim.",
    *(
        f"{module}.{kind}"
        for module in ("builtins", "__builtin__")
        for kind in ("list", "dict", "tuple", "slice")
    ),
)
"""Beginnings of the names of what trainings keep beside the weights. None of it is made; a file with any
other object is refused, since what it holds would not be the model any more."""


def recognises(evidence: Evidence) -> bool:
    """A zip with a data.pkl, the magic number of the older layout, or the parts of a model."""
    return holds_shards(evidence, _ENDINGS) or _is_whole(evidence)


def _is_whole(evidence: Evidence) -> bool:
    if evidence.is_zip:
        return any(name.rpartition("/")[2] == "data.pkl" for name in evidence.entries)
    return evidence.head.startswith(LEGACY_MAGIC)


def read(opened: Opened, choices: Choices) -> Contents:
    """The arrays and layers of a checkpoint. Nothing in it is run."""
    parts = shards_of(opened, _ENDINGS, _is_whole)
    if parts is None:
        paths, notes = _paths(opened)
        return find_layers(model_names(paths), NAMINGS, choices, notes)
    paths, notes, left = {}, (), MAX_MODEL_BYTES
    for part in parts:
        more, said = _paths(part)
        # A part may be packed, so that many small ones unpack to more than a model may be.
        left -= sum(tensor.untyped_storage().nbytes() for tensor in more.values())
        check_bytes("A model file, unpacked,", MAX_MODEL_BYTES - left, MAX_MODEL_BYTES, "save a smaller one.")
        add(paths, more, part.name)
        notes += said
    parts.check_listed([".".join(path) for path in paths])
    return find_layers(model_names(paths), NAMINGS, choices, tuple(dict.fromkeys(notes)))


def _paths(opened: Opened) -> tuple[Paths, tuple[str, ...]]:
    """The arrays of one file by the keys that lead to them, and what must be said of it."""
    if opened.head(4).startswith(b"PK"):
        archive = TorchArchive(opened)
        described = archive.pickle()
        if strangers(io.BytesIO(described), opened.name):
            return _read_as_data(archive, described, opened.name)
    else:
        opened.file.seek(0)
        if beside := strangers(opened.file, opened.name, LEGACY_PICKLES):
            raise foreign(beside[0], opened.name)
    opened.file.seek(0)
    try:
        stored = torch.load(opened.file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as problem:
        raise ModelFileError(
            f"{opened.name!r} holds more than weights, and reading that could run code, so nothing of "
            "it was run: "
            "save the weights alone, torch.save(model.state_dict(), 'weights.pt')."
        ) from problem
    except Exception as problem:  # torch raises whatever the damaged description leads it into
        raise ModelFileError(f"{opened.name!r} is damaged or cut off. Save or copy it again.") from problem
    return paths_of(stored, opened.name)


def _read_as_data(archive: TorchArchive, described: bytes, name: str) -> tuple[Paths, tuple[str, ...]]:
    """A checkpoint with more than torch.load reads: settings and numbers of a training, which are not made.

    Raises ModelFileError when there are objects of other kinds in it.
    """
    beside: dict[str, None] = {}

    def check_name(path: str) -> None:
        if not is_plain(path):
            if not path.startswith(BOOKKEEPING):
                raise foreign(path, name)
            if path not in ARRAY_NAMES:
                beside[path] = None

    storages = TorchStorages(name, archive.storage, archive.big_endian)
    arrays = PickledArrays(name)

    def array(value: Any) -> Tensor | None:
        found = storages.tensor(value)
        if found is not None:
            return found
        numbers = arrays.array(value)
        return None if numbers is None or not numbers.ndim else as_tensor(numbers)

    stored = read_pickle(described, name, check_name)
    paths, notes = paths_of(stored, name, array)
    if beside:
        listed = ", ".join(list(beside)[:4])
        notes += (f"Of its Python objects ({listed}) none was made: only arrays were read.",)
    return paths, notes


GUIDE = Guide(
    title="PyTorch nn.GRU and nn.GRUCell",
    files=".pt, .pth, .bin, .ckpt; .safetensors and .npz with the same names",
    holds="Every nn.GRU and nn.GRUCell by its path in the model, from a state_dict or a checkpoint that has "
    "one. A whole pickled model is refused; settings of a training beside the weights are left out.",
    conventions=("torch",),
    example='torch.save(model.state_dict(), "model.pt")\nload("model.pt")  # {"encoder.gru": GRU(...)}',
)

FORMAT = Format("torch", "PyTorch checkpoint", (".pt", ".pth", ".bin", ".ckpt"), recognises, read, (GUIDE,))
