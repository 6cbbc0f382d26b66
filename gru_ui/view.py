"""What is in front of the person now: model, sequence, gates and the trace of it all."""

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gru_core.analysis.answer import Verdict, verdict
from gru_core.errors import LinkError
from gru_core.fitting import Fitting, fit, readouts
from gru_core.limits import check_trace_size
from gru_core.model import SequenceModel
from gru_core.overrides import EXTREMES, GateOverride, compile_overrides
from gru_core.sequences import Sequence
from gru_core.sequences.examples import demo_sequence
from gru_core.sequences.probes import probe_sequence
from gru_core.trace import GateTrace, last_output
from gru_ui import cache
from gru_ui.gallery.as_model import gallery_sequence_model, gallery_title
from gru_ui.language.sentences import translated
from gru_ui.store import FittedModel, Upload, UploadedModel, UploadedSequence, unpack_sequence, uploads
from gru_ui.texts import say
from gru_ui.training.names import title_in_words
from gru_ui.workspace import Workspace


@dataclass(frozen=True, eq=False)
class View:
    """One model on one sequence under one gate setting.

    x        (time, inputs) what the GRU reads
    target   the expected answer per step as text ("" where none is asked); () when it is not known
    """

    workspace: Workspace
    model: SequenceModel
    sequence: Sequence
    target: tuple[str, ...]
    x: NDArray[np.float32]
    x_fingerprint: str
    overrides: tuple[GateOverride, ...]

    def traces(self, overrides: tuple[GateOverride, ...] | None = None) -> list[GateTrace]:
        """All layers and directions, under this view's gates or others."""
        return cache.traces(
            self.model, self.x, self.x_fingerprint, self.overrides if overrides is None else overrides
        )

    @property
    def key(self) -> tuple[Hashable, ...]:
        """What decides this view's trace, as a cache key."""
        return (cache.fingerprint(self.model), self.x_fingerprint, self.overrides)

    @property
    def layer(self) -> int:
        """The chosen layer and direction, or the first when the model has fewer."""
        return self.workspace.layer if self.workspace.layer < len(self.model.gru.cells) else 0

    @property
    def trace(self) -> GateTrace:
        """The chosen layer and direction under this view's gates."""
        return self.traces()[self.layer]

    def answers(self, overrides: tuple[GateOverride, ...] | None = None) -> NDArray[Any] | None:
        """The answers (time, outputs); None for a model without a readout."""
        found = self.model.answers(last_output(self.traces(overrides)))
        return None if found is None else found[0]

    def verdict(self, overrides: tuple[GateOverride, ...] | None = None) -> Verdict | None:
        """Whether the answers are right, under this view's gates or others."""
        return verdict(self.model.card, self.answers(overrides), self.target)

    @property
    def ticks(self) -> tuple[str, ...]:
        """One label per step: its symbol or row label; for a bare series, the number; else nothing."""
        labels, values = self.sequence.labels, self.sequence.values
        if any(labels) or values.shape[1] > 1:
            return labels
        return tuple(f"{value:.3g}" for value in values[:, 0].tolist())

    @property
    def orders(self) -> dict[str, tuple[int, ...]]:
        """The orders of units by name."""
        return cache.orders(self.model, self.x, self.x_fingerprint, self.layer)

    def in_words(self, text: str) -> str:
        """A word of the model's card in the reader's language; of a model that was brought, as it is."""
        return text if self.workspace.model.startswith("file.") else translated(text)

    def setting_name(self) -> str:
        """The name of the extreme these gates are, or "custom"."""
        return next((name for name, value in EXTREMES.items() if value == self.overrides), "custom")


def file_name(view: View) -> str:
    """What a file saved from this view is called, without its ending: the model and the gates."""
    return f"{view.model.card.name}-{view.setting_name()}"


def model_of(reference: str) -> SequenceModel:
    """The model a workspace names. Raises LinkError when it was uploaded or trained and is gone."""
    if reference.startswith("run."):
        _, key, lane, update = reference.split(".")
        return cache.run_model(key, int(lane), int(update))
    if reference.startswith("gallery."):
        return gallery_sequence_model(reference)
    if not reference.startswith("file."):
        return cache.demo_model(reference)
    _, key, number = reference.split(".")
    upload = uploads().get(key)
    if isinstance(upload, FittedModel):
        return _fitted(key, upload)
    return _of_upload(upload, int(number))


def _of_upload(upload: Upload, number: int) -> SequenceModel:
    models = list(upload.models.values()) if isinstance(upload, UploadedModel) else []
    if number >= len(models):
        raise LinkError(f"This link names GRU number {number} of an uploaded file that has {len(models)}.")
    return models[number]


def _fitted(key: str, fitted: FittedModel) -> SequenceModel:
    """An uploaded GRU with its inputs and readout; made once, since the same model is the same object."""

    def make() -> SequenceModel:
        parent = uploads().get(fitted.parent)
        model = _of_upload(parent, fitted.number)
        others = parent.inspection.others if isinstance(parent, UploadedModel) else ()
        made = fit(model, others, fitted.fitting)
        made.card = replace(made.card, title=fitted.title)
        return made

    # Asked for whether it is kept or not, so that the upload it was made from is not the first to go.
    uploads().get(fitted.parent)
    return cache.kept().get(("fitted", key), make, lambda made: fitted.size)


def origin_of(reference: str) -> tuple[str, int] | None:
    """The key of the upload that a model is a GRU of, and which one; None for a model from elsewhere."""
    if not reference.startswith("file."):
        return None
    _, key, number = reference.split(".")
    try:
        upload = uploads().get(key)
    except LinkError:
        return None
    return (upload.parent, upload.number) if isinstance(upload, FittedModel) else (key, int(number))


def upload_of(reference: str) -> tuple[UploadedModel, str, Fitting] | None:
    """The upload that a model is a GRU of, the name of that GRU, and what was added to it.

    None for a model from elsewhere, or one that is gone.
    """
    origin = origin_of(reference)
    if origin is None:
        return None
    try:
        parent, chosen = uploads().get(origin[0]), uploads().get(reference.split(".")[1])
    except LinkError:
        return None
    if not isinstance(parent, UploadedModel) or origin[1] >= len(parent.models):
        return None
    fitting = chosen.fitting if isinstance(chosen, FittedModel) else Fitting()
    return parent, list(parent.models)[origin[1]], fitting


def uploaded_title(reference: str) -> str:
    """What an upload is called in lists, as long as it is here; "" for what is gone or from elsewhere."""
    kind, _, rest = reference.partition(".")
    key, _, number = rest.partition(".")
    if kind not in ("file", "data"):
        return ""
    try:
        upload = uploads().get(key)
    except LinkError:
        return ""
    return upload.titles[int(number or 0)] if isinstance(upload, UploadedModel) else upload.title


def readouts_of(reference: str) -> tuple[str, ...]:
    """The layers of an upload that could read the answers of one of its models, where none does yet."""
    chosen = upload_of(reference)
    if chosen is None or chosen[0].inspection.complete or chosen[2].readout is not None:
        return ()
    return tuple(layer.name for layer in readouts(chosen[0].inspection.others, chosen[1]))


def trained_title(reference: str) -> str:
    """What a trained model, one's own or the gallery's, is called in lists; "" for a model from elsewhere."""
    if reference.startswith("gallery."):
        return gallery_title(reference)
    if not reference.startswith("run."):
        return ""
    _, key, _, update = reference.split(".")
    return say(
        "run.model_title",
        title=title_in_words(cache.run_service().look(key).title),
        update=f"{int(update):,}",
    )


def sequence_of(reference: str, model: SequenceModel) -> tuple[Sequence, tuple[str, ...]]:
    """The sequence a workspace names, and the expected answer per step.

    Raises LinkError when there is none.
    """
    kind, _, rest = reference.partition(".")
    if kind == "probe":
        return probe_sequence(rest, model.gru.input_size), ()
    if kind == "text":
        return unpack_sequence(rest), ()
    if kind == "data":
        upload = uploads().get(rest)
        if not isinstance(upload, UploadedSequence):
            raise LinkError("This link names a model where a sequence should be: copy the whole link again.")
        return upload.sequence, ()
    if int(rest) >= len(model.card.examples):
        raise LinkError(
            f"This link names example {rest}, and this model has {len(model.card.examples)}: "
            "choose one from the list of sequences."
        )
    return demo_sequence(model, int(rest)), model.card.examples[int(rest)].target


def build(workspace: Workspace) -> View:
    """The view of a workspace. Raises a GateScopeError that says why when there is none."""
    model = model_of(workspace.model)
    sequence, target = sequence_of(workspace.sequence, model)
    overrides = workspace.overrides
    x = model.encoder.encode(sequence, workspace.columns or None)
    check_trace_size(len(x), model.gru.hidden_size, len(model.gru.cells))
    # Units and steps that do not exist are refused here, before anything is drawn or any slider is moved.
    compile_overrides(workspace.stated, steps=len(x), units=model.gru.hidden_size)
    read = hashlib.sha256(x.tobytes()).hexdigest()
    return View(workspace, model, sequence, target, x, read, overrides)


def default_sequence(model: SequenceModel) -> str:
    """The sequence a model opens with: its first example, or a probe."""
    return "example.0" if model.card.examples else "probe.impulse"


def with_model(workspace: Workspace, reference: str) -> Workspace:
    """The workspace with another model; the sequence stays where the new model can read it."""
    model = model_of(reference)
    changed = workspace.but(model=reference)
    if changed.sequence.startswith(("data.", "text.")):
        try:
            build(changed)
        except (LinkError, ValueError):
            return changed.but(sequence=default_sequence(model))
        return changed
    return changed.but(sequence=default_sequence(model))
