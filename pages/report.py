"""What have I found? The views that were kept, with notes, as one file to take along."""

from gru_ui.frame import through_the_router
from gru_ui.report.page import show_report

through_the_router()
show_report()
