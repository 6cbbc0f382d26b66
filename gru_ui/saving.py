"""Taking things home: the numbers, the picture, and the Python lines that give them again."""

from collections.abc import Callable

import streamlit as st

from gru_core.export import figure_to_html, python_lines, trace_to_csv, trace_to_npz
from gru_core.export.model_lines import ModelSource
from gru_core.export.table import MAX_ROWS
from gru_core.figures.compare import state_difference
from gru_core.figures.heatmaps import gate_heatmaps
from gru_core.overrides import EXTREMES
from gru_core.trace import GateTrace
from gru_ui.changed import changed_trace
from gru_ui.components.save_chart import save_chart
from gru_ui.gallery.python_code import trace_code
from gru_ui.language.catalogue import LANGUAGES
from gru_ui.language.core_tables import FACT_TEXTS, FIGURE_TEXTS
from gru_ui.language.reader import language
from gru_ui.language.sentences import together
from gru_ui.lessons.copying import copy_as_step
from gru_ui.look import theme
from gru_ui.report.keeping import draw_keep
from gru_ui.shown import Shown
from gru_ui.texts import say
from gru_ui.view import View, file_name, upload_of
from gru_ui.words import fact_sentences

MIME = {"npz": "application/octet-stream", "csv": "text/csv", "html": "text/html"}


def save_row(view: View, edits: str = "", picture: str = "gates") -> None:
    """Buttons that save this view's numbers and picture; nothing is made before one is pressed.

    With `edits`, changes inside the cell, they save the layer that is shown, changed. `picture` is the one of
    the page, by the name that a step of a lesson has for it.
    """
    name = f"{file_name(view)}-changed" if edits else file_name(view)
    look, tag = theme(), LANGUAGES[language()].tag
    # A file is made when its button is pressed, and nobody's page is being drawn then.
    texts, sentences = dict(FIGURE_TEXTS), dict(FACT_TEXTS)

    def traces() -> list[GateTrace]:
        return [changed_trace(view, edits)] if edits else view.traces()

    def shown() -> GateTrace:
        return changed_trace(view, edits) if edits else view.trace

    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="save_row"):
        if picture == "gates":
            draw_keep(picture, _gates(view))
        download("npz", lambda: trace_to_npz(traces()), name)
        rows = view.trace.steps * view.trace.units * (1 if edits else len(view.traces()))
        if rows <= MAX_ROWS:
            download("csv", lambda: trace_to_csv(traces(), view.ticks), name)
        download(
            "html",
            lambda: figure_to_html(
                gate_heatmaps(shown(), view.ticks, theme=look, texts=texts, sentences=sentences), tag
            ),
            name,
        )
        opened = st.popover(say("save.python"), icon=":material/code:", on_change="rerun", key="python")
        if opened.open:
            whole = edits and is_of_gallery(view)
            opened.caption(say("save.python_before" if whole else "save.python_help"))
            opened.code(python_code(view, edits), language="python", wrap_lines=True)
        copy_as_step(picture)
    hints = [say("save.changed")] if edits else []
    hints.append(say("save.picture_hint"))
    if rows > MAX_ROWS:
        hints.append(say("save.no_csv", rows=f"{rows:,}", most=f"{MAX_ROWS:,}"))
    st.caption(together(hints))


def _gates(view: View) -> Shown:
    texts, sentences = dict(FIGURE_TEXTS), dict(FACT_TEXTS)
    return Shown(
        texts["gates title"],
        lambda look: gate_heatmaps(view.trace, view.ticks, theme=look, texts=texts, sentences=sentences),
        fact_sentences(view),
    )


def difference_chart(view: View) -> None:
    """How far each extreme takes the state from the learned one, as a chart; made when it is opened."""
    opened = st.expander(say("extremes.chart"), on_change="rerun", key="difference_chart")
    if not opened.open:
        return
    by_name = {say(f"extremes.{s}_title"): view.traces(o)[view.layer] for s, o in EXTREMES.items()}
    figure = state_difference(by_name, view.ticks, theme=theme(), texts=FIGURE_TEXTS)
    about = figure.layout.meta
    with opened:
        st.plotly_chart(
            figure, theme=None, key="differences", config={"displaylogo": False}, alt=about["text"]
        )
        for line in (about["text"], about["how"], *about["notes"]):
            st.text(line)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            save_chart("differences", title=about["title"], filename="extremes", key="save_differences")
            tag = LANGUAGES[language()].tag
            download("html", lambda: figure_to_html(figure, tag), "extremes")


def download(kind: str, make: Callable[[], bytes], name: str) -> None:
    """A button that makes a file when it is pressed."""
    st.download_button(
        say(f"save.{kind}"),
        make,
        file_name=f"{name}.{kind}",
        mime=MIME[kind],
        on_click="ignore",
        icon=":material/download:",
        key=f"{name}_{kind}",
    )


def is_of_gallery(view: View) -> bool:
    """Whether model and input are a run of the gallery's."""
    return view.workspace.model.startswith("gallery.") and view.workspace.sequence == "example.0"


def python_code(view: View, edits: str = "") -> str:
    """The Python lines that reproduce the numbers of this view, with `edits` those of its changed layer.

    Those of a model of the gallery on its own input know of no changes.
    """
    chosen = view.workspace
    if is_of_gallery(view):
        return trace_code(chosen.model, view.overrides, view.layer)
    origin = upload_of(chosen.model)
    of_file = None
    if origin is not None:
        upload, name, fitting = origin
        of_file = ModelSource(upload.names, name, upload.choices, fitting)
    return python_lines(
        view.model,
        view.sequence,
        view.overrides,
        model_name=chosen.model,
        example=int(chosen.sequence.split(".")[1]) if chosen.sequence.startswith("example.") else None,
        columns=chosen.columns,
        of_file=of_file,
        sequence_file=view.sequence.source if chosen.sequence.startswith("data.") else None,
        layer=view.layer,
        edits=edits,
    )
