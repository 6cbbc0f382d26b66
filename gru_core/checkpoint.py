"""Where a training stands: everything that going on with exactly the same numbers needs."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from hashlib import sha256
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from gru_core.errors import InputError

_KEY = "gatescope training"
_DIGEST = 32  # bytes


@dataclass(frozen=True)
class Progress:
    """Where a training stands, in numbers.

    update       updates done
    seconds, update_seconds  computed so far, and of it spent on updates rather than on measuring
    loss_sum, loss_count  of the updates since the last measurement
    first_loss   the held-out loss of the untrained model
    streak       how many measurements in a row have reached `stop_at`
    learned_at   the first measured update at which the task counted as learned; None so far
    """

    update: int = 0
    seconds: float = 0.0
    update_seconds: float = 0.0
    loss_sum: float = 0.0
    loss_count: int = 0
    first_loss: float | None = None
    streak: int = 0
    learned_at: int | None = None


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """`tensors` holds the weights ("model.NAME"), Adam's moments ("adam.NUMBER.NAME") and the state of the
    generator that draws the data ("generator")."""

    progress: Progress
    tensors: Mapping[str, Tensor] = field(repr=False)

    def to_bytes(self) -> bytes:
        """The safetensors format, which holds numbers only, behind a sha256 that tells any damage."""
        tensors = {name: tensor.detach().contiguous() for name, tensor in self.tensors.items()}
        packed = save(tensors, metadata={_KEY: json.dumps(asdict(self.progress))})
        return sha256(packed).digest() + packed

    @classmethod
    def from_bytes(cls, data: bytes) -> "Checkpoint":
        """The checkpoint that `to_bytes` wrote. Raises InputError when it is damaged."""
        digest, packed = data[:_DIGEST], data[_DIGEST:]
        try:
            if sha256(packed).digest() != digest:
                raise ValueError("the bytes are not those that were written")
            length = int.from_bytes(packed[:8], "little")
            plain: dict[str, Any] = json.loads(json.loads(packed[8 : 8 + length])["__metadata__"][_KEY])
            progress = Progress(**{entry.name: plain[entry.name] for entry in fields(Progress)})
            return cls(progress, load(packed))
        except (SafetensorError, ValueError, KeyError, TypeError) as error:
            raise InputError("This training's checkpoint is damaged: start it again.") from error


def checkpoint_of(
    model: torch.nn.Module,
    optimiser: torch.optim.Optimizer,
    generator: torch.Generator,
    progress: Progress,
) -> Checkpoint:
    """Where a training stands now; later updates do not change it."""
    tensors = {f"model.{name}": tensor.detach().clone() for name, tensor in model.state_dict().items()}
    for number, state in optimiser.state_dict()["state"].items():
        tensors |= {f"adam.{number}.{name}": value.detach().clone() for name, value in state.items()}
    return Checkpoint(progress, tensors | {"generator": generator.get_state()})


def go_back_to(
    checkpoint: Checkpoint,
    model: torch.nn.Module,
    optimiser: torch.optim.Optimizer,
    generator: torch.Generator,
) -> Progress:
    """Put model, optimiser and generator where the checkpoint was; gives its progress.

    Raises InputError when the checkpoint is of another model.
    """
    weights: dict[str, Tensor] = {}
    states: dict[int, dict[str, Tensor]] = {}
    try:
        for name, tensor in checkpoint.tensors.items():
            kind, _, rest = name.partition(".")
            if kind == "model":
                weights[rest] = tensor
            elif kind == "adam":
                number, _, entry = rest.partition(".")
                states.setdefault(int(number), {})[entry] = tensor.clone()
        model.load_state_dict(weights)
        optimiser.load_state_dict({**optimiser.state_dict(), "state": states})
        generator.set_state(checkpoint.tensors["generator"])
    except (RuntimeError, KeyError, ValueError, TypeError) as error:
        raise InputError("This checkpoint belongs to a training of other sizes: start it again.") from error
    return checkpoint.progress
