"""The phase portrait of a view: its choices, what it is made of, and its page."""
