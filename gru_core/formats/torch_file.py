"""PyTorch checkpoints (.pt, .pth, .bin): today's zip layout and the older one, read by weights_only alone.

A checkpoint may be a state_dict, or a dict that has one somewhere ("model_state_dict", ...); names may
begin with what DataParallel ("module.") and torch.compile ("_orig_mod.") put before them.
"""

import io
import pickle

import torch

from gru_core.archives import DAMAGED, open_zip
from gru_core.errors import GateScopeError, ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents
from gru_core.formats.flatten import flatten
from gru_core.formats.layers import find_layers
from gru_core.formats.namings import NAMINGS
from gru_core.formats.pickle_scan import check_pickle
from gru_core.formats.registry import Evidence, Format
from gru_core.limits import MAX_HEADER_BYTES, MAX_MODEL_BYTES, check_bytes
from gru_core.sources import Opened

LEGACY_MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""How torch.save began a file before torch 1.6: a pickle of its magic number."""
LEGACY_PICKLES = 5
"""Magic number, protocol, system, the object, the keys of its storages; the numbers come behind."""


def recognises(evidence: Evidence) -> bool:
    """A zip with a data.pkl, or the magic number of the older layout."""
    if evidence.is_zip:
        return any(name.rpartition("/")[2] == "data.pkl" for name in evidence.entries)
    return evidence.head.startswith(LEGACY_MAGIC)


def read(opened: Opened, choices: Choices) -> Contents:
    """The arrays and layers of a checkpoint. Nothing in it is run."""
    if opened.head(4).startswith(b"PK"):
        _check_zip(opened)
    else:
        opened.file.seek(0)
        check_pickle(opened.file, opened.name, LEGACY_PICKLES)
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
    tensors, notes = flatten(stored, opened.name)
    return find_layers(tensors, NAMINGS, choices, notes)


def _check_zip(opened: Opened) -> None:
    archive = open_zip(opened.file, "A model file", MAX_MODEL_BYTES, ModelFileError)
    names = archive.namelist()
    described = next(name for name in names if name.rpartition("/")[2] == "data.pkl")
    try:
        check_bytes(
            "The description in a checkpoint",
            archive.getinfo(described).file_size,
            MAX_HEADER_BYTES,
            "save the weights alone.",
        )
        pickled = archive.read(described)
    except GateScopeError:
        raise
    except (*DAMAGED, KeyError) as problem:
        raise ModelFileError(
            f"{opened.name!r} is damaged at {described!r}. Save or copy it again."
        ) from problem
    check_pickle(io.BytesIO(pickled), opened.name)


FORMAT = Format("torch", "PyTorch checkpoint", (".pt", ".pth", ".bin"), recognises, read)
