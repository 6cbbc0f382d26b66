"""Units and steps as people type them: "0, 3-5", "2:9", "-1", "all"."""

import re

from gru_core.errors import OverrideError

MOST_INDICES = 100_000

_SLICE = re.compile(r"(-?\d+)?\s*:\s*(-?\d+)?(?:\s*:\s*(-?\d+))?")
_RANGE = re.compile(r"(\d+)\s*(?:-|–|\.\.)\s*(\d+)")
_ONE = re.compile(r"-?\d+")


def parse_indices(text: str, what: str = "units") -> tuple[int, ...] | slice | None:
    """Indices from text; None for "" or "all".

    "7" and "-1" are single ones (negative from the end), "3-5" is 3, 4, 5, "2:9" and "::2" are slices as
    in Python, and commas join single ones and ranges. Raises OverrideError that shows what can be typed.
    """
    text = text.strip()
    if text.lower() in ("", "all"):
        return None
    whole = _SLICE.fullmatch(text)
    if whole:
        start, stop, step = (None if part is None else int(part) for part in whole.groups())
        if step == 0:
            raise OverrideError(f"The stride in {text!r} is 0: use 1 or more, or leave it out.")
        return slice(start, stop, step)
    indices: list[int] = []
    for part in (p.strip() for p in text.split(",")):
        if not part:
            continue
        span = _RANGE.fullmatch(part)
        if span:
            first, last = int(span[1]), int(span[2])
            if last - first >= MOST_INDICES:
                raise OverrideError(f"The range {part[:40]!r} is too long: at most {MOST_INDICES:,} {what}.")
            indices.extend(range(first, last + 1))
        elif _ONE.fullmatch(part):
            indices.append(int(part))
        else:
            raise OverrideError(
                f"Cannot read {part[:40]!r} as {what}: type numbers and ranges such as 0, 3-5, "
                "a slice such as 2:9, or all."
            )
    return tuple(dict.fromkeys(indices))
