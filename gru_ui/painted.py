"""Painted gates as entries of a link: a row as text, checked when it is read."""

from gru_core.errors import LinkError, OverrideError
from gru_core.limits import MAX_PAINTED_CHARACTERS as MOST_CHARACTERS
from gru_core.limits import MAX_PAINTED_STEPS
from gru_core.painting import read_row, write_row


def painted_row(text: str) -> str:
    """A row of a link in its shortest form. Raises LinkError with the rule."""
    if len(text) > MOST_CHARACTERS:
        raise LinkError(f"must be at most {MOST_CHARACTERS:,} characters")
    try:
        return write_row(read_row(text))
    except OverrideError as error:
        raise LinkError(
            "must be runs of values in [0, 1] or l for learned, such as 1x3_0_lx2, for at most "
            f"{MAX_PAINTED_STEPS:,} steps"
        ) from error
