"""How does a GRU work? Lessons that drive the app, for one person or for a class."""

from gru_ui.lessons.page import draw_page

draw_page()
