"""Puzzles: paint R and Z step by step until a GRU depends on what was asked for, judged by its Jacobians."""

from gru_core.puzzles.catalogue import PUZZLES
from gru_core.puzzles.grade import Verdict, grade, run_puzzle
from gru_core.puzzles.spec import Each, Puzzle, Reach

__all__ = ["PUZZLES", "Each", "Puzzle", "Reach", "Verdict", "grade", "run_puzzle"]
