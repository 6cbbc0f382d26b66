"""What stands at the places, counted again by hand and by loops."""

import numpy as np
import pytest

from gru_core.analysis.find import Rule, coded, find
from gru_core.analysis.find_meaning import Sign, difference_of, inside_marks, inside_of, sign_of
from gru_core.sequences.sequence import Sequence
from gru_core.sequences.symbols import sequence_from_symbols

RULE = Rule("Z", 0.5)


def found_at(sequences, marks: list[str]):
    """The places of one unit that is on where a mark is 1."""
    flags = np.array([[float(mark)] for text in marks for mark in text])
    return find(coded(flags, "Z"), [len(sequence) for sequence in sequences], RULE, (0,), least=1, steps=1)


def texts(*lines: str) -> list[Sequence]:
    return [sequence_from_symbols(line, "") for line in lines]


def test_the_symbol_that_tells_most_and_how_often_it_is_elsewhere() -> None:
    """Every place begins behind a q, which is 4 of 24 symbols; two of them begin with the commonest, a."""
    sequences = texts("aaqaaaqbaaaa", "qcaaaaaaqaaa")
    found = found_at(sequences, ["000100010000", "010000000100"])
    assert len(found) == 4
    sign = sign_of(sequences, found)
    assert sign == Sign("before", "q", 4, 4, 4 / 24)
    assert (sign.share, sign.times) == (1.0, pytest.approx(6.0))


def test_nothing_is_said_of_what_stands_everywhere_or_too_seldom() -> None:
    sequences = texts("aaaaaaaa")
    assert sign_of(sequences, found_at(sequences, ["01010100"])) is None
    sequences = texts("abababab")
    assert sign_of(sequences, found_at(sequences, ["00100010"])) is None
    assert sign_of(sequences, found_at(sequences, ["00000000"])) is None


def test_quotation_marks_open_close_and_end_with_a_blank_line() -> None:
    text = '"ab" c\n"d\n\ne "f"'
    assert "".join("1" if flag else "0" for flag in inside_marks(text)) == "0111000011100011"
    sequences = texts('x"yy"x', 'x"y"xx')
    inside = inside_of(sequences, found_at(sequences, ["001101", "000001"]))
    assert inside is not None
    assert (inside.count, inside.places) == (1, 3)
    assert inside.base == pytest.approx(5 / 12)
    assert inside_of(texts("abc"), found_at(texts("abc"), ["010"])) is None


def test_the_input_of_numbers_that_differs_most() -> None:
    one = Sequence(np.array([[0, 1], [5, 1], [0, 1], [0, 3]]), ("",) * 4, ("jump", "drift"))
    other = Sequence(np.array([[5, 1], [0, 2]]), ("",) * 2, ("jump", "drift"))
    found = found_at([one, other], ["0100", "10"])
    assert difference_of([one, other], found) is None
    one, other = (Sequence(np.tile(s.values, (2, 1)), s.labels * 2, s.names) for s in (one, other))
    found = found_at([one, other], ["01000100", "1010"])
    difference = difference_of([one, other], found)
    assert difference is not None
    assert difference.name == "jump"
    assert (difference.here, difference.everywhere) == (5.0, pytest.approx(10 / 6))
    assert difference_of(texts("ab"), found_at(texts("ab"), ["01"])) is None
