"""The page of one changed input: what is chosen on it, what becomes of it, and how it is shown."""
