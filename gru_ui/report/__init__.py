"""The report: views that a person keeps, with notes, as one file."""
