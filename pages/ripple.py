"""What becomes of one changed input, and what does an answer hang on?"""

from gru_ui.ripple.page import draw_page

draw_page()
