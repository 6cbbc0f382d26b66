"""The Python lines that make the model on the screen again: from its files, with what was added to it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from gru_core.demos import DEMOS
from gru_core.fitting import Fitting, InputChoice, ReadoutChoice
from gru_core.formats.choices import NO_CHOICES, Choices

if TYPE_CHECKING:
    from gru_core.model import SequenceModel

INLINE_TOKENS: Final = 400
"""Vocabularies of up to so many symbols are written out; a longer one is read from its file."""


@dataclass(frozen=True)
class ModelSource:
    """Where a model came from.

    files    the names of its files, as they lie beside the script
    gru      which GRU of them
    choices  what the person said that the files do not
    fitting  what the person added
    """

    files: tuple[str, ...]
    gru: str | None = None
    choices: Choices = NO_CHOICES
    fitting: Fitting = field(default_factory=Fitting)


def model_lines(
    model: SequenceModel, model_name: str, source: ModelSource | None, imports: dict[str, set[str]]
) -> list[str]:
    """Lines that end with `model`; what they need is added to `imports`, by module."""
    imports.setdefault("gru_core.formats", set()).add("load_model")
    if model_name in DEMOS:
        imports.setdefault("gru_core.demos", set()).add("demo_path")
        return [f"model = load_model(demo_path({model_name!r}))"]
    if source is None:
        source = _by_card(model)
    lines, file = [], repr(source.files[0])
    if len(source.files) > 1:
        imports.setdefault("pathlib", set()).add("Path")
        lines.append(f"files = {{name: Path(name).read_bytes() for name in {source.files!r}}}")
        file = "files"
    options = "" if source.gru is None else f", {source.gru!r}"
    if source.choices != NO_CHOICES:
        imports["gru_core.formats"].add("Choices")
        if source.choices.readings:
            imports.setdefault("gru_core.formats.readings.reading", set()).add("Reading")
        options += f", choices={_code(source.choices)}"
    lines.append(f"model = load_model({file}{options})")
    if source.fitting != Fitting():
        imports["gru_core.formats"].add("inspect_file")
        imports.setdefault("gru_core.fitting", set()).update(("Fitting", "fit"))
        parts = []
        for name, part in (("inputs", source.fitting.inputs), ("readout", source.fitting.readout)):
            if part is not None:
                imports["gru_core.fitting"].add(type(part).__name__)
                parts.append(f"{name}={_part(part, imports)}")
        options = "" if source.choices == NO_CHOICES else f", {_code(source.choices)}"
        lines.append(f"layers = inspect_file({file}{options}).others")
        lines.append(f"model = fit(model, layers, Fitting({', '.join(parts)}))")
    return lines


def _by_card(model: SequenceModel) -> ModelSource:
    """What a model's card says of its file."""
    if model.card.answer != "none":
        return ModelSource((f"{model.card.name}.safetensors",))
    # A GRU from elsewhere is titled by its file, and by its name there when the file holds several.
    file, _, inside = model.card.title.partition(": ")
    return ModelSource((file or f"{model.card.name}.safetensors",), inside or None)


def _part(part: InputChoice | ReadoutChoice, imports: dict[str, set[str]]) -> str:
    """The code of a part of a fitting; a long vocabulary is read from the file that it came from."""
    instead = {}
    if isinstance(part, InputChoice) and part.file and len(part.tokens) > INLINE_TOKENS:
        imports.setdefault("gru_core.sequences", set()).add("read_vocabulary")
        instead["tokens"] = f"read_vocabulary({part.file!r})"
    return _code(part, instead)


def _code(value: Any, instead: dict[str, str] | None = None) -> str:
    """The expression that makes a frozen value again; entries that say nothing are left out."""
    told = []
    for entry in fields(value):
        found = getattr(value, entry.name)
        if found != entry.default:
            told.append(f"{entry.name}={(instead or {}).get(entry.name, repr(found))}")
    return f"{type(value).__name__}({', '.join(told)})"
