"""The page of the gate square."""
