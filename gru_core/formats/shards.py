"""Models that are cut into several files: model-00001-of-00002.safetensors, pytorch_model-00002-of-00002.bin.

One part of a model may hold a part of a GRU and still look whole, so parts are only read all together: as a
folder, a zip archive, several files, or a path with the others beside it. The index
(model.safetensors.index.json) says which arrays there are; without one the names say how many parts.
"""

import io
import json
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from gru_core.errors import LimitError, ModelFileError
from gru_core.file_sets import Files
from gru_core.formats.registry import Evidence, bundle_of, evidence_of
from gru_core.limits import MAX_HEADER_BYTES, MAX_MODEL_BYTES, MAX_TENSORS, check_bytes
from gru_core.sources import Opened

_PART = re.compile(r"(?P<stem>.*)-(?P<number>\d{5})-of-(?P<count>\d{5})(?P<ending>\.\w+)", re.DOTALL)
_NUMBERED = re.compile(r"-\d{5}-of-(?P<count>\d{5})(?!\d)")
"""In the name of a part, also where a browser has put something behind it: "-00001-of-00002 (1)"."""
_INDEX = ".index.json"
_SHOWN = 4
"""Names in one sentence."""

Key = TypeVar("Key")
Held = TypeVar("Held")
IsWhole = Callable[[Evidence], bool]


class Shards:
    """The parts of one model, all there, each to be read by itself and put together.

    whole   whether a file by itself is of the format that the parts are of
    listed  the names of arrays in the index, () where there is none
    """

    def __init__(self, files: Files, names: Sequence[str], whole: IsWhole, listed: tuple[str, ...]) -> None:
        self._files, self._names, self._whole, self._listed = files, names, whole, listed
        check_bytes("A model file", sum(map(files.size, names)), MAX_MODEL_BYTES, "save a smaller model.")

    def __iter__(self) -> Iterator[Opened]:
        """Each part as a file by itself, in the order of their numbers.

        Raises ModelFileError for one that is of another format.
        """
        for name in self._names:
            data = self._files.read(name)
            part = Opened(io.BytesIO(data), len(data), posixpath.basename(name))
            if not self._whole(evidence_of(part)):
                raise ModelFileError(
                    f"{part.name!r} is damaged, or no part of such a model: save or copy it again."
                )
            yield part

    def check_listed(self, names: Sequence[str]) -> None:
        """Raise ModelFileError where the index lists an array that no part holds."""
        held = set(names)
        missing = [name for name in self._listed if name not in held]
        if missing:
            raise ModelFileError(
                f"The index lists {len(missing):,} arrays that no part of the model holds "
                f"({_quoted(missing)}): the index and the parts are of two models."
            )


def holds_shards(evidence: Evidence, endings: tuple[str, ...]) -> bool:
    """Whether several files are the parts of a model of these endings."""
    return evidence.is_bundle and any(_is_shard(name, endings) for name in evidence.entries)


def shards_of(opened: Opened, endings: tuple[str, ...], whole: IsWhole) -> Shards | None:
    """The parts of the model; None of a model in one file.

    whole  whether a file by itself is of the format that the parts are of

    Raises ModelFileError when parts are missing or are of several models, LimitError when they are too large.
    """
    if opened.is_set or holds_shards(evidence_of(opened), endings):
        return _together(bundle_of(opened), opened.name, endings, whole)
    match = _NUMBERED.search(opened.name)
    if match is None or int(match["count"]) < 2:
        return None
    if opened.files is None or not _is_shard(opened.name, endings):
        raise ModelFileError(
            f"{opened.name!r} is one of {int(match['count']):,} parts of a model by its name, and a part by "
            "itself may hold a part of a GRU: give all parts together, as several files, their folder or a "
            "zip. If it is a whole model, give it another name."
        )
    return _checked(opened.files, [name for name in opened.files.names if _same(name, opened.name)], whole)


def add(held: dict[Key, Held], more: Mapping[Key, Held], part: str) -> None:
    """Put a part's arrays to those of the others.

    Raises ModelFileError where another part holds one of them too, LimitError when there are too many.
    """
    twice = next((key for key in more if key in held), None)
    if twice is not None:
        shown = ".".join(twice) if isinstance(twice, tuple) else str(twice)
        raise ModelFileError(
            f"{part!r} and another part of the model both hold {shown[:120]!r}: they are of two models."
        )
    if len(held) + len(more) > MAX_TENSORS:
        raise LimitError(f"A model may hold at most {MAX_TENSORS:,} arrays, and its parts hold more.")
    held.update(more)


def _is_shard(name: str, endings: tuple[str, ...]) -> bool:
    match = _PART.fullmatch(name)
    return match is not None and match["ending"] in endings


def _same(name: str, other: str) -> bool:
    """Whether both names are of parts of one model."""
    one, two = _PART.fullmatch(name), _PART.fullmatch(other)
    kinds = [(m["stem"], m["count"], m["ending"]) if m else None for m in (one, two)]
    return kinds[0] is not None and kinds[0] == kinds[1]


def _together(files: Files, given: str, endings: tuple[str, ...], whole: IsWhole) -> Shards:
    names = [name for name in files.names if _is_shard(name, endings)]
    others = [name for name in names if not _same(name, names[0])]
    if others:
        raise ModelFileError(
            f"{given!r} holds parts of several models ({_quoted([names[0], others[0]])}): give those of one."
        )
    return _checked(files, names, whole)


def _checked(files: Files, names: Sequence[str], whole: IsWhole) -> Shards:
    """The parts, none of which is missing by their own names or by the index."""
    numbered = {int(match["number"]): match for name in names if (match := _PART.fullmatch(name))}
    first = next(iter(numbered.values()))
    count = int(first["count"])
    begin = 0 if 0 in numbered else 1
    missing = [number for number in range(begin, begin + count) if number not in numbered]
    if missing or len(numbered) > count:
        stem = posixpath.basename(first["stem"])
        lacking = [f"{stem}-{number:05d}-of-{count:05d}{first['ending']}" for number in missing[:_SHOWN]]
        raise ModelFileError(
            f"Of the {count:,} parts of the model {len(missing):,} are missing ({_quoted(lacking)}): give "
            "all parts together, as several files, their folder or a zip."
            if missing
            else f"The model has {count:,} parts by their names, and {len(numbered):,} are there."
        )
    ordered = [numbered[number].string for number in sorted(numbered)]
    index = f"{first['stem']}{first['ending']}{_INDEX}"
    listed = _listed(files, index, ordered) if index in files.names else ()
    return Shards(files, ordered, whole, listed)


def _listed(files: Files, index: str, parts: Sequence[str]) -> tuple[str, ...]:
    """The names of the arrays in the index, whose files were found among the parts."""
    shown = posixpath.basename(index)
    check_bytes(f"The index {shown[:120]!r}", files.size(index), MAX_HEADER_BYTES, "save the model again.")
    try:
        stored = json.loads(files.read(index))
    except (ValueError, RecursionError) as problem:
        raise ModelFileError(
            f"The index {shown[:120]!r} is damaged: it is not JSON. Save it again."
        ) from problem
    arrays = stored.get("weight_map") if isinstance(stored, dict) else None
    if not isinstance(arrays, dict) or not all(isinstance(file, str) for file in arrays.values()):
        raise ModelFileError(
            f"The index {shown[:120]!r} has no weight_map of names of arrays and files: save the model again."
        )
    known = {posixpath.basename(part) for part in parts}
    missing = sorted({file for file in arrays.values() if file not in known})
    if missing:
        raise ModelFileError(
            f"The index {shown[:120]!r} names parts of the model that are missing ({_quoted(missing)}): give "
            "all parts together."
        )
    return tuple(arrays)


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(repr(name[:120]) for name in names[:_SHOWN])
