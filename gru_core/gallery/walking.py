"""Where in a step a walking person is: ao-compensation-model, a GRU of 16 units behind a filter.

    hip angle and speed, 100 times a second -> (x - median) / (quartile range) -> convolution over the last
    20 samples, normalised -> mean of the last 3 -> GRU -> linear -> a point on the circle

The equations are those of Keras' default, reset mode "after". The point's angle is the phase of the walking
cycle 0.2 seconds later, the distance for which the model was trained; 0 % is where the angle is largest.
"""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gru_core.archives import open_zip
from gru_core.errors import InputError, LimitError, ModelFileError
from gru_core.file_sets import ZipFiles
from gru_core.formats.hdf5.tree import read_tree
from gru_core.gallery.base import Entry, Given, Part, Piece, Run, Steps, holding
from gru_core.gallery.packages import package_file
from gru_core.gallery.weights import read_weights
from gru_core.limits import MAX_MODEL_BYTES
from gru_core.model import GRU
from gru_core.overrides import GateOverride
from gru_core.sequences import Sequence
from gru_core.sources import open_source
from gru_core.trace import trace

RATE = 100
"""Samples per second."""

AHEAD = 20
"""Samples by which the model looks ahead."""

SETTLES = 50
"""Samples after which the filter is full and the state has settled; errors are counted from there."""

MOST_SAMPLES = 2_000
"""Longest signal that is read at once."""

EPSILON = 1e-3
"""What the normalisation adds to a variance."""

MODEL = "2026_03_26_22_54_0.0713"
"""The one of the package's models that it runs itself."""

COLUMNS = ("Hip_x", "Hip_vel")
TARGETS = ("target_sin", "target_cos")

RECORDINGS: Mapping[str, str] = {
    "H_3km": "training/training_data_H_3km_target.csv",
    "H_4km": "training/training_data_H_4km_target.csv",
    "H_5km": "training/training_data_H_5km_target.csv",
    "H_stopgo": "training/training_data_H_LG_stopgo_target.csv",
    "J_4km": "training/training_data_J_4km_target.csv",
    "J_5km": "training/training_data_J_5km_target.csv",
    "J_4km_stopgo": "training/training_data_J_4km_stopgo_target.csv",
    "J_stopgo": "training/training_data_J_LG_stopgo_target.csv",
    "test": "test/test.csv",
}
"""The package's recordings by name. H_3km was not trained on; the other of training/ were."""


@dataclass(frozen=True, eq=False)
class Walker:
    """The model and where its recordings are.

    centre, scale   (2,) what is taken from the columns, and what they are then divided by
    kernel          (20, 2, 16) the convolution, oldest sample first; bias (16,)
    gain, shift     (16,) the normalisation after it, as one factor and one summand
    """

    folder: Path
    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    gain: NDArray[np.float32]
    shift: NDArray[np.float32]
    gru: GRU
    weight: NDArray[np.float32]
    offset: NDArray[np.float32]

    @property
    def grus(self) -> Mapping[str, GRU]:
        """Its one GRU."""
        return {"": self.gru}

    def filtered(self, signal: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the GRU reads (time, 16), of angle and speed (time, 2); before the first sample all is 0."""
        scaled = ((signal - self.centre) / self.scale).astype(np.float32)
        taps = len(self.kernel)
        padded = np.concatenate([np.zeros((taps - 1, 2), np.float32), scaled])
        windows = np.lib.stride_tricks.sliding_window_view(padded, taps, axis=0)
        normal = (np.einsum("tck,kco->to", windows, self.kernel) + self.bias) * self.gain + self.shift
        padded = np.concatenate([np.zeros((2, normal.shape[1]), np.float32), normal])
        return (padded[:-2] + padded[1:-1] + padded[2:]) / np.float32(3.0)

    def run(self, given: Given, overrides: tuple[GateOverride, ...] = (), only: str | None = None) -> Run:
        """The phase 0.2 seconds after each sample, in per cent of the walking cycle.

        given   columns Hip_x and Hip_vel, or the first two; where a column `phase` says the right phase
                0.2 seconds later, `facts["error"]` is the mean error in per cent of the cycle
        Raises InputError for anything but two columns, LimitError for a signal that is too long.
        """
        signal, truth = check_signal(given)
        traces = trace(self.gru, self.filtered(signal), overrides=holding(overrides, "", only))
        points = traces[0].H[0] @ self.weight.T + self.offset
        phase = as_percent(np.arctan2(points[:, 0], points[:, 1]))[:, None].astype(np.float32)
        steps = Steps("numbers", ("phase",), phase, truth, span=(0.0, 100.0))
        tokens = tuple(f"{at / RATE:.2f} s" for at in range(len(signal)))
        facts = {}
        if truth is not None and len(phase) > SETTLES:
            apart = np.abs(phase - truth)[SETTLES:]
            facts["error"] = float(np.minimum(apart, 100.0 - apart).mean())
            facts["truth"] = float(truth[-1, 0])
        said = (Piece("", value=float(phase[-1, 0]), first=len(phase) - 1),)
        return Run((Part("", tokens, tuple(traces), steps),), said, facts)

    def recording(self, name: str) -> Sequence:
        """A recording of the package: hip angle and speed, and the right phase where it is known.

        The phase is that of 0.2 seconds later, so the recording ends that much before its file.
        Raises InputError for a name that is not in RECORDINGS, ModelFileError when the file is missing.
        """
        if name not in RECORDINGS:
            raise InputError(f"There is no recording {name[:40]!r}: choose one of {', '.join(RECORDINGS)}.")
        table = np.genfromtxt(
            package_file(self.folder, "dataset", *RECORDINGS[name].split("/")), delimiter=";", names=True
        )
        columns = [table[column] for column in COLUMNS]
        names: tuple[str, ...] = COLUMNS
        if set(TARGETS) <= set(table.dtype.names or ()):
            later = as_percent(np.arctan2(*(table[column] for column in TARGETS)))[AHEAD:]
            columns = [*(column[:-AHEAD] for column in columns), later]
            names = (*COLUMNS, "phase")
        return Sequence(np.stack(columns, axis=1), ("",) * len(columns[0]), names)


def window(sequence: Sequence, start: int, length: int) -> Sequence:
    """Some samples of a signal; what reaches over its end is left out."""
    first = min(max(start, 0), max(len(sequence) - length, 0))
    part = slice(first, first + length)
    return Sequence(sequence.values[part], sequence.labels[part], sequence.names)


def as_percent(angle: NDArray[np.floating]) -> NDArray[np.floating]:
    """An angle in [-pi, pi] as per cent of the cycle."""
    return (angle + np.pi) / (2.0 * np.pi) * 100.0


def check_signal(given: Given) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    """Angle and speed (time, 2), and the right phase (time, 1) or None.

    Raises InputError or LimitError when it cannot be read.
    """
    if not isinstance(given, Sequence) or given.symbolic or len(given.names) < len(COLUMNS):
        raise InputError(
            "The walking model reads two columns of numbers, the angle of the hip in rad and its speed in "
            "rad/s, 100 times a second."
        )
    if len(given) > MOST_SAMPLES:
        raise LimitError(
            f"At most {MOST_SAMPLES:,} samples are read at once, and this signal has {len(given):,}: "
            "choose a part of it."
        )
    at = [given.names.index(column) for column in COLUMNS] if set(COLUMNS) <= set(given.names) else [0, 1]
    truth = given.values[:, [given.names.index("phase")]] if "phase" in given.names else None
    return given.values[:, at], truth


def read(folder: Path) -> Walker:
    """The model from the package's folder. Raises ModelFileError when a file is missing or does not fit."""
    home = package_file(folder, "model", MODEL)
    path = package_file(home, "gru_model.keras")
    weights = read_weights(path)
    kernel, bias = read_arrays(path, "conv1d", 2)
    gamma, beta, mean, variance = read_arrays(path, "batch_normalization", 4)
    gain = gamma / np.sqrt(variance + np.float32(EPSILON))
    centre, scale = read_scaling(package_file(home, "scaler.pkl").read_bytes())
    return Walker(
        folder,
        centre,
        scale,
        kernel,
        bias,
        gain,
        beta - mean * gain,
        weights.gru("gru"),
        weights.matrix("dense"),
        weights.bias("dense"),
    )


def read_arrays(path: Path, layer: str, count: int) -> list[NDArray[np.float32]]:
    """The arrays of a layer that is no GRU and no Linear, in their order. Raises ModelFileError."""
    with open_source(
        path, what="A model file", limit=MAX_MODEL_BYTES, remedy="install it again.", error=ModelFileError
    ) as opened:
        archive = open_zip(opened.file, "A model file", MAX_MODEL_BYTES, ModelFileError)
        data = ZipFiles(archive).read("model.weights.h5")
    tree = read_tree(io.BytesIO(data), len(data), path.name, lambda name: name != "layers")
    found = [tree.array(f"layers/{layer}/vars/{number}") for number in range(count)]
    if any(array is None or array.tensor is None for array in found):
        raise ModelFileError(f"The package's {path.name!r} has no {layer!r} with {count} arrays.")
    return [array.tensor.float().numpy() for array in found if array is not None and array.tensor is not None]


def read_scaling(pickled: bytes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Medians and quartile ranges (2,) from the bytes of a scaler's pickle file, which is not unpickled.

    joblib writes the numbers of an array as they are after its description, which ends in "ub" and as many
    bytes of padding as the next byte says.
    """
    found = []
    for name in (b"center_", b"scale_"):
        match = re.compile(name + rb".*?ub([\x01-\x10])\xff+", re.DOTALL).search(pickled)
        numbers = b"" if match is None else pickled[match.start(1) + 1 + match[1][0] :][:16]
        if len(numbers) < 16:
            raise ModelFileError("The scaling of the walking model cannot be read from its scaler.pkl.")
        found.append(np.frombuffer(numbers, "<f8"))
    return found[0], found[1]


ENTRY = Entry(
    name="walking",
    title="Walking",
    does="Tells from the angle of a hip where in the walking cycle it will be in 0.2 s.",
    kind="signal",
    distribution="ao-compensation-model",
    module="ao_compensation_model",
    licence="MIT",
    source=f"ao_compensation_model: model/{MODEL}, dataset, training.py, validation.py",
    given="H_3km",
    read=read,
)
