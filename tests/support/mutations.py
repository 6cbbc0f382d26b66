"""Ways to damage a model's file, blindly and with knowledge of its format; each is reproduced by its seed.

A mutation takes (bytes, generator) and gives other bytes. Those that know a format keep the rest of the file
in order (checksums, lengths), so that the damage reaches the reader behind the first check.
"""

from __future__ import annotations

import contextlib
import io
import json
import pickletools
import re
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.support.wire import mutate_message

Random = np.random.Generator
Mutation = Callable[[bytes, Random], bytes]

NUMBERS = (0, 1, -1, 2, 3, 255, 256, 65535, 2**31 - 1, 2**31, 2**32 - 1, 10**9, 10**18, 2**63 - 1, 2**64 - 1)
"""Lengths and shapes at the edges of what a field can hold."""

HDF5_MARKS = (b"HEAP", b"TREE", b"SNOD", b"OHDR", b"GCOL", b"FRHP", b"FHDB", b"BTHD", b"BTLF", b"OCHK")


def mutate(data: bytes, random: Random) -> tuple[str, bytes]:
    """The name of one to three mutations that suit the bytes, and what they made."""
    names = []
    for _ in range(int(random.choice([1, 1, 1, 2, 3]))):
        able = [*BLIND, *(3 * _of_its_kind(data))]
        chosen = able[int(random.integers(len(able)))]
        # What a former mutation damaged may be beyond a knowing one.
        with contextlib.suppress(Exception):
            data = chosen(data, random)
            names.append(chosen.__name__)
    return "+".join(names), data


def place(data: bytes, random: Random) -> int:
    """A place in the bytes; headers and the ends of files count for more."""
    size = len(data)
    match int(random.integers(3)):
        case 0:
            return int(random.integers(size))
        case 1:
            return int(random.integers(min(size, 256)))
        case _:
            return size - 1 - int(random.integers(min(size, 256)))


def flip_bits(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(int(random.integers(1, 9))):
        changed[place(data, random)] ^= 1 << int(random.integers(8))
    return bytes(changed)


def truncate(data: bytes, random: Random) -> bytes:
    return data[: place(data, random)]


def splice(data: bytes, random: Random) -> bytes:
    """Random bytes over, or between, those that are there."""
    at, length = place(data, random), int(random.integers(1, 33))
    keep = at if random.random() < 0.5 else at + length
    return data[:at] + random.bytes(length) + data[keep:]


def blank(data: bytes, random: Random) -> bytes:
    at, length = place(data, random), int(random.integers(1, 65))
    filling = b"\x00" if random.random() < 0.5 else b"\xff"
    return data[:at] + filling * len(data[at : at + length]) + data[at + length :]


def repeat_block(data: bytes, random: Random) -> bytes:
    at, length = place(data, random), int(random.integers(1, 513))
    return data[: at + length] + data[at : at + length] * int(random.integers(1, 4)) + data[at + length :]


def remove_block(data: bytes, random: Random) -> bytes:
    at = place(data, random)
    return data[:at] + data[at + int(random.integers(1, 513)) :]


def move_block(data: bytes, random: Random) -> bytes:
    source, at, length = place(data, random), place(data, random), int(random.integers(1, 129))
    return data[:at] + data[source : source + length] + data[at + length :]


def extreme_number(data: bytes, random: Random) -> bytes:
    """Where a length may stand, one that is too large, too small, or off by one."""
    at, width = place(data, random), int(random.choice([1, 2, 4, 8]))
    value = int(random.choice(np.array([*NUMBERS, len(data), len(data) + 1], dtype=object)))
    number = (value % 2 ** (8 * width)).to_bytes(width, "little" if random.random() < 0.7 else "big")
    return data[:at] + number + data[at + width :]


BLIND: list[Mutation] = [
    flip_bits,
    truncate,
    splice,
    blank,
    repeat_block,
    remove_block,
    move_block,
    extreme_number,
]


# --- zip archives -----------------------------------------------------------------------------------------


def _entries(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(entry.filename, archive.read(entry)) for entry in archive.infolist()]


def _zipped(entries: list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            # Not writestr(name): a name twice would be warned of.
            archive.NameToInfo.pop(name, None)
            archive.writestr(info, content)
    return file.getvalue()


def zip_inner(data: bytes, random: Random) -> bytes:
    """Damage inside one entry, with a checksum that is right."""
    entries = _entries(data)
    at = int(random.integers(len(entries)))
    name, content = entries[at]
    entries[at] = (name, mutate(content, random)[1] if content else random.bytes(8))
    return _zipped(entries)


def zip_recompressed(data: bytes, random: Random) -> bytes:
    methods = (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
    return _zipped(_entries(data), methods[int(random.integers(3))])


def zip_lying(data: bytes, random: Random) -> bytes:
    """A size, an offset, a method or a checksum of the directory or of an entry's own head is changed."""
    method = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)[int(random.integers(2))]
    changed = bytearray(_zipped(_entries(data), method))
    # Places of sizes, checksum, method, flags and offset in a head (PK 3 4) and in the directory (PK 1 2).
    directory = random.random() < 0.6
    mark, fields = (
        (b"PK\x01\x02", (8, 10, 16, 20, 24, 28, 42)) if directory else (b"PK\x03\x04", (6, 8, 14, 18, 22, 26))
    )
    at = [found.start() for found in re.finditer(re.escape(mark), bytes(changed))]
    field = at[int(random.integers(len(at)))] + int(random.choice(fields))
    value = int(random.choice(np.array(NUMBERS, dtype=object))) % 2**32
    changed[field : field + 4] = value.to_bytes(4, "little")
    return bytes(changed)


def zip_entries(data: bytes, random: Random) -> bytes:
    """Entries are removed, doubled, renamed or swapped."""
    entries = _entries(data)
    at, other = int(random.integers(len(entries))), int(random.integers(len(entries)))
    name, content = entries[at]
    match int(random.integers(5)):
        case 0:
            del entries[at]
        case 1:
            entries.append((name, entries[other][1]))
        case 2:
            names = (
                "../" + name,
                "/etc/" + name,
                name.upper(),
                "",
                "a/" * 200 + name,
                name + "\x00",
                "C:\\" + name,
            )
            entries[at] = (names[int(random.integers(len(names)))], content)
        case 3:
            entries[at], entries[other] = (name, entries[other][1]), (entries[other][0], content)
        case _:
            entries += [(f"{name}{number}", b"") for number in range(int(random.choice([1, 50, 500])))]
    return _zipped(entries)


# --- JSON -------------------------------------------------------------------------------------------------

ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2, 10**9, 10**30, 2**63, 0.5, -0.0, 1e308, float("nan"), float("inf"),
    "", "x", "nan", "../up", "/etc/passwd", "\x00", "é" * 50, "a" * 5_000, [], {}, [[]], [0], [10**9, 10**9],
    [-1, 4], {"class_name": "Lambda", "config": {}}, {"a": None}, ["F32", [1], [0, 4]],
)  # fmt: skip


def mutate_json(data: bytes, random: Random) -> bytes:
    """One node of a JSON text is replaced, removed, renamed, moved or buried."""
    root = [json.loads(data)]
    nodes: list[tuple[Any, Any]] = []
    stack: list[Any] = [root]
    while stack:
        parent = stack.pop()
        keys = list(parent) if isinstance(parent, dict) else range(len(parent))
        for key in keys:
            nodes.append((parent, key))
            if isinstance(parent[key], dict | list):
                stack.append(parent[key])
    for _ in range(int(random.choice([1, 1, 2, 5]))):
        parent, key = nodes[int(random.integers(len(nodes)))]
        other, at = nodes[int(random.integers(len(nodes)))]
        with contextlib.suppress(KeyError, IndexError):
            match int(random.integers(7)):
                case 0 | 1 | 2:
                    parent[key] = ODD[int(random.integers(len(ODD)))]
                case 3:
                    del parent[key]
                case 4 if isinstance(parent, dict):
                    parent[str(ODD[int(random.integers(len(ODD)))])[:100]] = parent.pop(key)
                case 5:
                    # As text, since a node inside itself has no JSON.
                    parent[key] = json.loads(json.dumps(other[at]))
                case _:
                    for _ in range(int(random.choice([1, 3, 200]))):
                        parent[key] = [parent[key]]
    return json.dumps(root[0]).encode()


def safetensors_header(data: bytes, random: Random) -> bytes:
    (length,) = struct.unpack("<Q", data[:8])
    header = mutate_json(data[8 : 8 + length], random)
    return struct.pack("<Q", len(header)) + header + data[8 + length :]


def embedded_json(data: bytes, random: Random) -> bytes:
    """A JSON text inside another file (a Keras model's config in HDF5) is edited within its length."""
    found = [m for m in re.finditer(rb'\{"[ -~]{20,}\}', data) if _is_json(m[0])]
    text = found[int(random.integers(len(found)))]
    for _ in range(20):
        edited = mutate_json(text[0], random)
        if len(edited) <= len(text[0]):
            return data[: text.start()] + edited.ljust(len(text[0])) + data[text.end() :]
    return data


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


# --- arrays, HDF5, pickles, protobuf, msgpack -------------------------------------------------------------


def npy_header(data: bytes, random: Random) -> bytes:
    """Another shape, number type or order in the head of an npy file."""
    length = struct.unpack("<H", data[8:10])[0]
    header = data[10 : 10 + length].decode("latin1")
    shape = tuple(int(random.choice(np.array(NUMBERS, dtype=object))) for _ in range(int(random.integers(5))))
    types = ("<f8", ">f4", "|O", "<U9999999", "|V8", "<c16", "|b1", "<M8[s]", "<f2", "|S0", ">i8", "f4,f4")
    match int(random.integers(4)):
        case 0 | 1:
            header = re.sub(r"'shape': \([^)]*\)", f"'shape': {shape}", header)
        case 2:
            header = re.sub(
                r"'descr': '[^']*'", f"'descr': '{types[int(random.integers(len(types)))]}'", header
            )
        case _:
            header = header.replace("False", "True") if random.random() < 0.5 else "(" * 300 + header
    return data[:8] + struct.pack("<H", len(header) % 65536) + header.encode("latin1") + data[10 + length :]


def hdf5_structure(data: bytes, random: Random) -> bytes:
    """Damage in the superblock or just behind a mark of HDF5's own: heaps, trees, object headers."""
    places = [0, *(m.start() for m in re.finditer(b"|".join(HDF5_MARKS), data))]
    at = places[int(random.integers(len(places)))] + int(random.integers(4, 72))
    if random.random() < 0.5:
        return data[:at] + random.bytes(1) + data[at + 1 :]
    width = int(random.choice([1, 2, 4, 8]))
    value = int(random.choice(np.array([*NUMBERS, *places], dtype=object))) % 2 ** (8 * width)
    return data[:at] + value.to_bytes(width, "little") + data[at + width :]


PICKLES = (
    b"N", b"(", b"0", b"2", b"]", b"}", b")", b"t", b"u", b"s", b"e", b"b", b"R", b"Q", b"d", b"l", b"a",
    b"\x81", b"\x93", b"\x94", b"\x97", b"\x98", b"\x80\x05", b"K\xff", b"J\xff\xff\xff\xff", b"P1\n",
    b"r\xff\xff\xff\x7f", b"j\xff\xff\xff\x7f", b"X\xff\xff\xff\x7f", b"T\xff\xff\xff\x7f",
    b"\x8b\xff\xff\xff\x7f", b"\x8a\xff" + b"\xff" * 255, b"\x8d" + b"\xff" * 8, b"\x8e" + b"\xff" * 8,
    b"\x95" + b"\xff" * 8, b"\x96" + b"\xff" * 7 + b"\x7f", b"G" + b"\xff" * 8, b"I99999999999\n",
    b"cposix\nsystem\n", b"cbuiltins\neval\n", b"i__main__\nx\n",
)  # fmt: skip


def pickle_steps(data: bytes, random: Random) -> bytes:
    """An instruction of a pickle is removed, doubled, replaced, or another comes before it."""
    places = []
    with contextlib.suppress(Exception):
        for _, _, at in pickletools.genops(data):
            places.append(at)
    number = int(random.integers(len(places) - 1))
    start, end = places[number], places[number + 1]
    new = PICKLES[int(random.integers(len(PICKLES)))]
    match int(random.integers(4)):
        case 0:
            return data[:start] + data[end:]
        case 1:
            return data[:end] + data[start:end] + data[end:]
        case 2:
            return data[:start] + new + data[end:]
        case _:
            return data[:start] + new + data[start:]


def msgpack_marks(data: bytes, random: Random) -> bytes:
    """A value of a msgpack file is given another kind, or a length that nothing bears out."""
    marks = (
        b"\xdd",
        b"\xdf",
        b"\xc6",
        b"\xdb",
        b"\xc9",
        b"\xc7\xff\x01",
        b"\x91" * 200,
        b"\x81" * 200,
        b"\xc1",
    )
    new = marks[int(random.integers(len(marks)))]
    number = int(random.choice(np.array(NUMBERS, dtype=object))) % 2**32
    at = place(data, random)
    return data[:at] + new + (number.to_bytes(4, "big") if len(new) == 1 else b"") + data[at + 1 :]


def protobuf_field(data: bytes, random: Random) -> bytes:
    return mutate_message(data, random, NUMBERS)


def _of_its_kind(data: bytes) -> list[Mutation]:
    """The mutations that know what the bytes are; told as a reader would, by their beginning."""
    if data.startswith(b"PK\x03\x04"):
        return [zip_inner, zip_inner, zip_recompressed, zip_lying, zip_entries]
    if data.startswith(b"\x89HDF"):
        return [hdf5_structure, hdf5_structure, embedded_json]
    if data.startswith(b"\x93NUMPY"):
        return [npy_header]
    if data[8:9] == b"{" and data[:8].endswith(b"\x00\x00\x00"):
        return [safetensors_header]
    if data.lstrip()[:1] in (b"{", b"[") and _is_json(data):
        return [mutate_json]
    if data[:1] == b"\x80" and data[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return [pickle_steps]
    if data[:1] in (b"\x08", b"\x0a"):
        return [protobuf_field]
    if data[:1] and 0x81 <= data[0] <= 0x8F:
        return [msgpack_marks]
    return []
