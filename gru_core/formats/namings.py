"""The ways to name a GRU's parameters that are known, in the order in which they are tried.

A new one is a module with a `NAMING`, added here; every container then reads it.
"""

from gru_core.formats.layers import Naming
from gru_core.formats.names import chainer as names_chainer
from gru_core.formats.names import flax as names_flax
from gru_core.formats.names import gatescope as names_gatescope
from gru_core.formats.names import keras as names_keras
from gru_core.formats.names import list as names_list
from gru_core.formats.names import mlx as names_mlx
from gru_core.formats.names import mxnet as names_mxnet
from gru_core.formats.names import paddle as names_paddle
from gru_core.formats.names import paddle_legacy as names_paddle_legacy
from gru_core.formats.names import short as names_short
from gru_core.formats.names import textbook as names_textbook
from gru_core.formats.names import tf1 as names_tf1
from gru_core.formats.names import torch as names_torch
from gru_core.formats.names import torch_docs as names_torch_docs

NAMINGS: tuple[Naming, ...] = (
    names_gatescope.NAMING,
    names_paddle_legacy.NAMING,
    names_paddle.NAMING,
    names_short.NAMING,
    names_torch.NAMING,
    names_torch_docs.NAMING,
    names_textbook.NAMING,
    names_list.NAMING,
    names_flax.NAMING,
    names_mxnet.NAMING,
    names_chainer.NAMING,
    names_mlx.NAMING,
    names_tf1.NAMING,
    names_keras.NAMING,
)
