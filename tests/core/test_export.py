"""What is taken home holds the numbers themselves: read back, run again, and compared."""

import ast
import csv
import io
import json
import os
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from gru_core.demos import DEMOS, demo_path
from gru_core.edits import one_layer
from gru_core.errors import LimitError, ShapeError
from gru_core.export import figure_to_html, python_lines, table, trace_arrays, trace_to_csv, trace_to_npz
from gru_core.export.model_lines import ModelSource
from gru_core.export.python import override_code
from gru_core.figures.heatmaps import gate_heatmaps
from gru_core.figures.lines import unit_lines
from gru_core.fitting import Fitting, InputChoice, ReadoutChoice, fit
from gru_core.formats import Choices, inspect_file, load_model, load_models
from gru_core.formats.gatescope import save_model
from gru_core.model import GRU, ModelCard, SequenceModel
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.sequences import EmbeddingEncoder, NumberEncoder, Sequence, SymbolEncoder, sequence_from_symbols
from gru_core.sequences.examples import demo_sequence
from gru_core.sequences.probes import probe_sequence
from gru_core.trace import last_output, trace
from tests.support.handmade import random_trace

ROOT = Path(__file__).resolve().parents[2]
GATES = ("R", "Z", "H_tilde", "H")


def two_layers():
    torch.manual_seed(0)
    gru = GRU(2, 3, num_layers=2, bidirectional=True)
    return trace(gru, torch.randn(1, 5, 2))


def read_csv(data):
    return list(csv.DictReader(io.StringIO(data.decode("utf-8"), newline="")))


def test_npz_has_the_promised_names_and_the_trace_itself():
    traces = two_layers()
    with np.load(io.BytesIO(trace_to_npz(traces)), allow_pickle=False) as read:
        prefixes = ("", "layer0_backward_", "layer1_forward_", "layer1_backward_")
        assert read.files == [prefix + gate for prefix in prefixes for gate in GATES]
        for prefix, t in zip(prefixes, traces, strict=True):
            for gate in GATES:
                np.testing.assert_array_equal(read[prefix + gate], getattr(t, gate))
    assert list(trace_arrays(traces)) == [prefix + gate for prefix in prefixes for gate in GATES]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_csv_gives_every_number_back_exactly(dtype):
    t = random_trace(3, time=4, units=3, dtype=dtype)
    rows = read_csv(trace_to_csv([t], ["a", "b", "", "d"]))
    assert list(rows[0]) == ["layer", "direction", "step", "symbol", "unit", *GATES]
    assert len(rows) == 12
    for index, row in enumerate(rows):
        step, unit = divmod(index, 3)
        assert (row["layer"], row["direction"]) == ("0", "forward")
        assert (int(row["step"]), int(row["unit"]), row["symbol"]) == (step, unit, ["a", "b", "", "d"][step])
        for gate in GATES:
            assert dtype(row[gate]) == getattr(t, gate)[0, step, unit]


def test_csv_has_all_layers_and_directions():
    traces = two_layers()
    rows = read_csv(trace_to_csv(traces))
    assert [(row["layer"], row["direction"]) for row in rows[::15]] == [
        ("0", "forward"),
        ("0", "backward"),
        ("1", "forward"),
        ("1", "backward"),
    ]
    assert np.float32(rows[-1]["H"]) == traces[-1].H[0, -1, -1]


def test_csv_of_a_batch_numbers_its_sequences():
    t = random_trace(3, batch=2, time=3, units=2)
    rows = read_csv(trace_to_csv([t]))
    assert [row["sequence"] for row in rows] == ["0"] * 6 + ["1"] * 6
    assert np.float32(rows[-1]["Z"]) == t.Z[1, 2, 1]


@pytest.mark.parametrize("label", ["=1+1", "+A1", "-cmd", "@SUM(A1)", "\tx", "\r=1"])
def test_no_label_becomes_a_formula(label):
    (row,) = read_csv(trace_to_csv([random_trace(time=1, units=1)], [label]))
    assert row["symbol"] == "'" + label


@pytest.mark.parametrize("label", ['say "hi"', "a,b", "two\nlines", "-0.5", "+3", "符号", "<b>", "'"])
def test_other_labels_stay_as_they_are(label):
    (row,) = read_csv(trace_to_csv([random_trace(time=1, units=1)], [label]))
    assert row["symbol"] == label


def test_a_table_has_a_stated_size(monkeypatch):
    monkeypatch.setattr(table, "MAX_ROWS", 59)
    with pytest.raises(LimitError, match=r"at most 59 rows .* would have 60: save it as NPZ"):
        trace_to_csv([random_trace(time=12, units=5)])
    with pytest.raises(ShapeError, match="A trace of 2 steps needs as many labels, got 1"):
        trace_to_csv([random_trace(time=2, units=5)], ["a"])


class Page(HTMLParser):
    """Everything a page would fetch, its title, and its visible text."""

    def __init__(self, page):
        super().__init__()
        self.fetched, self.text, self.tags, self._inside = [], [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._inside.append(tag)
        self.fetched += [value for name, value in attrs if name in ("src", "href")]

    def handle_endtag(self, tag):
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data):
        if "script" not in self._inside and "style" not in self._inside:
            self.text.append(data.strip())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_saved_page_needs_no_network_and_says_what_it_shows(theme):
    figure = gate_heatmaps(random_trace(), theme=theme)
    data = figure_to_html(figure)
    page = Page(data.decode("utf-8"))
    assert page.fetched == []
    assert len(data) > 3_000_000  # Plotly itself
    assert {figure.layout.meta["how"], figure.layout.meta["text"], figure.layout.meta["title"]} <= set(
        page.text
    )
    assert f"background: {figure.layout.meta['paper']}".encode() in data


def test_nothing_from_a_label_is_obeyed_in_a_saved_page():
    label = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"
    t = random_trace(time=2)
    clean, nasty = (Page(figure_to_html(gate_heatmaps(t, [text, "b"])).decode()) for text in ("a", label))
    assert nasty.tags == clean.tags
    assert nasty.fetched == []


def test_the_numbers_are_in_the_saved_page():
    figure = unit_lines(random_trace(time=3), 0)
    page = figure_to_html(figure).decode()
    start = page.index("Plotly.newPlot(")
    data, _ = json.JSONDecoder().raw_decode(page, page.index("[", start))
    assert [line["name"].split()[0] for line in data] == ["R", "Z", "H̃", "H"]


RUNNER = """
import os, runpy, sys
import numpy
for folder in sys.argv[1:]:
    os.chdir(folder)
    names = runpy.run_path("lines.py")
    t = names["t"]
    numpy.savez("out.npz", R=t.R, Z=t.Z, H_tilde=t.H_tilde, H=t.H, answers=names.get("answers", 0))
"""


def expected(model, sequence, overrides=(), layer=0, columns=None):
    traces = trace(model.gru, model.encoder.encode(sequence, columns), overrides=overrides)
    arrays = {name: getattr(traces[layer], name) for name in GATES}
    answers = model.answers(last_output(traces))
    return arrays | {"answers": np.array(0) if answers is None else answers[0]}


def symbols_and_a_saved_model(folder):
    torch.manual_seed(1)
    card = ModelCard("mine", "My model", answer="class", outputs=("no", "yes"))
    model = SequenceModel(SymbolEncoder(("a", "b", "'")), GRU(3, 4), nn.Linear(4, 2), card)
    save_model(model, folder / "mine.safetensors")
    sequence = sequence_from_symbols(["a", "'", "b", "a"], 'typed "in"')
    halfway = GateOverride("Z", 0.25, units=(1, -1), steps=slice(1, None), blend=0.5)
    overrides = (halfway, GateOverride("R", 1.0))
    lines = python_lines(model, sequence, overrides)
    assert 'list("a\'ba")' in lines
    return lines, expected(model, sequence, overrides)


def numbers_and_a_foreign_model(folder):
    torch.manual_seed(2)
    gru = nn.GRU(2, 3, num_layers=2, bidirectional=True, batch_first=True)
    torch.save({"encoder": gru.state_dict()}, folder / "net.pt")
    model = load_model(folder / "net.pt")
    values = np.random.default_rng(0).standard_normal((6, 3)).astype(np.float32)
    sequence = Sequence(values, ("",) * 6, ("a", "b", "c"))
    lines = python_lines(model, sequence, columns=("c", "a"), layer=3)
    assert "load_model('net.pt')" in lines
    assert "t = traces[3]  # layer 1 backward" in lines
    return lines, expected(model, sequence, layer=3, columns=("c", "a"))


def a_long_sequence_from_its_file(folder):
    torch.manual_seed(3)
    encoder = NumberEncoder(("x", "y"), (1.0, 2.0), (3.0, 4.0))
    model = SequenceModel(encoder, GRU(2, 4), None, ModelCard("plain", "net.safetensors"))
    save_model(model, folder / "net.safetensors")
    values = np.random.default_rng(0).standard_normal((300, 2)).astype(np.float32)
    sequence = Sequence(values, ("",) * 300, ("x", "y"), notes=("Two columns\nread.",))
    np.savetxt(folder / "data.csv", values, delimiter=",", header="x,y", comments="", fmt="%.9g")
    lines = python_lines(model, sequence, EXTREMES["rnn"], sequence_file="data.csv")
    assert "# Two columns read.\nsequence = read_sequence('data.csv')" in lines
    assert "overrides=EXTREMES['rnn']" in lines
    return lines, expected(model, sequence, EXTREMES["rnn"])


def a_demo_and_its_example(folder):
    model = load_model(demo_path(DEMOS[0]))
    sequence = demo_sequence(model, 1)
    lines = python_lines(model, sequence, EXTREMES["copy"], model_name=DEMOS[0], example=1)
    assert len(lines.splitlines()) <= 12
    return lines, expected(model, sequence, EXTREMES["copy"])


def a_probe(folder):
    torch.manual_seed(4)
    torch.save(nn.GRU(2, 3).state_dict(), folder / "net.pt")
    model = load_model(folder / "net.pt")
    sequence = probe_sequence("noise", 2, 40)
    lines = python_lines(model, sequence)
    assert "probe_sequence('noise', model.gru.input_size, 40)" in lines
    return lines, expected(model, sequence)


def words_and_a_readout_of_a_foreign_model(folder):
    torch.manual_seed(5)
    parts = {"emb": nn.Embedding(600, 3), "rnn": nn.GRU(3, 4), "out": nn.Linear(4, 2)}
    torch.save(nn.ModuleDict(parts).state_dict(), folder / "net.pt")
    tokens = tuple(f"w{i}" for i in range(600))
    (folder / "words.json").write_text(json.dumps(tokens), encoding="utf-8")
    inputs = InputChoice("embedding", (), (), "emb", tokens, "w0", "words", file="words.json")
    fitting = Fitting(inputs, ReadoutChoice("out", ("no", "yes")))
    model = fit(load_model(folder / "net.pt"), inspect_file(folder / "net.pt").others, fitting)
    sequence = sequence_from_symbols(["w7", "what", "w599"], "typed")
    source = ModelSource(("net.pt",), "rnn", fitting=fitting)
    lines = python_lines(model, sequence, of_file=source)
    assert "tokens=read_vocabulary('words.json')" in lines
    assert max(map(len, lines.splitlines())) < 300
    return lines, expected(model, sequence)


def several_files_and_what_they_leave_open(folder):
    for file in (ROOT / "tests" / "cases" / "fw_tf1_grucell").iterdir():
        if "ckpt" in file.name:
            (folder / file.name).write_bytes(file.read_bytes())
    names = tuple(sorted(file.name for file in folder.iterdir()))
    choices = Choices(gate_activation="hard_sigmoid_sixth")
    models = load_models({name: (folder / name).read_bytes() for name in names}, choices)[1]
    name, model = next(iter(models.items()))
    model = fit(model, (), Fitting(InputChoice("own scale")))
    sequence = probe_sequence("noise", model.gru.input_size, 12)
    source = ModelSource(names, name, choices, Fitting(InputChoice("own scale")))
    return python_lines(model, sequence, of_file=source), expected(model, sequence)


def a_layer_changed_by_hand(folder):
    torch.manual_seed(6)
    encoder = EmbeddingEncoder(torch.randn(3, 2).numpy(), ("a", "b", "c"))
    card = ModelCard("mine", "My model", answer="class", outputs=("no", "yes"))
    model = SequenceModel(encoder, GRU(2, 3, num_layers=2, reset_mode="after"), nn.Linear(3, 2), card)
    save_model(model, folder / "mine.safetensors")
    sequence = sequence_from_symbols(list("abca"), "typed")
    half = GateOverride("Z", 0.5, units=(0,), layers=(1,))
    text = "wbhh_0_1_2~R1_3_0.2_0.25~x2_1_0.5"
    lines = python_lines(model, sequence, (half,), layer=1, edits=text)
    lower = trace(model.gru, encoder.encode(sequence))[0]
    gru, x = one_layer(model.gru, 1), lower.H[0].copy()
    with torch.no_grad():
        gru.cell(0).b_hh[1] = 2.0
    x[2, 1] = 0.5
    held = (GateOverride("Z", 0.5, units=(0,)), GateOverride("R", 0.25, units=(0, 2), steps=slice(1, 3)))
    t = trace(gru, x, overrides=held)[0]
    return lines, {name: getattr(t, name) for name in GATES} | {"answers": model.answers(t.H)[0]}


def a_symbol_changed_by_hand(folder):
    torch.manual_seed(7)
    encoder = EmbeddingEncoder(torch.randn(3, 2).numpy(), ("a", "b", "c"))
    model = SequenceModel(encoder, GRU(2, 3, bidirectional=True), None, ModelCard("mine", "mine.safetensors"))
    save_model(model, folder / "mine.safetensors")
    lines = python_lines(model, sequence_from_symbols(list("aba"), "typed"), layer=1, edits="s1_2")
    return lines, expected(model, sequence_from_symbols(list("aca"), "typed"), layer=1)


CASES = (
    a_layer_changed_by_hand,
    a_symbol_changed_by_hand,
    words_and_a_readout_of_a_foreign_model,
    several_files_and_what_they_leave_open,
    symbols_and_a_saved_model,
    numbers_and_a_foreign_model,
    a_long_sequence_from_its_file,
    a_demo_and_its_example,
    a_probe,
)


@pytest.fixture(scope="module")
def run_again(tmp_path_factory):
    """The lines of every case, executed in one fresh interpreter: name -> (what it found, what was "
    "wanted)."""
    folders, wanted = {}, {}
    for case in CASES:
        folders[case.__name__] = folder = tmp_path_factory.mktemp(case.__name__)
        lines, wanted[case.__name__] = case(folder)
        (folder / "lines.py").write_text(lines, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-c", RUNNER, *folders.values()]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = {}
    for name, folder in folders.items():
        with np.load(folder / "out.npz") as read:
            found[name] = {key: read[key] for key in read.files}
    return {name: (found[name], wanted[name]) for name in found}


@pytest.mark.parametrize("case", [case.__name__ for case in CASES])
def test_python_lines_give_the_same_numbers(run_again, case):
    found, wanted = run_again[case]
    assert found.keys() == wanted.keys()
    for name in found:
        # Another process may run the other engine of the scan; the two agree to 1e-6.
        np.testing.assert_allclose(found[name], wanted[name], atol=1e-6, rtol=0)


def test_override_code_makes_the_same_override():
    overrides = (
        GateOverride("Z", 1.0),
        GateOverride("R", 0.1, units=3),
        GateOverride("Z", 0.5, units=(0, -2), steps=slice(2, 9, 3), blend=0.25),
        GateOverride("R", 0.0, steps=slice(None, -1), layers=(1,), direction="backward"),
        GateOverride("R", 0.0, steps=(4, 5)),
    )
    for override in overrides:
        call = ast.parse(override_code(override), mode="eval").body
        assert call.func.id == "GateOverride"
        gate, value = (ast.literal_eval(argument) for argument in call.args)
        named = {argument.arg: python_value(argument.value) for argument in call.keywords}
        assert GateOverride(gate, value, **named) == override
        assert set(named) == {
            name for name in ("units", "steps", "blend", "layers", "direction") if name in override.to_dict()
        } - ({"blend"} if override.blend == 1.0 else set())


def python_value(node):
    """The value of a literal, or of a call of slice with literals."""
    if isinstance(node, ast.Call):
        assert node.func.id == "slice"
        return slice(*(ast.literal_eval(argument) for argument in node.args))
    return ast.literal_eval(node)


def test_plain_overrides_are_written_plainly():
    assert override_code(GateOverride("Z", 1.0, units=(3, 5))) == "GateOverride('Z', 1.0, units=(3, 5))"
    assert override_code(GateOverride("Z", 1.0, steps=slice(2, 9))).endswith("steps=slice(2, 9))")
