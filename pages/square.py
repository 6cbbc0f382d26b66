"""Where does each unit stand between copying, a plain RNN and seeing only the input?"""

from gru_ui.square.page import show_square

show_square()
