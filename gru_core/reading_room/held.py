"""How much memory a model that was read takes for as long as it is kept."""

from collections.abc import Mapping

from torch import Tensor

from gru_core.formats.loading import Inspection
from gru_core.model import SequenceModel

_ENTRY = 1_000
"""Bytes of the Python objects around one array, layer or GRU."""
_LABEL = 100
"""Bytes of one label or number of an example."""
_LEAST = 100_000


def held_bytes(inspection: Inspection, models: Mapping[str, SequenceModel]) -> int:
    """Bytes of all weights, each counted once, and about as many as names, notes and examples take."""
    # One model may stand for several names, as in GateScope's own files.
    each = {id(model): model for model in models.values()}.values()
    arrays: list[Tensor] = [tensor for model in each for tensor in model.state_dict().values()]
    for layer in inspection.others:
        arrays += [tensor for tensor in (layer.weight, layer.bias) if tensor is not None]
        arrays += [] if layer.core is None else layer.core.state_dict().values()
    names = [tensor.name for tensor in inspection.tensors]
    names += [layer.name + layer.note for layer in inspection.others]
    names += [gru.name + "".join(gru.notes) for gru in inspection.grus]
    words = sum(map(len, (*names, *inspection.notes)))
    labels = sum(
        len(example.labels) + len(example.target) + sum(len(row) for row in example.values or ())
        for model in each
        for example in model.card.examples
    )
    numbers = sum(array.numel() * array.element_size() for array in arrays)
    return numbers + 4 * words + _ENTRY * len(names) + _LABEL * labels + _LEAST
