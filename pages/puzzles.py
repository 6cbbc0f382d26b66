"""Which gates make a GRU do that? Paint them, and see what leaks."""

from gru_ui.puzzles.page import draw_page

draw_page()
