"""The button by which a view is kept for the report."""

import streamlit as st

from gru_core.errors import GateScopeError
from gru_ui import state
from gru_ui.navigation import PAGES
from gru_ui.report.kept import Kept, packed
from gru_ui.sharing.here import here
from gru_ui.sharing.holds import held
from gru_ui.shown import Shown
from gru_ui.texts import say
from gru_ui.workspace import to_link

THEMES = ("light", "dark")


def draw_keep(name: str, shown: Shown) -> None:
    """The button; `name` is that of the page. Its figure is made when it is pressed."""
    st.button(
        say("report.keep"),
        icon=":material/bookmark_add:",
        help=say("report.keep_help"),
        key="keep_view",
        on_click=_keep,
        args=(name, shown),
    )


def _keep(name: str, shown: Shown) -> None:
    chosen = state.workspace()
    query = to_link(chosen)
    page = "" if name == PAGES[0].name else name
    view = Kept(
        0,
        name,
        shown.title,
        tuple(held(chosen, name, query)[1:]),
        shown.sentences,
        here(page).link(page, query),
        {theme: packed(shown.figure(theme)) for theme in THEMES},
    )
    try:
        state.put_report(state.report().keeping(view))
    except GateScopeError as error:
        state.tell(str(error))
        return
    st.toast(
        say("report.kept", title=shown.title, count=len(state.report().views)), icon=":material/bookmark:"
    )
