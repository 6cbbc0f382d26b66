"""What does a GRU become when its gates are put to the extremes? Four settings of one set of weights."""

import streamlit as st

from gru_core.overrides import EXTREMES
from gru_ui.extreme_cards import draw_card, pick_differences, show_settings
from gru_ui.frame import draw_sliders, frame
from gru_ui.saving import difference_chart
from gru_ui.texts import say
from gru_ui.words import answer_sentence

view = frame(sliders=False)

st.markdown(f"**{say('extremes.question')}** {say('extremes.same_weights')}")
for column, setting in zip(st.columns(len(EXTREMES), gap="small"), EXTREMES, strict=True):
    with column:
        draw_card(view, setting)

with st.container(border=True, key="free"):
    st.markdown(f"**{say('extremes.free')}** {say('extremes.free_means')}")
    draw_sliders("extremes")
    st.text(answer_sentence(view, view.verdict()))
show_settings(view, differences=pick_differences())
difference_chart(view)
