"""One kind sentence instead of a traceback; the traceback goes to the server's log."""

from __future__ import annotations

import logging
import secrets
from typing import Final

import streamlit as st

LOG: Final = logging.getLogger("gatescope")

# The language of the browser, since the failure may lie in what would have told the chosen one.
SENTENCES: Final = {
    "en": "Sorry, something went wrong on our side. What you had is still there: change a setting or go to "
    "another page to carry on. If it happens again, tell us the number {reference}.",
    "zh": "抱歉，我们这边出了点问题。您的内容都还在：更改一个设置或转到其他页面即可继续。"
    "如果问题再次出现，请告诉我们编号 {reference}。",
}


def show_script_error(error: Exception) -> bool:
    """Log `error` with its traceback under a number, show the number; True says that it has been shown."""
    reference = secrets.token_hex(3).upper()
    LOG.error("Uncaught error %s in a page", reference, exc_info=error)
    language = (st.context.locale or "en").split("-")[0].lower()
    st.error(SENTENCES.get(language, SENTENCES["en"]).format(reference=reference))
    return True
