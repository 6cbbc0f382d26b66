"""What do the gates do at every step? The landing page."""

import streamlit as st

from gru_ui.frame import frame
from gru_ui.language.sentences import together
from gru_ui.pictures import show_gates
from gru_ui.saving import save_row
from gru_ui.texts import say
from gru_ui.view import file_name
from gru_ui.words import draw_answer, draw_primer, fact_sentences

view = frame()
sentences = fact_sentences(view)

draw_answer(view)
show_gates(
    view,
    key="gate_heatmaps",
    summary=say("gates.summary", units=view.trace.units, steps=view.trace.steps, facts=together(sentences)),
    filename=file_name(view),
)
draw_primer()
with st.container(key="facts", gap="small"):
    st.subheader(say("gates.facts"), anchor=False)
    for sentence in sentences:
        st.text(sentence)
save_row(view)
