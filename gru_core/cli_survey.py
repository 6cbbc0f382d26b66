"""The commands `survey MODEL DATA --out survey.npz` and `merge SURVEY ... --out survey.npz`."""

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gru_core.errors import InputError
from gru_core.override_text import parse_override
from gru_core.reading_options import add_reading_options, choices_of
from gru_core.sequence_options import add_sequence_options, add_setting_option

if TYPE_CHECKING:
    from gru_core.jobs import Jobs
    from gru_core.survey import Survey

SURVEY_HELP = """\
Count over a whole data set how often each unit's gates are below 0.1 and above 0.9, their means and time
scales, and where in the gate square they are. DATA is a folder of files, a Parquet file, an NPZ or NPY file,
or a single sequence; docs/survey.md says how each is read. No more than a few sequences are in memory.

A sequence that cannot be read is named, left out and counted; --strict ends at the first such one.

The result does not depend on --workers and --batch. It is written to FILE.npz, with a summary in FILE.json.
Where GATESCOPE_SCHEDULER names a Dask cluster, the counting is done there.
"""

MERGE_HELP = """\
The survey of several data sets together, from the surveys of each. They must be of one model with one
setting of its gates. The result is the same as that of one survey of all the data, in whatever order.
"""

EVERY_SECONDS = 2.0


def add_survey(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command `survey`."""
    surveying = commands.add_parser(
        "survey",
        help="count what the gates of a model do over a whole data set",
        description=SURVEY_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    surveying.add_argument("model", metavar="MODEL", help="a model's file")
    surveying.add_argument("data", metavar="DATA", help="a folder, or a file of sequences")
    surveying.add_argument(
        "--out", default="survey.npz", metavar="FILE", help="where to write (default: survey.npz)"
    )
    surveying.add_argument("--gru", metavar="NAME", help="which GRU of the file (default: the first)")
    add_setting_option(surveying)
    surveying.add_argument(
        "--id", metavar="COLUMN", help="of a Parquet file with one step per row: which sequence a row is of"
    )
    add_sequence_options(surveying)
    surveying.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="processes that count, 1 for none beside this one (default: one per core)",
    )
    surveying.add_argument(
        "--batch",
        type=int,
        default=32,
        metavar="N",
        help="sequences that are computed together (default: 32)",
    )
    surveying.add_argument(
        "--strict", action="store_true", help="end at the first sequence that cannot be read"
    )
    add_reading_options(surveying)
    surveying.set_defaults(run=run_survey)


def add_merge(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The command `merge`."""
    merging = commands.add_parser(
        "merge",
        help="make one survey of several",
        description=MERGE_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    merging.add_argument("surveys", metavar="SURVEY", nargs="+", help="files that the command survey wrote")
    merging.add_argument("--out", required=True, metavar="FILE", help="where to write, such as survey.npz")
    merging.set_defaults(run=run_merge)


def run_survey(options: argparse.Namespace) -> str:
    """Survey and write; gives what was found in words."""
    from gru_core.cli import column_names
    from gru_core.formats import load_model
    from gru_core.sequences import symbols_of, text_unit_of
    from gru_core.survey import sequences_in, survey, write_survey
    from gru_core.survey.data import ReadingOptions

    if options.batch < 1:
        raise InputError(f"--batch must be at least 1, got {options.batch}.")
    if Path(options.out).suffix == ".json":
        raise InputError(f"--out is the name of an .npz file, got {Path(options.out).name!r}.")
    overrides = tuple(parse_override(text) for text in options.settings)
    model = load_model(options.model, options.gru, choices_of(options))
    columns = None if options.columns is None else tuple(column_names(options.columns))
    reading = ReadingOptions(
        columns=columns,
        missing=options.missing,
        standardise=options.standardise,
        text_unit=text_unit_of(model.encoder, options.text),
        vocabulary=symbols_of(model.encoder),
        id_column=options.id,
    )
    with _jobs(options.workers) as jobs:
        found = survey(
            model,
            sequences_in(options.data, reading),
            overrides,
            jobs=jobs,
            in_order=columns is not None,
            rows=options.batch,
            strict=options.strict,
            data=Path(options.data).resolve().name,
            told=_Progress(),
        )
    beside = write_survey(found, options.out)
    return _said(found, Path(options.out).name, beside.name)


def run_merge(options: argparse.Namespace) -> str:
    """Merge and write; gives what was found in words."""
    from gru_core.survey import merge, read_survey, write_survey

    # One after the other: no more than two are in memory.
    found = read_survey(options.surveys[0])
    for path in options.surveys[1:]:
        found = merge([found, read_survey(path)])
    beside = write_survey(found, options.out)
    return _said(found, Path(options.out).name, beside.name)


@contextlib.contextmanager
def _jobs(workers: int | None) -> Iterator["Jobs | None"]:
    """Where the counting is done: the cluster that the environment names, processes here, or none of them."""
    from gru_core.jobs import WorkerPool, open_jobs
    from gru_core.jobs.choice import VARIABLE
    from gru_core.jobs.pool import worker_count

    if workers is not None and workers < 1:
        raise InputError(f"--workers must be at least 1, got {workers}.")
    if os.environ.get(VARIABLE, "").strip():
        jobs: Jobs = open_jobs()
    else:
        count = worker_count() if workers is None else workers
        if count == 1:
            yield None
            return
        jobs = WorkerPool(count)
    try:
        yield jobs
    finally:
        jobs.shutdown(cancel_futures=True)


class _Progress:
    """A line on stderr now and then, where that is a person's screen."""

    def __init__(self) -> None:
        self._at = time.monotonic()

    def __call__(self, sequences: int, steps: int) -> None:
        now = time.monotonic()
        if sys.stderr.isatty() and now - self._at > EVERY_SECONDS:
            self._at = now
            sys.stderr.write(f"{sequences:,} sequences, {steps:,} steps so far\n")


def _said(found: "Survey", name: str, beside: str) -> str:
    """What a survey found, in lines."""
    lines = [f"left out: {which}: {why}" for which, why in found.refused]
    if found.left_out > len(found.refused):
        lines.append(f"left out: {found.left_out - len(found.refused):,} more sequences")
    lines.append(
        f"{name}: {found.sequences:,} sequences of {found.shortest:,} to {found.longest:,} steps, "
        f"{found.steps:,} steps in all, {found.units:,} units, {len(found.about.places)} layer-directions"
    )
    for cell, (layer, direction) in enumerate(found.about.places):
        parts = [
            f"{gate} below 0.1 at {found.left_saturated(gate)[cell].mean():.1%} and above 0.9 at "
            f"{found.right_saturated(gate)[cell].mean():.1%} of all steps"
            for gate in "RZ"
        ]
        lines.append(f"layer {layer} {direction}: {'; '.join(parts)}")
    lines.append(f"{beside}: the same in words and shares")
    return "\n".join(lines)
