"""Nested dicts and lists of arrays, as a checkpoint holds them, as one flat set by the model's own names.

Names may begin with what checkpoints ("state_dict"), DataParallel ("module.") and torch.compile
("_orig_mod.") put before them; what belongs to a training is left out.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from gru_core.errors import ModelFileError
from gru_core.formats.model_names import model_names
from gru_core.limits import MAX_TENSORS

TRAINING = re.compile(
    r"(?i:optim|optimi[sz]ers?|(?:lr_?)?(?:sched|schedulers?)|(?:grad_?)?scalers?)(?![a-z]).*"
    r"|(?i:amp|callbacks|loops)(?:_scaling)?(?:_states?)?(?:_dicts?)?",
    re.DOTALL,
)
"""Names of dicts and lists that hold the state of a training and no model."""
MAX_DEPTH = 12
MAX_NAME = 1_000
"""Characters of an array's path; each array below a long name would repeat it."""


def as_tensor(value: Any) -> Tensor | None:
    """The value itself where it is a tensor."""
    return value if isinstance(value, Tensor) else None


def flatten(
    stored: Any, name: str, array: Callable[[Any], Tensor | None] = as_tensor
) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Every array by its path, as the model names it, and what was left out.

    array  the array that a value is, or None where it is something else

    Raises ModelFileError when there is no array at all, or too many.
    """
    paths, notes = paths_of(stored, name, array)
    return model_names(paths), notes


def paths_of(
    stored: Any, name: str, array: Callable[[Any], Tensor | None] = as_tensor
) -> tuple[dict[tuple[str, ...], Tensor], tuple[str, ...]]:
    """The same by the keys that lead to each array. Raises as `flatten` does."""
    walk = _Walk(name, array)
    walk.visit(stored, (), walk.paths)
    if not walk.paths:
        raise ModelFileError(
            f"{name!r} holds no arrays ({_described(stored)}): save weights with "
            "torch.save(model.state_dict(), 'weights.pt')."
        )
    notes = tuple(
        f"{key!r} belongs to the training ({count:,} arrays) and is left out."
        for key, count in walk.training.items()
    )
    return walk.paths, notes


class _Walk:
    """Goes through every dict and list once, however often it is named, and not deeper than MAX_DEPTH."""

    def __init__(self, file: str, array: Callable[[Any], Tensor | None]) -> None:
        self.paths: dict[tuple[str, ...], Tensor] = {}
        self.training: dict[str, int] = {}
        self._file, self._array = file, array
        self._seen: set[int] = set()

    def visit(self, value: Any, path: tuple[str, ...], paths: dict[tuple[str, ...], Tensor]) -> None:
        """Collect in `paths` the arrays below `value`, which `path` leads to."""
        tensor = self._array(value)
        if tensor is not None:
            self._check(path, paths)
            paths[path or ("tensor",)] = tensor
            return
        if len(path) >= MAX_DEPTH or not isinstance(value, Mapping | list | tuple) or id(value) in self._seen:
            return
        self._seen.add(id(value))
        for key, below in value.items() if isinstance(value, Mapping) else enumerate(value):
            if isinstance(below, str | int | float | None):
                continue
            shown = key if isinstance(key, str) else _short(key)
            training = isinstance(below, Mapping | list | tuple) and TRAINING.fullmatch(shown)
            if training and paths is self.paths and self._array(below) is None:
                aside: dict[tuple[str, ...], Tensor] = {}
                self.visit(below, (), aside)
                if aside:
                    self.training[shown] = len(aside)
                continue
            self.visit(below, (*path, shown), paths)

    def _check(self, path: tuple[str, ...], paths: Mapping[tuple[str, ...], Tensor]) -> None:
        if len(paths) >= MAX_TENSORS:
            raise ModelFileError(
                f"A model file may hold at most {MAX_TENSORS:,} arrays, and this one holds more."
            )
        if sum(map(len, path)) > MAX_NAME:
            raise ModelFileError(
                f"{self._file!r} has an array whose name is longer than {MAX_NAME:,} characters: "
                "save its state_dict as PyTorch makes it."
            )


def _short(key: Any) -> str:
    """A key that is no text, as one; a number too long to be written is none."""
    return str(key) if isinstance(key, int) and -(2**63) <= key < 2**63 else f"a {type(key).__name__}"


def _described(stored: Any) -> str:
    if isinstance(stored, Mapping):
        keys = ", ".join(repr(str(key)[:40]) for key in list(stored)[:8])
        return f"a dict with {keys}" if keys else "an empty dict"
    return f"a {type(stored).__name__}"
