"""`python -m gru_core`: trace a model over a sequence, or say what is in a model's file."""

import sys

from gru_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
