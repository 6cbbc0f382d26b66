"""A search for the readings of a file's arrays that give an output, done in the reader's child."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load, save

from gru_core.formats.loading import named_arrays
from gru_core.formats.readings.agreement import Search, agreeing_readings
from gru_core.jobs import Heard, Parcel, Tell
from gru_core.limits import MAX_READ_SECONDS
from gru_core.reading_room.plain import from_plain, to_plain
from gru_core.reading_room.work import refused_memory_is_told

SECONDS = 0.7 * MAX_READ_SECONDS
"""What the search may take of the time that a reading has."""


def search_order(
    files: Mapping[str, bytes], x: NDArray[Any], expected: NDArray[Any], h0: NDArray[Any] | None
) -> Parcel:
    """The parcel that `search_readings` takes: files by name, an input, its output, the state before it."""
    given = {"x": x, "expected": expected} | ({} if h0 is None else {"h0": h0})
    arrays = {name: torch.from_numpy(np.array(array, dtype=np.float64)) for name, array in given.items()}
    numbered = {f"file {number}": data for number, data in enumerate(files.values())}
    return Parcel({"names": list(files)}, numbered | {"arrays": save(arrays)})


def search_readings(order: Parcel, _tell: Tell, _heard: Heard) -> Parcel:
    """Read the files of an order and search. Raises as `named_arrays` and `agreeing_readings` do."""
    arrays = load(order.blobs["arrays"])
    files = {name: order.blobs[f"file {n}"] for n, name in enumerate(order.head["names"])}
    with refused_memory_is_told():
        tensors = named_arrays(files)
        found = agreeing_readings(
            tensors, arrays["x"], arrays["expected"], h0=arrays.get("h0"), seconds=SECONDS
        )
    return Parcel({"search": to_plain(found, {})}, {})


def found_search(found: Parcel) -> Search:
    """What `agreeing_readings` gave in the child; checked, as the child is not trusted.

    Raises InputError when it is not what a reader sends.
    """
    return from_plain(Search, found.head["search"], {})
