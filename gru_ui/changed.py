"""The layer of a view with what a person changed inside its cell."""

from dataclasses import replace

from gru_core.edits import apply_edits, one_layer, overrides_of_layer, read_edits
from gru_core.sequences.encoders import EmbeddingEncoder
from gru_core.trace import GateTrace, trace
from gru_ui.view import View


def changed_trace(view: View, edits: str) -> GateTrace:
    """The chosen layer and direction under a view's gates and then the changes. Raises LinkError."""
    gru, encoder, shown = view.model.gru, view.model.encoder, view.trace
    rows = encoder.matrix if isinstance(encoder, EmbeddingEncoder) and shown.layer == 0 else None
    made = apply_edits(
        one_layer(gru, view.layer),
        shown.X[0],
        shown.H0[0],
        read_edits(edits),
        overrides=overrides_of_layer(gru, view.layer, view.overrides),
        symbol_rows=rows,
    )
    found = trace(made.gru, made.x, made.h0, made.overrides)[0]
    return replace(found, layer=shown.layer)
