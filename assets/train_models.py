"""Trains the demo models again: `python assets/train_models.py [name ...]`, all of them without a name.

Writes assets/models/NAME.safetensors and the tables of assets/README.md; gru_core/train_demos.py says how.
"""

import runpy
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
runpy.run_module("gru_core.train_demos", run_name="__main__")
