"""From the weights that a run has kept back to a model."""

from dataclasses import replace

from safetensors import SafetensorError
from safetensors.torch import load

from gru_core.baselines import BaselineModel
from gru_core.errors import InputError
from gru_core.learner import untrained_model
from gru_core.model import SequenceModel
from gru_core.runs.spec import RunSpec


def model_from(
    spec: RunSpec, lane: int, weights: bytes, score: float | None
) -> SequenceModel | BaselineModel:
    """The model of a lane with these weights (the safetensors format), its held-out score on its card.

    Raises InputError when the weights are damaged or of other sizes.
    """
    model = untrained_model(spec.task.make(), spec.lanes[lane])
    try:
        model.load_state_dict(load(weights))
    except (SafetensorError, RuntimeError, ValueError) as error:
        raise InputError("The weights that this training has kept are damaged: train it again.") from error
    model.card = replace(model.card, accuracy=score)
    return model.eval()
