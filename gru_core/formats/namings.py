"""The ways to name a GRU's parameters that are known, in the order in which they are tried.

A new one is a module with a `NAMING`, added here; every container then reads it.
"""

from gru_core.formats import (
    names_chainer,
    names_flax,
    names_gatescope,
    names_keras,
    names_list,
    names_mlx,
    names_mxnet,
    names_paddle,
    names_paddle_legacy,
    names_short,
    names_textbook,
    names_tf1,
    names_torch,
)
from gru_core.formats.layers import Naming

NAMINGS: tuple[Naming, ...] = (
    names_gatescope.NAMING,
    names_paddle_legacy.NAMING,
    names_paddle.NAMING,
    names_short.NAMING,
    names_torch.NAMING,
    names_textbook.NAMING,
    names_list.NAMING,
    names_flax.NAMING,
    names_mxnet.NAMING,
    names_chainer.NAMING,
    names_mlx.NAMING,
    names_tf1.NAMING,
    names_keras.NAMING,
)
