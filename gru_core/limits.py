"""Every size limit in one place, stated on the pages that accept files and checked before memory is spent.

They keep one person's file from slowing the others on a small shared server. A file that is read goes
through three gates: its own size, what its headers declare, and what the model or sequence then is.
"""

from gru_core.errors import LimitError

MEGABYTE = 1_000_000

MAX_UPLOAD_BYTES = 50 * MEGABYTE
"""What the app accepts through the browser (the same number stands in .streamlit/config.toml)."""

MAX_MODEL_BYTES = 200 * MEGABYTE
"""A model file, as it is and unpacked."""

MAX_TENSORS = 20_000
"""Named arrays in one model file, and entries in one archive."""

MAX_HEADER_BYTES = 10 * MEGABYTE
"""The description at the head of a model file: a safetensors header, a checkpoint's pickle."""

MAX_PICKLE_STEPS = 1_500_000
"""Instructions in a checkpoint's pickle; a model of 20,000 tensors needs about 1,000,000."""

MAX_READ_SECONDS = 10
"""What reading one model file may take; a file within the other limits takes a fraction of a second."""

MAX_READ_BYTES = 1_000 * MEGABYTE
"""Memory that reading one model file may take, beyond the file itself."""

MAX_PLAIN_PICKLE_STEPS = 1_200_000
"""Instructions in a pickle that is read as data; 20,000 arrays of numpy need about 800,000."""

MAX_UNITS = 4_096
"""Hidden units of one layer."""

MAX_INPUTS = 65_536
"""Inputs per step that a GRU may read."""

MAX_LAYERS = 64
"""Layers of one GRU."""

MAX_PARAMETERS = 50_000_000
"""Weights of one GRU, all layers and directions together."""

MAX_WEIGHT = 1e18
"""Size of one weight. Trained ones stay far below; sums of those near float32's end are no numbers."""

MAX_GRUS = 256
"""GRUs taken out of one file."""

MAX_SEQUENCE_BYTES = 50 * MEGABYTE
"""A sequence's file, as it is and unpacked."""

MAX_STEPS = 100_000
"""Time steps of one sequence."""

MAX_FEATURES = 4_096
"""Numbers per step, or distinct symbols."""

MAX_CELLS = 5_000_000
"""Steps times features of one sequence (20 MB as float32)."""

MAX_LINE = 500_000
"""Characters of one row of a text table."""

MAX_ENTRIES = 2_000_000
"""Named entries in JSON; records repeat every name in every row, so tables of that size are better as CSV."""

MAX_LABEL = 200
"""Characters of a label, a symbol or a column's name; longer ones are cut."""

MAX_VOCABULARY = 500_000
"""Symbols of a vocabulary that a person brings, and its largest id."""

MAX_VOCABULARY_BYTES = 20 * MEGABYTE
"""A vocabulary's file."""

MAX_TRACE_CELLS = 16_000_000
"""Steps times units, over all layers and directions: a trace keeps six arrays of that size (400 MB)."""

MAX_PAINTED_STEPS = 2_000
"""Steps of which a person may paint the gates one by one."""

MAX_PAINTED_CHARACTERS = 2_000
"""Characters of a painted row in a link or a lesson; a hand paints runs, so a few dozen are usual."""

MAX_TRAIN_UNITS = 128
"""Hidden units of a model that is trained here."""

MAX_TRAIN_LAYERS = 3
"""Layers of a model that is trained here."""

MAX_TRAIN_BATCH = 256
"""Sequences in one update of a training."""

MAX_TRAIN_UPDATES = 20_000
"""Updates of one training."""

MAX_TRAIN_SECONDS = 300
"""Seconds that one training may compute, all the models of a race together."""

MAX_SNAPSHOTS = 61
"""Frames of a training's film, those added by single steps not counted."""

MAX_TEXT_CHARACTERS = 100_000
"""Characters of a text that a model is trained on."""

MAX_TEXT_SYMBOLS = 200
"""Different characters of such a text: each is one input and one answer of the model."""

MAX_FORECAST_STEPS = 10_000
"""Steps of a person's series that a model is trained on."""

MAX_FORECAST_COLUMNS = 16
"""Columns of such a series."""

MAX_FIND_STEPS = 70_000
"""Steps of a data set in which places are looked for."""

MAX_FIND_CELLS = 8_000_000
"""Steps times units of such a data set; one byte each for R, Z, H~ and H (32 MB)."""

MAX_BRUSHED_CELLS = 1_000_000
"""Steps times units of the stretch of a sequence that a browser is sent to brush on (1 MB)."""

MAX_LESSON_BYTES = 200_000
"""A lesson's file."""

MAX_LESSON_STEPS = 60
"""Steps of one lesson."""

MAX_LESSON_WORDS = 3_000
"""Characters that one step of a lesson says; a projector shows some 700."""


MOST_INDEX_CHARACTERS = 1_000
"""Characters of units or steps as they are typed, "0,3-5"; every other unit of 256 needs some 500."""

MAX_LIVE_WEIGHTS = 400_000
"""Weights of one layer that are sent to a browser, which computes with them (1.6 MB); 256 units on as many
inputs have 394,000."""

MAX_LIVE_CELLS = 400_000
"""Steps times (inputs + units) of a sequence that a browser computes with; 64 units that read 64 inputs may
do 3,125 steps."""

MAX_LIVE_STEPS = 10_000
"""Steps of a sequence that a browser computes with, however narrow it is."""

MAX_LIVE_SYMBOLS = 500
"""Symbols that an input may be changed to in a browser."""

MAX_EDITS = 64
"""Changes of gates, inputs and weights that are kept at one time, and in a link."""

MAX_EDIT_CHARACTERS = 1_500
"""Length of their text in a link."""

MAX_EDIT_VALUE = 1e6
"""Size of an input, a weight or a state that a person sets."""

SHARE_DAYS = 30
"""A shared view is kept for so many days after it was last opened."""

MAX_SHARE_BYTES = 60 * MEGABYTE
"""A shared view with the uploads that its link points to."""

MAX_SHARE_QUERY = 40_000
"""The link of a shared view, in bytes."""

MAX_SHARE_PARTS = 8
"""Uploads that one link points to."""

MAX_SHARES_BYTES = 2_000 * MEGABYTE
"""All shared views together; beyond that, who takes most of it loses what was not opened for longest."""

MAX_SHARES_PER_OWNER = 50
"""Shared views of one person; beyond that, those go first that were not opened for longest."""

MAX_DATA_BYTES = 1_000_000 * MEGABYTE
"""A file of many sequences for a survey, which is never read as a whole."""

MAX_GROUP_BYTES = 1_000 * MEGABYTE
"""One row group of a Parquet file of sequences, unpacked; writers make them of a few million numbers."""

MAX_LENGTHS = 20_000_000
"""Sequences of one padded array."""

MAX_SURVEY_STEPS = 2**33 - 1
"""Steps of all sequences of one survey together: sums of so many gates fit in 64 bits."""

MAX_SURVEY_UNITS = 16_384
"""Units that a survey counts, over all layers and directions; their gate squares take 34 MB."""

MAX_SURVEY_BYTES = 100 * MEGABYTE
"""A survey's file, unpacked; packed it may be half of that."""


def megabytes(size: int) -> str:
    """A size in words: "37 MB", "0.4 MB"."""
    value = size / MEGABYTE
    return f"{value:.1f} MB" if value < 10 else f"{value:,.0f} MB"


def check_bytes(what: str, size: int, limit: int, remedy: str) -> None:
    """Raise LimitError when `size` bytes are more than `limit`."""
    if size > limit:
        raise LimitError(
            f"{what} may be at most {megabytes(limit)}, and this one is {megabytes(size)}: {remedy}"
        )


def check_sequence_size(steps: int, features: int) -> None:
    """Raise LimitError when a sequence of that shape is longer, wider or larger than allowed."""
    if steps > MAX_STEPS:
        raise LimitError(
            f"A sequence may have at most {MAX_STEPS:,} steps, and this one has {steps:,}: "
            "cut it, or keep every tenth step."
        )
    if features > MAX_FEATURES:
        raise LimitError(
            f"A sequence may have at most {MAX_FEATURES:,} features or distinct symbols, and this one has "
            f"{features:,}: leave some columns out (or read text as characters instead of words)."
        )
    if steps * features > MAX_CELLS:
        raise LimitError(
            f"A sequence may have at most {MAX_CELLS:,} numbers (steps x features), and this one has "
            f"{steps:,} x {features:,} = {steps * features:,}: use fewer steps or fewer columns."
        )


def check_gru_size(name: str, inputs: int, units: int, layers: int, directions: int) -> None:
    """Raise LimitError when a GRU of those sizes is larger than allowed; `name` says which one."""
    for what, size, limit in (
        ("units", units, MAX_UNITS),
        ("inputs per step", inputs, MAX_INPUTS),
        ("layers", layers, MAX_LAYERS),
    ):
        if size > limit:
            raise LimitError(f"A GRU may have at most {limit:,} {what}, and {name!r} has {size:,}.")
    widths = [inputs] + [units * directions] * (layers - 1)
    parameters = directions * sum(3 * units * (width + units + 2) for width in widths)
    if parameters > MAX_PARAMETERS:
        raise LimitError(
            f"A GRU may have at most {MAX_PARAMETERS:,} weights, and {name!r} has {parameters:,}."
        )


def check_trace_size(steps: int, units: int, cells: int, batch: int = 1) -> None:
    """Raise LimitError when a trace of `cells` layers and directions would be larger than allowed."""
    size = batch * steps * units * cells
    if size > MAX_TRACE_CELLS:
        longest = max(1, MAX_TRACE_CELLS // (batch * units * cells))
        raise LimitError(
            f"A trace may have at most {MAX_TRACE_CELLS:,} values per gate, and {steps:,} steps of "
            f"{units:,} units "
            f"in {cells} layers and directions are {size:,}: use at most {longest:,} steps."
        )
