"""The router: which page is shown, and the link that says what is on it."""

import streamlit as st

from gru_ui import state
from gru_ui.components.opened import lead_into_what_opens
from gru_ui.language.switch import draw_switch
from gru_ui.look import use_look
from gru_ui.navigation import navigate
from gru_ui.sharing.panel import draw_share

st.logo("assets/logo-wide.svg", size="large")
page = navigate()
use_look()
state.follow_link(page.url_path)
tools = st.container(key="tools", horizontal=True, width="content", gap="small")
with tools:
    draw_switch()
page.run()
state.write_link()
with tools:
    draw_share(page.url_path)
    lead_into_what_opens()
state.draw_the_rest()
