"""Gates from inside torch's own layers, which tests use as an oracle as the app's proofs do."""

from gru_core.analysis.inside_torch import gates_inside, lstm_gates_inside

__all__ = ["gates_inside", "lstm_gates_inside"]
