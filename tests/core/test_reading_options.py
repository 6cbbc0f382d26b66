"""`inspect` and `trace` for files whose arrays have names of their own."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gru_core.cli import main, parser
from gru_core.formats.readings.given_arrays import given_array, given_arrays
from gru_core.formats.readings.reading import Reading
from gru_core.formats.readings.typed import options_of
from gru_core.reading_options import choices_of
from tests.support.renamed import CASES, RENAMED

REFERENCE = CASES / "fw_torch" / "gru1_reference.npz"
PACKED = "--order rzh --z keep --reset after --layout rows"
TORCH = f"--weight-x a --weight-h b --bias-x c --bias-h d {PACKED}"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """PyTorch's reference weights under the names a, b, c, d, and their input as a table."""
    case = RENAMED["torch"]()
    weight_x, weight_h, bias_x, bias_h = (case.arrays[letter].numpy() for letter in "dcba")
    np.savez(tmp_path / "own.npz", a=weight_x, b=weight_h, c=bias_x, d=bias_h)
    np.savetxt(tmp_path / "x.csv", case.x[0], delimiter=",", header="v,w,x,y,z", comments="", fmt="%.9g")
    return tmp_path / "own.npz"


def run(text: str, *paths: Path) -> int:
    return main([str(paths[int(word[1:])]) if word[0] == "%" else word for word in text.split()])


def test_a_trace_of_arrays_read_as_said_is_the_frameworks_output(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "trace.npz"
    assert run(f"trace %0 %1 --out %2 {TORCH}", model, tmp_path / "x.csv", out) == 0
    np.testing.assert_allclose(np.load(out)["H"], np.load(REFERENCE)["Y"][:1], rtol=0, atol=1e-5)
    wrong = TORCH.replace("rzh", "zrh")
    assert run(f"trace %0 %1 --out %2 {wrong}", model, tmp_path / "x.csv", out) == 0
    assert np.abs(np.load(out)["H"] - np.load(REFERENCE)["Y"][:1]).max() > 1e-2


def test_inspect_says_how_it_was_read(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(f"inspect %0 {TORCH} --gates hard_sigmoid_fifth --backwards", model) == 0
    assert capsys.readouterr().out.splitlines() == [
        "own.npz: numpy archive, 4 arrays",
        "GRU 'gru': 5 inputs, 7 units, 1 layer, backward, 280 weights, float32",
        "  convention: own (as the person who brought the file said); reset after the product; "
        "gates hard_sigmoid_fifth",
        "  note: Read as said: blocks r, z, h; z = 1 keeps the old state; reset after the product; "
        "W x (rows); gates hard sigmoid, clip(a/5 + 1/2), backwards.",
    ]


def test_inspect_points_to_the_options_where_shapes_fit(
    model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("inspect %0", model) == 0
    assert capsys.readouterr().out.splitlines()[-1] == (
        "note: There is no GRU with names known here in 'own.npz', but 'a' and 'b' have the shapes of one "
        "with 5 inputs and 7 units. If it is one, say how it is packed: in the form on the page Your data, "
        f"or with options such as {TORCH}."
    )


def test_the_search_prints_the_options_that_agree(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["inspect", str(model), "--agree-with", f"{REFERENCE}:Y", "--input", f"{REFERENCE}:X"]
    assert main(arguments) == 0
    first, best, *others = capsys.readouterr().out.splitlines()
    assert first.startswith(
        "Of 504 readings, 396 different functions, one gives this output: off by at most "
    )
    assert best.split("  ")[1] == TORCH
    assert all(line.startswith("off by ") for line in others)
    assert len(others) == 4


def test_a_wrong_output_agrees_with_nothing(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "y.npy", np.load(REFERENCE)["Y"][..., ::-1])
    np.save(tmp_path / "x.npy", np.load(REFERENCE)["X"])
    paths = (model, tmp_path / "y.npy", tmp_path / "x.npy")
    assert run("inspect %0 --agree-with %1 --input %2", *paths) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("None of 504 readings, 396 different functions, gives this output to within")
    assert not any(line.startswith("agrees") for line in lines)


def test_from_a_state_and_within_a_tolerance(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [f"{REFERENCE}:{name}" for name in ("Y_with_h0", "X", "h0")]
    arguments = ["inspect", str(model), "--agree-with", files[0], "--input", files[1]]
    assert main([*arguments, "--from-state", files[2]]) == 0
    assert " one gives this output" in capsys.readouterr().out
    assert main([*arguments, "--from-state", files[2], "--tolerance", "1e-12"]) == 0
    assert capsys.readouterr().out.startswith("None of ")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "inspect %0 --order zrh",
            "--order is said of arrays with names of their own: name the state's weights",
        ),
        ("inspect %0 --bias-x c", "--bias-x is said of arrays"),
        (
            "inspect %0 --weight-h b --weight-x a --z keep --layout rows",
            "give --order and --reset too, or find",
        ),
        (f"inspect %0 --weight-h q {PACKED}", "There is no array 'q' in this file"),
        (f"inspect %0 --weight-h a --weight-x b {PACKED}", "a must be 3 x units by units"),
        (f"inspect %0 --weight-h b --state-in-two {PACKED}", "state_in_two is for one array"),
        ("inspect %0 --input %0", "A search for readings needs an output and the input"),
        ("inspect %0 --tolerance 1", "A search for readings needs an output and the input"),
        (
            "inspect %0 --agree-with %0 --input %0",
            "The input holds several arrays: name one of 'a', 'b', 'c', 'd'",
        ),
        ("inspect %0 --agree-with %1 --input %1", "'x.csv' must be a .npy or .npz file"),
        ("inspect %0 --agree-with nowhere.npy --input %1", "'x.csv' must be a .npy or .npz file"),
    ],
)
def test_errors_are_one_sentence(
    text: str, says: str, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(text, model, tmp_path / "x.csv") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert says in printed.err


READINGS = [
    Reading("a", "b"),
    Reading(
        ("g/k", "c k"), ("g/k", "c k"), order="zrh", reset_mode="before", layout="columns", state_first=True
    ),
    Reading((), "W[1]", "b[0]", "b[1]", z_sense="update", layout="columns", state_in_two=True),
    Reading("a", "b", "c", "c", gate_activation="hard_sigmoid_sixth", backwards=True, initial_state="s"),
]


@pytest.mark.parametrize("reading", READINGS, ids=lambda one: one.layout + one.order)
def test_a_reading_as_options_says_the_same_reading(reading: Reading) -> None:
    import shlex

    options = parser().parse_args(["inspect", "m", *shlex.split(options_of(reading))])
    assert choices_of(options).readings == (replace(reading, name="gru"),)


def test_gates_and_the_sense_of_z_can_be_said_of_any_file() -> None:
    options = parser().parse_args(["inspect", "m", "--gates", "hard_sigmoid_fifth", "--z", "update"])
    choices = choices_of(options)
    assert (choices.gate_activation, choices.z_sense) == ("hard_sigmoid_fifth", "update")
    assert choices.readings is None


def test_arrays_that_are_given_come_from_npy_and_npz(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(3.0))
    assert list(given_arrays(tmp_path / "x.npy")) == [""]
    np.savez(tmp_path / "y.npz", x=np.arange(3.0), words=np.array(["a"]))
    assert list(given_arrays(tmp_path / "y.npz")) == ["x"]
    np.testing.assert_array_equal(given_array(tmp_path / "y.npz"), np.arange(3.0))
