"""How often are the gates wide open or shut, over one sequence or a whole data set?"""

from gru_ui.meaning import close_view, open_view
from gru_ui.saturation.block import show_saturation

view = open_view("saturation")
shown = show_saturation(view)
if shown is not None:
    close_view(view, "saturation", shown)
