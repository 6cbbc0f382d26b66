"""Model files: one module per container and per way of naming parameters, and the three ways in."""

from gru_core.formats.choices import Choices
from gru_core.formats.contents import OtherLayer, TensorInfo
from gru_core.formats.gatescope import save_model
from gru_core.formats.loading import (
    FORMATS,
    MODEL_SUFFIXES,
    FoundGRU,
    Inspection,
    inspect_file,
    load,
    load_model,
    load_models,
)

__all__ = [
    "FORMATS",
    "MODEL_SUFFIXES",
    "Choices",
    "FoundGRU",
    "Inspection",
    "OtherLayer",
    "TensorInfo",
    "inspect_file",
    "load",
    "load_model",
    "load_models",
    "save_model",
]
