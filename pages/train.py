"""What happens to the gates while a model learns?"""

import streamlit as st

from gru_ui.training.actions import listing
from gru_ui.training.controls import pick_cell, pick_settings, pick_task, tell_task
from gru_ui.training.data import pick_data
from gru_ui.training.page import open_page, start_button
from gru_ui.training.panel import show_example, show_run

me = open_page()
with st.container(key="train_frame", horizontal=True, vertical_alignment="bottom", gap="small"):
    pick_task()
    pick_cell()
    pick_settings()
    begin = st.container(width="content")
sequence = pick_data()
ready = tell_task(sequence)
with begin:
    start_button(sequence, race=False, ready=ready)
if show_run(race=False) is None:
    show_example(race=False)
listing(me, race=False)
