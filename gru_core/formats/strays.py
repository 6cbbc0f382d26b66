"""Arrays that stand beside a GRU's own and that nobody reads: a bias left out would make it another GRU.

One rule for every way of naming: what could be a bias of a GRU by its place, its name and its size is
never left out silently.
"""

import re
from bisect import bisect
from collections.abc import Iterable, Mapping, Sequence

from torch import Tensor

from gru_core.model import GRU

_BETWEEN = re.compile(r"[./:\[\]']+")
_OUTPUT = re.compile(r":\d+$")
_BIAS = re.compile(r"bias|(?:^|_)b(?:_|\d|$)|^b[a-z]{1,3}$", re.IGNORECASE)
_WORDS = re.compile(r"[_\d]+")
_KINDS = {"w", "u", "b", "weight", "weights", "kernel", "bias", "biases"}

Place = tuple[str, ...]


def strays(
    grus: Mapping[str, GRU],
    names: Mapping[str, Iterable[str]],
    unread: Mapping[str, Tensor],
    left: Mapping[str, Tensor],
) -> dict[str, tuple[list[str], list[str]]]:
    """By GRU: the unread arrays of 1, 3 or 6 times its units beside its own, biases by name and others.

    names  the arrays that each GRU is made of
    left   all arrays that are no GRU's: a bias whose own matrix is among them, as a readout's, is no stray
    """
    beside: dict[tuple[Place, int], list[tuple[str, str]]] = {}
    for gru in grus:
        own = list(names.get(gru, ()))
        for place in _places(own):
            for size in _bias_sizes(grus[gru]):
                beside.setdefault((place, size), []).extend((name, gru) for name in own)
    for near in beside.values():
        near.sort()
    matrices = {
        (_place(name), _stem(name), size)
        for name, tensor in left.items()
        if tensor.ndim == 2
        for size in tensor.shape
    }
    found: dict[str, tuple[list[str], list[str]]] = {}
    for name, tensor in unread.items():
        entries, place, stem = _entries(tensor), _place(name), _stem(name)
        near = beside.get((place, entries), [])
        is_bias = _BIAS.search(_last(name)) is not None
        if not near or (is_bias and stem and (place, stem, entries) in matrices):
            continue
        found.setdefault(_owner(name, near), ([], []))[0 if is_bias else 1].append(name)
    return found


def refusal(gru: str, biases: Iterable[str]) -> str:
    """Why a GRU with such biases is not read."""
    listed = ", ".join(name[:60] for name in list(biases)[:6])
    return (
        f"{listed} beside the arrays of {gru!r} would be a part of its biases by name and size, and these "
        "names do not say where it is added: say how the arrays are packed, or save them by PyTorch's names."
    )


def note(others: Iterable[str]) -> str:
    """What is said of a GRU beside which other arrays of its size are."""
    listed = ", ".join(name[:60] for name in list(others)[:6])
    return f"Beside its arrays there is {listed}, of a size that could be its own; it is not read."


def _bias_sizes(gru: GRU) -> tuple[int, int, int]:
    """The entries that a bias of one gate, of all gates, and of all gates twice has."""
    return gru.hidden_size, 3 * gru.hidden_size, 6 * gru.hidden_size


def _entries(tensor: Tensor) -> int:
    """The entries of a vector, or of two rows of biases; 0 for anything else."""
    if not tensor.dtype.is_floating_point or not tensor.ndim or not tensor.numel():
        return 0
    is_flat = tensor.numel() == max(tensor.shape) or (tensor.ndim == 2 and tensor.shape[0] == 2)
    return tensor.numel() if is_flat else 0


def _split(name: str) -> Place:
    return tuple(part for part in _BETWEEN.split(_OUTPUT.sub("", name)) if part)


def _place(name: str) -> Place:
    return _split(name)[:-1]


def _last(name: str) -> str:
    return (_split(name) or ("",))[-1]


def _places(names: Iterable[str]) -> set[Place]:
    """Where a GRU's arrays are, and where they are all below."""
    places = {_place(name) for name in names}
    if not places:
        return places
    first, last = min(places), max(places)
    shared = 0
    while shared < min(len(first), len(last)) and first[shared] == last[shared]:
        shared += 1
    return places | {first[:shared]}


def _stem(name: str) -> Place:
    """What a name says beside its kind, the same for a matrix and its bias: fc_w and fc_b."""
    return tuple(word for word in _WORDS.split(_last(name).lower()) if word and word not in _KINDS)


def _owner(stray: str, near: Sequence[tuple[str, str]]) -> str:
    """The GRU of which an array has the most alike name; in order, such a name stands right beside it."""
    place = bisect(near, (stray, ""))
    return max(near[max(place - 1, 0) : place + 1], key=lambda own: _alike(stray, own[0]))[1]


def _alike(one: str, other: str) -> int:
    return next((place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), len(one))
