"""An HDF5 file as plain groups, texts and arrays.

The tree is walked by hand. Links that lead elsewhere, in this file or out of it, are refused, an object is
visited once whatever leads to it, and only the texts that Keras writes are read.
"""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from torch import Tensor

from gru_core.errors import LimitError, ModelFileError
from gru_core.formats.hdf5.arrays import Allowance, is_dataset, read_array
from gru_core.formats.hdf5.bytes import (
    ATTRIBUTE,
    ATTRIBUTE_INFO,
    HDF5_MAGIC,
    UNDEFINED,
    Fields,
    Image,
    Message,
)
from gru_core.formats.hdf5.dense import dense_objects
from gru_core.formats.hdf5.links import is_group, links_of
from gru_core.formats.hdf5.types import Text, attribute
from gru_core.limits import MAX_HEADER_BYTES, MAX_TENSORS

MAX_DEPTH = 40
MAX_NAME = 1_000
"""Characters of one object's name."""
_TEXTS = frozenset({"model_config", "keras_version", "layer_names", "weight_names", "name"})


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
    image = Image(file.read(size), name)
    if not image.data.startswith(HDF5_MAGIC):
        raise image.damaged()
    root = image.root()
    return _Walk(image, skip, root).group(image.messages(root))


class _Walk:
    """One reading of one file, with what it may still spend."""

    def __init__(self, image: Image, skip: Callable[[str], bool], root: int) -> None:
        self.image, self.skip = image, skip
        self.allowance = Allowance(image.name)
        self.seen = {root}
        self.links = 0
        self.budget = [4 * MAX_HEADER_BYTES]

    def group(self, messages: list[Message], path: str = "", depth: int = 0) -> Group:
        """The group and all below it."""
        if depth > MAX_DEPTH:
            raise ModelFileError(f"{self.image.name!r} nests groups deeper than {MAX_DEPTH}: it is no model.")
        found = Group(self._texts(messages))
        links = []
        for name, place in links_of(messages, self.image, path):
            links.append((name[:MAX_NAME], place))
            self.links += 1
            if self.links > 4 * MAX_TENSORS:
                raise LimitError(
                    f"A model file may hold at most {MAX_TENSORS:,} arrays, "
                    f"and {self.image.name!r} holds more."
                )
        for name, place in sorted(links, key=lambda link: _natural(link[0])):
            # An object is read once, however many names lead to it, so that a circle ends.
            if (depth == 0 and self.skip(name)) or place in self.seen:
                continue
            self.seen.add(place)
            below = f"{path}/{name}" if path else name
            inside = self.image.messages(place)
            if is_dataset(inside):
                found.arrays[name] = StoredArray(*read_array(inside, self.image, below, self.allowance))
            elif is_group(inside):
                _placed(found, name, self.group(inside, below, depth + 1))
        return found

    def _texts(self, messages: list[Message]) -> dict[str, Text]:
        texts: dict[str, Text] = {}
        for data in self._attributes(messages):
            found = attribute(data, self.image, _TEXTS, self.budget)
            if found is not None:
                texts[found[0]] = found[1]
        return texts

    def _attributes(self, messages: list[Message]) -> Iterator[bytes]:
        for message in messages:
            if message.kind == ATTRIBUTE and not message.is_shared:
                yield message.data
            elif message.kind == ATTRIBUTE_INFO:
                fields = Fields(message.data, self.image)
                fields.take(1)
                fields.take(2 if fields.number(1) & 1 else 0)
                heap, index = fields.number(8), fields.number(8)
                if heap != UNDEFINED:
                    yield from dense_objects(self.image, heap, index, before_id=0)


def _placed(parent: Group, name: str, child: Group) -> None:
    """Put a group in its place; Windows' Keras 2 wrote a path of backslashes as one name."""
    parts = name.split("\\")[:MAX_DEPTH]
    for part in parts[:-1]:
        parent = parent.groups.setdefault(part, Group())
    parent.groups[parts[-1]] = child


def _natural(name: str) -> tuple[tuple[int, str], ...]:
    """Sorts "2" before "10", and "gru_2" before "gru_10"."""
    parts = re.split(r"(\d{1,9})", name)
    return tuple((int(part), "") if part.isdecimal() else (-1, part) for part in parts)


def bytes_file(data: bytes) -> BinaryIO:
    """An archive's entry as a file."""
    return io.BytesIO(data)
