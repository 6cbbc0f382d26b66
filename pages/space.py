"""Where does the state go, and where would it stay?"""

from gru_ui.meaning import close_view, open_view
from gru_ui.space.block import show_space

view = open_view("space")
close_view(view, "space", show_space(view))
