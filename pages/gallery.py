"""What do the gates do in real models, on my own words?"""

from gru_ui.gallery.page import draw_page

draw_page()
