"""Keras' names where no Keras file is around them: kernel, recurrent_kernel and bias of a cell, side by side.

So do TensorFlow's checkpoints keep a Keras model, and so are arrays named that were put into .npz by
hand. Activations and directions other than a Bidirectional's are not in the names.
Rows of conventions.py: "keras_after", and "keras_before" where the bias has one row.
"""

from collections.abc import Mapping

from torch import Tensor

from gru_core.formats.choices import Choices
from gru_core.formats.keras.blocks import BIAS, KERNEL, RECURRENT, named_blocks
from gru_core.formats.keras.match import guessed_layers
from gru_core.formats.keras.model import contents_of
from gru_core.formats.keras.version import Written
from gru_core.formats.layers import Found, Naming

_READ = (KERNEL, RECURRENT, BIAS)


def find(tensors: Mapping[str, Tensor], choices: Choices) -> Found:
    """Every cell that has a recurrent kernel, as a GRU or as another layer by its shapes."""
    blocks = [block for block in named_blocks((name, name) for name in tensors) if RECURRENT in block.parts]
    if not blocks:
        return Found()
    layers = guessed_layers(((block.path, block) for block in blocks), tensors)
    contents = contents_of(layers, None, tensors, (), Written(keras3=True), choices)
    # Whatever else lies beside a cell's arrays is not read.
    read = [{name for part, name in block.parts.items() if part in _READ} for block in blocks]
    used = set().union(*read)
    below = [(".".join(block.path) + ".", own) for block, own in zip(blocks, read, strict=True)]
    names: dict[str, set[str]] = {}
    for gru in contents.grus:
        path = gru.partition(" (")[0] + "."
        names[gru] = {name for start, own in below if start.startswith(path) for name in own}
    return Found(dict(contents.grus), list(contents.others), used, names)


NAMING = Naming("keras", find)
