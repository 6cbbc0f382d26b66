"""The commands: `trace MODEL SEQUENCE --out trace.npz`, `inspect MODEL`, `survey MODEL DATA`, `merge`."""

import argparse
import sys
from collections.abc import Sequence as ListLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gru_core.cli_survey import add_merge, add_survey
from gru_core.errors import GateScopeError, InputError
from gru_core.override_text import parse_override
from gru_core.reading_options import (
    add_reading_options,
    add_search_options,
    choices_of,
    search_text,
    wants_search,
)
from gru_core.sequence_options import add_sequence_options, add_setting_option

if TYPE_CHECKING:
    from gru_core.formats import FoundGRU, Inspection, OtherLayer
    from gru_core.sequences.encoders import Encoder

EXIT_ERROR = 2

TRACE_HELP = """\
Write R, Z, H_tilde and H of every step to an .npz file, each (batch = 1, time, units).

The first layer's forward direction has the plain names R, Z, H_tilde, H; every other layer and direction is
prefixed: layer0_backward_R, layer1_forward_R, layer1_backward_R, ... Index t belongs to step t of the input
in both directions.

Where --gru names an LSTM or RNN of the file the arrays are F, I, O, C_tilde, C and H, or H alone.
"""


def main(arguments: ListLike[str] | None = None) -> int:
    """Run one command; gives the exit code: 0, or 2 after one line on stderr that says what is wrong."""
    options = parser().parse_args(arguments)
    try:
        text = options.run(options)
    except GateScopeError as error:
        sys.stderr.write(" ".join(str(error).split()) + "\n")
        return EXIT_ERROR
    sys.stdout.write(text + "\n")
    return 0


def parser() -> argparse.ArgumentParser:
    """The commands and their options."""
    top = argparse.ArgumentParser(prog="python -m gru_core", description=__doc__)
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    tracing = commands.add_parser(
        "trace",
        help="write the gates of a model over a sequence to an .npz file",
        description=TRACE_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    tracing.add_argument("model", metavar="MODEL", help="a model's file")
    tracing.add_argument("sequence", metavar="SEQUENCE", help="a sequence's file")
    tracing.add_argument("--out", required=True, metavar="FILE", help="where to write, such as trace.npz")
    tracing.add_argument(
        "--gru", metavar="NAME", help="which GRU, LSTM or RNN of the file (default: the first GRU)"
    )
    add_setting_option(tracing)
    add_sequence_options(tracing)
    tracing.add_argument(
        "--h0", metavar="FILE", help="an .npy file with the initial state (layers * directions, units)"
    )
    add_reading_options(tracing)
    tracing.set_defaults(run=run_trace)

    inspecting = commands.add_parser(
        "inspect", help="say what is in a model's file: names, sizes, convention"
    )
    inspecting.add_argument("model", metavar="MODEL", help="a model's file")
    add_search_options(inspecting)
    add_reading_options(inspecting)
    inspecting.set_defaults(run=run_inspect)

    add_survey(commands)
    add_merge(commands)
    return top


def run_trace(options: argparse.Namespace) -> str:
    """Trace and write; gives what was done in words."""
    from gru_core.cli_baselines import baseline_named, trace_layer
    from gru_core.export import trace_arrays
    from gru_core.formats import load_model
    from gru_core.limits import check_trace_size
    from gru_core.trace import trace

    overrides = tuple(parse_override(text) for text in options.settings)
    choices = choices_of(options)
    other = None if options.gru is None else baseline_named(options.model, options.gru, choices)
    if other is not None:
        return trace_layer(other, options, _initial_state(options.h0))
    model = load_model(options.model, options.gru, choices)
    inputs, notes = read_inputs(options, model.encoder)
    check_trace_size(len(inputs), model.gru.hidden_size, len(model.gru.cells))
    traces = trace(model.gru, inputs[None], _initial_state(options.h0), overrides)
    write_arrays(options.out, trace_arrays(traces))
    size = f"{traces[0].steps} steps, {traces[0].units} units, {len(traces)} layer-directions"
    return said((*notes, *model.gru.notes), options.out, size)


def read_inputs(options: argparse.Namespace, encoder: "Encoder") -> tuple[Any, tuple[str, ...]]:
    """The sequence that the options name, as the model's inputs (steps, inputs), and notes on it."""
    from gru_core.sequences import read_sequence, symbols_of, text_unit_of

    sequence = read_sequence(
        options.sequence,
        columns=None if options.columns is None else column_names(options.columns),
        missing=options.missing,
        standardise=options.standardise,
        text_unit=text_unit_of(encoder, options.text),
        vocabulary=symbols_of(encoder),
    )
    columns = None if options.columns is None or sequence.symbolic else sequence.names
    return encoder.encode(sequence, columns), sequence.notes


def write_arrays(path: str, arrays: dict[str, Any]) -> None:
    """Write an .npz file; raises InputError when it cannot be written."""
    import numpy as np

    out = Path(path)
    try:
        with out.open("wb") as file:
            np.savez(file, **arrays)
    except OSError as problem:
        raise InputError(f"{out.name!r} cannot be written: {problem.strerror or problem}.") from problem


def said(notes: ListLike[str], path: str, size: str) -> str:
    """What a trace was, in lines."""
    return "\n".join([*(f"note: {note}" for note in notes), f"{Path(path).name}: {size}"])


def run_inspect(options: argparse.Namespace) -> str:
    """What is in a model's file, in lines."""
    from gru_core.formats import inspect_file

    choices = choices_of(options)
    if wants_search(options):
        return search_text(options)
    return describe(inspect_file(options.model, choices))


def describe(found: "Inspection") -> str:
    """An inspection as text: each GRU with sizes and convention, other layers, notes."""
    count = len(found.tensors)
    lines = [f"{found.source}: {found.format_title}, {count:,} array{'s' if count != 1 else ''}"]
    for gru in found.grus:
        lines += _gru_lines(gru)
    if not found.grus:
        lines.append("no GRU")
    for layer in found.others:
        lines += _layer_lines(layer)
    if found.complete:
        lines.append("complete: it says how inputs are made and answers are read")
    notes = [*found.notes, found.missing] if found.missing else found.notes
    return "\n".join([*lines, *(f"note: {note}" for note in notes)])


def _gru_lines(gru: "FoundGRU") -> list[str]:
    from gru_core.conventions import CONVENTIONS

    row = CONVENTIONS[gru.convention]
    layers = f"{gru.num_layers} layer{'s' if gru.num_layers > 1 else ''}"
    directions = "both directions" if gru.bidirectional else "backward" if gru.backwards else "forward"
    sense = "z = 1 keeps the old state" if row.z_sense == "keep" else "z = 1 writes the new state"
    blocks = "" if row.name == "own" else f"; blocks {', '.join(row.order)}; {sense}"
    return [
        f"GRU {gru.name!r}: {gru.input_size} inputs, {gru.hidden_size} units, {layers}, {directions}, "
        f"{gru.parameters:,} weights, {gru.dtype}",
        f"  convention: {row.name} ({row.framework}){blocks}; "
        f"reset {gru.reset_mode} the product; gates {gru.gate_activation}",
        *(f"  note: {note}" for note in gru.notes),
    ]


def _layer_lines(layer: "OtherLayer") -> list[str]:
    note = f" ({layer.note})" if layer.note else ""
    lines = [f"{layer.kind} {layer.name!r}: {layer.sizes}{note}"]
    if layer.core is not None:
        lines.append(f"  it can be traced: --gru {layer.name or layer.kind.lower()}")
    return lines


def column_names(text: str) -> list[str | int]:
    """Names, or positions from 0 where all of them are whole numbers."""
    names = [name.strip() for name in text.split(",")]
    return [int(name) for name in names] if all(name.isdigit() for name in names) else list(names)


def _initial_state(path: str | None) -> Any:
    """The state in an .npy file as (layers * directions, 1, units); None without one."""
    if path is None:
        return None
    from gru_core.archives import checked_npy
    from gru_core.limits import MAX_SEQUENCE_BYTES
    from gru_core.sources import open_source

    with open_source(
        path, what="The initial state", limit=MAX_SEQUENCE_BYTES, remedy="save one state.", error=InputError
    ) as opened:
        state = checked_npy(opened.file, opened.size, opened.name, MAX_SEQUENCE_BYTES, InputError)
    if state.ndim not in (1, 2, 3) or state.dtype.kind not in "fiu":
        raise InputError(
            f"The initial state must be numbers (layers * directions, units), got {state.shape}."
        )
    return state.reshape(1, 1, -1) if state.ndim == 1 else state[:, None] if state.ndim == 2 else state
