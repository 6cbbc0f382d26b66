"""Blocks of the pages that train: what to train, how a run stands, its film, its race, what to do with it."""
