"""The page of the memory ledger: what is chosen on it, and what it shows."""
