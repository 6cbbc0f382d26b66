"""The page of two traces side by side: what is chosen, the right side, and how both are shown."""
