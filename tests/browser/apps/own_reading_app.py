"""A page with the form for arrays of unknown names, and what it gives, for the browser tests and AppTest."""

from pathlib import Path

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.formats import inspect_file, load
from gru_ui.look import use_look
from gru_ui.own_reading import own_reading_form
from tests.browser.apps.options import option

st.set_page_config(layout="wide")
use_look()
path = Path(option("ARRAYS"))
data = path.read_bytes()
choices = own_reading_form(inspect_file(data), {path.name: data}, "own")
if choices is not None:
    try:
        gru = load(data, choices)["gru"]
        st.text(f"loaded {gru.fingerprint()}")
    except GateScopeError as error:
        st.error(str(error))
