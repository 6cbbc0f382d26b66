"""Every format's reference files, damaged in hundreds of ways: each ends in a model or in a sentence.

Within 10 s and 1 GB, without a crash, and without a look at anything outside the file.
"""

from __future__ import annotations

import pytest

from gru_core.formats import FORMATS
from tests.support.fuzz import SECONDS, damaged, fuzz, outcome, samples

COUNT = 300


def test_every_format_has_reference_files_to_damage() -> None:
    assert {form.name for form in FORMATS} == {name for name, known in samples().items() if known}


@pytest.mark.slow
@pytest.mark.parametrize("form", [form.name for form in FORMATS])
def test_damaged_files_end_in_a_model_or_a_sentence(form: str) -> None:
    found = fuzz(form, COUNT)
    assert not found.failures, "\n".join(found.failures)
    assert found.count == COUNT
    assert found.slowest < SECONDS
    # The damage is real, and not so heavy that nothing gets past the first check.
    assert found.refused >= COUNT // 5
    assert found.models >= COUNT // 50


def test_the_same_number_is_the_same_damage() -> None:
    form = FORMATS[0].name
    assert damaged(form, 7) == damaged(form, 7)
    assert damaged(form, 7) != damaged(form, 8)
    assert outcome(damaged(form, 7)[1]) == outcome(damaged(form, 7)[1])
