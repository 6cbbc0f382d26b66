"""What do the gates do on your own data, or in your own model?"""

import streamlit as st

from gru_ui.bring_model import bring_model
from gru_ui.bring_sequence import paste_sequence, upload_sequence
from gru_ui.frame import try_frame
from gru_ui.texts import say

try_frame()
st.markdown(f"**{say('your_data.question')}**")
paste, upload, model = st.tabs(
    [say("your_data.paste"), say("your_data.upload"), say("your_data.model")], key="bring"
)
with paste:
    paste_sequence()
with upload:
    upload_sequence()
with model:
    bring_model()
