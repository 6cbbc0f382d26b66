"""The page of puzzles: which one, what is painted, how it is judged and said."""
