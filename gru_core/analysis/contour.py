"""Where a function on a grid crosses zero: marching squares."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_EDGES: tuple[tuple[tuple[int, int], ...], ...] = (
    (),
    ((3, 0),),
    ((0, 1),),
    ((3, 1),),
    ((1, 2),),
    ((3, 0), (1, 2)),
    ((0, 2),),
    ((3, 2),),
    ((2, 3),),
    ((2, 0),),
    ((0, 1), (2, 3)),
    ((2, 1),),
    ((1, 3),),
    ((1, 0),),
    ((0, 3),),
    (),
)
"""Which edges of a cell a line joins, by the corners that are positive (1, 2, 4, 8 counted around it)."""


def zero_lines(values: Array, low: float = -1.0, high: float = 1.0) -> Array:
    """The line where `values` is zero, as short pieces (pieces, 2 ends, 2 coordinates).

    values[i, j] belongs to the place (x_i, y_j), both evenly spaced from `low` to `high`. Along an edge the
    function is taken for straight. Where a cell's corners leave open which two edges belong together, the
    mean of the four decides.
    """
    corner = (values[:-1, :-1], values[1:, :-1], values[1:, 1:], values[:-1, 1:])
    case = sum((part > 0) << bit for bit, part in enumerate(corner))
    centre = sum(corner)
    # The two ambiguous cases with the middle on the other side are joined the other way.
    case = np.where((case == 5) & (centre > 0), 16, case)
    case = np.where((case == 10) & (centre > 0), 17, case)
    table = (*_EDGES, ((3, 2), (1, 0)), ((0, 3), (2, 1)))
    width = (high - low) / (len(values) - 1)
    offsets = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    pieces = []
    for number, edges in enumerate(table):
        if not edges:
            continue
        at = np.argwhere(case == number)
        if not len(at):
            continue
        level = np.stack([part[case == number] for part in corner], axis=1)
        for pair in edges:
            ends = []
            for edge in pair:
                first, second = edge, (edge + 1) % 4
                share = level[:, first] / (level[:, first] - level[:, second])
                ends.append(offsets[first] + share[:, None] * (offsets[second] - offsets[first]))
            pieces.append(low + width * (at[:, None, :] + np.stack(ends, axis=1)))
    return np.concatenate(pieces) if pieces else np.zeros((0, 2, 2))


def joined(pieces: Array) -> tuple[Array, ...]:
    """The pieces as lines, each (places, 2), ends that are the same joined; rings end where they begin."""
    names = np.round(pieces * 1e8).astype(np.int64)
    ends = [[tuple(end) for end in piece] for piece in names.tolist()]
    at: dict[tuple[int, ...], list[int]] = {}
    for piece, pair in enumerate(ends):
        for end in pair:
            at.setdefault(end, []).append(piece)
    taken = np.zeros(len(pieces), dtype=bool)
    lines = []
    every = [(piece, side) for piece in range(len(pieces)) for side in (0, 1)]
    # Lines that end at the rim first, from an end; then the rings.
    for piece, side in sorted(every, key=lambda end: len(at[ends[end[0]][end[1]]]) > 1):
        if taken[piece]:
            continue
        taken[piece] = True
        line, tip = [pieces[piece, side], pieces[piece, 1 - side]], ends[piece][1 - side]
        while (following := next((other for other in at[tip] if not taken[other]), None)) is not None:
            taken[following] = True
            beyond = 1 if ends[following][0] == tip else 0
            line.append(pieces[following, beyond])
            tip = ends[following][beyond]
        lines.append(np.stack(line))
    return tuple(lines)
