"""Uploads as bytes for the store, and back.

A sequence is its numbers and labels, a model GateScope's own file (safetensors, see `formats.gatescope`).
What comes back is checked like any upload: a sequence here, a model by whoever reads model files.
"""

import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from safetensors.torch import save

from gru_core.conventions import CONVENTIONS
from gru_core.errors import GateScopeError, InputError
from gru_core.formats.gatescope import METADATA_KEY, model_to_tensors
from gru_core.limits import MAX_CELLS, MAX_FEATURES, MAX_LABEL, MAX_STEPS, check_sequence_size
from gru_core.model import SequenceModel
from gru_core.sequences import Sequence

MODEL_FILE = "model.safetensors"
"""What the file of a kept model is called."""

MOST_NOTES = 100
"""Notes of a model or a sequence that come back."""

MOST_UNPACKED = 4 * MAX_CELLS + 6 * MAX_LABEL * (MAX_STEPS + MAX_FEATURES)
"""Bytes of the largest sequence: its numbers, and labels and names with every sign escaped."""


def sequence_bytes(sequence: Sequence) -> bytes:
    """A sequence, packed.

    >>> two = Sequence([[0.5], [1.0]], ("a", "b"), ("x",), source="typed", notes=("so",))
    >>> back = sequence_from(sequence_bytes(two))
    >>> back.values.tolist(), back.labels, back.names, back.source, back.notes
    ([[0.5], [1.0]], ('a', 'b'), ('x',), 'typed', ('so',))
    """
    head = {
        "labels": sequence.labels,
        "names": sequence.names,
        "symbolic": sequence.symbolic,
        "source": sequence.source,
        "notes": sequence.notes,
    }
    text = json.dumps(head).encode()
    return zlib.compress(
        b"".join((len(text).to_bytes(4, "little"), text, sequence.values.astype("<f4").tobytes())), 6
    )


def sequence_from(data: bytes) -> Sequence:
    """The sequence that `sequence_bytes` packed. Raises InputError when it is damaged or too large."""
    try:
        unzip = zlib.decompressobj()
        whole = unzip.decompress(data, MOST_UNPACKED)
        if not unzip.eof:
            raise ValueError("cut off, or larger than allowed")
        base = 4 + int.from_bytes(whole[:4], "little")
        head = json.loads(whole[4:base])
        labels, names, notes = (tuple(map(str, head[key])) for key in ("labels", "names", "notes"))
        check_sequence_size(len(labels), len(names))
        values = np.frombuffer(whole[base:], "<f4").reshape(len(labels), len(names))
        return Sequence(
            values, labels, names, bool(head["symbolic"]), str(head["source"]), notes[:MOST_NOTES]
        )
    except (GateScopeError, ValueError, KeyError, TypeError, zlib.error, RecursionError) as error:
        raise InputError("This sequence was kept damaged: upload it again.") from error


def model_bytes(model: SequenceModel) -> tuple[bytes, dict[str, Any]]:
    """A model as GateScope's own file, and what that does not hold: how its weights were read."""
    tensors, metadata = model_to_tensors(model)
    # Copies: the format does not take arrays that share their memory.
    copies = {name: tensor.clone() for name, tensor in tensors.items()}
    return save(copies, {METADATA_KEY: metadata}), {
        "convention": model.gru.convention,
        "notes": list(model.gru.notes),
    }


def with_reading(model: SequenceModel, head: Mapping[str, Any]) -> SequenceModel:
    """The model with what `model_bytes` said beside its file; what is not as it says is left out."""
    convention, notes = head.get("convention"), head.get("notes")
    if isinstance(convention, str) and convention in CONVENTIONS:
        model.gru.convention = convention
    if isinstance(notes, list):
        model.gru.notes = tuple(str(note)[:1_000] for note in notes[:MOST_NOTES])
    return model
