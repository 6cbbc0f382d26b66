"""How does one step of a GRU work? The cell as a live picture that can be played, opened and touched."""

from gru_ui.cell_view import show_cell
from gru_ui.frame import frame
from gru_ui.saving import save_row

view = frame()

event = show_cell(view)
save_row(view, event.edits, picture="cell")
