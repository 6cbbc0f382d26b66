"""The router: which page is shown, and the link that says what is on it."""

import streamlit as st

from gru_ui import state
from gru_ui.look import use_page_width
from gru_ui.navigation import navigate
from gru_ui.texts import say

st.set_page_config(page_title=say("app.name"), page_icon="assets/logo.svg", layout="wide")
st.logo("assets/logo-wide.svg", size="large")
page = navigate()
use_page_width()
state.follow_link()
page.run()
state.write_link()
