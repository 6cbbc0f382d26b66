"""Whose memory is this state? The ledger of what each step wrote, and how long it lasts."""

from gru_ui.meaning import open_view
from gru_ui.memory.page import show_memory

show_memory(open_view("memory"))
