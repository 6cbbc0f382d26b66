"""Trainings as runs: what was asked for, what happened, and the store that keeps both."""
