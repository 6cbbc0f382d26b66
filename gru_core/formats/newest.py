"""Which of the files that were given one after the other are the model that was given last."""

from collections.abc import Mapping
from typing import BinaryIO

from gru_core.errors import ModelFileError
from gru_core.formats.loading import FORMATS, open_model
from gru_core.formats.registry import Format, evidence_of


def newest_model(files: Mapping[str, bytes | BinaryIO]) -> tuple[str, ...]:
    """The names of the files that are the newest model, told without reading them.

    files  by name, the newest last; one or more

    They are all of the files where they are one model together and the newest is a part of it; else the last
    ones that are a model, and the very last one where none are.

    Raises LimitError when the files are too large together.
    """
    names = tuple(files)
    together, last = _format_of(files), _last_model(files)
    without = {name: files[name] for name in names[:-1]}
    # What is a part of a model is of its format, or what the others are no model without.
    if together is not None and (_format_of(last) is together or _format_of(without) is None):
        return names
    return tuple(last)


def _last_model(files: Mapping[str, bytes | BinaryIO]) -> dict[str, bytes | BinaryIO]:
    """The longest row of last files that are of the format of the shortest; the very last where none is."""
    names = tuple(files)
    found, form = names[-1:], None
    for start in reversed(range(len(names))):
        tried = _format_of({name: files[name] for name in names[start:]})
        if form is not None and (
            tried is not form or _format_of({names[start]: files[names[start]]}) not in (None, form)
        ):
            break
        if tried is not None:
            found, form = names[start:], tried
    return {name: files[name] for name in found}


def _format_of(files: Mapping[str, bytes | BinaryIO]) -> Format | None:
    """The format that the files are of, as one file or as a set; None where they are of none."""
    try:
        with open_model(files) as opened:
            evidence = evidence_of(opened)
            return next((form for form in FORMATS if form.recognises(evidence)), None)
    except ModelFileError:  # empty or damaged; what reads it will say so
        return None
