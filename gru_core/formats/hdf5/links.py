"""The names in a group of an HDF5 file and where each object is: the tree of symbols, and the newer links."""

import struct
from collections.abc import Iterator, Sequence

from gru_core.errors import ModelFileError
from gru_core.formats.hdf5.bytes import LINK, LINK_INFO, SYMBOLS, UNDEFINED, Fields, Image, Message
from gru_core.formats.hdf5.dense import dense_objects

_SOFT_SYMBOL = 2
MAX_LEVELS = 32


def is_group(messages: Sequence[Message]) -> bool:
    """Whether an object is a group."""
    return any(message.kind in (SYMBOLS, LINK_INFO, LINK) for message in messages)


def links_of(messages: Sequence[Message], image: Image, path: str) -> Iterator[tuple[str, int]]:
    """Name and address of each object in a group.

    Raises ModelFileError for a link that leads anywhere but to an object of this file by its address.
    """
    for message in messages:
        if message.kind == SYMBOLS:
            tree, heap = struct.unpack("<QQ", Fields(message.data, image).take(16))
            image.signed(heap, b"HEAP")
            yield from _symbols(image, tree, image.number(heap + 24), image.number(heap + 8), path)
        elif message.kind == LINK:
            yield _link(message.data, image, path)
        elif message.kind == LINK_INFO:
            fields = Fields(message.data, image)
            fields.take(1)
            fields.take(8 if fields.number(1) & 1 else 0)
            heap, index = fields.number(8), fields.number(8)
            if heap != UNDEFINED:
                for data in dense_objects(image, heap, index, before_id=4):
                    yield _link(data, image, path)


def _symbols(image: Image, root: int, names: int, size: int, path: str) -> Iterator[tuple[str, int]]:
    waiting, seen = [(root, MAX_LEVELS)], set()
    while waiting:
        node, level = waiting.pop(0)
        if node in seen:
            raise image.damaged()
        seen.add(node)
        if image.at(node, 4) == b"SNOD":
            image.signed(node, b"SNOD")
            for number in range(image.number(node + 6, 2)):
                image.step()
                name, header, kind = struct.unpack("<QQI", image.at(node + 8 + 40 * number, 20))
                if name >= size:
                    raise image.damaged()
                end = image.data.find(b"\0", names + name, names + size)
                text = image.at(names + name, end - names - name).decode("utf-8", "replace")
                if kind == _SOFT_SYMBOL:
                    raise elsewhere(image, path, text)
                yield text, header
            continue
        image.signed(node, b"TREE")
        depth = image.number(node + 5, 1)
        if image.number(node + 4, 1) != 0 or depth >= level:
            raise image.damaged()
        children = [(image.number(node + 32 + 16 * n), depth) for n in range(image.number(node + 6, 2))]
        image.step(len(children))
        waiting = children + waiting


def _link(data: bytes, image: Image, path: str) -> tuple[str, int]:
    fields = Fields(data, image)
    version, flags = fields.number(1), fields.number(1)
    if version != 1:
        raise image.damaged()
    kind = fields.number(1) if flags & 8 else 0
    fields.take((8 if flags & 4 else 0) + (1 if flags & 16 else 0))
    name = fields.take(fields.number(1 << (flags & 3))).decode("utf-8", "replace")
    if kind != 0:
        raise elsewhere(image, path, name)
    return name, fields.number(8)


def elsewhere(image: Image, path: str, name: str) -> ModelFileError:
    """The error for a link that is not followed."""
    return ModelFileError(
        f"{image.name!r} has a link at {f'{path}/{name}'.lstrip('/')[:120]!r} that leads elsewhere, and "
        "links are not followed: save the model with its weights in this one file."
    )
