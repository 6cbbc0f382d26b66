"""The command `trace` on an LSTM or RNN of a file: its gates and states, written as those of a GRU are."""

import argparse
from typing import Any

from gru_core.errors import InputError, ModelFileError
from gru_core.formats import Choices, OtherLayer, inspect_file
from gru_core.formats.choices import NO_CHOICES


def baseline_named(model: str, name: str, choices: Choices = NO_CHOICES) -> OtherLayer | None:
    """The LSTM or RNN of that name in a model's file; None when it has none, or a GRU is called so.

    A layer without a name goes by its kind, "lstm" or "rnn". Raises as `inspect_file` does, and
    ModelFileError for one that cannot be traced, with the reason.
    """
    found = inspect_file(model, choices)
    if any(gru.name == name for gru in found.grus):
        return None
    for layer in found.others:
        if layer.kind in ("LSTM", "RNN") and name == (layer.name or layer.kind.lower()):
            if layer.core is None:
                raise ModelFileError(f"The {layer.kind} {name!r} cannot be traced. {layer.note}".strip())
            return layer
    return None


def trace_layer(layer: OtherLayer, options: argparse.Namespace, h0: Any) -> str:
    """Trace and write; gives what was done in words. Raises InputError for options that a GRU alone has."""
    from gru_core.baselines import trace_baseline
    from gru_core.cli import read_inputs, said, write_arrays
    from gru_core.export import baseline_arrays
    from gru_core.limits import check_trace_size
    from gru_core.sequences.encoders import plain_encoder

    core = layer.core
    if core is None or options.settings:
        raise InputError(
            f"Gates are set (--set) in a GRU, and {options.gru!r} is an {layer.kind}: leave it out."
        )
    inputs, notes = read_inputs(options, plain_encoder(core.input_size))
    check_trace_size(len(inputs), core.hidden_size, core.num_layers * (1 + core.bidirectional))
    traces = trace_baseline(core, inputs[None], h0, backwards=layer.backwards)
    write_arrays(options.out, baseline_arrays(traces))
    steps, units = traces[0].H.shape[1:]
    size = f"{steps} steps, {units} units, {len(traces)} layer-directions"
    return said((*notes, *((layer.note,) if layer.note else ())), options.out, size)
