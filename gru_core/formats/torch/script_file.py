"""TorchScript archives (torch.jit.save): the weights of their modules are read, their code is not.

The archive's pickle describes modules as objects with attributes. It is read as data (plain_pickle.py), the
modules are walked by the names of their attributes, and the tensors are made from the archive's storages.
"""

from typing import Any

from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.choices import Choices
from gru_core.formats.contents import Contents
from gru_core.formats.flatten import MAX_NAME
from gru_core.formats.guide import Guide
from gru_core.formats.layers import find_layers
from gru_core.formats.model_names import model_names
from gru_core.formats.namings import NAMINGS
from gru_core.formats.pickles.plain_pickle import Built, read_pickle
from gru_core.formats.registry import Evidence, Format
from gru_core.formats.torch.archive import TorchArchive
from gru_core.formats.torch.pickle_scan import ALLOWED, foreign, is_torch_type
from gru_core.formats.torch.storages import TorchStorages
from gru_core.limits import MAX_TENSORS
from gru_core.sources import Opened

MODULES = "__torch__."
"""How the names of compiled classes begin."""
PARTS = ("torch._utils.", "torch.jit._pickle.", "torch.per_tensor", "torch.per_channel", MODULES)
"""Beginnings of the names that an archive is made of, beside those of any checkpoint."""
MAX_DEPTH = 64
READ_AS_DATA = "It is a TorchScript archive: its weights were read, and none of its code was run."


def recognises(evidence: Evidence) -> bool:
    """A zip whose data.pkl stands beside a constants.pkl."""
    names = {name.rpartition("/")[2] for name in evidence.entries} if evidence.is_zip else set()
    return {"data.pkl", "constants.pkl"} <= names


def read(opened: Opened, choices: Choices) -> Contents:
    """The parameters and buffers of the archive's modules, and the layers that they make."""
    archive = TorchArchive(opened)
    stored = read_pickle(archive.pickle(), opened.name, lambda path: _check_name(path, opened.name))
    storages = TorchStorages(opened.name, archive.storage, archive.big_endian)
    walk = _Walk(opened.name, storages)
    walk.visit(stored, (), 0)
    if not walk.tensors:
        raise ModelFileError(
            f"{opened.name!r} is a TorchScript archive whose modules have no weights of their own (was it "
            "frozen? then they stand without names in its code): save the model before torch.jit.freeze."
        )
    tensors = model_names({(name,): tensor for name, tensor in walk.tensors.items()})
    return find_layers(tensors, NAMINGS, choices, (READ_AS_DATA,))


class _Walk:
    """Collects the tensors that modules have as attributes, each module once."""

    def __init__(self, file: str, storages: TorchStorages) -> None:
        self.tensors: dict[str, Tensor] = {}
        self._file, self._storages = file, storages
        self._seen: set[int] = set()

    def visit(self, module: Any, path: tuple[str, ...], depth: int) -> None:
        """The tensors of a module and of those inside it; what are lists and plain values is no weight."""
        if not isinstance(module, Built) or not module.path.startswith(MODULES) or id(module) in self._seen:
            return
        self._seen.add(id(module))
        kind = module.path.rpartition(".")[2]
        if "quantized" in module.path and kind.startswith("GRU"):
            raise ModelFileError(
                f"{'.'.join(path) or kind!r} is a quantised GRU, whose weights are packed for one kind of "
                "processor: save the model before it is quantised."
            )
        if depth > MAX_DEPTH or not isinstance(module.state, dict):
            return
        for key, value in module.state.items():
            if not isinstance(key, str):
                continue
            below = (*path, key)
            if sum(map(len, below)) > MAX_NAME:
                raise ModelFileError(
                    f"{self._file!r} has an attribute whose name is longer than {MAX_NAME:,} characters: "
                    "save it as torch.jit.save writes it."
                )
            tensor = self._storages.tensor(value)
            if tensor is None:
                self.visit(value, below, depth + 1)
                continue
            if len(self.tensors) >= MAX_TENSORS:
                raise ModelFileError(
                    f"A model file may hold at most {MAX_TENSORS:,} arrays, and {self._file!r} holds more."
                )
            self.tensors[".".join(below)] = tensor


def _check_name(path: str, file: str) -> None:
    if not (path.startswith(PARTS) or path in ALLOWED or is_torch_type(path)):
        raise foreign(path, file)


GUIDE = Guide(
    title="PyTorch TorchScript",
    files=".pt, .pth, .ts or .ptl written by torch.jit.save",
    holds="The weights of every nn.GRU and nn.GRUCell by the names of the modules; the code in the archive "
    "is never run. Archives after torch.jit.freeze keep their weights without names, and quantised ones keep "
    "them packed: both are refused.",
    conventions=("torch",),
    example='torch.jit.script(model).save("model.pt")\nload("model.pt")  # {"encoder.gru": GRU(...)}',
)

FORMAT = Format("torchscript", "TorchScript archive", (".pt", ".ts", ".ptl"), recognises, read, (GUIDE,))
