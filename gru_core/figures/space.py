"""The state space as a still picture: paths, the points where a state stays, and their eigenvalues."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import plotly.graph_objects as go

from gru_core.figures.space_colours import PATH_DASHES, path_colour
from gru_core.figures.space_texts import SPACE_FIGURE_TEXTS
from gru_core.figures.style import axis, layout, palette, plain, titled

if TYPE_CHECKING:
    from gru_core.analysis.space import Held, Path, StateSpace
    from gru_core.trace import GateTrace

Depth = Literal[2, 3]

HEIGHT: Final = 520
SPLIT: Final = 0.66
"""The share of the width that the paths have where there are eigenvalues beside them."""


def space_figure(
    space: StateSpace,
    trace: GateTrace,
    *,
    main: str = "learned",
    held: Held | None = None,
    labels: Sequence[str] | None = None,
    depth: Depth = 2,
    theme: str = "light",
    texts: Mapping[str, str] = SPACE_FIGURE_TEXTS,
    text: str = "",
) -> go.Figure:
    """Paths along two or three directions; beside them all eigenvalues at the points that were found.

    trace   any of the traces, for its layer, direction and sizes
    main    the setting whose path is drawn strongest
    labels  one text per step, for the hover
    text    the text twin
    """
    axes = min(depth, len(space.basis.axes))
    flat = axes < 3
    data: list[Any] = [
        _line(path, axes, name == main, theme, labels, texts) for name, path in space.paths.items()
    ]
    if held is not None:
        data += _points(space, held, axes, theme, texts)
    points = held.found.points if held is not None else ()
    right = SPLIT if points else 1.0
    if points:
        data += _disc(held, theme, texts)
    names = [
        texts["axis"].format(number=index + 1, share=f"{share:.0%}")
        for index, share in enumerate(space.basis.shares)
    ]
    more: dict[str, Any] = _flat(names, right, theme) if flat else _deep(names, right, theme)
    if points:
        real = np.concatenate([point.eigenvalues.real for point in points])
        more |= _disc_axes(theme, texts, (min(-1.1, real.min() - 0.1), max(1.1, real.max() + 0.1)))
    notes = [texts["every"].format(every=space.every)] if space.every > 1 else []
    return go.Figure(
        data=data,
        layout=layout(
            theme,
            title=texts["title"],
            subtitle=texts["subtitle"].format(
                layer=trace.layer,
                direction=trace.direction,
                units=trace.units,
                steps=f"{trace.steps:,}",
                share=f"{float(space.basis.shares[:axes].sum()):.0%}",
            ),
            how=texts["how"],
            text=text or texts["how"],
            height=HEIGHT,
            notes=notes,
            legend=True,
            **more,
        ),
    )


def _coordinates(places: Any, axes: int) -> dict[str, Any]:
    """The places (points, axes) as x, y and, in space, z; a single direction is drawn on a line."""
    places = np.atleast_2d(places)
    columns = [places[:, index] for index in range(axes)]
    if axes == 1:
        columns.append(np.zeros(len(places)))
    return dict(zip("xyz", columns, strict=False))


def _line(
    path: Path, axes: int, main: bool, theme: str, labels: Sequence[str] | None, texts: Mapping[str, str]
) -> Any:
    names = [_step_name(int(step), labels, texts) for step in path.steps]
    said = texts.get(path.name, texts["custom"])
    common: dict[str, Any] = {
        **_coordinates(path.places, axes),
        "mode": "lines+markers",
        "name": said,
        "line": {
            "color": path_colour(path.name, theme),
            "width": 3 if main else 1.5,
            "dash": PATH_DASHES.get(path.name, PATH_DASHES["custom"]),
        },
        "marker": {
            "size": (5 if main else 3.5) * (0.6 if axes == 3 else 1),
            "color": path_colour(path.name, theme),
        },
        "opacity": 1.0 if main else 0.75,
        "text": names,
        "hovertemplate": f"%{{text}}<extra>{said}</extra>",
    }
    return go.Scatter3d(**common) if axes == 3 else go.Scatter(**common)


def _step_name(step: int, labels: Sequence[str] | None, texts: Mapping[str, str]) -> str:
    if step < 0:
        return texts["start"]
    label = plain(labels[step]) if labels and step < len(labels) and labels[step] else ""
    return texts["step"].format(step=step) + (f" ({label})" if label else "")


def _points(space: StateSpace, held: Held, axes: int, theme: str, texts: Mapping[str, str]) -> list[Any]:
    """The fixed points by their kind: discs where a push dies, rings and crosses where it grows."""
    colours = palette(theme)
    looks = {"stable": "circle", "marginal": "diamond", "saddle": "circle-open", "unstable": "x"}
    drawn = []
    for kind, symbol in looks.items():
        chosen = [index for index, point in enumerate(held.found.points) if point.kind == kind]
        if not chosen:
            continue
        points = [held.found.points[index] for index in chosen]
        answers = [held.answers[index] for index in chosen] if held.answers else [""] * len(points)
        common: dict[str, Any] = {
            **_coordinates(space.basis.project(np.array([point.state for point in points])), axes),
            "mode": "markers+text" if any(answers) and kind == "stable" else "markers",
            "name": texts[kind],
            "text": [plain(answer) for answer in answers],
            "textposition": "top center",
            "textfont": {"color": colours.text, "size": 13},
            "marker": {
                "symbol": symbol,
                "size": 11 if axes < 3 else 5,
                "color": colours.text,
                "line": {"width": 2, "color": colours.text},
            },
            "customdata": [f"{point.sizes[0]:.4f}" for point in points],
            "hovertemplate": f"{texts[kind]} %{{text}}<br>|λ| = %{{customdata}}<extra></extra>",
        }
        drawn.append(go.Scatter3d(**common) if axes == 3 else go.Scatter(**common))
    if len(held.found.slow):
        common = {
            **_coordinates(space.basis.project(held.found.slow), axes),
            "mode": "markers",
            "name": texts["slow"],
            "marker": {"symbol": "diamond-open", "size": 9 if axes < 3 else 4, "color": colours.muted},
            "hovertemplate": f"{texts['slow']}<extra></extra>",
        }
        drawn.append(go.Scatter3d(**common) if axes == 3 else go.Scatter(**common))
    return drawn


def _disc(held: Held | None, theme: str, texts: Mapping[str, str]) -> list[Any]:
    """The unit circle, and the eigenvalues at all points: within it a push dies, outside it grows."""
    assert held is not None
    colours = palette(theme)
    turn = np.linspace(0, 2 * np.pi, 181)
    values = np.concatenate([point.eigenvalues for point in held.found.points])
    times = np.concatenate([point.time_constants for point in held.found.points])
    said = [
        texts["eigenvalue"].format(size=f"{abs(value):.3f}", time=f"{time:,.3g}")
        for value, time in zip(values, times, strict=True)
    ]
    place = {"xaxis": "x2", "yaxis": "y2", "showlegend": False}
    return [
        go.Scatter(
            x=np.cos(turn),
            y=np.sin(turn),
            mode="lines",
            line={"color": colours.line, "width": 1.5},
            hoverinfo="skip",
            **place,
        ),
        go.Scatter(
            x=values.real,
            y=values.imag,
            mode="markers",
            text=said,
            hovertemplate="%{text}<extra></extra>",
            marker={"size": 6, "color": np.where(np.abs(values) > 1, "#D55E00", colours.text).tolist()},
            **place,
        ),
    ]


def _flat(names: list[str], right: float, theme: str) -> dict[str, Any]:
    second = titled(names[1]) if len(names) > 1 else {}
    return {
        "xaxis": axis(theme, title=titled(names[0]), domain=[0, right - 0.04 if right < 1 else 1]),
        "yaxis": axis(theme, title=second, scaleanchor="x", constrain="domain"),
    }


def _deep(names: list[str], right: float, theme: str) -> dict[str, Any]:
    colours = palette(theme)

    def side(name: str) -> dict[str, Any]:
        return {
            "title": {"text": name, "font": {"size": 12, "color": colours.text}},
            "gridcolor": colours.grid,
            "linecolor": colours.line,
            "zeroline": False,
            "showbackground": False,
            "tickfont": {"size": 11, "color": colours.text},
        }

    return {
        "scene": {
            "domain": {"x": [0, right - 0.04 if right < 1 else 1], "y": [0, 1]},
            "aspectmode": "data",
            # A little farther away than usual, so that the names of the axes are in the picture.
            "camera": {"eye": {"x": 1.45, "y": 1.45, "z": 1.05}, "center": {"x": 0, "y": 0, "z": -0.1}},
            **{f"{which}axis": side(name) for which, name in zip("xyz", names, strict=True)},
        }
    }


def _disc_axes(theme: str, texts: Mapping[str, str], reach: tuple[float, float]) -> dict[str, Any]:
    return {
        "xaxis2": axis(
            theme, title=titled(texts["real"]), domain=[SPLIT + 0.08, 1], range=reach, anchor="y2"
        ),
        "yaxis2": axis(
            theme,
            title=titled(texts["imaginary"]),
            anchor="x2",
            scaleanchor="x2",
            constrain="domain",
        ),
    }
