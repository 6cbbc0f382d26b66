"""Events, checkpoints and models as plain values that compare to the last bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import torch

CLOCKS = ("seconds", "update_seconds")
"""Fields that a clock decides: two trainings that do the same differ in them."""


def plain(value: Any) -> Any:
    """The value as tuples, dictionaries, numbers, text and bytes, without what a clock decides."""
    if isinstance(value, torch.Tensor):
        return plain(value.detach().numpy())
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, torch.nn.Module):
        return type(value).__name__, plain(value.state_dict()), plain(getattr(value, "card", None))
    if is_dataclass(value) and not isinstance(value, type):
        entries = [entry.name for entry in fields(value) if entry.name not in CLOCKS]
        return type(value).__name__, {name: plain(getattr(value, name)) for name in entries}
    if isinstance(value, Mapping):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return tuple(plain(entry) for entry in value)
    return value
