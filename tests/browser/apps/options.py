"""What a test asks of its page, out of the page's address: one server shows every variant."""

from __future__ import annotations

import streamlit as st

__all__ = ["option"]


def option(name: str, default: str = "") -> str:
    """The value of `?name=...` in the address of the page; `default` without one."""
    return st.query_params.get(name, default)
