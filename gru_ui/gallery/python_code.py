"""The Python lines that give the numbers of the gallery again, without the app."""

from gru_core.export.python import override_code
from gru_core.gallery.walking import RATE, RECORDINGS
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.sequences import Sequence
from gru_ui.gallery.as_model import shown_of
from gru_ui.gallery.shown import WINDOW, Shown


def run_code(shown: Shown) -> str:
    """The Python lines that reproduce the numbers of this run."""
    form, part = shown.form, shown.layer.part
    core: set[str] = set()
    held = overrides_code(shown.overrides(form.gates), core)
    if held and form.where_held == "one" and part:
        held += f", only={part!r}"
    lines = run_lines(shown, f", {held}" if held else "", core)
    lines += [
        "print(run.said)",
        f"t = run.part({part!r}).traces[{_index(shown)}]  # t.R, t.Z, t.H_tilde, t.H: (batch, time, units)",
    ]
    return "\n".join([*lines, ""])


def trace_code(reference: str, overrides: tuple[GateOverride, ...], layer: int) -> str:
    """The lines for a GRU of the gallery on another page: its own input, gates held there."""
    shown, part = shown_of(reference)
    core = {"trace"}
    held = overrides_code(overrides, core)
    lines = run_lines(shown, "", core)
    lines += [
        f"part = run.part({part!r})",
        "h0 = [t.H0 for t in part.traces]  # (layers * directions, batch, units)",
        f"traces = trace(model.grus[{part!r}], part.traces[0].X, h0{f', {held}' if held else ''})",
        f"t = traces[{layer}]  # t.R, t.Z, t.H_tilde, t.H are (batch, time, units)",
    ]
    return "\n".join([*lines, ""])


def run_lines(shown: Shown, options: str, core: set[str]) -> list[str]:
    """Imports, of the names `core` too, and the lines that make `model` and `run`."""
    form, given = shown.form, repr(shown.given)
    lines = ["from gru_core.gallery import read_model"]
    if isinstance(shown.given, Sequence):
        lines.append("from gru_core.gallery.walking import window")
        whole = f"model.recording({form.given!r})"
        if form.given not in RECORDINGS:
            core.add("read_sequence")
            whole = 'read_sequence("your-file.csv")'
        given = f"window({whole}, {form.start * RATE}, {WINDOW})"
    if core:
        lines.insert(0, f"from gru_core import {', '.join(sorted(core))}")
    return [
        *lines,
        "",
        f"model = read_model({shown.entry.name!r})",
        f"run = model.run({given}{options})",
    ]


def overrides_code(overrides: tuple[GateOverride, ...], core: set[str]) -> str:
    """The overrides as Python, "" where there are none; what it needs of gru_core goes into `core`."""
    for name, extreme in EXTREMES.items():
        if extreme == overrides:
            core |= {"EXTREMES"} if overrides else set()
            return f"overrides=EXTREMES[{name!r}]" if overrides else ""
    core.add("GateOverride")
    return f"overrides=({', '.join(map(override_code, overrides))},)"


def _index(shown: Shown) -> int:
    """Which trace of its part is shown."""
    return [layer for layer in shown.layers if layer.part == shown.layer.part].index(shown.layer)
