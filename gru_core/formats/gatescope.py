"""GateScope's own file: safetensors, with the sizes, the convention and the model card as JSON metadata."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from gru_core.errors import GateScopeError, ModelFileError
from gru_core.formats.encoder_file import ARRAYS, encoder_from_plain, encoder_to_plain
from gru_core.formats.weights import FLOATS, as_float
from gru_core.limits import check_gru_size
from gru_core.model import GRU, Example, ModelCard, SequenceModel, gru_config

METADATA_KEY = "gatescope"
VERSION = 1


def save_model(model: SequenceModel, path: str | Path) -> None:
    """Write a SequenceModel so that `load_model` gives it back, card and examples included."""
    tensors, metadata = model_to_tensors(model)
    save_file(tensors, str(path), metadata={METADATA_KEY: metadata})


def model_to_tensors(model: SequenceModel) -> tuple[dict[str, Tensor], str]:
    """The arrays of a model by name, and everything else of it as JSON; `model_from_tensors` undoes it."""
    encoder, arrays = encoder_to_plain(model.encoder)
    described: dict[str, Any] = {
        "version": VERSION,
        "gru": dict(gru_config(model.gru)),
        "encoder": encoder,
        "readout": model.readout is not None,
        "card": asdict(model.card),
    }
    tensors = {name: tensor.detach().contiguous() for name, tensor in model.state_dict().items()}
    return tensors | arrays, json.dumps(described)


def model_from_tensors(tensors: Mapping[str, Tensor], metadata: str) -> SequenceModel:
    """The SequenceModel whose tensors and metadata JSON `model_to_tensors` gave.

    Raises ModelFileError when either is not as `save_model` writes it.
    """
    try:
        described = json.loads(metadata)
        if described["version"] != VERSION:
            raise ModelFileError(
                f"This file is of version {described['version']!r} of the GateScope format; "
                f"this app reads version {VERSION}."
            )
        _check_sizes(described["gru"], tensors)
        gru = GRU(**described["gru"])
        if "gru.h0" in tensors:
            gru.set_initial_state(as_float("gru.h0", tensors["gru.h0"]))
        encoder = encoder_from_plain(described["encoder"], tensors)
        weights = {name: tensor for name, tensor in tensors.items() if name not in ARRAYS}
        card = _card(described["card"])
        readout = None
        if described["readout"]:
            states = gru.hidden_size * gru.num_directions
            _check_shape("readout.weight", tensors, (len(card.outputs), states))
            readout = nn.Linear(states, len(card.outputs))
        model = SequenceModel(encoder, gru, readout, card)
        dtype = weights["gru.cells.0.weight_x"].dtype
        for name, tensor in weights.items():
            as_float(name, tensor)
        model.to(dtype if dtype in FLOATS else torch.float32).load_state_dict(weights)
    except GateScopeError:
        raise
    except (
        KeyError,
        TypeError,
        ValueError,
        StopIteration,
        RuntimeError,
        AttributeError,
        RecursionError,
    ) as error:
        raise ModelFileError(
            "This file says it is GateScope's own, but its description or its weights are damaged: "
            "save it again."
        ) from error
    return model.eval()


def _check_sizes(config: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
    """Refuse sizes that the arrays in the file do not bear out, before a GRU of those sizes is made."""
    inputs, units, layers = (int(config[name]) for name in ("input_size", "hidden_size", "num_layers"))
    directions = 2 if config["bidirectional"] else 1
    check_gru_size("gru", inputs, units, layers, directions)
    for index in range(layers * directions):
        width = inputs if index < directions else units * directions
        _check_shape(f"gru.cells.{index}.weight_x", tensors, (3 * units, width))


def _check_shape(name: str, tensors: Mapping[str, Tensor], expected: tuple[int, int]) -> None:
    got = tuple(tensors[name].shape)
    if got != expected or 0 in got:
        raise ModelFileError(
            f"{name} must be {expected[0]} x {expected[1]} by the file's own description, "
            f"got {' x '.join(map(str, got))}: the file is damaged, save it again."
        )


def _card(plain: dict[str, Any]) -> ModelCard:
    known = {entry.name for entry in fields(ModelCard)}
    entries = {name: value for name, value in plain.items() if name in known}
    for name, choices in (("answer", ("class", "number", "none")), ("when", ("every step", "last step"))):
        if entries[name] not in choices:
            raise ValueError(f"{name} must be one of {choices}")
    for name in ("name", "title", "task", "remember", "metric", "source"):
        entries[name] = str(entries[name])
    for name in ("accuracy", "chance"):
        entries[name] = None if entries[name] is None else _finite(entries[name])
    for name in ("output_mean", "output_std"):
        entries[name] = _finite(entries[name])
    entries["outputs"] = tuple(str(name) for name in plain["outputs"])
    entries["examples"] = tuple(
        Example(
            title=str(example["title"]),
            labels=tuple(str(label) for label in example["labels"]),
            values=None
            if example["values"] is None
            else tuple(tuple(map(_finite, row)) for row in example["values"]),
            target=tuple(str(label) for label in example["target"]),
            ticks=tuple(str(tick) for tick in example["ticks"]),
        )
        for example in plain["examples"]
    )
    return ModelCard(**entries)


def _finite(value: Any) -> float:
    number = float(value)
    if not math.isfinite(number):
        raise ValueError("a number in a description must be finite")
    return number
