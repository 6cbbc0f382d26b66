"""What the theme's own settings cannot say about the look of a page."""

from functools import lru_cache
from pathlib import Path

import streamlit as st

STYLES = Path(__file__).resolve().parents[1] / "assets" / "look" / "app.css"


def use_look() -> None:
    """Use the width of the screen for pictures, make small things readable, keep still where asked to."""
    st.html(_styles())


@lru_cache(maxsize=1)
def _styles() -> str:
    return f"<style>{STYLES.read_text(encoding='utf-8')}</style>"


def theme() -> str:
    """ "light" or "dark", as the page is now."""
    return st.context.theme.type or "light"
