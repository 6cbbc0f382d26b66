"""What a TensorFlow checkpoint's index says: the arrays, where their bytes are, and the model's own names.

The index's values are protobuf messages of TensorFlow: BundleHeader, BundleEntry, and for checkpoints of
TensorFlow 2 the graph of Python objects, which knows each variable's full name.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gru_core.errors import ModelFileError
from gru_core.formats.wire import WireError, fields

DTYPES = {
    1: "float32",
    2: "float64",
    3: "int32",
    4: "uint8",
    5: "int16",
    6: "int8",
    7: "string",
    9: "int64",
    10: "bool",
    14: "bfloat16",
    17: "uint16",
    19: "float16",
    22: "uint32",
    23: "uint64",
}
"""TensorFlow's numbers of the types that models have."""
OBJECT_GRAPH = "_CHECKPOINTABLE_OBJECT_GRAPH"
ENDING = "/.ATTRIBUTES/VARIABLE_VALUE"
MAX_GRAPH_FIELDS = 400_000


@dataclass(frozen=True)
class Entry:
    """One array: its type in words, shape, the data file it is in, and where; `sliced` when in parts.

    checksum  of its bytes, masked, 0 where there is none
    """

    dtype: str
    shape: tuple[int, ...]
    shard: int
    offset: int
    size: int
    sliced: bool
    checksum: int = 0


def read_bundle(table: Mapping[bytes, bytes], name: str) -> tuple[int, dict[str, Entry]]:
    """The number of data files, and the arrays by name. Raises ModelFileError when the index is damaged."""
    try:
        shards = _shards(table.get(b"", b""))
        entries = {key.decode("utf-8", "replace"): _entry(value) for key, value in table.items() if key}
    except (WireError, TypeError) as problem:
        raise ModelFileError(
            f"{name!r} is damaged: what it says of its arrays cannot be read. Save or copy it again."
        ) from problem
    if shards is None:
        raise ModelFileError(
            f"{name!r} was written on a machine of another byte order, which is not read here."
        )
    strange = [key for key, entry in entries.items() if entry.shard >= shards]
    if strange:
        raise ModelFileError(
            f"{name!r} is damaged: the array {strange[0][:120]!r} is said to be in data file "
            f"{entries[strange[0]].shard:,} of {shards:,}. Save or copy it again."
        )
    return shards, entries


def _shards(header: bytes) -> int | None:
    """How many data files; None for big-endian numbers."""
    said = dict(fields(header))
    if said.get(2, 0) != 0:
        return None
    return _whole(said.get(1, 1))


def _entry(message: bytes) -> Entry:
    said = {1: 0, 3: 0, 4: 0, 5: 0}
    shape: tuple[int, ...] = ()
    sliced, checksum = False, 0
    for number, value in fields(message):
        if number == 2:
            shape = tuple(_dimensions(_bytes(value)))
        elif number == 6:
            checksum = int.from_bytes(_bytes(value), "little")
        elif number == 7:
            sliced = True
        elif number in said:
            said[number] = _whole(value)
    return Entry(DTYPES.get(said[1], f"type {said[1]}"), shape, said[3], said[4], said[5], sliced, checksum)


def _dimensions(message: bytes) -> list[int]:
    """The lengths of the axes."""
    return [_whole(dict(fields(_bytes(value))).get(1, 0)) for number, value in fields(message) if number == 2]


def full_names(graph: bytes) -> dict[str, str]:
    """The variables' own names, "gru/gru_cell/kernel", by their keys in the checkpoint.

    {} when the graph is damaged or too large: the keys then serve as names.
    """
    names: dict[str, str] = {}
    count = 0
    try:
        for number, node in fields(graph):
            if number != 1:
                continue
            for part, attribute in fields(_bytes(node)):
                count += 1
                if count > MAX_GRAPH_FIELDS:
                    return {}
                if part != 2:
                    continue
                said = dict(fields(_bytes(attribute)))
                full, key = (_bytes(said.get(number, b"")).decode("utf-8", "replace") for number in (2, 3))
                if full and key:
                    names[key] = full
    except (WireError, TypeError):
        return {}
    return names


def _whole(value: int | bytes) -> int:
    if isinstance(value, bytes):
        raise WireError
    return value


def _bytes(value: int | bytes) -> bytes:
    if not isinstance(value, bytes):
        raise WireError
    return value
