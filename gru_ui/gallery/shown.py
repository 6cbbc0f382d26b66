"""What is in front of the person on the page Gallery: a model, what it was given, and what it makes of it."""

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass, replace

from gru_core.errors import LinkError
from gru_core.gallery import Entry, GalleryModel, Part, Run
from gru_core.gallery.base import Given
from gru_core.gallery.walking import RATE, RECORDINGS, Walker, window
from gru_core.overrides import EXTREMES, Direction, GateOverride
from gru_core.sequences import Sequence
from gru_core.trace import GateTrace
from gru_ui import cache
from gru_ui.gallery.form import GalleryForm
from gru_ui.store import UploadedSequence, uploads

WINDOW = 400
"""Samples of a recording that are shown: four seconds, some three walking cycles."""


@dataclass(frozen=True)
class Layer:
    """One layer and direction of one GRU of the model."""

    part: str
    layer: int
    direction: Direction


@dataclass(frozen=True, eq=False)
class Shown:
    """A model of the gallery and what it is given, under the gate setting of the form."""

    form: GalleryForm
    model: GalleryModel
    given: Given

    @property
    def entry(self) -> Entry:
        """The model's entry."""
        return self.form.entry

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Every layer and direction of every GRU."""
        return tuple(
            Layer(part, index // gru.num_directions, gru.directions[index % gru.num_directions])
            for part, gru in self.model.grus.items()
            for index in range(len(gru.cells))
        )

    @property
    def number(self) -> int:
        """Which of them is shown; the first where the form names one that is not there."""
        return self.form.part_shown if self.form.part_shown < len(self.layers) else 0

    @property
    def layer(self) -> Layer:
        """The one that is shown."""
        return self.layers[self.number]

    @property
    def key(self) -> tuple[Hashable, ...]:
        """What decides a run but for the gates, as a cache key."""
        if isinstance(self.given, Sequence):
            return ("gallery", self.entry.name, self.given.fingerprint())
        return ("gallery", self.entry.name, hashlib.sha256(self.given.encode()).hexdigest())

    def overrides(self, gates: str) -> tuple[GateOverride, ...]:
        """A setting by name, held where the form says."""
        if self.form.where_held == "all":
            return EXTREMES[gates]
        only = (self.layer.layer,)
        return tuple(replace(o, layers=only, direction=self.layer.direction) for o in EXTREMES[gates])

    def run(self, gates: str | None = None) -> Run:
        """The run under the form's gates, or under another setting by name."""
        overrides = self.overrides(self.form.gates if gates is None else gates)
        only = self.layer.part if self.form.where_held == "one" and overrides else None
        return cache.kept().get(
            (*self.key, overrides, only), lambda: self.model.run(self.given, overrides, only), run_bytes
        )

    @property
    def part(self) -> Part:
        """The GRU that is shown, in the run under the form's gates."""
        return self.run().part(self.layer.part)

    def trace(self, gates: str | None = None) -> GateTrace:
        """The layer and direction that is shown."""
        part = self.run(gates).part(self.layer.part)
        wanted = (self.layer.layer, self.layer.direction)
        return next(t for t in part.traces if (t.layer, t.direction) == wanted)

    @property
    def orders(self) -> dict[str, tuple[int, ...]]:
        """The orders of units, from the learned trace, so that they stay while gates change."""
        learned = self.trace("learned")
        key = (*self.key, "orders", self.number)
        return cache.unit_orders_of(key, learned)


def show(form: GalleryForm) -> Shown:
    """The model of the form and what it is given.

    Raises a GateScopeError when its package is not installed, or a signal that was uploaded is gone.
    """
    model = cache.gallery_model(form.name, form.entry.version or "")
    if not isinstance(model, Walker):
        return Shown(form, model, form.given)
    return Shown(form, model, window(signal_of(form, model), form.start * RATE, WINDOW))


def signal_of(form: GalleryForm, walker: Walker) -> Sequence:
    """The whole recording of the form. Raises LinkError when it was uploaded and is gone."""
    name = form.given
    if name in RECORDINGS:
        return cache.kept().get(
            ("gallery", "recording", name),
            lambda: walker.recording(name),
            lambda found: found.values.nbytes + 60 * len(found),
        )
    upload = uploads().get(name.removeprefix("data."))
    if not isinstance(upload, UploadedSequence):
        raise LinkError("This link names a model where a signal should be: copy the whole link again.")
    return upload.sequence


def run_bytes(run: Run) -> int:
    """About what a run takes in memory."""
    return sum(8 * t.R.nbytes + t.X.nbytes for part in run.parts for t in part.traces) + 10_000
