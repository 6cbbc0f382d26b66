"""What a model file holds, as every reader of a format reports it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from torch import Tensor, nn

from gru_core.model import GRU, SequenceModel

LayerKind = Literal["LSTM", "RNN", "Linear", "Embedding", "other"]


@dataclass(frozen=True)
class TensorInfo:
    """One named array of a file: shape, and the number type in words, as "float32"."""

    name: str
    shape: tuple[int, ...]
    dtype: str


@dataclass(frozen=True)
class OtherLayer:
    """A part of the file that is not a GRU.

    name    its path in the file ("" for the top)
    kind    what it looks like by names and shapes; "other" where that is open
    sizes   in words, such as "32 -> 4"
    note    what it could be for, such as "fits behind 'encoder.gru' as a readout"

    weight      Linear: (outputs, inputs); Embedding: (symbols, width); else None
    bias        Linear: (outputs,), or None
    activation  what follows a Linear in the file: "softmax", "relu", ...; "" where the file does not say
    fits        the GRUs it could follow (Linear) or feed (Embedding), by its sizes or as the file says
    core        LSTM and RNN: the same layer as torch's own, batch-first; None where torch has no such one
    backwards   whether `core` reads from the last step to the first, which torch's own layers never do alone
    refused     of a GRU that is there and cannot be read exactly: why; "" of every other layer
    """

    name: str
    kind: LayerKind
    sizes: str
    note: str = ""
    weight: Tensor | None = field(default=None, repr=False, compare=False)
    bias: Tensor | None = field(default=None, repr=False, compare=False)
    activation: str = ""
    fits: tuple[str, ...] = ()
    core: nn.LSTM | nn.RNN | None = field(default=None, repr=False, compare=False)
    backwards: bool = False
    refused: str = ""


@dataclass(frozen=True, eq=False)
class Contents:
    """Everything found in one file.

    tensors  every array, in the file's order
    grus     each GRU by its name in the file, ready to run; its `convention` names a row of conventions.py
    others   what is not a GRU
    notes    what the reader did, one honest sentence each
    model    the whole model, where the file describes one (GateScope's own files do)
    arrays   the numbers of `tensors` by name, where the file is a container of named arrays
    """

    tensors: tuple[TensorInfo, ...]
    grus: Mapping[str, GRU]
    others: tuple[OtherLayer, ...] = ()
    notes: tuple[str, ...] = ()
    model: SequenceModel | None = field(default=None, repr=False)
    arrays: Mapping[str, Tensor] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "grus", MappingProxyType(dict(self.grus)))
