"""A trained model to take home: a file, torch.nn.GRU's own weights, the script that trains it again."""

import io
import tempfile
from dataclasses import fields
from pathlib import Path

import torch
from torch import Tensor

from gru_core.errors import InputError
from gru_core.formats.gatescope import save_model
from gru_core.model import GRU, SequenceModel
from gru_core.runs.spec import RunSpec
from gru_core.tasks.catalogue import TaskSpec
from gru_core.training_spec import TrainSpec


def model_file(model: SequenceModel) -> bytes:
    """The model as a .safetensors file that `load_model` and the app read, card and examples included."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        save_model(model, path)
        return path.read_bytes()


def torch_state_dict(model: SequenceModel) -> bytes:
    """A .pt file for `torch.nn.GRU(...).load_state_dict(torch.load(file))`, which then computes the same.

    Raises InputError in reset mode "before", which is another function than torch.nn.GRU.
    """
    file = io.BytesIO()
    torch.save(torch_parameters(model.gru), file)
    return file.getvalue()


def torch_parameters(gru: GRU) -> dict[str, Tensor]:
    """The parameters of the torch.nn.GRU that computes the same, by torch's names. Raises as above."""
    if gru.reset_mode != "after":
        raise InputError(
            'This GRU has reset mode "before": R acts on the state before the product with W_hh, in '
            "torch.nn.GRU after it, so no torch.nn.GRU computes the same. Train with reset mode "
            '"after" for one.'
        )
    found: dict[str, Tensor] = {}
    for index in range(len(gru.cells)):
        layer, backward = divmod(index, gru.num_directions)
        end = f"_l{layer}" + ("_reverse" if backward else "")
        cell = gru.cell(index)
        zeros = torch.zeros(2 * gru.hidden_size, dtype=gru.dtype)
        found |= {
            f"weight_ih{end}": cell.weight_x.detach().clone(),
            f"weight_hh{end}": cell.weight_h.detach().clone(),
            f"bias_ih{end}": cell.bias.detach().clone(),
            f"bias_hh{end}": torch.cat([zeros, cell.b_hh.detach()]),
        }
    return found


def training_script(run: RunSpec, lane: int = 0) -> str:
    """A Python file that trains this lane's model again, to the same weights, without the app."""
    spec = run.lanes[lane]
    imports = ["from gru_core.tasks.catalogue import TaskSpec"]
    imports += ["from gru_core.training import Ended, Measured, train"]
    imports += ["from gru_core.training_spec import TrainSpec"]
    if spec.cell == "gru":
        imports[:0] = ["import torch", "", "from gru_core import save_model"]
        keep = f'save_model(event.model, "{run.task.name}.safetensors")'
    else:
        imports[:0] = ["import torch", ""]
        keep = f'torch.save(event.model.state_dict(), "{run.task.name}-{spec.cell}.pt")'
    return "\n".join(
        [
            '"""Trains the model again: the same weights, to the last bit on the same machine."""',
            "",
            *imports,
            "",
            "# As the workers do: sums of several threads round differently.",
            "torch.set_num_threads(1)",
            f"task = {_call(run.task)}.make()",
            f"spec = {_call(spec)}",
            "",
            "for event in train(task, spec):",
            "    if isinstance(event, Measured):",
            '        print(f"{event.update:6}  loss {event.loss:.4f}  held-out score {event.score:.4f}")',
            "    if isinstance(event, Ended):",
            f"        {keep}",
            '        print(f"{event.reason} after {event.update} updates: {event.score:.4f}")',
            "",
        ]
    )


def _call(value: TaskSpec | TrainSpec) -> str:
    """The shortest call that makes the value again."""
    entries = [
        f"{entry.name}={getattr(value, entry.name)!r}"
        for entry in fields(value)
        if getattr(value, entry.name) != entry.default
    ]
    return f"{type(value).__name__}({', '.join(entries)})"
