"""GateScope's core: the gates of a GRU at every step, and what they mean. Knows no screen.

from gru_core import GRU, trace, EXTREMES
traces = trace(GRU(3, 16), x)                             # learned gates
frozen = trace(gru, x, overrides=EXTREMES["copy"])        # Z = 1: the state never changes
"""

from gru_core.analysis.ledger import memory_ledger
from gru_core.conventions import CONVENTIONS
from gru_core.errors import GateScopeError
from gru_core.formats import inspect_file, load, load_model
from gru_core.formats.gatescope import save_model
from gru_core.model import GRU, Example, ModelCard, SequenceModel
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.sequences import Sequence, read_pasted, read_sequence
from gru_core.trace import GateTrace, trace

__all__ = [
    "CONVENTIONS",
    "EXTREMES",
    "GRU",
    "Example",
    "GateOverride",
    "GateScopeError",
    "GateTrace",
    "ModelCard",
    "Sequence",
    "SequenceModel",
    "inspect_file",
    "load",
    "load_model",
    "memory_ledger",
    "read_pasted",
    "read_sequence",
    "save_model",
    "trace",
]
