"""What the pages of views share: how they begin, what stands under their picture, and long computations.

view = open_view("memory")
...                                     # controls, and the picture
close_view(view, "memory", Shown(title=..., figure=..., sentences=...))
"""

from gru_ui.meaning.computing import worked_out
from gru_ui.meaning.page import close_view, open_view
from gru_ui.shown import Shown

__all__ = ["Shown", "close_view", "open_view", "worked_out"]
