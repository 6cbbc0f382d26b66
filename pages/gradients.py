"""Does a gradient find its way back, and through which gate?"""

from gru_ui.gradients.page import draw_page

draw_page()
