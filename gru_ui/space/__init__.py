"""The page of the state space: its choices, the search for fixed points, and its picture."""
