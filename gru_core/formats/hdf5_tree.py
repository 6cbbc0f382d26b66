"""An HDF5 file as plain groups, texts and arrays; the file is closed before anybody looks at them.

The tree is walked by hand. Links that lead elsewhere, in this file or out of it, are refused, an object is
visited once whatever leads to it, and an attribute is read only when it is asked for by name and small.
The HDF5 library reads the structure; packed numbers are unpacked in hdf5_arrays.py.
"""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import h5py
from torch import Tensor

from gru_core.errors import GateScopeError, LimitError, ModelFileError
from gru_core.formats.hdf5_arrays import Allowance, read_array
from gru_core.formats.hdf5_heaps import largest_text_heap
from gru_core.limits import MAX_HEADER_BYTES, MAX_MODEL_BYTES, MAX_TENSORS, check_bytes

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
MAX_DEPTH = 40
MAX_NAME = 1_000
"""Characters of one object's name."""

DAMAGED = (OSError, RuntimeError, ValueError, KeyError, TypeError, OverflowError, MemoryError, IndexError)
"""What h5py may raise for a damaged file (its own errors derive from these)."""

Text = str | tuple[str, ...]


@dataclass(frozen=True, eq=False)
class StoredArray:
    """One dataset: its shape and number type, and its numbers where they are floating-point ones."""

    shape: tuple[int, ...]
    dtype: str
    tensor: Tensor | None


@dataclass
class Group:
    """One group: texts by name, groups and arrays below it, in the order of their names."""

    texts: dict[str, Text] = field(default_factory=dict)
    groups: dict[str, "Group"] = field(default_factory=dict)
    arrays: dict[str, StoredArray] = field(default_factory=dict)

    def group(self, path: str) -> "Group | None":
        """The group at a path of slashes below this one, or None."""
        found: Group | None = self
        for part in filter(None, path.split("/")):
            found = found.groups.get(part) if found is not None else None
        return found

    def array(self, path: str) -> StoredArray | None:
        """The array at a path below this one, or None."""
        parent, _, name = path.rpartition("/")
        group = self.group(parent)
        return None if group is None else group.arrays.get(name)

    def text(self, name: str) -> str:
        """One text of this group, "" where there is none."""
        value = self.texts.get(name, "")
        return value if isinstance(value, str) else ""

    def listed(self, name: str) -> tuple[str, ...] | None:
        """A list of texts, also where it is stored in pieces (name0, name1, ...), or None."""
        whole = self.texts.get(name)
        if isinstance(whole, tuple):
            return whole
        pieces: list[str] = []
        number = 0
        while isinstance(piece := self.texts.get(f"{name}{number}"), tuple):
            pieces += piece
            number += 1
        return tuple(pieces) if number else None

    def walk(self, path: str = "") -> Iterator[tuple[str, StoredArray]]:
        """Every array below by its path."""
        for name, array in self.arrays.items():
            yield f"{path}{name}", array
        for name, group in self.groups.items():
            yield from group.walk(f"{path}{name}/")


def read_tree(file: BinaryIO, size: int, name: str, skip: Callable[[str], bool]) -> Group:
    """The groups, texts and floating-point arrays of an HDF5 file of `size` bytes.

    name  what the file is called, for sentences
    skip  whether an object at the top with this name is left out, such as the state of an optimizer

    Raises ModelFileError when it is damaged or leads elsewhere, LimitError when it declares too much.
    """
    file.seek(0)
    try:
        heap = largest_text_heap(file, size, name)
        with h5py.File(file, "r") as stored:
            return _Walk(name, size, heap, skip).group(h5py.h5g.open(stored.id, b"/"))
    except GateScopeError:
        raise
    except (*DAMAGED, RecursionError) as problem:
        raise ModelFileError(
            f"{name!r} is damaged: it cannot be read as an HDF5 file. Save or copy it again."
        ) from problem


class _Walk:
    """One reading of one file, with what it may still spend."""

    def __init__(self, name: str, size: int, heap: int, skip: Callable[[str], bool]) -> None:
        self.name, self.heap, self.skip = name, heap, skip
        self.allowance = Allowance(name, size)
        self.seen: set[tuple[int, ...]] = set()
        self.links = 0

    def group(self, node: Any, path: str = "", depth: int = 0) -> Group:
        """The group and all below it."""
        if depth > MAX_DEPTH:
            raise ModelFileError(f"{self.name!r} nests groups deeper than {MAX_DEPTH}: it is no model.")
        found = Group(self._texts(node))
        for link in self._links(node):
            text = link.decode("utf-8", "replace")[:MAX_NAME]
            below = f"{path}/{text}" if path else text
            if depth == 0 and self.skip(text):
                continue
            kind = node.links.get_info(link).type
            if kind != h5py.h5l.TYPE_HARD:
                raise ModelFileError(
                    f"{self.name!r} has a link at {below[:120]!r} that leads elsewhere, and links are not "
                    "followed: save the model with its weights in this one file."
                )
            # An object is read once, however many names lead to it, so that a circle ends.
            info = h5py.h5o.get_info(node, link)
            if (mark := (info.fileno, info.addr)) in self.seen:
                continue
            self.seen.add(mark)
            if info.type == h5py.h5o.TYPE_GROUP:
                child = self.group(h5py.h5g.open(node, link), below, depth + 1)
                _placed(found, text, child)
            elif info.type == h5py.h5o.TYPE_DATASET:
                dataset = h5py.h5d.open(node, link)
                shape, dtype, tensor = read_array(dataset, below, self.allowance)
                found.arrays[text] = StoredArray(shape, dtype, tensor)
        return found

    def _links(self, node: Any) -> list[bytes]:
        """The names of all links in a group; counted, so that a declared million is not believed."""
        names: list[bytes] = []

        def note(name: bytes) -> bool | None:
            names.append(name)
            # Anything but None ends it; h5py does not let an error through from here.
            return self.links + len(names) > 4 * MAX_TENSORS or None

        node.links.iterate(note)
        self.links += len(names)
        if self.links > 4 * MAX_TENSORS:
            raise LimitError(
                f"A model file may hold at most {MAX_TENSORS:,} arrays, and {self.name!r} holds more."
            )
        return sorted(names, key=_natural)

    def _texts(self, node: Any) -> dict[str, Text]:
        texts: dict[str, Text] = {}
        for name in _TEXTS:
            for piece in (name, *(f"{name}{number}" for number in range(_PIECES))):
                if not h5py.h5a.exists(node, piece.encode()):
                    # Pieces are numbered from 0 without gaps.
                    if piece != name:
                        break
                    continue
                texts[piece] = self._text(node, piece)
        return texts

    def _text(self, node: Any, name: str) -> Text:
        """One attribute as text, or as a tuple of texts; () for an empty list of numbers."""
        attribute = h5py.h5a.open(node, name.encode())
        count, type_ = attribute.get_space().get_simple_extent_npoints(), attribute.get_type()
        if count == 0:
            return ()
        if type_.get_class() != h5py.h5t.STRING:
            return ""
        check_bytes(
            f"The attribute {name!r} of {self.name!r}",
            # Texts of variable length lie in heaps, and several entries may name the same one.
            count * (self.heap if type_.is_variable_str() else type_.get_size()),
            MAX_MODEL_BYTES if count > 1 else MAX_HEADER_BYTES * 2,
            "save the model again.",
        )
        value = h5py.Group(node).attrs[name]
        if isinstance(value, bytes | str):
            return _decoded(value)
        return tuple(_decoded(item) for item in value.reshape(-1).tolist())


_TEXTS = ("model_config", "keras_version", "layer_names", "weight_names", "name", "dtype")
_PIECES = 1_000


def _placed(parent: Group, name: str, child: Group) -> None:
    """Put a group in its place; Windows' Keras 2 wrote a path of backslashes as one name."""
    parts = name.split("\\")[:MAX_DEPTH]
    for part in parts[:-1]:
        parent = parent.groups.setdefault(part, Group())
    parent.groups[parts[-1]] = child


def _natural(name: bytes) -> tuple[tuple[int, bytes], ...]:
    """Sorts "2" before "10", and "gru_2" before "gru_10"."""
    parts = re.split(rb"(\d{1,9})", name)
    return tuple((int(part), b"") if part.isdigit() else (-1, part) for part in parts)


def _decoded(value: bytes | str) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def bytes_file(data: bytes) -> BinaryIO:
    """An archive's entry as a file."""
    return io.BytesIO(data)
