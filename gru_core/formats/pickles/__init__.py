"""Pickles of named arrays, read as data: nothing is looked up, made or called."""
