"""Every example in the core's docstrings is run and gives what it says."""

from __future__ import annotations

import doctest
import importlib

import pytest

from tests.test_architecture import core_modules

FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.parametrize("module", core_modules())
def test_examples(module: str) -> None:
    outcome = doctest.testmod(importlib.import_module(module), optionflags=FLAGS)
    assert outcome.failed == 0
