"""PyTorch checkpoints (.pt, .pth, .bin): today's zip layout and the older one, read by weights_only alone.

A checkpoint may be a state_dict, or a dict that has one somewhere ("model_state_dict", ...); names may
begin with what DataParallel ("module.") and torch.compile ("_orig_mod.") put before them.
"""

import io
import pickle
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from gru_core.archives import DAMAGED, open_zip
from gru_core.errors import GateScopeError, ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents
from gru_core.formats.layers import find_layers
from gru_core.formats.namings import NAMINGS
from gru_core.formats.pickle_scan import check_pickle
from gru_core.formats.registry import Evidence, Format
from gru_core.limits import MAX_HEADER_BYTES, MAX_MODEL_BYTES, MAX_TENSORS, check_bytes
from gru_core.sources import Opened

LEGACY_MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""How torch.save began a file before torch 1.6: a pickle of its magic number."""
LEGACY_PICKLES = 5
"""Magic number, protocol, system, the object, the keys of its storages; the numbers come behind."""

WRAPPERS = frozenset(
    {
        "state_dict",
        "model_state_dict",
        "model_state",
        "model_dict",
        "model",
        "net",
        "network",
        "weights",
        "params",
    }
    | {"module", "generator", "ema", "state"}
)
"""Names of dicts that merely hold a state_dict and are no part of the model's own paths."""
TRAINING = ("optim", "scheduler", "scaler", "lr_sched", "amp")
"""Beginnings of names that hold the state of a training and no model."""
MAX_DEPTH = 12


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


def flatten(stored: Any, name: str) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Every tensor by its path, as the model names it, and what was left out.

    Raises ModelFileError when there is no tensor at all.
    """
    paths: dict[tuple[str, ...], Tensor] = {}
    training: dict[str, int] = {}
    _walk(stored, (), paths, training)
    if not paths:
        raise ModelFileError(
            f"{name!r} holds no arrays ({_described(stored)}): save weights with "
            "torch.save(model.state_dict(), 'weights.pt')."
        )
    tensors: dict[str, Tensor] = {}
    for path, tensor in paths.items():
        short = clean_name(path)
        tensors[short if short not in tensors else ".".join(path)] = tensor
    notes = tuple(
        f"{key!r} belongs to the training ({count:,} arrays) and is left out."
        for key, count in training.items()
    )
    return tensors, notes


def clean_name(path: tuple[str, ...]) -> str:
    """A parameter's name without what a checkpoint, DataParallel or torch.compile put before it."""
    keys = list(path)
    while len(keys) > 1 and keys[0] in WRAPPERS:
        keys.pop(0)
    parts = [part for part in ".".join(keys).split(".") if part != "_orig_mod"]
    while len(parts) > 1 and parts[0] == "module":
        parts.pop(0)
    return ".".join(parts)


def _walk(
    value: Any, path: tuple[str, ...], paths: dict[tuple[str, ...], Tensor], training: dict[str, int]
) -> None:
    """Collect the tensors below `value` with a stack of our own depth limit, so that nesting is bounded."""
    if isinstance(value, Tensor):
        if len(paths) >= MAX_TENSORS:
            raise ModelFileError(
                f"A model file may hold at most {MAX_TENSORS:,} arrays, and this one holds more."
            )
        paths[path or ("tensor",)] = value
        return
    if len(path) >= MAX_DEPTH:
        return
    items: Any = ()
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list | tuple):
        items = enumerate(value)
    for key, below in items:
        if isinstance(below, str | int | float | None):
            continue
        if str(key).lower().startswith(TRAINING):
            aside: dict[tuple[str, ...], Tensor] = {}
            _walk(below, (), aside, {})
            if aside:
                training[str(key)] = len(aside)
            continue
        _walk(below, (*path, str(key)), paths, training)


def _check_zip(opened: Opened) -> None:
    archive = open_zip(opened.file, "A model file", MAX_MODEL_BYTES, ModelFileError)
    names = archive.namelist()
    if any(part.rpartition("/")[2] == "constants.pkl" for part in names):
        raise ModelFileError(
            f"{opened.name!r} is a TorchScript archive, which holds code as well as weights, so it is "
            "not opened: "
            "save the weights alone, torch.save(torch.jit.load(path).state_dict(), 'weights.pt')."
        )
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


def _described(stored: Any) -> str:
    if isinstance(stored, Mapping):
        keys = ", ".join(repr(str(key)[:40]) for key in list(stored)[:8])
        return f"a dict with {keys}" if keys else "an empty dict"
    return f"a {type(stored).__name__}"


FORMAT = Format("torch", "PyTorch checkpoint", (".pt", ".pth", ".bin"), recognises, read)
