"""Where does every state of two units go? Arrows, the lines where a unit stands still, and fixed points."""

from gru_ui.meaning import open_view
from gru_ui.phase.page import draw_phase

draw_phase(open_view("phase", sliders=False))
