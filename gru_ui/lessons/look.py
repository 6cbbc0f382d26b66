"""The look of a lesson: words large enough to be read with a picture beside them, and the projector's."""

import streamlit as st

_LESSON = """
.st-key-lesson_words [data-testid=stMarkdownContainer] :is(p, li) { font-size: 1.15rem; line-height: 1.5; }
.st-key-lesson_words .katex-display { margin: 0.2rem 0; }
.st-key-lesson_words .katex-display > .katex { font-size: 1.12em; text-align: left; }
[class*=st-key-family_] .katex-display { margin: 0; }
@media (min-width: 1000px) { .st-key-lesson_cell_step { flex-direction: column-reverse; } }
@media (max-width: 640px) { .st-key-lesson_projector { display: none; }
.st-key-lesson_bar > :has(h3) { flex-basis: 100%; order: 1; } }
.st-key-lesson_bar h3 { padding: 0; font-size: 1.4rem; }
[data-testid=stMainBlockContainer]:has(.st-key-lesson_bar) { padding-top: 4.2rem; }
.st-key-lesson_cover p { font-size: 1.3rem; }
.st-key-lesson_bar [data-testid=stText] { font-variant-numeric: tabular-nums; }
[data-testid=stProgress] { margin-top: -0.5rem; }
.st-key-lesson_choices button { justify-content: flex-start; height: auto; min-height: 2.5rem; }
.st-key-lesson_choices button > div { justify-content: flex-start; }
.st-key-lesson_choices button p { text-align: left; white-space: normal; }
"""

_PROJECTOR = """
[data-testid=stHeader], .st-key-tools { display: none; }
[data-testid=stMainBlockContainer]:has(.st-key-lesson_bar) { padding-top: 0.75rem; padding-bottom: 0.5rem; }
.st-key-lesson_words [data-testid=stMarkdownContainer] :is(p, li) { font-size: 1.3rem; line-height: 1.4; }
.st-key-lesson_bar h3 { font-size: 1.8rem; }
.st-key-lesson_choices button p { font-size: 1.15rem; }
"""


def use_lesson_look(*, projector: bool) -> None:
    """The rules for a step; on a projector the menu is gone and the words are large."""
    st.html(f"<style>{_LESSON}{_PROJECTOR if projector else ''}</style>")
