"""The plain RNN and the LSTM that were trained on each demo model's task, to be compared with it.

As many units and layers, the same lessons and as many updates as the demo model (gru_core/recipes.py),
without its prices; `python assets/train_models.py --baselines` trains them again.
"""

import json
from dataclasses import replace
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from gru_core.baselines import Baseline, BaselineModel
from gru_core.demos import DEMOS, demo_path
from gru_core.errors import ModelFileError
from gru_core.model import SequenceModel

BASELINES: tuple[Baseline, ...] = ("rnn", "lstm")
"""The kinds, in the order in which they are shown."""

_KEY = "gatescope_baseline"


def baseline_path(name: str, kind: Baseline) -> Path:
    """The file of the baseline of a demo model. Raises InputError for an unknown demo."""
    demo = demo_path(name)
    return demo.parent / "baselines" / f"{name}-{kind}.safetensors"


def has_baselines(name: str) -> bool:
    """Whether an RNN and an LSTM were trained beside the model of that name: those of some demos were."""
    return name in DEMOS and all(baseline_path(name, kind).exists() for kind in BASELINES)


def save_baseline(model: BaselineModel, name: str) -> Path:
    """Write a trained baseline of a demo model, its held-out score beside its weights; gives the file."""
    path = baseline_path(name, model.kind)
    path.parent.mkdir(parents=True, exist_ok=True)
    core = model.core
    described = {"units": core.hidden_size, "layers": core.num_layers, "accuracy": model.card.accuracy}
    tensors = {key: tensor.detach().contiguous() for key, tensor in model.state_dict().items()}
    save_file(tensors, str(path), metadata={_KEY: json.dumps(described)})
    path.chmod(0o644)  # readable by whoever serves the app, as every other file of the project
    return path


def load_baseline(demo: SequenceModel, kind: Baseline) -> BaselineModel:
    """The baseline of a demo model, reading and answering as that does; its own score on its card.

    Raises InputError for a model that is no demo, ModelFileError when the file is missing or damaged.
    """
    path = baseline_path(demo.card.name, kind)
    try:
        with safe_open(path, framework="pt") as opened:
            described = json.loads(opened.metadata()[_KEY])
        card = replace(demo.card, accuracy=float(described["accuracy"]))
        units, layers = int(described["units"]), int(described["layers"])
        model = BaselineModel(kind, demo.encoder, units, layers, len(card.outputs), card)
        model.load_state_dict(load_file(path))
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelFileError(
            f"The file {path.name} of the {kind.upper()} beside this demo model is missing or damaged: "
            "take it from the project again, or train it again."
        ) from error
    return model.eval()
