"""From a model's file to GRUs, to a model that can be run, or to a report of what is in it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from torch import Tensor

from gru_core.equations import GateActivation, ResetMode
from gru_core.errors import ModelFileError
from gru_core.formats import msgpack_file, mxnet_file, npz_file, safetensors_file
from gru_core.formats.choices import NO_CHOICES, Choices
from gru_core.formats.contents import Contents, OtherLayer, TensorInfo
from gru_core.formats.keras import file as keras_file
from gru_core.formats.keras import tfjs_file
from gru_core.formats.onnx import file as onnx_file
from gru_core.formats.open_choices import settle_directions
from gru_core.formats.paddle import legacy_file as paddle_legacy_file
from gru_core.formats.pickles import pickle_file
from gru_core.formats.readings.suggestions import Suggested, first_suggestion, likeliest
from gru_core.formats.registry import Format, evidence_of, identify
from gru_core.formats.tensorflow import checkpoint_file as tf_checkpoint_file
from gru_core.formats.torch import file as torch_file
from gru_core.formats.torch import script_file as torchscript_file
from gru_core.formats.weights import dtype_name
from gru_core.limits import MAX_MODEL_BYTES
from gru_core.model import GRU, ModelCard, OpenChoice, SequenceModel
from gru_core.sequences.encoders import plain_encoder
from gru_core.sources import Opened, Sources, open_sources

FORMATS: tuple[Format, ...] = (
    safetensors_file.FORMAT,
    torchscript_file.FORMAT,
    torch_file.FORMAT,
    npz_file.FORMAT,
    keras_file.ARCHIVE,
    keras_file.HDF5,
    tfjs_file.FORMAT,
    pickle_file.FORMAT,
    paddle_legacy_file.FORMAT,
    mxnet_file.FORMAT,
    msgpack_file.FORMAT,
    onnx_file.FORMAT,
    tf_checkpoint_file.FORMAT,
)
"""Every format that is read, in the order in which a file is tried."""

MODEL_SUFFIXES: tuple[str, ...] = tuple(
    dict.fromkeys(suffix for entry in FORMATS for suffix in entry.suffixes)
)
"""The usual endings of those formats, for a file chooser."""


@dataclass(frozen=True)
class FoundGRU:
    """One GRU in a file, in numbers and by the row of conventions.py it was read with.

    open_choices  what the file leaves open of it, by the fields of Choices that say it, said or not
    """

    name: str
    input_size: int
    hidden_size: int
    num_layers: int
    bidirectional: bool
    backwards: bool
    reset_mode: ResetMode
    gate_activation: GateActivation
    convention: str
    parameters: int
    dtype: str
    learned_start: bool = False
    notes: tuple[str, ...] = ()
    open_choices: tuple[OpenChoice, ...] = ()


@dataclass(frozen=True)
class Inspection:
    """What is in a model file.

    source    the file's name
    format    the name of its format, see FORMATS; `format_title` for people
    tensors   every array: name, shape, number type
    grus      every GRU, in the file's order; empty when there is none
    others    other layers by kind and sizes; a Linear that fits behind a GRU says so
    missing   why there is no GRU to show, where there is none: what is there instead, in one or two sentences
    complete  True when the file also says how inputs are made and answers are read (GateScope's own files)
    notes     what the reader did
    listed    whether the arrays have names, so that a person can say how they are packed (Choices.readings)
    likely    arrays of unknown names that have the shapes of a GRU, where that is what `missing` says
    """

    source: str
    format: str
    format_title: str
    tensors: tuple[TensorInfo, ...]
    grus: tuple[FoundGRU, ...]
    others: tuple[OtherLayer, ...]
    complete: bool = False
    notes: tuple[str, ...] = ()
    missing: str = ""
    listed: bool = False
    likely: Suggested | None = None


def load(source: Sources, choices: Choices = NO_CHOICES) -> dict[str, GRU]:
    """Every GRU in a model file by its name there ("encoder.gru"; "gru" when the file has no path).

    source   a path, an open binary file (read from its beginning) or bytes; for a model of several files
             their folder, a zip archive, or a mapping from names to bytes. The format is told by content.
    choices  what the file does not say, see Choices

    Raises ModelFileError when it cannot be read, is unsafe to read or holds no GRU, and LimitError
    when it is larger than stated in limits.py; nothing in a file is ever run.
    """
    with open_model(source) as opened:
        return dict(_with_grus(*_read(opened, choices), opened).grus)


def inspect_file(source: Sources, choices: Choices = NO_CHOICES) -> Inspection:
    """What a model file holds, also when there is no GRU in it. Raises as `load` does otherwise."""
    with open_model(source) as opened:
        return _inspection(*_read(opened, choices), opened)


def load_model(source: Sources, name: str | None = None, choices: Choices = NO_CHOICES) -> SequenceModel:
    """A model that can be run: GateScope's own file with its encoder, readout and card, any other GRU plain.

    name  which GRU, when the file holds several; the first one when None

    A GRU from elsewhere reads numbers as they are and has no readout; its card says so. Raises as `load`
    does, and ModelFileError when there is no GRU of that name.
    """
    with open_model(source) as opened:
        form, contents = _read(opened, choices)
        grus = _with_grus(form, contents, opened).grus
        chosen = next(iter(grus)) if name is None else name
        if chosen not in grus:
            known = ", ".join(repr(known) for known in grus)
            raise ModelFileError(f"There is no GRU {chosen!r} in {opened.name!r}: it holds {known}.")
        return _model(form, contents, opened, chosen)


def load_models(
    source: Sources, choices: Choices = NO_CHOICES, *, need_gru: bool = True
) -> tuple[Inspection, dict[str, SequenceModel]]:
    """What a model file holds and every GRU in it, ready to run, from one reading; see `load_model`.

    need_gru  False gives what is in a file without a GRU as well; `Inspection.missing` then says why

    Raises as `load` does.
    """
    with open_model(source) as opened:
        form, contents = _read(opened, choices)
        grus = (_with_grus(form, contents, opened) if need_gru else contents).grus
        models = {name: _model(form, contents, opened, name) for name in grus}
        return _inspection(form, contents, opened), models


def named_arrays(source: Sources) -> dict[str, Tensor]:
    """Every array of numbers in a file by its name, whatever it may be for.

    Raises ModelFileError when the file cannot be read or is no container of named arrays, and LimitError
    when it is too large.
    """
    with open_model(source) as opened:
        return dict(_read(opened, Choices(readings=()))[1].arrays)


def is_one_model(files: Mapping[str, bytes | BinaryIO]) -> bool:
    """Whether files that were given together are of a model of several files, told by their names alone.

    Raises LimitError when they are too large together.
    """
    with open_model(files) as opened:
        evidence = evidence_of(opened)
        return any(form.recognises(evidence) for form in FORMATS)


def _inspection(form: Format, contents: Contents, opened: Opened) -> Inspection:
    missing = ""
    try:
        _with_grus(form, contents, opened)
    except ModelFileError as reason:
        missing = str(reason)
    return Inspection(
        source=opened.name,
        format=form.name,
        format_title=form.title,
        tensors=contents.tensors,
        grus=tuple(_found(name, gru) for name, gru in contents.grus.items()),
        others=contents.others,
        complete=contents.model is not None,
        notes=contents.notes,
        missing=missing,
        listed=bool(contents.arrays),
        likely=likeliest(contents.arrays) if missing and not _told_otherwise(contents) else None,
    )


def _model(form: Format, contents: Contents, opened: Opened, name: str) -> SequenceModel:
    if contents.model is not None:
        return contents.model
    gru, alone, file = contents.grus[name], len(contents.grus) == 1, Path(opened.name)
    card = ModelCard(
        name=file.stem if alone else f"{file.stem}:{name}",
        title=opened.name if alone else f"{opened.name}: {name}",
        task="A GRU from a file, without what feeds it and what reads it.",
        source=f"{form.title} {opened.name!r}, {name!r}",
    )
    return SequenceModel(plain_encoder(gru.input_size), gru, None, card).eval()


def open_model(source: Sources) -> AbstractContextManager[Opened]:
    """The file or files of a model, their size checked. Raises ModelFileError and LimitError."""
    return open_sources(
        source,
        what="A model file",
        limit=MAX_MODEL_BYTES,
        remedy="save the weights alone, without the optimizer's state.",
        error=ModelFileError,
    )


def _read(opened: Opened, choices: Choices) -> tuple[Format, Contents]:
    form = identify(opened, FORMATS)
    contents = form.read(opened, choices)
    if choices.readings is not None and not contents.arrays:
        raise ModelFileError(
            f"{opened.name!r} ({form.title}) says itself how its GRUs are packed, or holds no arrays; how "
            "arrays are packed can be said of files of named arrays: save them with np.savez."
        )
    settle_directions(contents, choices)
    return form, contents


def _with_grus(form: Format, contents: Contents, opened: Opened) -> Contents:
    """The contents as they are, or a ModelFileError that says what is there instead of a GRU."""
    if contents.grus:
        return contents
    if refused := [layer.refused for layer in contents.others if layer.refused]:
        raise ModelFileError(refused[0])
    if recurrent := _recurrent(contents):
        layer = next((layer for layer in recurrent if layer.core is not None), recurrent[0])
        path = f" ({layer.name!r})" if layer.name else ""
        if layer.core is None:
            raise ModelFileError(
                f"There is no GRU in {opened.name!r}{path}. {layer.note} GateScope shows GRUs only."
            )
        raise ModelFileError(
            f"There is no GRU in {opened.name!r}, but an {layer.kind}{path}, whose states can be shown too: "
            f"python -m gru_core trace MODEL SEQUENCE --gru {layer.name or layer.kind.lower()!r} --out FILE, "
            "or gru_core.baselines.trace_baseline."
        )
    if (suggested := first_suggestion(contents.arrays)) is not None:
        raise ModelFileError(f"There is no GRU with names known here in {opened.name!r}, but {suggested}")
    named = [
        f"{layer.kind} {layer.name!r} ({layer.sizes})" for layer in contents.others if layer.kind != "other"
    ]
    listed = ", ".join((named or [repr(tensor.name[:60]) for tensor in contents.tensors])[:8])
    count = len(contents.tensors)
    raise ModelFileError(
        f"There is no GRU in {opened.name!r}: its {count:,} array{'s' if count != 1 else ''} "
        f"{'are' if count != 1 else 'is'} {listed or 'none'}. A GRU has {form.mark}."
    )


def _recurrent(contents: Contents) -> list[OtherLayer]:
    """The recurrent layers that are no GRU."""
    return [layer for layer in contents.others if layer.kind in ("LSTM", "RNN") or "3 x hidden" in layer.note]


def _told_otherwise(contents: Contents) -> bool:
    """Whether there is more to say of missing GRUs than which arrays could be one."""
    return bool(_recurrent(contents)) or any(layer.refused for layer in contents.others)


def _found(name: str, gru: GRU) -> FoundGRU:
    return FoundGRU(
        name=name,
        input_size=gru.input_size,
        hidden_size=gru.hidden_size,
        num_layers=gru.num_layers,
        bidirectional=gru.bidirectional,
        backwards=gru.backwards,
        reset_mode=gru.reset_mode,
        gate_activation=gru.gate_activation,
        convention=gru.convention,
        parameters=sum(parameter.numel() for parameter in gru.parameters()),
        dtype=dtype_name(gru.dtype),
        learned_start=gru.h0 is not None,
        notes=gru.notes,
        open_choices=gru.open_choices,
    )
