"""How a page of a view begins and ends: frame and question above, words and what to take home below."""

import streamlit as st

from gru_core.export import figure_to_html
from gru_ui.components.save_chart import save_chart
from gru_ui.frame import frame
from gru_ui.language.catalogue import LANGUAGES
from gru_ui.language.reader import language
from gru_ui.look import theme
from gru_ui.report.keeping import draw_keep
from gru_ui.saving import download
from gru_ui.shown import Shown, npz
from gru_ui.texts import say
from gru_ui.view import View, file_name


def open_view(name: str, *, sliders: bool = True) -> View:
    """Draw the frame and the view's question, and give what the frame shows, as `frame` does.

    `sliders` False leaves the sliders of a free setting to the page.
    """
    view = frame(sliders=sliders)
    st.caption(say(f"{name}.question"), width="content")
    return view


def close_view(view: View, name: str, shown: Shown) -> None:
    """What was found in sentences, how to read it, and what can be taken home or kept for the report."""
    with st.container(key="facts", gap="small"):
        for sentence in shown.sentences:
            st.text(sentence)
    opened = st.expander(
        say("meaning.how"), icon=":material/menu_book:", on_change="rerun", key=f"{name}_how"
    )
    if opened.open:
        opened.markdown(say(f"{name}.how"))
        opened.markdown(f"**{say('meaning.misleads')}** {say(f'{name}.misleads')}")
    file = f"{name}-{file_name(view)}"
    look, tag = theme(), LANGUAGES[language()].tag
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="save_row"):
        draw_keep(name, shown)
        if shown.chart:
            # It would take all the width that the buttons after it leave.
            with st.container(width=210, key="save_picture"):
                save_chart(shown.chart, title=shown.title, filename=file, key=f"save_{shown.chart}")
        download("html", lambda: figure_to_html(shown.figure(look), tag), file)
        if shown.numbers is not None:
            numbers = shown.numbers
            download("npz", lambda: npz(numbers()), file)
        if shown.code:
            python = st.popover(say("save.python"), icon=":material/code:", on_change="rerun", key="python")
            if python.open:
                python.caption(say("meaning.python_help"))
                python.code(shown.code, language="python", wrap_lines=True)
