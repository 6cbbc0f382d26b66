"""What the theme's own settings cannot say about the look of a page."""

import streamlit as st


def use_look() -> None:
    """Use the width of the screen for pictures, and make small things readable.

    Streamlit sets captions at 60 % of the text's strength: 4.2:1 on white, where small text needs 4.5:1.
    """
    st.html(
        "<style>[data-testid=stMainBlockContainer] {"
        " padding-left: clamp(0.75rem, 2.5vw, 2.5rem);"
        " padding-right: clamp(0.75rem, 2.5vw, 2.5rem); }"
        " [data-testid=stCaptionContainer] { color: inherit; opacity: 0.75; }"
        # White on the dark theme's main colour is too faint to be read.
        " [data-testid=stMultiSelect] [data-tag] { background: transparent; color: inherit;"
        " border: 1px solid currentColor; }"
        # The proof takes no room: on a wide screen it stands at the end of the line of labels.
        " .st-key-frame { position: relative; }"
        " .st-key-gates [data-testid=stWidgetLabel] { width: fit-content; }"
        " @media (min-width: 1200px) { .st-key-proof { position: absolute; top: 0; right: 0;"
        " width: auto; min-width: 0; z-index: 1; } }"
        " .st-key-proof [data-testid=stPopoverButton] { min-height: 1.5rem; padding: 0 0.25rem; }"
        " [data-testid=stPopoverBody] :is(td, th) { padding: 0.25rem 0.6rem; }"
        # What every page offers stands in the line of the menu, and takes no room.
        " :has(> .st-key-tools) { position: fixed; top: 0.85rem; right: 0.75rem; z-index: 999991;"
        " width: auto; }"
        " .st-key-tools [data-testid=stPopoverButton] { min-height: 2rem; padding: 0 0.6rem; }"
        # The line through a struck-out term, to be seen from the back row.
        " [data-testid=stMarkdownContainer] .katex svg line"
        " { stroke: #D55E00; stroke-width: 0.13em; }</style>"
    )


def theme() -> str:
    """ "light" or "dark", as the page is now."""
    return st.context.theme.type or "light"
