"""Who is in front of this page, as far as a server may know: the same browser as before, or another one."""

import hashlib

import streamlit as st

from gru_ui import state
from gru_ui.serve.person import COOKIE, VALUE


def owner() -> str:
    """What this person's trainings are stored under: a sha256, so that the store does not hold the cookie.

    Without the cookie (a server that was started another way) it is good for this session only.
    """
    # As text, whatever stands in for a browser in tests.
    cookie = str(st.context.cookies.get(COOKIE, ""))
    token = cookie if VALUE.fullmatch(cookie) else state.session_token()
    return hashlib.sha256(token.encode()).hexdigest()
