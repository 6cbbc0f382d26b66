""".safetensors: arrays by name after a JSON header, where this project's own files describe themselves."""

import json
import struct
from dataclasses import replace
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents, TensorInfo
from gru_core.formats.gatescope import METADATA_KEY, model_from_tensors
from gru_core.formats.layers import find_layers
from gru_core.formats.namings import NAMINGS
from gru_core.formats.plain_layers import plain_layers
from gru_core.formats.registry import Evidence, Format
from gru_core.formats.shards import add, holds_shards, shards_of
from gru_core.formats.weights import dtype_name
from gru_core.limits import MAX_HEADER_BYTES, MAX_TENSORS, check_bytes
from gru_core.sources import Opened

_ENDINGS = (".safetensors",)


def recognises(evidence: Evidence) -> bool:
    """A header length of eight bytes that is possible, and a JSON object behind it; or parts of a model."""
    return holds_shards(evidence, _ENDINGS) or _is_whole(evidence)


def _is_whole(evidence: Evidence) -> bool:
    if len(evidence.head) < 10 or evidence.is_zip:
        return False
    return evidence.head[8:9] == b"{" and evidence.head[9:10] in b'"} \n\t\r'


def read(opened: Opened, choices: Choices) -> Contents:
    """The arrays and layers; the whole model where the metadata describe one."""
    parts = shards_of(opened, _ENDINGS, _is_whole)
    if parts is not None:
        tensors: dict[str, Tensor] = {}
        for part in parts:
            add(tensors, _arrays(part)[0], part.name)
        parts.check_listed(tuple(tensors))
        return find_layers(tensors, NAMINGS, choices)
    tensors, metadata = _arrays(opened)
    if METADATA_KEY not in metadata or choices.readings is not None:
        return find_layers(tensors, NAMINGS, choices)
    model = model_from_tensors(tensors, metadata[METADATA_KEY])
    infos = tuple(TensorInfo(name, tuple(t.shape), dtype_name(t.dtype)) for name, t in tensors.items())
    rest = {name: tensor for name, tensor in tensors.items() if not name.startswith("gru.")}
    grus = {"gru": model.gru}
    others = (replace(o, note="the readout") if o.name == "readout" else o for o in plain_layers(rest, grus))
    return Contents(infos, grus, tuple(others), (), model)


def _arrays(opened: Opened) -> tuple[dict[str, Tensor], dict[str, str]]:
    """The arrays of one file, and the texts in its header."""
    names, metadata = read_header(opened)
    try:
        stored = load(opened.read())
        # The library gives them in no fixed order; the header's order makes "the first GRU" mean something.
        return {name: stored[name] for name in names}, metadata
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError, RuntimeError) as problem:
        raise ModelFileError(
            f"{opened.name!r} is damaged: its header and its numbers do not fit together. Save or "
            "copy it again."
        ) from problem


def read_header(opened: Opened) -> tuple[list[str], dict[str, str]]:
    """The arrays' names and the texts in `__metadata__`; the header's size is checked before it is read.

    Raises ModelFileError when the header is damaged, LimitError when it is too long.
    """
    opened.file.seek(0)
    (length,) = struct.unpack("<Q", opened.file.read(8))
    if length > opened.size - 8:
        raise ModelFileError(
            f"{opened.name!r} is cut off: its header needs {length:,} bytes and the file has "
            f"{opened.size - 8:,}. "
            "Save or copy it again."
        )
    check_bytes("The header of a safetensors file", length, MAX_HEADER_BYTES, "save fewer or shorter names.")
    try:
        header: Any = json.loads(opened.file.read(length))
    except (ValueError, RecursionError) as problem:
        raise ModelFileError(
            f"{opened.name!r} is damaged: its header is not JSON. Save or copy it again."
        ) from problem
    if not isinstance(header, dict) or len(header) > MAX_TENSORS:
        raise ModelFileError(f"{opened.name!r} must have a header of at most {MAX_TENSORS:,} named arrays.")
    metadata = header.pop("__metadata__", {})
    texts = {k: v for k, v in metadata.items() if isinstance(v, str)} if isinstance(metadata, dict) else {}
    return list(header), texts


FORMAT = Format("safetensors", "safetensors", (".safetensors",), recognises, read)
