"""What the theme's own settings cannot say about the look of a page."""

import streamlit as st


def use_page_width() -> None:
    """Use the width of the screen for pictures; the wide layout leaves broad margins."""
    st.html(
        "<style>[data-testid=stMainBlockContainer] {"
        " padding-left: clamp(0.75rem, 2.5vw, 2.5rem);"
        " padding-right: clamp(0.75rem, 2.5vw, 2.5rem); }</style>"
    )
