"""The picture of a step: one of the pictures of the app, showing what the step sets."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from gru_core.analysis.gradients import state_gradients
from gru_core.analysis.ledger import ledger_row
from gru_core.figures.gradients import gradient_lines
from gru_core.gallery import INSTALL, entry_of
from gru_core.lessons import LessonView, Stage
from gru_core.overrides import EXTREMES
from gru_core.symbols import H, Z
from gru_ui import cache
from gru_ui.cell_view import chosen_in, show_cell
from gru_ui.components.heatmaps import Outputs, Panel, heatmaps
from gru_ui.extreme_cards import answer_words, draw_card
from gru_ui.gallery.as_model import shown_of
from gru_ui.gallery.form import GalleryForm
from gru_ui.gallery.said import draw_said
from gru_ui.gallery.shown import show
from gru_ui.language.core_tables import FIGURE_TEXTS
from gru_ui.language.sentences import together
from gru_ui.lessons.family import draw_family
from gru_ui.lessons.library import view_of
from gru_ui.look import theme
from gru_ui.pictures import gate_panels, outputs
from gru_ui.texts import say
from gru_ui.training.race import show_race
from gru_ui.view import View
from gru_ui.words import fact_sentences

CARD_HEIGHT, UNIT_HEIGHT, STRIPS_HEIGHT = 335, 105, 110
"""Pixels that a card of an extreme takes, the lines of a chosen unit, and the time line of a cell."""

SAID_HEIGHT = 175
"""Pixels that the answer of a real model takes."""


def draw_picture(stage: Stage, key: str, controls: tuple[str, ...], height: int) -> None:
    """The picture of a stage. Raises a GateScopeError that says why there is none."""
    shown = stage.view
    if shown.picture == "race":
        show_race(cache.example_run("race"), height - 130)
    elif shown.picture == "gallery":
        _gallery(shown, key, height)
    elif shown.picture == "family":
        draw_family(stage)
    elif shown.picture == "cell":
        _cell(view_of(shown), key, controls, height)
    elif shown.picture != "none":
        _OF_VIEW[shown.picture](stage, view_of(shown), key, height)


def _cell(view: View, key: str, controls: tuple[str, ...], height: int) -> None:
    """One step, live. It can be played and touched; nothing of it changes what is chosen on other pages."""
    form = view.workspace.cell
    shown = ["play", "depth", *(name for name in ("strips", "touch") if name in controls)]
    if form.depth == "arithmetic":
        shown.append("unit")
    if (form.z_means, form.shows_reset) != ("keeps", "own"):
        shown += ["conventions", "equations"]
    show_cell(
        view,
        chosen_in(view),
        key=f"{key}_cell",
        height=height + (STRIPS_HEIGHT if "strips" in controls else 0),
        controls=shown,
    )


def _gates(stage: Stage, view: View, key: str, height: int) -> None:
    trace = view.trace
    facts = together(fact_sentences(view))
    summary = say("gates.summary", units=trace.units, steps=trace.steps, facts=facts)
    _heatmaps(stage, view, gate_panels(trace), key, height, summary, outputs(view))


def _states(stage: Stage, view: View, key: str, height: int) -> None:
    """H under the settings of the step, the learned one first."""
    panels: list[Panel] = []
    said: list[str] = []
    settings = stage.view.settings or tuple(EXTREMES)
    for setting in ("learned", *settings) if len(settings) == 1 else settings:
        name = say(f"extremes.{setting}_title")
        hint = "" if panels else say("extremes.state_hint")
        H_of = view.traces(EXTREMES[setting])[view.layer].H[0]
        panels.append(Panel(H.name, say("extremes.state_of", name=name), H_of, "state", hint))
        said.append(f"{name}: {answer_words(view, setting)}.")
    trace = view.trace
    summary = say("extremes.summary", units=trace.units, steps=trace.steps, facts=together(said))
    _heatmaps(stage, view, panels, key, height, summary)


def _memory(stage: Stage, view: View, key: str, height: int) -> None:
    """Which step wrote the last state: the row of the memory ledger, under the update gate."""
    trace = view.trace
    written = ledger_row(trace, trace.steps - 1)[0, 1:].astype(np.float32)
    panels = [
        Panel(Z.name, say("gates.Z_title"), trace.Z[0], "gate", say("gates.Z_hint")),
        Panel("A", say("lessons.memory_title"), written, "gate", say("lessons.memory_hint")),
    ]
    step = int(written.mean(axis=1).argmax())
    summary = say("lessons.memory_summary", step=step, share=f"{written[step].mean():.0%}")
    _heatmaps(stage, view, panels, key, height, summary, outputs(view))


def _heatmaps(
    stage: Stage,
    view: View,
    panels: list[Panel],
    key: str,
    height: int,
    summary: str,
    answered: Outputs | None = None,
) -> None:
    """Panels that belong to this step of the lesson: what is done in them changes nothing elsewhere."""
    shown = stage.view
    heatmaps(
        key=f"{key}_picture",
        panels=panels,
        ticks=view.ticks,
        outputs=answered,
        orders=view.orders,
        cursor=shown.step,
        unit=shown.unit if shown.unit >= 0 else None,
        order=shown.order,
        summary=summary,
        filename=key,
        height=height - (UNIT_HEIGHT if shown.unit >= 0 else 0),
    )


def _extremes(stage: Stage, view: View, key: str, height: int) -> None:
    """Cards; with a single one there is room for what its state does, below that of the learned gates."""
    settings = stage.view.settings or tuple(EXTREMES)
    rows = [settings] if len(settings) < 4 else [settings[:2], settings[2:]]
    for row in rows:
        for column, setting in zip(st.columns(len(row), gap="small"), row, strict=True):
            with column:
                draw_card(view, setting)
    if len(settings) == 1:
        _states(stage, view, key, height - CARD_HEIGHT)


def _gradients(stage: Stage, view: View, key: str, height: int) -> None:
    """As a GRU and as the plain RNN on the same weights."""

    def norms(setting: str) -> np.ndarray:
        overrides = stage.overrides if setting == "learned" else EXTREMES[setting]
        return cache.kept().get(
            ("state gradients", *view.key, setting),
            lambda: state_gradients(view.model.gru, view.traces(overrides)[view.layer], overrides),
            lambda found: found.nbytes,
        )

    by_name = {say("lessons.as_gru"): norms("learned"), say("lessons.as_rnn"): norms("rnn")}
    figure = gradient_lines(by_name, view.ticks, theme=theme(), height=height, texts=FIGURE_TEXTS)
    about = figure.layout.meta
    st.plotly_chart(
        figure, theme=None, key=f"{key}_picture", config={"displaylogo": False}, alt=about["text"]
    )
    st.caption(about["how"])


def _gallery(shown: LessonView, key: str, height: int) -> None:
    """A real model on a text, or which package is missing and how it comes."""
    if shown.model.startswith("gallery."):
        found = shown_of(shown.model)[0].form
    else:
        found = GalleryForm(shown.real, shown.say)
    entry = entry_of(found.name)
    if not entry.available:
        st.info(say("gallery.missing", package=entry.distribution))
        st.code(INSTALL, language="bash", wrap_lines=True)
        return
    real = show(found.but(gates=shown.gates if shown.gates in EXTREMES else "learned"))
    st.markdown(f"**{say(f'gallery.{entry.name}_title')}** {say(f'gallery.{entry.name}_does')}")
    draw_said(real)
    trace = real.trace()
    heatmaps(
        key=f"{key}_picture",
        panels=gate_panels(trace),
        ticks=real.part.tokens,
        orders=real.orders,
        order="time scale",
        summary=say("gates.summary", units=trace.units, steps=trace.steps, facts=""),
        filename=key,
        height=height - SAID_HEIGHT,
    )


_OF_VIEW: dict[str, Callable[[Stage, View, str, int], None]] = {
    "gates": _gates,
    "states": _states,
    "extremes": _extremes,
    "memory": _memory,
    "gradients": _gradients,
}
