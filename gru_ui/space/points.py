"""The fixed points that belong to a view: sought here where that is quick, else by a worker."""

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.answer import number_text
from gru_core.analysis.fact import visible
from gru_core.analysis.fixed_points import (
    FixedPoints,
    HeldStep,
    find_fixed_points,
    held_step,
    starting_states,
    starts_for,
)
from gru_core.analysis.fixed_points.far import found_in, search, search_parcel
from gru_core.analysis.space import Held
from gru_core.sequences.encoders import NumberEncoder
from gru_ui import cache
from gru_ui.meaning import worked_out
from gru_ui.view import View

QUICK_UNITS: Final = 32
"""Up to so many units a search takes a fraction of a second."""

MOST_UNITS: Final = 512
"""More units than these are not searched: a single round would take seconds."""


def held_by_default(view: View) -> str:
    """Numbers may well stay at 0, their mean as a rule; a symbol is never nothing."""
    return "zero" if isinstance(view.model.encoder, NumberEncoder) else "step"


def held_points(view: View, what: str) -> Held | None:
    """The points under the view's gates while the input `what` is held; None until they are known.

    Draws how far the search is where it takes a worker. None as well above MOST_UNITS units.
    """
    t, step = view.trace, min(view.workspace.cursor, view.trace.steps - 1)
    if t.units > MOST_UNITS:
        return None
    at_step = held_step(
        view.model.gru,
        {"zero": np.zeros(t.X.shape[2]), "mean": t.X[0].mean(axis=0, dtype=np.float64)}.get(
            what, t.X[0, step]
        ),
        view.overrides,
        layer=t.layer,
        direction=t.direction,
        step=step,
        steps=t.steps,
    )
    some_held = at_step.frozen.any() and not at_step.frozen.all()
    held_at = np.asarray(t.H[0, step] if some_held else t.H0[0], np.float64)
    starts = starting_states(np.concatenate([t.H0[:1], t.H[0]]), starts_for(t.units))
    found = _found(at_step, starts, held_at)
    return None if found is None else Held(what, step, found, answers_at(view, found.states))


def answers_at(view: View, states: NDArray[np.float64]) -> tuple[str, ...]:
    """What the model would answer from each state; () where the layer's state alone does not decide that."""
    gru, card = view.model.gru, view.model.card
    is_last = view.trace.layer == gru.num_layers - 1 and not gru.bidirectional
    given = view.model.answers(states.astype(np.float32)[None]) if is_last and len(states) else None
    if given is None:
        return ()
    if card.answer == "class":
        return tuple(visible(view.in_words(card.outputs[index])) for index in given[0].argmax(axis=-1))
    return tuple(number_text(float(row[0])) for row in given[0])


def _found(step: HeldStep, starts: NDArray[np.float64], held_at: NDArray[np.float64]) -> FixedPoints | None:
    key = ("fixed_points", _digest(step, starts, held_at))
    if step.units <= QUICK_UNITS or step.frozen.all():
        return cache.kept().get(key, lambda: find_fixed_points(step, starts, held_at), _size)
    return worked_out(
        "space_points", key, search, lambda: search_parcel(step, starts, held_at), found_in, size=_size
    )


def _digest(step: HeldStep, *arrays: NDArray[np.float64]) -> str:
    digest = hashlib.sha256(repr((step.reset_mode, step.reset.activation)).encode())
    gates = [
        part
        for gate in (step.reset, step.update)
        for part in (gate.offset, gate.weight, gate.keep, gate.force)
    ]
    for array in (*gates, step.offset, step.weight, step.bias_hh, *arrays):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _size(found: FixedPoints) -> int:
    return 1_000 + found.slow.nbytes + sum(p.state.nbytes + p.eigenvalues.nbytes for p in found.points)
