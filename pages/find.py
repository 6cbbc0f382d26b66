"""Which units are on here, and where else are they on together?"""

from gru_ui.find.page import draw_find

draw_find()
