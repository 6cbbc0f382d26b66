"""The page on which units are picked by what they do, and other places found where they do the same."""
