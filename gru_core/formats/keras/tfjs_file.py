"""TensorFlow.js layers models: model.json with its files of weights, in a folder, a zip or given together.

Row of conventions.py: "tfjs". TensorFlow.js knows reset mode "before" alone, and its hard sigmoid is the
one of Keras 2 whatever the model was converted from.
"""

from collections.abc import Mapping
from typing import Any

from gru_core.errors import ModelFileError
from gru_core.file_sets import Files
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents
from gru_core.formats.guide import Guide
from gru_core.formats.keras.config import layers_of, parse_json, word
from gru_core.formats.keras.match import named_layers
from gru_core.formats.keras.model import contents_of
from gru_core.formats.keras.tfjs_weights import read_weights
from gru_core.formats.keras.version import Written
from gru_core.formats.registry import Evidence, Format, bundle_of
from gru_core.limits import MAX_HEADER_BYTES, check_bytes
from gru_core.sources import Opened

DESCRIPTION = "model.json"
_MARKS = (b'"modelTopology"', b'"weightsManifest"', b'"layers-model"', b'"graph-model"')


def recognises(evidence: Evidence) -> bool:
    """A model.json among several files, or the text of one by itself."""
    if evidence.is_bundle:
        return bool(_descriptions(evidence.entries))
    return evidence.head.lstrip().startswith(b"{") and any(mark in evidence.head for mark in _MARKS)


def _descriptions(names: tuple[str, ...]) -> list[str]:
    """The files that may describe a model: model.json, or what a browser saved beside its weights."""
    own = [name for name in names if name.rpartition("/")[2] == DESCRIPTION]
    if own:
        return own
    return [
        name
        for name in names
        if name.endswith(".json") and f"{name.removesuffix('.json')}.weights.bin" in names
    ]


def read(opened: Opened, choices: Choices) -> Contents:
    """The layers of a layers model.

    Raises ModelFileError for a graph model, whose layers are gone, and where a file of weights is missing.
    """
    files, folder, text = _parts(opened)
    description = parse_json(text, opened.name)
    if not isinstance(description, Mapping):
        raise ModelFileError(f"{opened.name!r} describes no model: its JSON must be an object.")
    topology = description.get("modelTopology")
    if description.get("format") == "graph-model" or (isinstance(topology, Mapping) and "node" in topology):
        raise ModelFileError(
            f"{opened.name!r} is a TensorFlow.js graph model: its layers were taken apart into single "
            "operations, so no GRU can be found in it. Convert the model as a layers model "
            "(--output_format=tfjs_layers_model), or give the file it was converted from."
        )
    if isinstance(topology, Mapping) and isinstance(topology.get("model_config"), Mapping):
        topology = topology["model_config"]
    model = layers_of(topology, opened.name)
    if model is None:
        raise ModelFileError(f"{opened.name!r} describes no layers, only weights: save the whole model.")
    if files is None:
        raise ModelFileError(
            f"{opened.name!r} describes a model whose weights are in other files: "
            f"give them together, {DESCRIPTION} and its .bin files, or all in a zip archive."
        )
    weights = read_weights(description.get("weightsManifest"), files, folder, opened.name)
    written = Written(_version(description), tfjs=True)
    layers = named_layers(weights.tensors, model, weights.tensors)
    contents = contents_of(layers, model, weights.tensors, weights.infos, written, choices, weights.notes)
    for gru in contents.grus.values():
        gru.notes = gru.notes + weights.notes
    return contents


def _parts(opened: Opened) -> tuple[Files | None, str, bytes]:
    """The files of the set, the folder in it that the model is in, and the text of its description."""
    if not opened.is_set and not opened.head(4).startswith(b"PK"):
        check_bytes(
            f"The description {opened.name!r}", opened.size, MAX_HEADER_BYTES, "save a smaller model."
        )
        return opened.files, "", opened.read()
    files = bundle_of(opened)
    found = _descriptions(files.names)
    if len(found) != 1:
        raise ModelFileError(
            f"{opened.name!r} must hold one TensorFlow.js model, and holds {len(found)} descriptions: "
            f"{', '.join(repr(name[:60]) for name in found[:4])}. Choose one of them."
        )
    check_bytes(
        f"The description {found[0]!r}", files.size(found[0]), MAX_HEADER_BYTES, "save a smaller model."
    )
    return files, found[0][: found[0].rfind("/") + 1], files.read(found[0])


def _version(description: Mapping[str, Any]) -> str:
    return word(description, "generatedBy") or word(description, "convertedBy")


_GUIDE = Guide(
    title="TensorFlow.js layers model",
    files="model.json with its .bin files: a folder, a .zip, or all files together",
    holds="Every gru layer and gruCell with its activations, in either direction or both; Dense, Embedding, "
    "LSTM and SimpleRNN layers beside it. Weights rounded to 8 or 16 bits are read, and it is said. Graph "
    "models hold no layers any more and are refused, and so is resetAfter: true, which it does not run.",
    conventions=("tfjs",),
    example='tensorflowjs.converters.save_keras_model(model, "model")  # or in JavaScript: model.save("file://model")\n'
    'gru = load("model")["gru_GRU1"]  # by the name of the layer',
)
FORMAT = Format("tfjs", "TensorFlow.js layers model", (".json", ".zip"), recognises, read, (_GUIDE,))
