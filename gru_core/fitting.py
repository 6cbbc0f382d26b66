"""What a person adds to a GRU from a file: how its inputs are made, and what reads its answers.

    layers = {layer.name: layer for layer in inspect_file("model.pt").others}
    model = load_model("model.pt")
    model = with_encoder(model, embedding_of(layers["embedding"], tokens=("<pad>", "the", "cat")))
    model = with_readout(model, layers["fc"], outputs=("no", "yes"), answer="class")

A `Fitting` says the same as a value that can be kept; `fit` does what it says.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import nn

from gru_core.errors import InputError, ShapeError
from gru_core.formats.contents import OtherLayer
from gru_core.model import Example, SequenceModel
from gru_core.sequences.encoders import EmbeddingEncoder, Encoder, NumberEncoder, SymbolEncoder, symbols_of
from gru_core.sequences.symbols import TextUnit

Answer = Literal["class", "yes or no", "number"]
When = Literal["every step", "last step"]
InputKind = Literal["numbers", "own scale", "embedding", "one-hot"]

EXAMPLE_STEPS = 24
"""Steps of the example that a model gets which reads symbols: the first of its vocabulary."""


@dataclass(frozen=True)
class InputChoice:
    """How inputs are made.

    kind     "numbers": columns, (x - mean) / std; "own scale": columns, each standardised over the sequence;
             "embedding": rows of the Embedding `layer` of the file; "one-hot": symbols, `tokens` in order
    mean, std  one number per input, or () for 0 and 1
    tokens, unknown, unit, lower   see EmbeddingEncoder
    file     where the tokens came from, "" when they were typed
    """

    kind: InputKind
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    layer: str = ""
    tokens: tuple[str, ...] = ()
    unknown: str | None = None
    unit: TextUnit = "auto"
    lower: bool = False
    file: str = ""


@dataclass(frozen=True)
class ReadoutChoice:
    """Which Linear reads the answers; see `with_readout`."""

    layer: str
    outputs: tuple[str, ...] = ()
    answer: Answer | None = None
    when: When = "every step"


@dataclass(frozen=True)
class Fitting:
    """What is added to one GRU of a file; None leaves it as it came."""

    inputs: InputChoice | None = None
    readout: ReadoutChoice | None = None


def fit(model: SequenceModel, others: Iterable[OtherLayer], fitting: Fitting) -> SequenceModel:
    """The model with what a fitting says; its card says it too.

    Raises InputError, ShapeError or LimitError that says what does not fit.
    """
    layers = {layer.name: layer for layer in others}
    said = []
    if fitting.inputs is not None:
        model = with_encoder(model, encoder_of(model, layers, fitting.inputs))
        said.append(f"Inputs: {inputs_in_words(model.encoder, fitting.inputs)}.")
    if fitting.readout is not None:
        chosen = fitting.readout
        layer = _layer(layers, chosen.layer)
        model = with_readout(model, layer, chosen.outputs, chosen.answer, chosen.when)
        said.append(readout_in_words(model, layer, chosen))
    if said:
        model.card = replace(model.card, task=" ".join(said))
    return model


def encoder_of(model: SequenceModel, layers: dict[str, OtherLayer], choice: InputChoice) -> Encoder:
    """The encoder that a choice describes. Raises as `fit` does."""
    if choice.kind == "embedding":
        layer = _layer(layers, choice.layer)
        return embedding_of(layer, choice.tokens, choice.unknown, choice.unit, choice.lower)
    width = model.gru.input_size
    if choice.kind == "one-hot":
        if len(choice.tokens) != width:
            raise ShapeError(
                f"This GRU reads {width:,} inputs per step, so as one-hot it knows {width:,} symbols, and "
                f"the vocabulary has {len(choice.tokens):,}: give exactly one symbol per input, in order."
            )
        # An input whose symbol nobody knows cannot be written, and keeps its place.
        return SymbolEncoder(tuple(token or f"#{row}" for row, token in enumerate(choice.tokens)))
    mean, std = choice.mean or (0.0,) * width, choice.std or (1.0,) * width
    if not len(mean) == len(std) == width or not all(std):
        raise ShapeError(
            f"This GRU reads {width:,} inputs per step: give a mean and a deviation other than 0 for each, "
            f"got {len(mean):,} and {len(std):,}."
        )
    names = tuple(f"input {i + 1}" for i in range(width))
    return NumberEncoder(names, mean, std, choice.kind == "own scale")


def inputs_in_words(encoder: Encoder, choice: InputChoice) -> str:
    """How inputs are made, for a card."""
    if isinstance(encoder, EmbeddingEncoder):
        known = f"{len(encoder.rows):,} symbols" if encoder.tokens else "ids"
        return f"rows of {choice.layer!r} for {known}"
    if isinstance(encoder, SymbolEncoder):
        return f"one-hot, {encoder.width:,} symbols"
    if encoder.own_scale:
        return "numbers, standardised over each sequence"
    return "numbers, standardised by given means and deviations" if choice.mean else "numbers as they are"


def readout_in_words(model: SequenceModel, layer: OtherLayer, choice: ReadoutChoice) -> str:
    """What reads the answers, for a card: what the file says, and what it does not."""
    kind = choice.answer or usual_answer(layer)
    how = {"class": "by softmax", "yes or no": "by sigmoid", "number": "as they are"}[kind]
    words = f"Readout: {layer.name!r}, attached by hand, outputs {how}."
    if kind == "number" and layer.activation not in ("", "linear"):
        words += f" Its {layer.activation} is not applied."
    if model.gru.bidirectional:
        words += " Each step reads both directions there."
    return words


def _layer(layers: dict[str, OtherLayer], name: str) -> OtherLayer:
    if name not in layers:
        raise InputError(f"There is no layer {name!r} in this file: choose one that is.")
    return layers[name]


def _examples(encoder: Encoder) -> tuple[Example, ...]:
    """What a model that reads symbols or ids opens with, since a probe of numbers is nothing to it."""
    symbols = symbols_of(encoder)
    if symbols is not None:
        return (Example("The first symbols of the vocabulary", symbols[:EXAMPLE_STEPS]),)
    if isinstance(encoder, EmbeddingEncoder):
        rows = range(min(EXAMPLE_STEPS, len(encoder.matrix)))
        return (Example("The first rows of the embedding", values=tuple((float(row),) for row in rows)),)
    return ()


def embedding_of(
    layer: OtherLayer,
    tokens: tuple[str, ...] = (),
    unknown: str | None = None,
    unit: TextUnit = "auto",
    lower: bool = False,
) -> EmbeddingEncoder:
    """The encoder that reads rows of an Embedding of a file; see EmbeddingEncoder.

    Raises InputError for a layer of another kind, or a vocabulary that does not fit it.
    """
    if layer.weight is None or layer.kind != "Embedding":
        raise InputError(f"{layer.name!r} is no embedding, but {layer.kind}: choose another layer.")
    return EmbeddingEncoder(layer.weight.detach().float().numpy(), tokens, unknown, unit, lower)


def with_encoder(model: SequenceModel, encoder: Encoder, task: str = "") -> SequenceModel:
    """The model with its inputs made another way; GRU and readout are the same objects.

    `task` is what its card says of the model, "" for the same as before.
    Raises ShapeError when the encoder does not give as many inputs as the GRU reads.
    """
    if encoder.width != model.gru.input_size:
        raise ShapeError(
            f"This GRU reads {model.gru.input_size:,} inputs per step, and this way there would be "
            f"{encoder.width:,}: choose another way, or another vocabulary."
        )
    card = replace(model.card, task=task or model.card.task, examples=_examples(encoder))
    return SequenceModel(encoder, model.gru, model.readout, card).eval()


def with_readout(
    model: SequenceModel,
    layer: OtherLayer,
    outputs: tuple[str, ...] = (),
    answer: Answer | None = None,
    when: When = "every step",
    task: str = "",
) -> SequenceModel:
    """The model with a Linear of its file as the readout.

    outputs  the names of its outputs, in its order; "#0", "#1", ... when ()
    answer   "class": softmax over the outputs. "yes or no": the sigmoid of one output, shown as two answers,
             the second being yes. "number": the outputs as they are. None: as the layer's activation says
    when     at which step the answer counts
    task     what the card says of the model, "" for the same as before

    Raises ShapeError or InputError when it cannot be that.
    """
    if layer.weight is None or layer.kind != "Linear":
        raise InputError(f"{layer.name!r} is no output layer, but {layer.kind}: choose another layer.")
    rows, width = layer.weight.shape
    reads = model.gru.hidden_size * model.gru.num_directions
    if width != reads:
        raise ShapeError(f"{layer.name!r} reads {width:,} numbers, and this GRU gives {reads:,} per step.")
    kind = answer or usual_answer(layer)
    if kind == "yes or no" and rows != 1:
        raise InputError(f"A yes or no is one output, and {layer.name!r} has {rows:,}: read them as numbers.")
    names = outputs or usual_names(layer, kind)
    expected = 2 if kind == "yes or no" else rows
    if len(names) != expected or len(set(names)) != expected:
        raise InputError(
            f"{layer.name!r} needs {expected:,} different name{'s' if expected > 1 else ''} for its outputs, "
            f"got {len(names):,}: give one per output, or none."
        )
    weight = layer.weight.detach()
    bias = weight.new_zeros(rows) if layer.bias is None else layer.bias.detach()
    if kind == "yes or no":
        # softmax((0, a)) is (1 - sigmoid(a), sigmoid(a)), exactly.
        weight, bias = (torch.cat([torch.zeros_like(part), part]) for part in (weight, bias))
    readout = nn.Linear(width, len(weight)).to(model.gru.dtype)
    with torch.no_grad():
        readout.weight.copy_(weight)
        readout.bias.copy_(bias)
    card = replace(
        model.card,
        answer="number" if kind == "number" else "class",
        outputs=names,
        when=when,
        output_mean=0.0,
        output_std=1.0,
        task=task or model.card.task,
    )
    return SequenceModel(model.encoder, model.gru, readout, card).eval()


def readouts(others: Iterable[OtherLayer], gru: str) -> tuple[OtherLayer, ...]:
    """The layers of a file that could read the answers of its GRU of that name."""
    return tuple(
        layer for layer in others if layer.kind == "Linear" and layer.weight is not None and gru in layer.fits
    )


def usual_answer(layer: OtherLayer) -> Answer:
    """What a layer's outputs are by its activation; where the file does not say, several are classes."""
    outputs = 0 if layer.weight is None else len(layer.weight)
    if layer.activation == "sigmoid" and outputs == 1:
        return "yes or no"
    if layer.activation == "softmax" or (not layer.activation and outputs > 1):
        return "class"
    return "number"


def usual_names(layer: OtherLayer, answer: Answer) -> tuple[str, ...]:
    """Names for outputs that nobody named."""
    if answer == "yes or no":
        return ("no", "yes")
    return tuple(f"#{i}" for i in range(0 if layer.weight is None else len(layer.weight)))
