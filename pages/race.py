"""Who learns to remember, and who cannot: GRU, RNN and LSTM on the same data?"""

import streamlit as st

from gru_ui.training.actions import listing
from gru_ui.training.controls import pick_racers, pick_settings, pick_task, tell_task
from gru_ui.training.data import pick_data
from gru_ui.training.page import open_page, start_button
from gru_ui.training.panel import show_example, show_run

me = open_page()
with st.container(key="race_frame", horizontal=True, vertical_alignment="bottom", gap="small"):
    pick_task()
    pick_racers()
    pick_settings(race=True)
    begin = st.container(width="content")
sequence = pick_data()
ready = tell_task(sequence)
with begin:
    start_button(sequence, race=True, ready=ready)
if show_run(race=True) is None:
    show_example(race=True)
listing(me, race=True)
