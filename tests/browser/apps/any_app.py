"""Whichever page of the tests' own the address names: one server shows them all."""

import runpy
from pathlib import Path

from tests.browser.apps.options import option

runpy.run_path(str(Path(__file__).with_name(option("APP"))), run_name="__main__")
