"""A survey as a file: an .npz of whole numbers, and what it says in JSON for those who only read it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, cast

import numpy as np

from gru_core.archives import npz_headers, open_zip, read_npz_array
from gru_core.errors import GateScopeError, InputError, ShapeError
from gru_core.limits import MAX_SURVEY_BYTES
from gru_core.overrides import Direction
from gru_core.sources import Source, open_source
from gru_core.survey.statistics import GATES, MAX_REFUSED, About, Survey
from gru_core.survey.tally import HIGH, LOW, SHARPNESS, SIDE, UNIT_SIDE, Tally, check_units

VERSION = 1
KIND = "gatescope-survey"

_ABOUT = "about"
_MAX_ABOUT = 2_000_000
_ARRAYS = ("low", "high", "total", "square", "unit_square")
_WHAT = "A survey's file"


def survey_bytes(found: Survey) -> bytes:
    """The .npz file of a survey; the same survey gives the same bytes.

    Its arrays are those of `Tally`, and "about", a JSON text in bytes, says what was surveyed.
    """
    file = io.BytesIO()
    text = json.dumps(_about(found), ensure_ascii=False, sort_keys=True).encode()
    arrays = {name: getattr(found.tally, name) for name in _ARRAYS}
    np.savez_compressed(file, about=np.frombuffer(text, np.uint8), **arrays)
    return file.getvalue()


def write_survey(found: Survey, path: str | Path) -> Path:
    """Write the .npz file, and its summary as JSON beside it; gives the path of the summary.

    Raises InputError when one of them cannot be written.
    """
    out = Path(path)
    beside = out.with_suffix(".json")
    if beside == out:
        raise InputError(f"{out.name!r} is the summary's name: give the survey a name such as survey.npz.")
    try:
        out.write_bytes(survey_bytes(found))
        beside.write_text(json.dumps(summary_of(found), indent=1, ensure_ascii=False) + "\n", "utf-8")
    except OSError as problem:
        raise InputError(f"{out.name!r} cannot be written: {problem.strerror or problem}.") from problem
    return beside


def read_survey(source: Source, name: str | None = None) -> Survey:
    """The survey that `write_survey` wrote. Sizes are checked before memory is spent; nothing in it is run.

    Raises InputError when it is no survey or its parts contradict each other, LimitError when too large.
    """
    remedy = "survey fewer units."
    with open_source(
        source, what=_WHAT, limit=MAX_SURVEY_BYTES // 2, remedy=remedy, error=InputError, name=name
    ) as opened:
        archive = open_zip(opened.file, _WHAT, MAX_SURVEY_BYTES, InputError)
        headers = {
            header.name: header for header in npz_headers(archive, _WHAT, MAX_SURVEY_BYTES, InputError)
        }
        if set(headers) != {_ABOUT, *_ARRAYS}:
            raise _no_survey(opened.name)
        about = headers[_ABOUT]
        if about.dtype != np.uint8 or len(about.shape) != 1 or about.nbytes > _MAX_ABOUT:
            raise _no_survey(opened.name)
        if any(headers[array].dtype != np.int64 for array in _ARRAYS):
            raise _no_survey(opened.name)
        arrays = {array: read_npz_array(archive, array, _WHAT, InputError) for array in (_ABOUT, *_ARRAYS)}
        try:
            said = json.loads(arrays.pop(_ABOUT).tobytes())
            if said["kind"] != KIND:
                raise _no_survey(opened.name)
            if said["version"] != VERSION:
                raise InputError(
                    f"{opened.name!r} is a survey of version {said['version']!r}, and this program reads "
                    f"version {VERSION}: make it again."
                )
            return _checked(said, arrays, opened.name)
        except ShapeError as problem:
            raise _no_survey(opened.name) from problem
        except GateScopeError:
            raise
        except (ValueError, KeyError, TypeError, IndexError, RecursionError, OverflowError) as problem:
            raise _no_survey(opened.name) from problem


def _no_survey(name: str) -> InputError:
    return InputError(
        f"{name!r} is no survey, or it is damaged: choose a file that python -m gru_core survey wrote."
    )


def _about(found: Survey) -> dict[str, Any]:
    about = found.about
    return {
        "kind": KIND,
        "version": VERSION,
        "model": about.model,
        "fingerprint": about.fingerprint,
        "settings": list(about.settings),
        "places": [list(place) for place in about.places],
        "data": list(about.data),
        "units": found.units,
        "sequences": found.sequences,
        "steps": found.steps,
        "shortest": found.shortest,
        "longest": found.longest,
        "left_out": found.left_out,
        "refused": [list(entry) for entry in found.refused],
        "low_below": LOW,
        "high_above": HIGH,
        "sharpness": SHARPNESS,
    }


def _checked(said: dict[str, Any], arrays: dict[str, Any], name: str) -> Survey:
    """The survey, where what it says of itself is what its arrays hold."""
    cells, units = len(said["places"]), int(said["units"])
    check_units(cells, units)
    tally = Tally(**{array: np.array(arrays[array], dtype=np.int64, order="C") for array in _ARRAYS})
    numbers = {key: said[key] for key in ("sequences", "steps", "shortest", "longest", "left_out")}
    whole = all(isinstance(number, int) and 0 <= number < 2**53 for number in numbers.values())
    places = tuple((int(layer), _direction(direction)) for layer, direction in said["places"])
    if (
        not whole
        or tally.low.shape != (len(GATES), cells, units)
        or (said["low_below"], said["high_above"], said["sharpness"]) != (LOW, HIGH, SHARPNESS)
        or not _adds_up(tally, numbers["steps"])
        or len(said["refused"]) > min(MAX_REFUSED, numbers["left_out"])
    ):
        raise _no_survey(name)
    about = About(
        str(said["fingerprint"]),
        tuple(map(str, said["settings"])),
        places,
        str(said["model"]),
        tuple(map(str, said["data"])),
    )
    refused = tuple((str(which), str(why)) for which, why in said["refused"])
    return Survey(about, tally, **numbers, refused=refused)


def _direction(text: str) -> Direction:
    if text not in ("forward", "backward"):
        raise ValueError(text)
    return cast(Direction, text)


def _adds_up(tally: Tally, steps: int) -> bool:
    """Whether no step is counted twice and none is missing."""
    cells = tally.low.shape[1]
    per_unit = (tally.low, tally.high, tally.unit_square)
    coarse = tally.square.reshape(cells, UNIT_SIDE, SIDE // UNIT_SIDE, UNIT_SIDE, SIDE // UNIT_SIDE)
    return bool(
        all((array >= 0).all() for array in (*per_unit, tally.square, tally.total))
        and (tally.low + tally.high <= steps).all()
        and (tally.total <= steps * SHARPNESS).all()
        and (tally.unit_square.sum(axis=(2, 3)) == steps).all()
        and (coarse.sum(axis=(2, 4)) == tally.unit_square.sum(axis=1)).all()
    )


def summary_of(found: Survey) -> dict[str, Any]:
    """What a survey says, as plain values for JSON: what was surveyed, and per layer and unit the shares.

    "left" and "right" are the shares of steps with the gate below LOW and above HIGH; a time scale is None
    where a unit keeps everything for ever.
    """
    plain = _about(found)
    plain["layers"] = (
        [] if not found.steps else [_of_cell(found, cell) for cell in range(len(plain["places"]))]
    )
    return plain


def _of_cell(found: Survey, cell: int) -> dict[str, Any]:
    layer, direction = found.about.places[cell]
    scale = found.time_scale()[cell].tolist()
    gates = {
        gate: {
            "left": found.left_saturated(gate)[cell].tolist(),
            "right": found.right_saturated(gate)[cell].tolist(),
            "mean": found.mean(gate)[cell].tolist(),
            "histogram": found.histogram(gate)[cell].tolist(),
        }
        for gate in GATES
    }
    steps = [None if value == float("inf") else value for value in scale]
    return {"layer": layer, "direction": direction, **gates, "time_scale": steps}
