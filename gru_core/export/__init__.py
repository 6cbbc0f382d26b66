"""What a person can take home: the numbers (NPZ, CSV), a picture that works offline, and the Python lines."""

from gru_core.export.arrays import baseline_arrays, trace_arrays, trace_to_npz
from gru_core.export.page import figure_to_html
from gru_core.export.python import python_lines
from gru_core.export.table import trace_to_csv

__all__ = [
    "baseline_arrays",
    "figure_to_html",
    "python_lines",
    "trace_arrays",
    "trace_to_csv",
    "trace_to_npz",
]
