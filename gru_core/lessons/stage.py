"""What a step of a lesson is about: its model on its sequence under its gates, ready to be measured."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gru_core.demos import DEMOS, demo_path
from gru_core.errors import InputError
from gru_core.formats import load_model
from gru_core.lessons.lesson import LessonView
from gru_core.model import SequenceModel
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.sequences.examples import demo_sequence
from gru_core.sequences.probes import probe_sequence
from gru_core.trace import GateTrace, last_output, trace


@dataclass(frozen=True, eq=False)
class Stage:
    """One view of a lesson, resolved.

    x       (time, inputs) what the GRU reads
    labels  one text per step, "" where a step has no name
    target  the expected answer per step as text, () where it is not known
    open    makes the stage of another view, for measures that compare two
    """

    view: LessonView
    model: SequenceModel
    x: NDArray[np.float32]
    labels: tuple[str, ...]
    target: tuple[str, ...]
    open: Callable[[LessonView], "Stage"]
    _kept: dict[Any, Any] = field(default_factory=dict, repr=False)

    def traces(self, x: NDArray[np.float32] | None = None) -> list[GateTrace]:
        """All layers and directions under the view's gates, on its own input or another one."""
        if x is not None:
            return trace(self.model.gru, x, overrides=self.overrides)
        return self.kept("traces", lambda: trace(self.model.gru, self.x, overrides=self.overrides))

    @property
    def overrides(self) -> tuple[GateOverride, ...]:
        """The gates of the view."""
        return self.view.overrides

    @property
    def trace(self) -> GateTrace:
        """The layer and direction of the view. Raises InputError when the model has fewer."""
        traces = self.traces()
        if self.view.layer >= len(traces):
            raise InputError(
                f"There is no layer {self.view.layer}: this model has {len(traces)}, counted from 0."
            )
        return traces[self.view.layer]

    def answers(self, x: NDArray[np.float32] | None = None) -> NDArray[Any]:
        """(time, outputs). Raises InputError for a model without a readout."""
        found = self.model.answers(last_output(self.traces(x)))
        if found is None:
            raise InputError("This model has no readout, so there is no answer to be measured.")
        return np.asarray(found[0])

    def kept(self, name: Any, make: Callable[[], Any]) -> Any:
        """Computed once for this stage."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    def under(self, setting: str) -> "Stage":
        """The same with its gates at an extreme. Raises InputError for another name."""
        if setting not in EXTREMES:
            raise InputError(f"There is no extreme {setting[:40]!r}: choose one of {', '.join(EXTREMES)}.")
        return self.open(self.view.but(gates=setting))


@lru_cache(maxsize=64)
def demo_stage(view: LessonView) -> Stage:
    """The stage of a view of a demo model, which is what shipped lessons are about.

    Raises InputError for a model or a sequence that the core alone does not know.
    """
    if view.model not in DEMOS:
        raise InputError(f"There is no demo model {view.model[:40]!r}: choose one of {', '.join(DEMOS)}.")
    model = _demo(view.model)
    kind, _, rest = view.sequence.partition(".")
    target: tuple[str, ...] = ()
    if kind == "probe":
        sequence = probe_sequence(rest, model.gru.input_size)
    elif kind == "example" and rest.isdigit():
        sequence = demo_sequence(model, int(rest))
        target = model.card.examples[int(rest)].target
    else:
        raise InputError(f"There is no sequence {view.sequence[:40]!r}: name one such as example.0.")
    x = model.encoder.encode(sequence)
    return Stage(view, model, x, sequence.labels, target, demo_stage)


@lru_cache(maxsize=len(DEMOS))
def _demo(name: str) -> SequenceModel:
    return load_model(demo_path(name))
