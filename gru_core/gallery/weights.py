"""GRUs and the layers beside them out of a package's model file, by the readers that read anyone's files."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gru_core.errors import ModelFileError
from gru_core.formats import OtherLayer, load_models
from gru_core.model import GRU


@dataclass(frozen=True, eq=False)
class Weights:
    """What one model file holds: GRUs and other layers by their names there."""

    file: str
    grus: Mapping[str, GRU]
    others: Mapping[str, OtherLayer]

    def gru(self, name: str) -> GRU:
        """A GRU. Raises ModelFileError when the file has none of that name."""
        if name not in self.grus:
            raise self._missing(name)
        return self.grus[name]

    def matrix(self, name: str) -> NDArray[np.float32]:
        """An Embedding (symbols, width) or a Linear (outputs, inputs). Raises ModelFileError."""
        layer = self.others.get(name)
        if layer is None or layer.weight is None:
            raise self._missing(name)
        return layer.weight.float().numpy()

    def bias(self, name: str) -> NDArray[np.float32]:
        """The bias of a Linear (outputs,). Raises ModelFileError."""
        layer = self.others.get(name)
        if layer is None or layer.bias is None:
            raise self._missing(name)
        return layer.bias.float().numpy()

    def _missing(self, name: str) -> ModelFileError:
        return ModelFileError(
            f"The package's {self.file!r} has no {name!r}: it is not the version that is read here."
        )


def read_weights(path: Path) -> Weights:
    """The GRUs and other layers of a model file. Raises as `load` does."""
    inspection, models = load_models(path)
    grus = {name: model.gru for name, model in models.items()}
    return Weights(path.name, grus, {layer.name: layer for layer in inspection.others})
