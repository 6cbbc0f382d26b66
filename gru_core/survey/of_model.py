"""The survey of a model over its own data set: what its task holds out, or the examples on its card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from gru_core.analysis.parcels import pack, unpack
from gru_core.errors import InputError
from gru_core.jobs.names import Heard, Tell
from gru_core.jobs.parcel import Parcel
from gru_core.model import SequenceModel
from gru_core.overrides import GateOverride
from gru_core.survey.inputs import inputs_of
from gru_core.survey.statistics import Survey
from gru_core.survey.work import count, counts_parcel
from gru_core.tasks.to_search import sequences_of

DATA_STEPS: Final = 100_000
"""Steps of a model's data set that are counted, from the first sequence on."""


def survey_of_data(
    model: SequenceModel, overrides: Sequence[GateOverride] = (), steps: int = DATA_STEPS
) -> Survey:
    """The gates over the model's data set, see `sequences_of`. Raises InputError where it has none."""
    return _counted(model, overrides, steps, lambda done: False)


def data_parcel(
    model: SequenceModel, overrides: Sequence[GateOverride] = (), steps: int = DATA_STEPS
) -> Parcel:
    """What `count_data` needs."""
    return pack(model, np.zeros((1, 1), np.float32), overrides, steps=steps)


def count_data(parcel: Parcel, tell: Tell, heard: Heard) -> Parcel:
    """The counts of `survey_of_data`, for a worker: `counts_of` reads them. Ends early at "stop"."""
    packed = unpack(parcel)
    assert packed.model is not None

    def stopped(done: float) -> bool:
        tell(Parcel({"done": done}))
        return heard() == "stop"

    return counts_parcel(_counted(packed.model, packed.overrides, packed.head["steps"], stopped))


def _counted(
    model: SequenceModel,
    overrides: Sequence[GateOverride],
    steps: int,
    stopped: Callable[[float], bool],
) -> Survey:
    inputs = [
        inputs_of(model, sequence, str(number)) for number, sequence in enumerate(sequences_of(model, steps))
    ]
    if not inputs:
        raise InputError("This model comes with no data of its own: survey a file of yours instead.")
    return count(model.gru, inputs, overrides, stopped=lambda done: stopped(done / len(inputs)))
