"""The two sides of a comparison: what they are called, and their numbers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from gru_core.errors import GateScopeError, InputError
from gru_core.limits import check_trace_size
from gru_core.overrides import EXTREMES
from gru_core.symbols import TRACED
from gru_core.trace import GateTrace, last_output
from gru_ui import cache
from gru_ui.compare.form import CompareForm
from gru_ui.frame import model_titles, sequence_titles
from gru_ui.gradients.beside import beside
from gru_ui.texts import say
from gru_ui.view import View, build, model_of, with_model

Arrays = Mapping[str, NDArray[np.floating]]


@dataclass(frozen=True, eq=False)
class Side:
    """One side.

    name     what it is, in the reader's language
    arrays   what can be compared, by the names of symbols, each (time, units)
    ticks    one label per step
    same     whether its units are those of the left, under other circumstances
    answers  (time, outputs); None without a readout
    reads    the sequence that it reads, in words, where that is not the left's; else ""
    """

    name: str
    arrays: Arrays
    ticks: tuple[str, ...]
    same: bool = True
    answers: NDArray[Any] | None = None
    reads: str = ""


def choices(view: View, against: str) -> dict[Any, str]:
    """What the right side may be, by its value in the form, with what it is called; the left is left out.

    Raises InputError with the reason where there is nothing.
    """
    chosen, found = view.workspace, dict[Any, str]()
    if against == "gates":
        found = {name: say(f"frame.gates_{name}") for name in EXTREMES if name != chosen.gates}
    elif against == "sequence":
        titles = sequence_titles(view.model, chosen.sequence)
        found = {reference: title for reference, title in titles.items() if reference != chosen.sequence}
    elif against == "layer":
        found = {cell: layer_name(view, cell) for cell in range(len(view.traces())) if cell != view.layer}
    elif against == "model":
        titles = model_titles(chosen.model)
        found = {reference: title for reference, title in titles.items() if reference != chosen.model}
    elif against == "training":
        found = {update: say("compare.update", update=f"{update:,}") for update in moments(view)}
    else:
        found = {model.kind: model.kind.upper() for model in beside(view).models}
    if not found:
        raise InputError(say(f"compare.no_{against}"))
    return found


def moments(view: View) -> tuple[int, ...]:
    """The moments of its training at which the view's model was kept, but for its own; () for no training."""
    if not view.workspace.model.startswith("run."):
        return ()
    _, key, lane, own = view.workspace.model.split(".")
    frames = cache.run_service().look(key).lanes[int(lane)].frames
    return tuple(frame.update for frame in frames if frame.update != int(own))


def picked(form: CompareForm, found: Mapping[Any, str]) -> Any:
    """Which of the choices is meant: what the form says, or the first."""
    wanted = getattr(form, FIELDS[form.against])
    return wanted if wanted in found else next(iter(found))


FIELDS = {"gates": "gates", "sequence": "sequence", "layer": "layer", "model": "model"} | {
    "training": "update",
    "other": "other",
}
"""The field of the form that says which, by what the sides differ in."""


def left_side(view: View, against: str) -> Side:
    """What the frame shows, called by what the right side differs in."""
    chosen = view.workspace
    if against == "gates":
        name = say(f"frame.gates_{chosen.gates}")
    elif against == "sequence":
        name = sequence_titles(view.model, chosen.sequence)[chosen.sequence]
    elif against == "layer":
        name = layer_name(view, view.layer)
    elif against == "training":
        name = say("compare.update", update=f"{int(chosen.model.split('.')[3]):,}")
    elif against == "other":
        name = "GRU"
    else:
        name = model_titles(chosen.model)[chosen.model]
    return Side(name, arrays_of(view.trace), view.ticks, answers=view.answers())


def right_side(view: View, against: str, value: Any, name: str) -> Side:
    """The other side. Raises a GateScopeError with the reason where there can be none."""
    if against == "gates":
        overrides = EXTREMES[value]
        t = view.traces(overrides)[view.layer]
        return Side(name, arrays_of(t), view.ticks, answers=view.answers(overrides))
    if against == "layer":
        return Side(name, arrays_of(view.traces()[value]), view.ticks, same=False)
    if against == "sequence":
        other = build(view.workspace.but(sequence=value, gates="learned"))
        return _of_view(other, view, name, same=True)
    if against == "other":
        return _baseline(view, value, name)
    reference = value
    if against == "training":
        reference = ".".join([*view.workspace.model.split(".")[:3], str(value)])
    return _other_model(view, reference, name, same=against == "training")


def _other_model(view: View, reference: str, name: str, same: bool) -> Side:
    """Another model on the left's sequence, or, where it cannot read that, on one of its own."""
    model = model_of(reference)
    try:
        x = model.encoder.encode(view.sequence, view.workspace.columns or None)
    except GateScopeError:
        other = build(with_model(view.workspace, reference).but(gates="learned"))
        reads = sequence_titles(model, other.workspace.sequence)[other.workspace.sequence]
        return _of_view(other, view, name, same=same, reads=reads)
    check_trace_size(len(x), model.gru.hidden_size, len(model.gru.cells))
    traces = cache.traces(model, x, hashlib.sha256(x.tobytes()).hexdigest(), view.overrides)
    layer = min(view.layer, len(traces) - 1)
    answers = model.answers(last_output(traces))
    return Side(
        name, arrays_of(traces[layer]), view.ticks, same=same, answers=None if answers is None else answers[0]
    )


def _of_view(other: View, view: View, name: str, *, same: bool, reads: str = "") -> Side:
    """A view of another model or sequence, under the left's gates and in its layer, if it has that."""
    layer = min(view.layer, len(other.traces(view.overrides)) - 1)
    t = other.traces(view.overrides)[layer]
    return Side(
        name, arrays_of(t), other.ticks, same=same, answers=other.answers(view.overrides), reads=reads
    )


@torch.no_grad()
def _baseline(view: View, kind: str, name: str) -> Side:
    model = next(model for model in beside(view).models if model.kind == kind)
    traces = cache.baseline_traces(model.core, view.x, False)
    t = traces[min(view.layer, len(traces) - 1)]
    raw = model.readout(torch.tensor(traces[-1].H[0])).numpy()
    card = model.card
    if card.answer == "class":
        answers = np.exp(raw - raw.max(axis=1, keepdims=True))
        answers /= answers.sum(axis=1, keepdims=True)
    else:
        answers = raw * card.output_std + card.output_mean
    return Side(name, {"H": t.H[0]}, view.ticks, same=False, answers=answers)


def arrays_of(t: GateTrace) -> Arrays:
    """R, Z, H_tilde and H of the first sequence of the batch."""
    return {symbol.name: getattr(t, symbol.name)[0] for symbol in TRACED}


def layer_name(view: View, cell: int) -> str:
    """A layer and direction in words."""
    layer, direction = divmod(cell, view.model.gru.num_directions)
    words = say(f"frame.{view.model.gru.directions[direction]}")
    return say("frame.layer_name", layer=layer, direction=words)
