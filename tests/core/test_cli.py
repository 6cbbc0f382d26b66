"""`python -m gru_core`: trace and inspect, as people type them."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gru_core.cli import main
from gru_core.errors import OverrideError
from gru_core.formats import save_model
from gru_core.model import GRU, ModelCard, SequenceModel
from gru_core.override_text import parse_override
from gru_core.overrides import GateOverride
from gru_core.sequences import SymbolEncoder
from gru_core.trace import trace

ROOT = Path(__file__).parent.parent.parent
CASES = ROOT / "tests" / "cases"


@pytest.fixture
def numbers(tmp_path: Path) -> Path:
    """A CSV of the reference's first sequence, five columns."""
    path = tmp_path / "numbers.csv"
    x = np.load(CASES / "fw_torch" / "gru1_reference.npz")["X"][0]
    rows = [",".join("abcde"), *(",".join(repr(float(v)) for v in row) for row in x)]
    path.write_text("\n".join(rows))
    return path


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def test_the_trace_of_a_torch_file_is_pytorchs_output(tmp_path: Path, numbers: Path) -> None:
    out = tmp_path / "trace.npz"
    assert run("trace", CASES / "fw_torch" / "gru1_state_dict.pt", numbers, "--out", out) == 0
    arrays = dict(np.load(out))
    assert sorted(arrays) == ["H", "H_tilde", "R", "Z"]
    expected = np.load(CASES / "fw_torch" / "gru1_reference.npz")
    np.testing.assert_allclose(arrays["H"], expected["Y"][:1], rtol=0, atol=1e-5)


def test_further_layers_and_directions_are_prefixed(tmp_path: Path, numbers: Path) -> None:
    out = tmp_path / "trace.npz"
    assert run("trace", CASES / "fw_torch" / "gru2bi.safetensors", numbers, "--out", out) == 0
    arrays = dict(np.load(out))
    prefixes = ["", "layer0_backward_", "layer1_forward_", "layer1_backward_"]
    assert sorted(arrays) == sorted(p + name for p in prefixes for name in ("R", "Z", "H_tilde", "H"))
    expected = np.load(CASES / "fw_torch" / "gru2bi_reference.npz")
    both = np.concatenate([arrays["layer1_forward_H"], arrays["layer1_backward_H"]], axis=-1)
    np.testing.assert_allclose(both, nn_output(expected["X"][0], numbers), rtol=0, atol=1e-5)


def nn_output(_: np.ndarray, numbers: Path) -> np.ndarray:
    """What torch.nn.GRU gives for the numbers in the CSV."""
    module = nn.GRU(5, 6, 2, bidirectional=True, batch_first=True)
    module.load_state_dict(torch.load(CASES / "fw_torch" / "gru2bi_state_dict.pt", weights_only=True))
    x = np.loadtxt(numbers, delimiter=",", skiprows=1, dtype=np.float32)
    with torch.no_grad():
        return module(torch.from_numpy(x)[None])[0].numpy()


def test_gates_are_set_and_the_initial_state_is_read(tmp_path: Path, numbers: Path) -> None:
    model, out = CASES / "fw_torch" / "gru1_state_dict.pt", tmp_path / "trace.npz"
    h0 = np.linspace(-1, 1, 7, dtype=np.float32)
    np.save(tmp_path / "h0.npy", h0)
    assert run("trace", model, numbers, "--set", "Z=1", "--h0", tmp_path / "h0.npy", "--out", out) == 0
    np.testing.assert_array_equal(np.load(out)["H"][0], np.tile(h0, (9, 1)))
    assert (
        run("trace", model, numbers, "--set", "Z=0", "--set", "R=1:units=0,3:steps=2..4", "--out", out) == 0
    )
    arrays = np.load(out)
    assert not arrays["Z"].any()
    ones = np.argwhere(arrays["R"][0] == 1.0)
    assert {tuple(place) for place in ones} >= {(t, u) for t in (2, 3, 4) for u in (0, 3)}
    np.testing.assert_array_equal(arrays["H"], arrays["H_tilde"])


def test_text_is_read_with_the_models_own_vocabulary(tmp_path: Path) -> None:
    torch.manual_seed(0)
    gru = GRU(3, 4)
    model = SequenceModel(SymbolEncoder(("a", "b", "c")), gru, None, ModelCard("abc", "ABC"))
    save_model(model, tmp_path / "abc.safetensors")
    (tmp_path / "text.txt").write_text("abca\n")
    out = tmp_path / "trace.npz"
    assert run("trace", tmp_path / "abc.safetensors", tmp_path / "text.txt", "--out", out) == 0
    expected = trace(gru, np.eye(3, dtype=np.float32)[None, [0, 1, 2, 0]])[0]
    np.testing.assert_allclose(np.load(out)["Z"], expected.Z, rtol=0, atol=1e-6)


def test_columns_and_the_gru_are_chosen_by_name(tmp_path: Path, numbers: Path) -> None:
    state = {f"{name}.{k}": v for name in ("a", "b") for k, v in nn.GRU(2, 3).state_dict().items()}
    torch.save(state, tmp_path / "two.pt")
    out = tmp_path / "trace.npz"
    for columns in ("e,a", "4,0"):
        options = ("--gru", "b", "--columns", columns, "--out", out)
        assert run("trace", tmp_path / "two.pt", numbers, *options) == 0
    x = np.loadtxt(numbers, delimiter=",", skiprows=1, dtype=np.float32)[:, [4, 0]]
    module = nn.GRU(2, 3, batch_first=True)
    module.load_state_dict({k.removeprefix("b."): v for k, v in state.items() if k.startswith("b.")})
    with torch.no_grad():
        np.testing.assert_allclose(np.load(out)["H"], module(torch.from_numpy(x)[None])[0], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["trace", "{model}", "{numbers}", "--gru", "x", "--out", "{out}"], "There is no GRU 'x'"),
        (["trace", "{model}", "{numbers}", "--set", "Z=2", "--out", "{out}"], "must lie in [0, 1], got 2.0"),
        (["trace", "{model}", "{numbers}", "--set", "Z=1:units=99", "--out", "{out}"], "There is no unit 99"),
        (
            ["trace", "{model}", "{numbers}", "--columns", "a,b", "--out", "{out}"],
            "This model needs 5 columns",
        ),
        (["trace", "{model}", "{numbers}", "--out", "{out}/no/x.npz"], "'x.npz' cannot be written"),
        (["trace", "{numbers}", "{numbers}", "--out", "{out}"], "is text, not a model"),
        (["trace", "{model}", "{model}", "--out", "{out}"], "is damaged"),
        (["inspect", "nowhere.pt"], "there is no such file"),
    ],
)
def test_errors_are_one_line_and_code_2(
    arguments: list[str], says: str, tmp_path: Path, numbers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {
        "model": CASES / "fw_torch" / "gru1_state_dict.pt",
        "numbers": numbers,
        "out": tmp_path / "t.npz",
    }
    assert run(*(argument.format(**places) for argument in arguments)) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    if says != "is damaged":
        assert says in printed.err


def test_inspect_says_what_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("inspect", CASES / "fw_torch" / "gru2bi_state_dict.pt") == 0
    assert capsys.readouterr().out.splitlines() == [
        "gru2bi_state_dict.pt: PyTorch checkpoint, 16 arrays",
        "GRU 'gru': 5 inputs, 6 units, 2 layers, both directions, 1,140 weights, float32",
        "  convention: torch (PyTorch nn.GRU and nn.GRUCell); blocks r, z, n; z = 1 keeps the old state; "
        "reset after the product; gates sigmoid",
    ]


def test_the_command_itself(tmp_path: Path, numbers: Path) -> None:
    environment = dict(os.environ, PYTHONPATH=str(ROOT))
    model = str(CASES / "fw_torch" / "gru1.safetensors")

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "gru_core", *arguments],
            capture_output=True,
            text=True,
            env=environment,
            cwd=tmp_path,
        )

    done = command("trace", model, str(numbers), "--set", "Z=0", "--set", "R=1", "--out", "trace.npz")
    assert (done.returncode, done.stderr) == (0, "")
    assert "note: Columns used: 'a', 'b', 'c', 'd', 'e'." in done.stdout
    assert (np.load(tmp_path / "trace.npz")["R"] == 1).all()
    failed = command("inspect", "missing.pt")
    assert failed.returncode == 2
    assert failed.stderr == "A model file 'missing.pt' cannot be opened: there is no such file.\n"


@pytest.mark.parametrize(
    ("text", "override"),
    [
        ("Z=0", GateOverride("Z", 0.0)),
        (" R = 1 ", GateOverride("R", 1.0)),
        ("Z=0.5:units=1,3", GateOverride("Z", 0.5, units=(1, 3))),
        ("Z=0.5:steps=4", GateOverride("Z", 0.5, steps=(4,))),
        ("Z=0.5:steps=-1", GateOverride("Z", 0.5, steps=(-1,))),
        ("Z=1:steps=2..9", GateOverride("Z", 1.0, steps=slice(2, 10))),
        ("Z=1:steps=2..", GateOverride("Z", 1.0, steps=slice(2, None))),
        ("Z=1:steps=..-2", GateOverride("Z", 1.0, steps=slice(None, -1))),
        ("Z=1:steps=-3..-1", GateOverride("Z", 1.0, steps=slice(-3, None))),
        (
            "R=1:blend=0.25:layers=1:direction=backward",
            GateOverride("R", 1.0, blend=0.25, layers=(1,), direction="backward"),
        ),
    ],
)
def test_settings_as_text(text: str, override: GateOverride) -> None:
    assert parse_override(text) == override


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "A gate is set as Z=0 or R=1, got ''."),
        ("Q=1", "A gate is set as Z=0 or R=1, got 'Q=1'."),
        ("Z=high", "The value of a gate setting must be a number in [0, 1], got 'high'."),
        ("Z=nan", "must lie in [0, 1], got nan"),
        ("Z=1:unit=3", "Behind 'Z=1' stand units=, steps=, blend=, layers= or direction=, got 'unit=3'."),
        ("Z=1:units=a", "units= takes whole numbers such as 1,3, got 'a'."),
        ("Z=1:units=1:units=2", "units= stands twice"),
        ("Z=1:direction=up", "must be 'forward' or 'backward', got 'up'"),
        ("Z=1:units=", "units= takes whole numbers"),
    ],
)
def test_settings_that_make_no_sense(text: str, says: str) -> None:
    with pytest.raises(OverrideError) as caught:
        parse_override(text)
    assert says in str(caught.value)


def test_an_lstm_and_an_rnn_are_traced_by_their_names(
    tmp_path: Path, numbers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(3)
    layers = {
        "encoder": nn.LSTM(5, 4, 2, bidirectional=True, batch_first=True),
        "gru": nn.GRU(5, 3),
        "simple": nn.RNN(5, 6, batch_first=True),
    }
    state = {
        f"{name}.{key}": value for name, layer in layers.items() for key, value in layer.state_dict().items()
    }
    model, out = tmp_path / "mixed.pt", tmp_path / "trace.npz"
    torch.save(state, model)
    x = torch.from_numpy(np.loadtxt(numbers, delimiter=",", skiprows=1, dtype=np.float32))[None]
    assert run("trace", model, numbers, "--gru", "encoder", "--out", out) == 0
    arrays = dict(np.load(out))
    prefixes = ["", "layer0_backward_", "layer1_forward_", "layer1_backward_"]
    assert sorted(arrays) == sorted(p + n for p in prefixes for n in ("F", "I", "O", "C_tilde", "C", "H"))
    both = np.concatenate([arrays["layer1_forward_H"], arrays["layer1_backward_H"]], axis=-1)
    with torch.no_grad():
        np.testing.assert_allclose(both, layers["encoder"](x)[0], rtol=0, atol=1e-6)
        assert run("trace", model, numbers, "--gru", "simple", "--out", out) == 0
        np.testing.assert_allclose(np.load(out)["H"], layers["simple"](x)[0], rtol=0, atol=1e-6)
    assert list(np.load(out)) == ["H"]
    assert run("inspect", model) == 0
    printed = capsys.readouterr().out
    assert "LSTM 'encoder': 5 -> 8\n  it can be traced: --gru encoder\n" in printed
    assert run("trace", model, numbers, "--gru", "gru", "--out", out) == 0
    assert sorted(np.load(out)) == ["H", "H_tilde", "R", "Z"]


def test_a_file_of_one_lstm_goes_by_its_kind(
    tmp_path: Path, numbers: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, out = tmp_path / "lstm.pt", tmp_path / "trace.npz"
    torch.save(nn.LSTM(5, 4).state_dict(), model)
    np.save(tmp_path / "h0.npy", np.ones(4, np.float32))
    options = ("--gru", "lstm", "--h0", tmp_path / "h0.npy", "--out", out)
    assert run("trace", model, numbers, *options) == 0
    assert "trace.npz: 9 steps, 4 units, 1 layer-directions" in capsys.readouterr().out
    assert run("trace", model, numbers, "--set", "Z=0", *options) == 2
    assert "Gates are set (--set) in a GRU, and 'lstm' is an LSTM" in capsys.readouterr().err
    assert run("trace", model, numbers, "--out", out) == 2
    assert "There is no GRU in 'lstm.pt', but an LSTM" in capsys.readouterr().err
    torch.save(nn.LSTM(5, 4, proj_size=2).state_dict(), model)
    assert run("trace", model, numbers, *options) == 2
    assert "The LSTM 'lstm' cannot be traced. weight_hr_l0 is the projection" in capsys.readouterr().err


def test_an_lstm_of_an_onnx_graph_that_reads_backwards(tmp_path: Path) -> None:
    expected = np.load(CASES / "fw_onnx" / "others_reference.npz")
    rows = [",".join("abc"), *(",".join(repr(float(v)) for v in row) for row in expected["X"][:, 0])]
    (tmp_path / "x.csv").write_text("\n".join(rows))
    out = tmp_path / "trace.npz"
    model = CASES / "fw_onnx" / "others.onnx"
    assert run("trace", model, tmp_path / "x.csv", "--gru", "lstm_back", "--out", out) == 0
    np.testing.assert_allclose(np.load(out)["H"][0], expected["lstm_back.Y"][:, 0, 0], rtol=0, atol=1e-5)
