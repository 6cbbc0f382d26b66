"""The few Python lines that give the numbers on the screen again."""

from __future__ import annotations

import re
from collections.abc import Sequence as ListLike
from typing import TYPE_CHECKING, Final

import numpy as np

from gru_core.edits import SymbolEdit, overrides_of_layer, read_edits
from gru_core.export.model_lines import ModelSource, model_lines
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.sequences.encoders import EmbeddingEncoder, text_unit_of
from gru_core.sequences.probes import PROBES

if TYPE_CHECKING:
    from gru_core.model import SequenceModel
    from gru_core.sequences.sequence import Sequence

INLINE: Final = 400
"""Sequences of up to so many numbers or symbols are written out; longer ones are read from their file."""


def python_lines(
    model: SequenceModel,
    sequence: Sequence,
    overrides: ListLike[GateOverride] = (),
    *,
    model_name: str = "",
    example: int | None = None,
    columns: ListLike[str] = (),
    of_file: ModelSource | None = None,
    sequence_file: str | None = None,
    layer: int = 0,
    edits: str = "",
) -> str:
    """A script that ends with `t`, the trace of one layer and direction with t.R, t.Z, t.H_tilde and t.H.

    model_name     a demo's name; for anything else the model is loaded from its files
    example        which example of the model's card the sequence is, if it is one
    columns        the columns that feed the model's inputs, where they were chosen
    of_file        the files that the model came from, and what a person added to it
    sequence_file  the file that a long sequence came from; a short one is written into the script
    layer          index into what `trace` returns
    edits          changes by hand in that layer, as gru_core.edits reads them; `t` is then the changed layer

    A file's name that is not given is taken from the model's card, or is "sequence.csv": the script then is
    to be run where such a file lies.
    """
    imports = {"gru_core": {"trace"}}
    made = model_lines(model, model_name, of_file, imports)
    sequence_lines = _sequence_lines(model, sequence, example, sequence_file, imports)
    chosen = f", {tuple(columns)!r}" if columns else ""
    put = _overrides(tuple(overrides), imports)
    last = model.gru.num_directions * model.gru.num_layers - 1
    where = (
        f"layer {layer // model.gru.num_directions} {model.gru.directions[layer % model.gru.num_directions]}"
    )
    lines = [
        *made,
        *sequence_lines,
        f"x = model.encoder.encode(sequence{chosen})  # (time, inputs)",
        f"traces = trace(model.gru, x{put})" + ("  # one per layer and direction" if last else ""),
        f"t = traces[{layer}]  # {where}: t.R, t.Z, t.H_tilde, t.H are (batch, time, units)",
    ]
    if edits:
        lines += _edited_lines(model, edits, overrides, layer, imports)
        if model.readout is not None and layer == last and not model.gru.bidirectional:
            lines.append("answers = model.answers(t.H)[0]  # (time, outputs)")
    elif model.readout is not None:
        imports.setdefault("gru_core.trace", set()).add("last_output")
        lines.append("answers = model.answers(last_output(traces))[0]  # (time, outputs)")
    heads = []
    if any("np." in line for line in lines):
        heads += ["import numpy as np", ""]
    heads += [
        f"from {module} import {', '.join(sorted(names, key=_as_sorted))}"
        for module, names in sorted(imports.items())
    ]
    return "\n".join([*heads, "", *lines, ""])


def _edited_lines(
    model: SequenceModel,
    edits: str,
    overrides: ListLike[GateOverride],
    layer: int,
    imports: dict[str, set[str]],
) -> list[str]:
    """The layer again, with what was changed in it."""
    imports["gru_core.edits"] = {"apply_edits", "one_layer", "read_edits"}
    put = _overrides(overrides_of_layer(model.gru, layer, overrides), imports)
    if isinstance(model.encoder, EmbeddingEncoder) and any(
        isinstance(edit, SymbolEdit) for edit in read_edits(edits)
    ):
        put += ", symbol_rows=model.encoder.matrix"
    return [
        f"edits = read_edits({edits!r})  # changes by hand in that layer",
        f"changed = apply_edits(one_layer(model.gru, {layer}), t.X[0], t.H0[0], edits{put})",
        "t = trace(changed.gru, changed.x, changed.h0, changed.overrides)[0]",
    ]


def _sequence_lines(
    model: SequenceModel,
    sequence: Sequence,
    example: int | None,
    sequence_file: str | None,
    imports: dict[str, set[str]],
) -> list[str]:
    if example is not None:
        imports["gru_core.sequences.examples"] = {"demo_sequence"}
        return [f"sequence = demo_sequence(model, {example})"]
    probe = _probe(sequence, model.gru.input_size)
    if probe is not None:
        imports["gru_core.sequences.probes"] = {"probe_sequence"}
        return [f"sequence = probe_sequence({probe!r}, model.gru.input_size, {len(sequence)})"]
    if sequence.symbolic and len(sequence) <= INLINE:
        imports.setdefault("gru_core.sequences", set()).add("sequence_from_symbols")
        single = all(len(label) == 1 for label in sequence.labels)
        symbols = f"list({''.join(sequence.labels)!r})" if single else repr(list(sequence.labels))
        return [f"sequence = sequence_from_symbols({symbols}, {_source(sequence)!r})"]
    if not sequence.symbolic and sequence.values.size <= INLINE:
        imports.setdefault("gru_core.sequences", set()).add("Sequence")
        rows = ",\n".join(f"    [{', '.join(map(_number, row))}]" for row in sequence.values)
        return [
            f"values = np.array([\n{rows},\n], np.float32)",
            f'sequence = Sequence(values, ("",) * len(values), {sequence.names!r})',
        ]
    imports["gru_core"].add("read_sequence")
    notes = [f"# {' '.join(note.split())}" for note in sequence.notes]
    name = sequence_file or "sequence.csv"
    unit = text_unit_of(model.encoder) if sequence.symbolic else "auto"
    options = "" if unit == "auto" else f", text_unit={unit!r}"
    return [*notes, f"sequence = read_sequence({name!r}{options})"]


def _probe(sequence: Sequence, width: int) -> str | None:
    """Which probe a sequence is, if it is one."""
    kind = sequence.source.removeprefix("probe: ")
    return kind if kind in PROBES and sequence.source != kind and sequence.values.shape[1] == width else None


def _overrides(overrides: tuple[GateOverride, ...], imports: dict[str, set[str]]) -> str:
    if not overrides:
        return ""
    for name, extreme in EXTREMES.items():
        if extreme == overrides:
            imports["gru_core"].add("EXTREMES")
            return f", overrides=EXTREMES[{name!r}]"
    imports["gru_core"].add("GateOverride")
    return f", overrides=[{', '.join(map(override_code, overrides))}]"


def override_code(override: GateOverride) -> str:
    """The shortest Python expression that makes this override."""
    defaults = GateOverride(override.gate, override.value)
    parts = [repr(override.gate), repr(override.value)]
    for name in ("units", "steps", "blend", "layers", "direction"):
        value = getattr(override, name)
        if value != getattr(defaults, name):
            parts.append(f"{name}={_code(value)}")
    return f"GateOverride({', '.join(parts)})"


def _code(value: object) -> str:
    """A value as Python, slices without a stride of None."""
    if isinstance(value, slice):
        parts = (value.start, value.stop) if value.step is None else (value.start, value.stop, value.step)
        return f"slice({', '.join(map(repr, parts))})"
    return repr(value)


def _number(value: np.floating) -> str:
    """The fewest digits that give the same float32 back."""
    return re.sub(r"\.0$", "", str(np.float32(value)))


def _source(sequence: Sequence) -> str:
    return sequence.source or "typed in"


def _as_sorted(name: str) -> tuple[bool, str]:
    """Constants first, then classes, then functions, as import sorters have it."""
    return (not name.isupper(), name)
