"""assets/README.md: what the demo models can do, measured on their files as they are.

The text around the tables is written by people; the tables stand between markers and are written here.
"""

import math
from dataclasses import replace
from pathlib import Path

from gru_core.demo_baselines import BASELINES, has_baselines, load_baseline
from gru_core.demos import demo_path
from gru_core.errors import ModelFileError
from gru_core.formats.loading import load_model
from gru_core.model import SequenceModel
from gru_core.overrides import EXTREMES
from gru_core.recipes import RECIPES, Recipe
from gru_core.sequences.encoders import names_of, symbols_of
from gru_core.tasks.adding import Adding
from gru_core.tasks.base import Task
from gru_core.tasks.brackets import Brackets
from gru_core.tasks.elnino import ElNino
from gru_core.tasks.evaluation import baseline_score, held_out_score
from gru_core.tasks.flipflop import FlipFlop
from gru_core.tasks.letters import Letters, bits, counted_bits
from gru_core.tasks.parity import Parity
from gru_core.tasks.remember import RememberFirst

README = Path(__file__).resolve().parent.parent / "assets" / "README.md"
LONGER: tuple[int, ...] = (100, 200, 1000)
"""Lengths at which it is measured how a model does beyond what it was trained on."""

MOST_SPELT = 10
"""Inputs of a model that are named in the table; of more, it says how many they are."""

Made = RememberFirst | Parity | Brackets | Adding | FlipFlop
"""Tasks whose sequences are made to length."""


def write_readme(path: Path = README) -> None:
    """Write every table of the file again. Raises ModelFileError when a marker is missing from it."""
    text = path.read_text(encoding="utf-8")
    for name in ("models", "extremes", "longer", "baselines", "training", "elnino", "letters"):
        text = _between(text, name, "")  # refused before anything long is begun
    models = [(recipe, load_model(demo_path(recipe.task.name))) for recipe in RECIPES]
    for name, content in (
        ("models", models_table(models)),
        ("extremes", extremes_table(models)),
        ("longer", longer_table(models)),
        ("baselines", baselines_table(models)),
        ("training", training_table()),
        ("elnino", _elnino_sentence()),
        ("letters", _letters_table()),
    ):
        text = _between(text, name, content)
    path.write_text(text, encoding="utf-8")


def models_table(models: list[tuple[Recipe, SequenceModel]]) -> str:
    """One row per model: sizes, and its score beside that of guessing."""
    rows: list[tuple[str, ...]] = []
    for recipe, model in models:
        task, gru = recipe.task, model.gru
        inputs = symbols_of(model.encoder) or names_of(model.encoder)
        size = demo_path(task.name).stat().st_size / 1000
        rows.append(
            (
                f"`{task.name}`",
                task.title,
                " ".join(inputs) if len(inputs) <= MOST_SPELT else f"{len(inputs)} symbols",
                f"{gru.hidden_size}" if gru.num_layers == 1 else f"{gru.num_layers} × {gru.hidden_size}",
                gru.reset_mode,
                f"{sum(parameter.numel() for parameter in model.parameters()):,}",
                f"{size:.0f} kB",
                task.metric,
                f"**{held_out_score(model, task):.4f}**",
                f"{task.chance:.4f} ({task.guess})",
            )
        )
    head = (
        "name",
        "title",
        "reads",
        "units",
        "reset mode",
        "parameters",
        "file",
        "metric",
        "held out",
        "guessing",
    )
    return _table(head, rows)


def extremes_table(models: list[tuple[Recipe, SequenceModel]]) -> str:
    """The same score with the gates as learned and at each extreme."""
    rows = [
        (f"`{recipe.task.name}`", *(score_text(model, recipe.task, setting) for setting in EXTREMES))
        for recipe, model in models
    ]
    return _table(("name", *EXTREMES), rows)


def score_text(model: SequenceModel, task: Task, setting: str) -> str:
    """The held-out score under one of the EXTREMES, as the table has it."""
    return f"{held_out_score(model, task, EXTREMES[setting]):.4f}"


def longer_table(models: list[tuple[Recipe, SequenceModel]]) -> str:
    """The score on sequences of one length each, longer than most or any that were learned from."""
    rows = []
    for recipe, model in models:
        task = recipe.task
        if isinstance(task, Made):
            scores = (longer_score(model, task, length) for length in LONGER)
            rows.append((f"`{task.name}`", f"{task.longest}", *(f"{score:.4f}" for score in scores)))
    return _table(("name", "trained up to", *(f"{length:,} steps" for length in LONGER)), rows)


def longer_score(model: SequenceModel, task: Made, length: int) -> float:
    """The held-out score on 128 sequences of exactly that length."""
    return held_out_score(model, replace(task, shortest=length, longest=length), batches=4)


def baselines_table(models: list[tuple[Recipe, SequenceModel]]) -> str:
    """The score of each model beside those of the RNN and the LSTM that were trained on its task."""
    rows = []
    for recipe, model in models:
        if has_baselines(recipe.task.name):
            beside = (load_baseline(model, kind) for kind in BASELINES)
            scores = (f"{baseline_score(other, recipe.task):.4f}" for other in beside)
            rows.append((f"`{recipe.task.name}`", score_text(model, recipe.task, "learned"), *scores))
    return _table(("name", "GRU", *(kind.upper() for kind in BASELINES)), rows)


def training_table() -> str:
    """What each recipe does, and every price it adds to the loss."""
    rows = [
        (
            f"`{recipe.task.name}`",
            *_how(recipe),
            "–" if recipe.chrono is None else f"{recipe.chrono:g}",
            *(
                f"{price:g}" if price else "–"
                for price in (
                    recipe.price_recurrent,
                    recipe.price_reset,
                    recipe.price_undecided,
                    recipe.price_writing,
                    recipe.price_readout,
                )
            ),
        )
        for recipe in RECIPES
    ]
    prices = ("sum W_hh²", "mean R", "mean Z(1-Z)", "mean 1-Z", "sum readout²")
    return _table(("name", "seed", "updates × batch", "learning rate", "chrono T_max", *prices), rows)


def _how(recipe: Recipe) -> tuple[str, str, str]:
    """Seed, updates and learning rate."""
    if recipe.by_hand is not None:
        return ("–", "set by hand", "–")
    return (f"{recipe.seed}", f"{recipe.updates:,} × {recipe.batch}", f"{recipe.learning_rate:g}")


def _elnino_sentence() -> str:
    return (
        "For the forecast, repeating this month is a weak opponent. A guess that knows the season, the\n"
        "usual value of the next month plus how far this month is from its own, scores "
        f"{ElNino().seasonal_score():.4f} on the same months."
    )


def _letters_table() -> str:
    """Bits per character of the model as learned and at each extreme, and of guesses that count."""
    task, model = Letters(), load_model(demo_path("letters"))
    rows = [(f"the model, {setting}", f"{bits(model, task, EXTREMES[setting]):.4f}") for setting in EXTREMES]
    counted = (
        ("any character, all as likely", math.log2(len(task.outputs))),
        ("counted: how often each character is", counted_bits(task, 0)),
        ("counted: what followed the last character", counted_bits(task, 1)),
        ("counted: what followed the last two", counted_bits(task, 2)),
        ("counted: what followed the last three", counted_bits(task, 3)),
    )
    return _table(("guess", "bits"), [*rows, *((what, f"{value:.4f}") for what, value in counted)])


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _between(text: str, name: str, content: str) -> str:
    start, end = f"<!-- {name}: written by train_models.py -->", f"<!-- end of {name} -->"
    before, found, rest = text.partition(start)
    _, ended, after = rest.partition(end)
    if not (found and ended):
        raise ModelFileError(f"assets/README.md needs the markers {start!r} and {end!r} around its table.")
    return f"{before}{start}\n\n{content}\n\n{end}{after}"
