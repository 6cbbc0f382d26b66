"""A view's layer of two units as its phase portrait takes it."""

import numpy as np
from numpy.typing import NDArray

from gru_core.sequences.encoders import EmbeddingEncoder, NumberEncoder, SymbolEncoder
from gru_ui.components.portrait import Knob, PortraitData
from gru_ui.texts import say
from gru_ui.view import View


def portrait_data(view: View) -> PortraitData:
    """The chosen layer and direction. Raises ShapeError where it has another number of units than two."""
    symbols, rows = _symbols(view)
    return PortraitData.of(
        view.model.gru,
        view.trace,
        overrides=view.overrides,
        labels=view.ticks,
        symbols=symbols,
        symbol_rows=rows,
        knobs=() if symbols else _knobs(view),
    )


def _symbols(view: View) -> tuple[tuple[str, ...], NDArray[np.floating] | None]:
    """The symbols that the layer can be given, and what it reads for each; none for a higher layer."""
    encoder = view.model.encoder
    if view.trace.layer == 0 and isinstance(encoder, SymbolEncoder):
        return encoder.vocabulary, np.eye(encoder.width)
    if view.trace.layer == 0 and isinstance(encoder, EmbeddingEncoder) and encoder.tokens:
        return encoder.tokens, encoder.matrix[: len(encoder.tokens)]
    return (), None


def _knobs(view: View) -> tuple[Knob, ...]:
    """A slider per input, in the units of the data where the layer reads those, else as it reads them."""
    X, encoder = view.trace.X[0], view.model.encoder
    names = [say("phase.input", number=number) for number in range(X.shape[1])]
    mean, std = [0.0] * X.shape[1], [1.0] * X.shape[1]
    if view.trace.layer == 0 and isinstance(encoder, NumberEncoder):
        names = [view.in_words(name) for name in encoder.names]
        if not encoder.own_scale:
            mean, std = list(encoder.mean), list(encoder.std)
    elif view.trace.layer > 0:
        names = [say("phase.unit_below", unit=unit) for unit in range(X.shape[1])]
    low, high = np.minimum(X.min(axis=0), -1), np.maximum(X.max(axis=0), 1)
    return tuple(
        Knob(name, m, s, float(a) * s + m, float(b) * s + m)
        for name, m, s, a, b in zip(names, mean, std, low, high, strict=True)
    )
