"""What a person has chosen, as one frozen value, and how it is written into a link.

One typed table of properties drives both directions. Only values that differ from the default stand in the
link, so that the link of an untouched app is its bare address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gru_core.demos import DEMOS
from gru_core.errors import GateScopeError, LinkError, OverrideError
from gru_core.indices import parse_indices
from gru_core.limits import MOST_INDEX_CHARACTERS
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.painting import Painting
from gru_core.runs.records import KEY_PATTERN
from gru_ui.cell_form import CELL_PROPERTIES, CellForm
from gru_ui.compare.form import COMPARE_PROPERTIES, CompareForm
from gru_ui.find.form import FIND_PROPERTIES, FindForm
from gru_ui.gallery.form import GALLERY_PROPERTIES, GalleryForm
from gru_ui.gradients.form import GRADIENTS_PROPERTIES, GradientsForm
from gru_ui.language.catalogue import LANGUAGES
from gru_ui.lessons.form import LESSON_PROPERTIES, LessonForm
from gru_ui.memory.form import MEMORY_PROPERTIES, MemoryForm
from gru_ui.painted import painted_row
from gru_ui.phase.form import PHASE_PROPERTIES, PhaseForm
from gru_ui.properties import Property, one_of, unit_interval, whole, written
from gru_ui.puzzles.form import PUZZLE_PROPERTIES, PuzzleForm
from gru_ui.references import model_reference, sequence_reference
from gru_ui.ripple.form import RIPPLE_PROPERTIES, RippleForm
from gru_ui.saturation.form import SATURATION_PROPERTIES, SaturationForm
from gru_ui.space.form import SPACE_PROPERTIES, SpaceForm
from gru_ui.square.form import SQUARE_PROPERTIES, SquareForm
from gru_ui.training.form import TRAINING_PROPERTIES, TrainingForm

SETTINGS = (*EXTREMES, "custom", "painted")
"""The gate settings a person can choose by name; "custom" is what the sliders say, "painted" the brush."""

ORDERS = ("index", "time scale", "similarity")

_CHANGED_IN = ("model", "sequence", "layer", "columns")
"""What changes by hand belong to."""

_UNITS_IN = ("memory", "square")
"""Choices of pages that name units of one model."""


@dataclass(frozen=True)
class Workspace:
    """Everything that is chosen once and holds on every page.

    model      a demo's name, "file.<key>.<number>" for a GRU of an uploaded file,
               "run.<key>.<lane>.<update>" for a model of a training, or
               "gallery.<model>.<part>.<packed>" for a GRU of the gallery on what it was given
    sequence   "example.<number>", "probe.<kind>", "data.<key>" for an upload, or "text.<packed>"
    gates      a name in SETTINGS
    z, r       where the sliders put the gates; z_blend, r_blend how far: 0 as learned, 1 forced
    units, steps   which units and steps the sliders are for, as typed; "" means all
    paint_r, paint_z   the gates painted step by step, as rows of gru_core.painting
    layer      index into what `trace` returns
    cursor, unit, order   the step under the cursor, the chosen unit (-1: none), the order of units
    columns    which columns feed the model's inputs, in its order; () means by name or position
    run, lane  the training that is looked at, by its key, and which of its models; "" for none
    training   what pressing Train or Race would train
    gallery    what is chosen on the page of real models
    lesson     which lesson is read, and where in it
    cell       what is chosen and changed inside the cell
    puzzle     what is chosen on the page of puzzles
    space      how the state space is looked at
    saturation over what gates are counted, and which picture of it is shown
    square     what stands out in the gate square
    gradients  which gradient is followed
    ripple     what is changed in the input, and what is asked of it
    memory     what is chosen on the page of the memory ledger
    phase      what is chosen in the phase portrait
    find       what is looked for on the page Find
    compare    what is looked at beside the chosen model, sequence and gates
    language   the language of the screen, "" for the browser's
    """

    model: str = DEMOS[0]
    sequence: str = "example.0"
    gates: str = "learned"
    z: float = 0.5
    z_blend: float = 0.0
    r: float = 0.5
    r_blend: float = 0.0
    units: str = ""
    steps: str = ""
    paint_r: str = ""
    paint_z: str = ""
    layer: int = 0
    cursor: int = 0
    unit: int = -1
    order: str = "index"
    columns: tuple[str, ...] = ()
    run: str = ""
    lane: int = 0
    training: TrainingForm = field(default_factory=TrainingForm)
    gallery: GalleryForm = field(default_factory=GalleryForm)
    lesson: LessonForm = field(default_factory=LessonForm)
    cell: CellForm = field(default_factory=CellForm)
    puzzle: PuzzleForm = field(default_factory=PuzzleForm)
    space: SpaceForm = field(default_factory=SpaceForm)
    saturation: SaturationForm = field(default_factory=SaturationForm)
    square: SquareForm = field(default_factory=SquareForm)
    gradients: GradientsForm = field(default_factory=GradientsForm)
    ripple: RippleForm = field(default_factory=RippleForm)
    memory: MemoryForm = field(default_factory=MemoryForm)
    phase: PhaseForm = field(default_factory=PhaseForm)
    find: FindForm = field(default_factory=FindForm)
    compare: CompareForm = field(default_factory=CompareForm)
    language: str = ""

    @property
    def overrides(self) -> tuple[GateOverride, ...]:
        """The gate setting as the core takes it; raises OverrideError for units or steps it cannot read."""
        return tuple(override for override in self.stated if override.blend > 0)

    @property
    def stated(self) -> tuple[GateOverride, ...]:
        """The same with what has no effect: gates left as learned, for units and steps that were typed."""
        if self.gates == "painted":
            return self.painting.overrides
        if self.gates != "custom":
            return EXTREMES[self.gates]
        units, steps = chosen_units(self.units), parse_indices(self.steps, "steps")
        return (
            GateOverride("Z", self.z, units=units, steps=steps, blend=self.z_blend),
            GateOverride("R", self.r, units=units, steps=steps, blend=self.r_blend),
        )

    @property
    def painting(self) -> Painting:
        """The gates as painted; they hold where `gates` is "painted"."""
        return Painting.of(self.paint_r, self.paint_z)

    def painted(self, painting: Painting) -> "Workspace":
        """The setting in which the gates are painted like this."""
        r, z = painting.texts
        return self.but(gates="painted", paint_r=r, paint_z=z)

    @property
    def sliders(self) -> dict[str, float]:
        """Where the sliders stand for this setting: at an extreme they show the extreme."""
        stands = {"z": self.z, "z_blend": self.z_blend, "r": self.r, "r_blend": self.r_blend}
        if self.gates != "custom":
            stands |= {"z_blend": 0.0, "r_blend": 0.0}
            for override in EXTREMES.get(self.gates, ()):
                gate = override.gate.lower()
                stands |= {gate: override.value, f"{gate}_blend": override.blend}
        return stands

    def with_slider(self, field: str, value: float) -> "Workspace":
        """The free setting in which one slider was moved from where all of them stand.

        A value has no effect on a gate that is left as learned, so moving it forces the gate.
        """
        stands = self.sliders | {field: value}
        if field in ("z", "r") and stands[f"{field}_blend"] == 0.0:
            stands[f"{field}_blend"] = 1.0
        return self.but(gates="custom", **stands)

    def with_gates(self, gates: str) -> "Workspace":
        """Another gate setting; a free one starts where the gates are now."""
        return self.but(gates=gates, **self.sliders) if gates == "custom" else self.but(gates=gates)

    def with_training(self, **changes: Any) -> "Workspace":
        """Another choice of what to train."""
        return self.but(training=self.training.but(**changes))

    def with_gallery(self, **changes: Any) -> "Workspace":
        """Another choice on the page of real models."""
        return self.but(gallery=self.gallery.but(**changes))

    def with_lesson(self, **changes: Any) -> "Workspace":
        """Another place in the lessons."""
        return self.but(lesson=self.lesson.but(**changes))

    def with_cell(self, **changes: Any) -> "Workspace":
        """Another choice inside the cell."""
        return self.with_part("cell", **changes)

    def with_part(self, part: str, **changes: Any) -> "Workspace":
        """Another choice of one page's own, by the field that holds them."""
        return self.but(**{part: replace(getattr(self, part), **changes)})

    def but(self, **changes: Any) -> "Workspace":
        """The same with some choices changed; choices that depended on those start anew."""
        bare = {"paint_r": "", "paint_z": ""}
        if changes.get("model", self.model) != self.model:
            anew = {"layer": 0, "cursor": 0, "unit": -1, "columns": (), "units": "", "steps": ""}
            parts = {part: replace(getattr(self, part), units="") for part in _UNITS_IN}
            changes = anew | bare | parts | changes
        if changes.get("sequence", self.sequence) != self.sequence:
            changes = {"cursor": 0, "columns": (), "steps": ""} | bare | changes
        if any(changes.get(name, getattr(self, name)) != getattr(self, name) for name in _CHANGED_IN):
            changes = {"cell": self.cell.but(edits="")} | changes
        return replace(self, **changes)


def chosen_units(text: str) -> tuple[int, ...] | None:
    """The units as typed. Raises OverrideError when they cannot be read, or count from the end."""
    units = parse_indices(text, "units")
    ends = (units.start, units.stop, units.step) if isinstance(units, slice) else units or ()
    below = [index for index in ends if index is not None and index < 0]
    if below:
        raise OverrideError(f"There is no unit {below[0]}: units are counted from 0.")
    return tuple(range(*units.indices(10**5)))[:4096] if isinstance(units, slice) else units


def _run(text: str) -> str:
    if not KEY_PATTERN.fullmatch(text):
        raise LinkError("must be the key of a training, ten letters and digits")
    return text


def _indices(text: str) -> str:
    if len(text) > MOST_INDEX_CHARACTERS:
        raise LinkError(f"must be at most {MOST_INDEX_CHARACTERS:,} characters")
    parse_indices(text)
    return text


def _columns(text: str) -> tuple[str, ...]:
    return tuple(part.replace("%7C", "|") for part in text.split("|"))[:64] if text else ()


PROPERTIES = (
    Property("model", "model", model_reference),
    Property("sequence", "seq", sequence_reference),
    Property("gates", "gates", one_of(SETTINGS)),
    Property("z", "z", unit_interval),
    Property("z_blend", "zmix", unit_interval),
    Property("r", "r", unit_interval),
    Property("r_blend", "rmix", unit_interval),
    Property("units", "units", _indices),
    Property("steps", "steps", _indices),
    Property("paint_r", "paintr", painted_row),
    Property("paint_z", "paintz", painted_row),
    Property("layer", "layer", whole(0)),
    Property("cursor", "t", whole(0)),
    Property("unit", "unit", whole(-1)),
    Property("order", "order", one_of(ORDERS)),
    Property("columns", "columns", _columns),
    Property("run", "run", _run),
    Property("lane", "lane", whole(0, 9)),
    Property("language", "lang", one_of(tuple(LANGUAGES))),
)
"""The choices of every page; those of parts of it have tables of their own."""

TABLES = {
    "": PROPERTIES,
    "training": TRAINING_PROPERTIES,
    "gallery": GALLERY_PROPERTIES,
    "lesson": LESSON_PROPERTIES,
    "cell": CELL_PROPERTIES,
    "puzzle": PUZZLE_PROPERTIES,
    "space": SPACE_PROPERTIES,
    "saturation": SATURATION_PROPERTIES,
    "square": SQUARE_PROPERTIES,
    "gradients": GRADIENTS_PROPERTIES,
    "ripple": RIPPLE_PROPERTIES,
    "memory": MEMORY_PROPERTIES,
    "phase": PHASE_PROPERTIES,
    "find": FIND_PROPERTIES,
    "compare": COMPARE_PROPERTIES,
}
"""The tables of a link, by the field of the workspace whose choices they are; "" for its own."""


def to_link(workspace: Workspace) -> dict[str, str]:
    """The query of a link that `from_link` reads back; empty for an untouched workspace."""
    link = {}
    plain = Workspace()
    for part, table in TABLES.items():
        source, untouched = (getattr(of, part) if part else of for of in (workspace, plain))
        for entry in table:
            value = getattr(source, entry.field)
            if value != getattr(untouched, entry.field):
                link[entry.name] = written(value)
    return link


def from_link(query: Mapping[str, str]) -> tuple[Workspace, tuple[str, ...]]:
    """The workspace that a link names, and one sentence for each value that is not known here.

    What cannot be read keeps its default, so a damaged link still opens.
    """
    known = {entry.name: (part, entry) for part, table in TABLES.items() for entry in table}
    values: dict[str, dict[str, Any]] = {part: {} for part in TABLES}
    messages = []
    for name, text in query.items():
        if name not in known:
            messages.append(
                f"This link has an entry {name[:40]!r}, which this app does not know; it was left out."
            )
            continue
        part, entry = known[name]
        try:
            values[part][entry.field] = entry.read(text)
        except GateScopeError as error:
            reason = str(error).rstrip(".")
            messages.append(
                f"In this link {name} is {text[:40]!r}, but it {reason}; the default is shown instead."
            )
    plain = Workspace()
    parts = {part: replace(getattr(plain, part), **values[part]) for part in TABLES if part}
    return replace(plain, **values[""], **parts), tuple(messages)
