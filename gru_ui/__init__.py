"""What the pages share. Depends on gru_core; nothing in gru_core depends on it."""
