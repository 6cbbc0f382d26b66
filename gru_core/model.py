"""The GRU as a torch module, and a model around it: encoder -> GRU -> readout."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, cast, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gru_core.cell import GRUCell
from gru_core.conventions import CONVENTIONS, to_canonical
from gru_core.equations import GATE_ACTIVATIONS, RESET_MODES, GateActivation, ResetMode
from gru_core.errors import InputError, ShapeError
from gru_core.overrides import Direction, ForcedGates, GateOverride, compile_overrides
from gru_core.scan import gru_scan
from gru_core.sequences.encoders import Encoder

OpenChoice = Literal["gate_activation", "z_sense", "backwards"]
"""What a file may leave open of a GRU; named as the fields of formats.Choices that say it."""

OPEN_CHOICES: tuple[OpenChoice, ...] = get_args(OpenChoice)
"""All of them, in the order in which they are asked."""


@lru_cache(maxsize=128)
def _forced(
    overrides: tuple[GateOverride, ...], steps: int, units: int, layer: int, direction: Direction
) -> ForcedGates | None:
    """Compiled once for a training, which asks for the same at every update."""
    return compile_overrides(overrides, steps=steps, units=units, layer=layer, direction=direction)


class GRU(nn.Module):
    """A GRU of one or more layers, read in one direction or both; batch-first.

    reset_mode       "before" (Cho et al. 2014, textbooks) or "after" (torch.nn.GRU, cuDNN, Keras' default)
    gate_activation  "sigmoid", or "hard_sigmoid_fifth" / "hard_sigmoid_sixth" for models trained with those
    backwards        reads from the last step to the first; what it gives stands in input time all the same

    `h0` is the state before the first step (layers * directions, hidden_size) where one was learned, else
    None, which is zeros. A file may have one for each sequence of a batch (layers * directions, batch,
    hidden_size): a batch of as many starts from them, any other from the first. `cells` holds one GRUCell per
    layer and direction: layer 0 forward, layer 0 backward, layer 1 forward ...
    `convention` names the row of conventions.py it was read by, `notes` says what a reader must know
    (for example that a dropout is not applied). `open_choices` names what its file leaves open and a person
    may know; it stays named when it was said.

    Raises InputError for a size below 1, an unknown mode, or a GRU backwards only and in both directions.
    """

    h0: Tensor | None

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bidirectional: bool = False,
        reset_mode: ResetMode = "before",
        gate_activation: GateActivation = "sigmoid",
        backwards: bool = False,
    ) -> None:
        super().__init__()
        for name, size in (
            ("input_size", input_size),
            ("hidden_size", hidden_size),
            ("num_layers", num_layers),
        ):
            if not isinstance(size, int) or size < 1:
                raise InputError(f"{name} must be a whole number of at least 1, got {size!r}.")
        if reset_mode not in RESET_MODES:
            raise InputError(f"reset_mode must be 'before' or 'after', got {reset_mode!r}.")
        if gate_activation not in GATE_ACTIVATIONS:
            raise InputError(
                f"gate_activation must be one of {sorted(GATE_ACTIVATIONS)}, got {gate_activation!r}."
            )
        if backwards and bidirectional:
            raise InputError("A GRU reads backwards only or in both directions, not both.")
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bidirectional, self.reset_mode, self.gate_activation = (
            bool(bidirectional),
            reset_mode,
            gate_activation,
        )
        self.backwards = bool(backwards)
        self.convention = "gatescope"
        self.notes: tuple[str, ...] = ()
        self.open_choices: tuple[OpenChoice, ...] = ()
        self.register_buffer("h0", None)
        widths = [input_size] + [hidden_size * self.num_directions] * (num_layers - 1)
        self.cells = nn.ModuleList(
            GRUCell(width, hidden_size, reset_mode) for width in widths for _ in range(self.num_directions)
        )

    @property
    def num_directions(self) -> int:
        """2 when it reads both ways, else 1."""
        return 2 if self.bidirectional else 1

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The directions of each layer, in the order of `cells`."""
        if self.bidirectional:
            return ("forward", "backward")
        return ("backward",) if self.backwards else ("forward",)

    @property
    def dtype(self) -> torch.dtype:
        """The number type of its parameters."""
        return self.cell(0).weight_x.dtype

    def cell(self, index: int) -> GRUCell:
        """The parameters of one layer and direction, in the order of `cells`."""
        return cast(GRUCell, self.cells[index])

    def forward(
        self, x: Tensor, h0: Tensor | None = None, overrides: tuple[GateOverride, ...] = ()
    ) -> tuple[Tensor, Tensor]:
        """The states of the last layer, and the last state of every layer and direction.

        x (batch, time, input_size), or (time, input_size) for one sequence; h0
        (num_layers * directions, batch, hidden_size), its own `h0` or zeros when None. Gives output
        (batch, time, directions * hidden_size) and h_n as h0, as torch.nn.GRU(batch_first=True) does.
        `overrides` hold gates at values; gradients then flow as through a model built that way.

        Raises ShapeError when a shape does not fit, OverrideError for units or steps that do not exist.
        """
        if x.ndim == 2:
            output, h_n = self.forward(x.unsqueeze(0), None if h0 is None else h0.unsqueeze(1), overrides)
            return output.squeeze(0), h_n.squeeze(1)
        self.check_input(x.shape, None if h0 is None else h0.shape)
        start = self.initial_state(x) if h0 is None else h0
        last: list[Tensor] = []
        for layer in range(self.num_layers):
            outputs = []
            for direction, name in enumerate(self.directions):
                index = layer * self.num_directions + direction
                backwards = name == "backward"
                H = gru_scan(
                    x,
                    start[index],
                    *self.cell_weights(index),
                    **self.scan_options,
                    forced=_forced(overrides, x.shape[1], self.hidden_size, layer, name),
                    reverse=backwards,
                )[3]
                outputs.append(H)
                last.append(H[:, 0] if backwards else H[:, -1])
            x = torch.cat(outputs, dim=-1) if self.bidirectional else outputs[0]
        return x, torch.stack(last)

    def set_initial_state(self, state: Tensor) -> None:
        """Start from this state, as `h0` is described. Raises ShapeError for another shape."""
        expected = (len(self.cells), self.hidden_size)
        shape = tuple(state.shape)
        if shape != expected and (state.ndim != 3 or (shape[0], shape[2]) != expected or not shape[1]):
            raise ShapeError(
                f"The initial state must be (layers x directions, units) = {expected}, "
                f"got {tuple(state.shape)}."
            )
        self.h0 = state.detach().to(self.dtype).clone()

    @property
    def scan_options(self) -> dict[str, Any]:
        """The keyword arguments that a scan of this GRU needs."""
        return {"reset_mode": self.reset_mode, "gate_activation": self.gate_activation}

    def cell_weights(self, index: int) -> tuple[Tensor, Tensor, Tensor, Tensor | None]:
        """weight_x, weight_h, bias, bias_hh of one layer and direction (see `cells`)."""
        cell = self.cell(index)
        return cell.weight_x, cell.weight_h, cell.bias, cell.bias_hh

    def initial_state(self, x: Tensor) -> Tensor:
        """The learned state, or zeros (layers * directions, batch, units), for x (batch, time, inputs)."""
        if self.h0 is not None:
            own = self.h0.to(x) if self.h0.ndim == 3 else self.h0.to(x).unsqueeze(1)
            own = own if own.shape[1] == x.shape[0] else own[:, :1]
            return own.expand(-1, x.shape[0], -1).contiguous()
        return x.new_zeros(len(self.cells), x.shape[0], self.hidden_size)

    def check_input(self, x_shape: tuple[int, ...], h0_shape: tuple[int, ...] | None) -> None:
        """Raise ShapeError unless x is (batch, time, input_size) and h0 fits it."""
        if len(x_shape) != 3:
            raise ShapeError(
                f"A sequence must have axes (batch, time, inputs), got {len(x_shape)} axes {tuple(x_shape)}."
            )
        if x_shape[0] < 1 or x_shape[1] < 1:
            raise ShapeError(
                f"A sequence needs at least 1 step, got (batch, time, inputs) = {tuple(x_shape)}."
            )
        if x_shape[2] != self.input_size:
            raise ShapeError(
                f"This GRU reads {self.input_size} inputs per step, the sequence has {x_shape[2]}: "
                "choose or add columns so that they match."
            )
        expected = (len(self.cells), x_shape[0], self.hidden_size)
        if h0_shape is not None and tuple(h0_shape) != expected:
            raise ShapeError(
                f"The initial state must be (layers x directions, batch, units) = {expected}, "
                f"got {tuple(h0_shape)}."
            )

    @classmethod
    def from_torch(cls, torch_gru: nn.GRU) -> "GRU":
        """The same function as a torch.nn.GRU, exactly: any layers, directions, bias or none, either layout.

        The result is batch-first whatever the original was. Dropout between layers acts in training
        only, so a trace never applies it; `notes` then says so.
        """
        if not isinstance(torch_gru, nn.GRU):
            raise InputError(f"GRU.from_torch takes a torch.nn.GRU, got {type(torch_gru).__name__}.")
        gru = cls(
            torch_gru.input_size,
            torch_gru.hidden_size,
            torch_gru.num_layers,
            torch_gru.bidirectional,
            reset_mode="after",
        ).to(next(torch_gru.parameters()))
        gru.convention = "torch"
        for index in range(len(gru.cells)):
            layer, backward = divmod(index, gru.num_directions)
            suffix = f"_l{layer}" + ("_reverse" if backward else "")
            weights = to_canonical(
                CONVENTIONS["torch"],
                getattr(torch_gru, f"weight_ih{suffix}").detach(),
                getattr(torch_gru, f"weight_hh{suffix}").detach(),
                getattr(torch_gru, f"bias_ih{suffix}").detach() if torch_gru.bias else None,
                getattr(torch_gru, f"bias_hh{suffix}").detach() if torch_gru.bias else None,
                reset_mode="after",
            )
            gru.cell(index).set_canonical(weights)
        if torch_gru.dropout:
            gru.notes = (
                f"Its dropout of {torch_gru.dropout:g} between layers acts in training only "
                "and is not applied here.",
            )
        return gru

    def fingerprint(self) -> str:
        """A sha256 of everything that decides its numbers: sizes, convention and weights."""
        digest = hashlib.sha256()
        facts = (self.input_size, self.hidden_size, self.num_layers, self.bidirectional)
        digest.update(repr((facts, self.reset_mode, self.gate_activation, str(self.dtype))).encode())
        if self.backwards:
            digest.update(b"backwards")
        for parameter in (*self.parameters(), *self.buffers()):
            digest.update(parameter.detach().cpu().contiguous().numpy().tobytes())
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class Example:
    """A sequence that comes with a model: symbols or numbers, and the right answer where it is known.

    labels  one symbol per step (empty for numbers)
    values  (time, features), in the units of the data (None for symbols)
    target  per step: a class label or a number as text, "" where no answer is asked
    """

    title: str
    labels: tuple[str, ...] = ()
    values: tuple[tuple[float, ...], ...] | None = None
    target: tuple[str, ...] = ()
    ticks: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class ModelCard:
    """What a person must know of a model to read its answers.

    answer    "class": outputs are logits over `outputs`; "number": outputs are numbers, one per name;
              "none": the file had no readout, only the gates and states can be shown
    when      at which steps the answer counts
    accuracy  held-out score in `metric`, with the score of guessing in `chance`; None when not known
    """

    name: str
    title: str
    task: str = ""
    remember: str = ""
    answer: Literal["class", "number", "none"] = "none"
    outputs: tuple[str, ...] = ()
    when: Literal["every step", "last step"] = "every step"
    metric: str = ""
    accuracy: float | None = None
    chance: float | None = None
    output_mean: float = 0.0
    output_std: float = 1.0
    source: str = ""
    examples: tuple[Example, ...] = field(default=(), repr=False)


class SequenceModel(nn.Module):
    """A model that reads a sequence and answers: encoder -> GRU -> linear readout.

    `readout` is None for a GRU that came without one. `encoder` turns symbols or numbers into
    the (time, inputs) that the GRU reads; it has no trained parameters.
    """

    def __init__(self, encoder: Encoder, gru: GRU, readout: nn.Linear | None, card: ModelCard) -> None:
        super().__init__()
        self.encoder, self.gru, self.readout, self.card = encoder, gru, readout, card
        if encoder.width != gru.input_size:
            raise ShapeError(
                f"The encoder gives {encoder.width} inputs per step, the GRU reads {gru.input_size}."
            )

    def forward(self, x: Tensor, h0: Tensor | None = None) -> Tensor:
        """Readout at every step (batch, time, outputs): logits, or standardised numbers."""
        if self.readout is None:
            raise InputError("This model has no readout, so it gives states but no answers.")
        result: Tensor = self.readout(self.gru(x, h0)[0])
        return result

    @torch.no_grad()
    def answers(self, output: NDArray[np.floating]) -> NDArray[np.floating] | None:
        """The answer at every step from the last layer's states (batch, time, directions * units).

        Probabilities over `card.outputs`, or numbers in the units of the data; None without a readout.
        """
        if self.readout is None:
            return None
        raw: Tensor = self.readout(torch.tensor(output, dtype=self.readout.weight.dtype))
        if self.card.answer == "class":
            return torch.softmax(raw, dim=-1).numpy()
        return (raw * self.card.output_std + self.card.output_mean).numpy()


def gru_config(gru: GRU) -> Mapping[str, Any]:
    """The arguments that build a GRU of the same shape and convention, as plain values."""
    names = ["input_size", "hidden_size", "num_layers", "bidirectional", "reset_mode", "gate_activation"]
    # Left out where it says nothing, so that files of versions that did not know it stay the same.
    names += ["backwards"] if gru.backwards else []
    return {name: getattr(gru, name) for name in names}
