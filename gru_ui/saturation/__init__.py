"""The page of saturation: its choices, what is counted, and the pictures of it."""
