"""Arrays of a checkpoint by the names that the model itself gives them, never those of two models mixed.

What holds a state_dict ("model_state_dict"), DataParallel ("module.") and torch.compile ("_orig_mod.") is
left off a name only where all that is left still belongs to one model; everywhere else the names stay long.
"""

import re
from collections.abc import Mapping, Sequence

from torch import Tensor

WRAPPERS = frozenset(
    {
        "state_dict",
        "model_state_dict",
        "model_state",
        "model_dict",
        "model",
        "net",
        "network",
        "weights",
        "params",
    }
    | {"module", "generator", "ema", "state"}
)
"""Names of dicts that merely hold a state_dict and are no part of the model's own paths."""
BARE = "gru"
"""What a layer is called whose arrays have no path before them."""
_PARAMETER = re.compile(r"weight|bias|kernel|[ih]2h|^[wub]_?[a-z]{0,3}$", re.IGNORECASE)
"""Names without a path that an array of a layer may have, and the scores of a training do not."""
_PATH = re.compile(r"[./]")
_COMPILED = "_orig_mod"
_LEADING = ("module", _COMPILED)

Path = tuple[str, ...]
"""The keys from the outermost dict to an array; a key may have dots of its own."""
_Named = tuple[str, Tensor]


def model_names(paths: Mapping[Path, Tensor]) -> dict[str, Tensor]:
    """Every array by the model's own name for it, in the order of the paths; no two have one name."""
    found: dict[str, Tensor] = {}
    names = _names(list(paths.items()))
    again: dict[str, int] = {}
    for path, tensor in paths.items():
        name = names[path]
        while name in found:
            again[names[path]] = again.get(names[path], 1) + 1
            name = f"{names[path]} ({again[names[path]]})"
        found[name] = tensor
    return found


def _names(held: Sequence[tuple[Path, Tensor]]) -> dict[Path, str]:
    """The names of all that one dict holds, by their paths from it."""
    wrapped: dict[str, list[tuple[Path, Tensor]]] = {}
    for path, tensor in held:
        if len(path) > 1 and path[0] in WRAPPERS:
            wrapped.setdefault(path[0], []).append((path[1:], tensor))
    # A dict of single numbers (a decay, a step) is no model.
    wrapped = {key: inside for key, inside in wrapped.items() if any(tensor.ndim for _, tensor in inside)}
    beside = [(path, tensor) for path, tensor in held if len(path) == 1 or path[0] not in wrapped]
    names = {
        path: name
        for (path, _), name in zip(beside, _cleaned([(".".join(p), t) for p, t in beside]), strict=True)
    }
    floats = [names[path] for path, tensor in beside if tensor.ndim and tensor.is_floating_point()]
    taken = {_owner(name) for name in floats if _PATH.search(name) or _PARAMETER.search(name)}
    for key, inside in wrapped.items():
        own = _names(inside)
        alone = len(wrapped) == 1 and taken.isdisjoint(map(_owner, own.values()))
        # Keys such as "module.gru.bias" may stand beside a dict that is called so itself.
        before = f"{key} (2)" if key in taken else key
        names |= {(key, *path): name if alone else f"{before}.{name}" for path, name in own.items()}
    return names


def _cleaned(named: Sequence[_Named]) -> list[str]:
    """The names without what every one begins with, and without _orig_mod where no two parts become one."""
    names = [name for name, _ in named]
    # A counter beside the arrays (AveragedModel has one) has no such beginning.
    models = [index for index, (_, tensor) in enumerate(named) if tensor.ndim]
    for _ in range(max(map(len, names), default=0)):
        begins = {names[index].partition(".")[0] if "." in names[index] else "" for index in models}
        if len(begins) != 1 or not begins <= set(_LEADING):
            break
        beginning = f"{begins.pop()}."
        names = [name.removeprefix(beginning) or name for name in names]
    short = [".".join(part for part in name.split(".") if part != _COMPILED) or name for name in names]
    parts: dict[str, set[str]] = {}
    for name, shortened in zip(names, short, strict=True):
        parts.setdefault(shortened.rpartition(".")[0], set()).add(name.rpartition(".")[0])
    return [
        shortened if len(parts[shortened.rpartition(".")[0]]) == 1 else name
        for name, shortened in zip(names, short, strict=True)
    ]


def _owner(name: str) -> str:
    """The outermost part of a model that an array belongs to."""
    separator = _PATH.search(name)
    return name[: separator.start()] if separator else BARE
