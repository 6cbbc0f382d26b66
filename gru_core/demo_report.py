"""What assets/README.md says of the demo models, measured on the files as they are."""

from gru_core.model import SequenceModel
from gru_core.tasks.base import Task


def measure(model: SequenceModel, task: Task) -> dict[str, float]:
    from gru_core.overrides import EXTREMES
    from gru_core.tasks.evaluation import held_out_score

    return {name: held_out_score(model, task, o) for name, o in EXTREMES.items()}


def write_readme() -> None:
    pass
