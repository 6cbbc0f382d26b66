"""The demo models that come with GateScope: their names in order, and where their files are."""

from pathlib import Path

from gru_core.errors import InputError

DEMOS: tuple[str, ...] = (
    *("remember", "parity", "brackets", "adding", "elnino", "flipflop", "letters"),
    *("two_units", "bistable"),
)
"""The names, the default first. `python assets/train_models.py` trains them again."""

_MODELS = Path(__file__).resolve().parent.parent / "assets" / "models"


def demo_path(name: str) -> Path:
    """The file of a demo model, to be loaded as anyone's file is. Raises InputError for an unknown name."""
    if name not in DEMOS:
        raise InputError(f"There is no demo model {name!r}: choose one of {', '.join(DEMOS)}.")
    return _MODELS / f"{name}.safetensors"
