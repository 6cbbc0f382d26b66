"""Keras' files: .keras archives, and HDF5 files of whole models or of weights alone, of Keras 1, 2 and 3.

Neither Keras nor TensorFlow is needed, and nothing in a file is run.
"""

from dataclasses import dataclass, replace

from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.file_sets import Files
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents, TensorInfo
from gru_core.formats.guide import Guide
from gru_core.formats.hdf5.bytes import HDF5_MAGIC
from gru_core.formats.hdf5.tree import Group, bytes_file, read_tree
from gru_core.formats.keras.config import Described, described, parse_json, word
from gru_core.formats.keras.match import legacy_layers, stored_layers
from gru_core.formats.keras.model import contents_of
from gru_core.formats.keras.version import Written
from gru_core.formats.layers import find_layers
from gru_core.formats.namings import NAMINGS
from gru_core.formats.registry import Evidence, Format, bundle_of
from gru_core.limits import MAX_HEADER_BYTES, check_bytes
from gru_core.sources import Opened

CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_TRAINING = ("optimizer", "_optimizer")


@dataclass(frozen=True, eq=False)
class _Arrays:
    """Every array of an HDF5 file by its path: shapes of all, and the numbers of those that are floats."""

    infos: tuple[TensorInfo, ...]
    tensors: dict[str, Tensor]


def recognises_archive(evidence: Evidence) -> bool:
    """A zip archive or a folder with a description and weights."""
    names = {name.rpartition("/")[2] for name in evidence.entries}
    return evidence.is_bundle and {CONFIG, WEIGHTS} <= names


def recognises_hdf5(evidence: Evidence) -> bool:
    """The first bytes of every HDF5 file."""
    return evidence.head.startswith(HDF5_MAGIC)


def read_archive(opened: Opened, choices: Choices) -> Contents:
    """The layers of a .keras archive."""
    files = bundle_of(opened)
    folder = _folder(files, opened.name)
    for name in (CONFIG, METADATA):
        if folder + name in files.names:
            check_bytes(
                f"{name!r} in {opened.name!r}", files.size(folder + name), MAX_HEADER_BYTES, "save it again."
            )
    model = described(files.read(folder + CONFIG), opened.name)
    version = ""
    if folder + METADATA in files.names:
        metadata = parse_json(files.read(folder + METADATA), opened.name)
        version = word(metadata, "keras_version") if isinstance(metadata, dict) else ""
    data = files.read(folder + WEIGHTS)
    root = read_tree(bytes_file(data), len(data), opened.name, _is_training)
    return _stored(root, model, Written(version, keras3=True), choices)


def read_hdf5(opened: Opened, choices: Choices) -> Contents:
    """The layers of an HDF5 file: a whole model, or weights alone."""
    root = read_tree(opened.file, opened.size, opened.name, _is_training)
    group = root.groups.get("model_weights", root)
    prefix = "model_weights/" if group is not root else ""
    version = root.text("keras_version") or group.text("keras_version")
    if group.listed("layer_names") is None:
        return _or_by_names(_stored(root, None, Written(version, keras3=True), choices), choices)
    model = described(text, opened.name) if (text := root.text("model_config")) else None
    arrays = _arrays(root)
    layers = legacy_layers(group, prefix, model, arrays.tensors)
    found = contents_of(layers, model, arrays.tensors, arrays.infos, Written(version), choices)
    return _or_by_names(found, choices)


def _or_by_names(keras: Contents, choices: Choices) -> Contents:
    """What Keras' layers give; where no cell is among them, what the names of other frameworks say."""
    if keras.grus or any(layer.refused or layer.core is not None for layer in keras.others):
        return keras
    if choices.readings is not None or not keras.arrays:
        return keras
    for separator in "/.":  # a name of PyTorch may be one path of groups or a name with dots
        tensors = {path.replace("/", separator): tensor for path, tensor in keras.arrays.items()}
        if len(tensors) < len(keras.arrays):  # two arrays would have one name
            continue
        found = find_layers(tensors, NAMINGS, choices)
        if found.grus or any(layer.refused or layer.core is not None for layer in found.others):
            return replace(found, tensors=keras.tensors, arrays=keras.arrays)
    return keras


def _stored(root: Group, model: Described | None, written: Written, choices: Choices) -> Contents:
    arrays = _arrays(root)
    layers = stored_layers(root, model, arrays.tensors)
    return contents_of(layers, model, arrays.tensors, arrays.infos, written, choices)


def _arrays(root: Group) -> _Arrays:
    infos, tensors = [], {}
    for path, array in root.walk():
        infos.append(TensorInfo(path, array.shape, array.dtype))
        if array.tensor is not None:
            tensors[path] = array.tensor
    return _Arrays(tuple(infos), tensors)


def _is_training(name: str) -> bool:
    return name.startswith(_TRAINING)


def _folder(files: Files, name: str) -> str:
    """Where in the archive the model is: at the top, or in its one folder."""
    found = [entry.removesuffix(CONFIG) for entry in files.names if entry.rpartition("/")[2] == CONFIG]
    models = [folder for folder in found if folder + WEIGHTS in files.names]
    if len(models) != 1:
        raise ModelFileError(
            f"{name!r} must hold one Keras model, {CONFIG} beside {WEIGHTS}, and holds {len(models)}: "
            "choose one of them."
        )
    return models[0]


_ARCHIVE_GUIDE = Guide(
    title="Keras 3",
    files=".keras, .weights.h5",
    holds="Every GRU with its name, its activations and where R multiplies, in either direction or both, "
    "also inside other models; Dense, Embedding, LSTM and SimpleRNN layers beside it. A .weights.h5 file "
    "does not say the gates' activation nor whether a layer reads backwards: sigmoid and forwards are taken.",
    conventions=("keras_after", "keras_before"),
    example='model.save("model.keras")              # in Keras\n'
    'gru = load("model.keras")["gru"]       # in GateScope: by the name of the layer',
)
_HDF5_GUIDE = Guide(
    title="Keras 1 and 2, tf.keras",
    files=".h5, .hdf5",
    holds="Whole models and weights alone, also CuDNNGRU layers. Weights alone do not say the activation of "
    "the gates: by the version in the file it is the hard sigmoid up to Keras 2.2 and the sigmoid from then "
    "on, and you can choose another.",
    conventions=("keras_after", "keras_before", "keras_cudnn"),
    example='model.save("model.h5")                 # in Keras 2; model.save_weights("weights.h5") also\n'
    'gru = load("model.h5")["gru"]          # in GateScope: by the name of the layer',
)
ARCHIVE = Format("keras", "Keras model", (".keras",), recognises_archive, read_archive, (_ARCHIVE_GUIDE,))
HDF5 = Format("keras_h5", "Keras HDF5 file", (".h5", ".hdf5"), recognises_hdf5, read_hdf5, (_HDF5_GUIDE,))
