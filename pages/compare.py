"""What is different, and where? Two traces side by side."""

from gru_ui.compare.page import draw_page

draw_page()
