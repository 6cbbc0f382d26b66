"""TensorFlow's checkpoints of version 1 and 2, and the variables of a SavedModel: an .index and data files.

`model.ckpt.index` lists the arrays, `model.ckpt.data-00000-of-00001` holds their bytes; both must be there:
in a folder, in a zip archive, side by side, or given together.
"""

import posixpath
import re
from collections import Counter

from torch import Tensor

from gru_core.errors import GateScopeError, ModelFileError
from gru_core.file_sets import Files
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents, TensorInfo
from gru_core.formats.guide import Guide
from gru_core.formats.layers import find_layers, with_strangers
from gru_core.formats.namings import NAMINGS
from gru_core.formats.raw_arrays import NUMBER_TYPES, array_bytes, checked_shape, tensor_of
from gru_core.formats.registry import Evidence, Format, bundle_of
from gru_core.formats.tensorflow.bundle import ENDING, OBJECT_GRAPH, Entry, full_names, read_bundle
from gru_core.formats.tensorflow.crc32c import masked_crc32c
from gru_core.formats.tensorflow.sstable import read_table
from gru_core.formats.wire import WireError, varint
from gru_core.limits import MAX_HEADER_BYTES, MAX_MODEL_BYTES, check_bytes
from gru_core.sources import Opened

INDEX = ".index"
_PART = re.compile(r"(?P<stem>.*)(?:\.index|\.data-\d{5}-of-\d{5})", re.DOTALL)
_STATE = re.compile(r'^model_checkpoint_path:\s*"(?P<path>[^"\n]{1,4000})"', re.MULTILINE)
_SLOTS = re.compile(
    r".+/(?:Adam|RMSProp|Adadelta|Ftrl)(?:_1)?|.+/(?:Momentum|Adagrad)|beta[12]_power(?:_\d+)?"
)
"""What optimisers of TensorFlow 1 keep beside each variable."""
MAX_STATE_BYTES = 100_000
MAX_CHECKED = 1_000
"""Arrays whose checksum is compared; it takes time, and a model has fewer."""


def recognises(evidence: Evidence) -> bool:
    """A set of files with an index among them, one of its files by its name, or an index by its start."""
    if evidence.is_bundle:
        return any(name.endswith(INDEX) for name in evidence.entries)
    # The first entry of an index has no name and begins with the number of data files.
    by_start = re.match(rb"\x00\x00[\x02-\x40]\x08", evidence.head)
    return by_start is not None or _PART.fullmatch(evidence.name) is not None


def read(opened: Opened, choices: Choices) -> Contents:
    """The arrays by the model's own names where the file knows them, and the layers that they make."""
    files, index = _found(opened)
    data = files.read(index)
    check_bytes("The index of a checkpoint", len(data), MAX_HEADER_BYTES, "save the variables alone.")
    shards, entries = read_bundle(read_table(data, index), index)
    bundle = _Bundle(files, index.removesuffix(INDEX), shards, entries)
    names = bundle.names()
    tensors: dict[str, Tensor] = {}
    strangers: list[TensorInfo] = []
    training = 0
    for key, entry in entries.items():
        if key == OBJECT_GRAPH:
            continue
        if "/.OPTIMIZER_SLOT/" in key or "optimizer/" in key or _SLOTS.fullmatch(key):
            training += 1
            continue
        name = names.get(key, key.removesuffix(ENDING))
        if entry.sliced or entry.dtype not in NUMBER_TYPES:
            kind = "in slices" if entry.sliced else entry.dtype
            strangers.append(TensorInfo(name, checked_shape(name, entry.shape), kind))
        else:
            tensors[name] = bundle.tensor(name, entry)
    notes = (f"{training:,} arrays of the optimiser belong to the training and are left out.",)
    contents = find_layers(tensors, NAMINGS, choices, notes if training else ())
    return with_strangers(contents, strangers)


class _Bundle:
    """The data files of one checkpoint, each read when an array in it is asked for."""

    def __init__(self, files: Files, stem: str, shards: int, entries: dict[str, Entry]) -> None:
        self._files, self._entries = files, entries
        used = sorted({entry.shard for entry in entries.values()})
        self._paths = {shard: f"{stem}.data-{shard:05d}-of-{shards:05d}" for shard in used}
        self._sizes = {shard: files.size(path) for shard, path in self._paths.items()}
        total = sum(self._sizes.values())
        check_bytes("A model file", total, MAX_MODEL_BYTES, "save the variables without the optimiser's.")
        declared = sum(entry.size for entry in entries.values())
        if declared > total:
            raise ModelFileError(
                f"The checkpoint is damaged or cut off: its index lists {declared:,} bytes of numbers, and "
                f"its data files hold {total:,}. Save or copy all of its files again."
            )
        self._data: dict[int, memoryview] = {}
        self._made = 0

    def bytes_of(self, name: str, entry: Entry) -> memoryview:
        """The bytes of one array. Raises ModelFileError when the data file ends before them."""
        if entry.offset + entry.size > self._sizes[entry.shard]:
            raise ModelFileError(
                f"The checkpoint is damaged or cut off: the array {name[:120]!r} ends behind the end of its "
                "data file. Save or copy all of its files again."
            )
        if entry.shard not in self._data:
            self._data[entry.shard] = memoryview(self._files.read(self._paths[entry.shard]))
        return self._data[entry.shard][entry.offset : entry.offset + entry.size]

    def tensor(self, name: str, entry: Entry) -> Tensor:
        """One array of numbers."""
        shape, dtype = checked_shape(name, entry.shape), NUMBER_TYPES[entry.dtype]
        if array_bytes(shape, dtype) != entry.size:
            raise ModelFileError(
                f"The checkpoint is damaged: the array {name[:120]!r} of the shape {shape} needs "
                f"{array_bytes(shape, dtype):,} bytes, and {entry.size:,} are listed. Save or copy it again."
            )
        data = self.bytes_of(name, entry)
        self._made += 1
        if self._made <= MAX_CHECKED and entry.checksum not in (0, masked_crc32c(data)):
            raise ModelFileError(
                f"The checkpoint is damaged: the numbers of {name[:120]!r} are not those that were saved, by "
                "their checksum. Save or copy it again."
            )
        return tensor_of(name, data, shape, dtype)

    def names(self) -> dict[str, str]:
        """Each array's own name by its key, as far as no two layers share one."""
        entry = self._entries.get(OBJECT_GRAPH)
        if entry is None or entry.dtype != "string" or entry.size > MAX_HEADER_BYTES:
            return {}
        try:
            stored = bytes(self.bytes_of(OBJECT_GRAPH, entry))
            length, place = varint(stored, 0)
        except (WireError, GateScopeError):
            return {}
        # Behind the length come four bytes of its checksum, and then the text.
        names = {
            key: full
            for key, full in full_names(stored[place + 4 : place + 4 + length]).items()
            if key in self._entries
        }
        counts = Counter(names.values())
        # Where two layers are called alike, none of their arrays is called so: they would be taken for one.
        shared = {posixpath.dirname(full) for full, count in counts.items() if count > 1}
        return {key: full for key, full in names.items() if posixpath.dirname(full) not in shared}


def _found(opened: Opened) -> tuple[Files, str]:
    """The files, and the name of the index among them. Raises ModelFileError when there is none to choose."""
    match = None if opened.is_set or opened.head(4).startswith(b"PK") else _PART.fullmatch(opened.name)
    if opened.is_set or opened.head(4).startswith(b"PK"):
        files = bundle_of(opened)
    elif opened.files is not None and match is not None:
        return opened.files, match["stem"] + INDEX
    else:
        raise ModelFileError(
            f"{opened.name!r} is one file of a TensorFlow checkpoint: give the .index and all .data files "
            "together, or zip them."
        )
    indices = [name for name in files.names if name.endswith(INDEX)]
    if len(indices) == 1:
        return files, indices[0]
    chosen = [name for name in indices if name in _latest(files)]
    if len(chosen) == 1:
        return files, chosen[0]
    listed = ", ".join(repr(posixpath.basename(name)[:60]) for name in indices[:6])
    raise ModelFileError(
        f"{opened.name!r} holds {len(indices):,} checkpoints ({listed}): give the files of one of them."
    )


def _latest(files: Files) -> set[str]:
    """The indices that the `checkpoint` files beside them name as the latest."""
    named: set[str] = set()
    for state in files.names:
        folder, last = posixpath.split(state)
        if last != "checkpoint" or files.size(state) > MAX_STATE_BYTES:
            continue
        match = _STATE.search(files.read(state).decode("utf-8", "replace"))
        if match:
            named.add(posixpath.join(folder, posixpath.basename(match["path"].replace("\\", "/")) + INDEX))
    return named


GUIDES = (
    Guide(
        title="TensorFlow 2 checkpoints and SavedModels of Keras models",
        files="w.index with w.data-00000-of-00001, or a SavedModel (a folder, a zip or several files)",
        holds="Every Keras GRU under its layer's name; Bidirectional is one GRU. Checkpoints hold weights "
        "alone: gates are read as sigmoids unless another activation is chosen, and a layer that runs "
        "backwards only cannot be told from one that runs forwards.",
        conventions=("keras_after", "keras_before"),
        example='tf.train.Checkpoint(model=model).write("run/w")\ngrus = load("run")',
    ),
)

FORMAT = Format(
    "tf_checkpoint", "TensorFlow checkpoint", (INDEX, ".data-00000-of-00001"), recognises, read, GUIDES
)
