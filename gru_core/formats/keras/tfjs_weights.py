"""The weights of a TensorFlow.js model: arrays cut out of one or more files one behind the other."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.file_sets import Files
from gru_core.formats.contents import TensorInfo
from gru_core.limits import MAX_MODEL_BYTES, MAX_TENSORS, check_bytes

_WIDTHS = {"float32": 4, "float16": 2, "int32": 4, "uint16": 2, "uint8": 1, "bool": 1, "complex64": 8}
_MAX_AXES = 8


@dataclass(frozen=True, eq=False)
class Weights:
    """All arrays by their names, the floating-point ones as tensors, and what was done to read them."""

    infos: tuple[TensorInfo, ...]
    tensors: Mapping[str, Tensor]
    notes: tuple[str, ...]


def read_weights(manifest: Any, files: Files, folder: str, name: str) -> Weights:
    """The arrays of a weights manifest; rounded ones are brought back to float32.

    folder  where in the set the files of weights are, with a slash behind it, or ""
    name    what the model is called, for sentences

    Raises ModelFileError when a file is missing, leads elsewhere or is too short, LimitError for too much.
    """
    groups = [group for group in manifest if isinstance(group, Mapping)] if isinstance(manifest, list) else []
    if not groups:
        raise ModelFileError(f"{name!r} lists no files of weights (weightsManifest): save the whole model.")
    shards = [[_shard(path, folder) for path in _list(group, "paths")] for group in groups]
    declared = [_list(group, "weights") for group in groups]
    count = sum(map(len, declared))
    if count > MAX_TENSORS or sum(map(len, shards)) > MAX_TENSORS:
        raise ModelFileError(
            f"A model file may hold at most {MAX_TENSORS:,} arrays, and {name!r} lists more."
        )
    total = sum(files.size(path) for group in shards for path in group)
    check_bytes(f"What {name!r} lists", total, MAX_MODEL_BYTES, "save a smaller model.")
    infos: list[TensorInfo] = []
    tensors: dict[str, Tensor] = {}
    rounded: set[str] = set()
    spent = 0
    for paths, entries in zip(shards, declared, strict=True):
        data = b"".join(files.read(path) for path in paths)
        position = 0
        for entry in entries:
            own, shape, dtype, stored, plan = _entry(entry, name)
            if dtype == "string":
                position = _after_texts(data, position, math.prod(shape), own)
                infos.append(TensorInfo(own, shape, dtype))
                continue
            length = math.prod(shape) * _WIDTHS[stored]
            if position + length > len(data):
                raise ModelFileError(
                    f"{own} is cut off: it declares the shape {shape}, which needs {length:,} bytes, and "
                    f"{max(0, len(data) - position):,} are there. Give all files of the model together."
                )
            infos.append(TensorInfo(own, shape, stored))
            if dtype == "float32":
                spent += math.prod(shape) * 4
                check_bytes(f"What {name!r} holds", spent, MAX_MODEL_BYTES, "save a smaller model.")
                tensors[own] = _floats(data, position, shape, stored, plan)
                rounded |= {stored} if stored.startswith("uint") else set()
            position += length
    return Weights(tuple(infos), tensors, tuple(map(_note, sorted(rounded))))


def _note(stored: str) -> str:
    return (
        f"Weights in the file are rounded to {stored.removeprefix('uint')} bits; "
        "they are read back as scale x number + smallest, as TensorFlow.js does."
    )


def _shard(path: Any, folder: str) -> str:
    """The name in the set of one file of weights."""
    plain = path.removeprefix("./") if isinstance(path, str) else ""
    if not plain or any(sign in plain for sign in "/\\:") or plain in (".", ".."):
        raise ModelFileError(
            f"A file of weights must be named by a plain name such as 'weights.bin', got {str(path)[:80]!r}: "
            "put all files of the model into one folder."
        )
    return folder + plain


def _list(group: Mapping[Any, Any], key: str) -> list[Any]:
    value = group.get(key)
    return value if isinstance(value, list) else []


def _entry(entry: Any, name: str) -> tuple[str, tuple[int, ...], str, str, Mapping[str, Any]]:
    """Name, shape, number type, stored number type and quantisation of one entry, checked."""
    if not isinstance(entry, Mapping) or not isinstance(entry.get("name"), str):
        raise ModelFileError(f"{name!r} is damaged: an entry of its list of weights has no name.")
    own, shape, dtype = entry["name"], entry.get("shape"), entry.get("dtype")
    plan = entry.get("quantization")
    plan = plan if isinstance(plan, Mapping) else {}
    stored = plan.get("dtype", dtype)
    whole = isinstance(shape, list) and all(type(length) is int and length >= 0 for length in shape)
    if not isinstance(shape, list) or not whole or len(shape) > _MAX_AXES:
        raise ModelFileError(
            f"{own} must have a shape of at most {_MAX_AXES} whole numbers, got {str(shape)[:80]}."
        )
    # As text: anything may stand there, also what no table can be asked for.
    if dtype != "string" and not {str(dtype), str(stored)} <= _WIDTHS.keys():
        raise ModelFileError(f"{own} is of the number type {str(stored)[:40]!r}, which is not read here.")
    return own, tuple(shape), str(dtype), str(stored), plan


def _floats(
    data: bytes, position: int, shape: tuple[int, ...], stored: str, plan: Mapping[str, Any]
) -> Tensor:
    if stored not in ("float32", "float16", "uint8", "uint16"):
        raise ModelFileError(f"Weights of floats are stored as {stored}, which is not read here.")
    numbers = np.frombuffer(data, np.dtype(stored).newbyteorder("<"), math.prod(shape), position).reshape(
        shape
    )
    if stored.startswith("float"):
        return torch.from_numpy(numbers.astype(stored))
    scale, least = plan.get("scale"), plan.get("min")
    if not isinstance(scale, int | float) or not isinstance(least, int | float):
        raise ModelFileError("Rounded weights must say their scale and their smallest value (min).")
    try:
        # In float64 and then to float32, as JavaScript does.
        return torch.from_numpy((numbers * float(scale) + float(least)).astype(np.float32))
    except (OverflowError, RuntimeWarning) as problem:
        raise ModelFileError(
            "Rounded weights must have a scale and a smallest value that are numbers."
        ) from problem


def _after_texts(data: bytes, position: int, count: int, name: str) -> int:
    """Where the array behind one of texts begins; each text is its length in four bytes, and its bytes."""
    for _ in range(count):
        length = int.from_bytes(data[position : position + 4], "little")
        position += 4 + length
        if position > len(data):
            raise ModelFileError(f"{name} is cut off. Give all files of the model together.")
    return position
