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
    is_one_model,
    load,
    load_model,
    load_models,
    named_arrays,
)
from gru_core.formats.newest import newest_model
from gru_core.formats.readings.agreement import Agreement, Search, agreeing_readings
from gru_core.formats.readings.reading import Reading
from gru_core.formats.readings.suggestions import Suggested, suggest_parts, suggest_readings

__all__ = [
    "FORMATS",
    "MODEL_SUFFIXES",
    "Agreement",
    "Choices",
    "FoundGRU",
    "Inspection",
    "OtherLayer",
    "Reading",
    "Search",
    "Suggested",
    "TensorInfo",
    "agreeing_readings",
    "inspect_file",
    "is_one_model",
    "load",
    "load_model",
    "load_models",
    "named_arrays",
    "newest_model",
    "save_model",
    "suggest_parts",
    "suggest_readings",
]
