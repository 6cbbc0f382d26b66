"""The page of the report: what was kept, with notes, in an order, and all of it as one file."""

from collections.abc import Callable

import streamlit as st

from gru_core.export.report import Entry, report_to_html
from gru_ui import state
from gru_ui.language.catalogue import LANGUAGES
from gru_ui.language.reader import language
from gru_ui.language.sentences import translated
from gru_ui.look import theme
from gru_ui.navigation import VIEWS, page_file
from gru_ui.report.kept import MOST_NOTE, MOST_VIEWS, Kept, Report
from gru_ui.texts import say
from gru_ui.words import escape

MOST_TITLE = 120


def show_report() -> None:
    """Everything on the page."""
    for message in state.messages():
        st.warning(escape(translated(message)))
    report = state.report()
    if not report.views:
        _show_nothing()
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="report_head"):
        st.text_input(
            say("report.title"),
            placeholder=say("report.untitled"),
            max_chars=MOST_TITLE,
            width=420,
            **state.report_widget(),
        )
        # What the button needs is fetched now: when it is pressed nobody's page is being drawn.
        made = _document(report)
        st.download_button(
            say("report.save"),
            lambda: report_to_html(*made),
            file_name="report.html",
            mime="text/html",
            on_click="ignore",
            icon=":material/download:",
            key="save_report",
        )
    st.caption(say("report.about", count=len(report.views), most=MOST_VIEWS))
    for place, view in enumerate(report.views):
        with st.container(border=True, key=f"kept_{view.number}", gap="small"):
            _show(view, is_first=place == 0, is_last=place == len(report.views) - 1)


def _show_nothing() -> None:
    st.info(say("report.nothing"), icon=":material/bookmark_add:")
    with st.container(horizontal=True, gap="small", key="report_offers"):
        for name in VIEWS:
            st.page_link(page_file(name), label=say(f"app.{name}"), width="content")


def _show(view: Kept, *, is_first: bool, is_last: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(escape(view.title), anchor=False, width="stretch")
        _button(view, "up", ":material/arrow_upward:", _moved, -1, off=is_first)
        _button(view, "down", ":material/arrow_downward:", _moved, 1, off=is_last)
        _button(view, "remove", ":material/delete:", _removed, 0)
    st.caption(escape(say("language.between").join(view.context)))
    figure = view.figure(theme())
    st.plotly_chart(
        figure,
        theme=None,
        key=f"chart_{view.number}",
        config={"displaylogo": False},
        alt=figure.layout.meta["text"],
    )
    for sentence in view.sentences:
        st.text(sentence)
    st.text_area(
        say("report.note"),
        placeholder=say("report.note_empty"),
        max_chars=MOST_NOTE,
        height=90,
        **state.report_widget(view.number),
    )


def _button(
    view: Kept, what: str, icon: str, does: Callable[[int, int], None], by: int, *, off: bool = False
) -> None:
    st.button(
        say(f"report.{what}"),
        icon=icon,
        key=f"{what}_{view.number}",
        disabled=off,
        on_click=does,
        args=(view.number, by),
    )


def _moved(number: int, by: int) -> None:
    state.put_report(state.report().moving(number, by))


def _removed(number: int, _: int) -> None:
    state.put_report(state.report().without(number))


def _document(report: Report) -> tuple[str, tuple[Entry, ...], str, dict[str, str]]:
    words = {name: say(f"report.{name}") for name in ("contents", "note", "again", "made_with")}
    entries = tuple(
        Entry(view.title, view.context, view.figure("light"), view.sentences, view.note, view.link)
        for view in report.views
    )
    return report.title or say("report.untitled"), entries, LANGUAGES[language()].tag, words
