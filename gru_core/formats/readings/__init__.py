"""Arrays with names that nobody knows: how a person says they are packed, and the search for it."""
