"""Hostile ONNX files: bombs, impossible sizes, other files' paths, damage. Time and memory are bounded."""

import re
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from gru_core.errors import GateScopeError, LimitError, ModelFileError
from gru_core.formats import inspect_file, load
from gru_core.formats.onnx import constants as onnx_constants
from gru_core.formats.onnx import wire as onnx_wire
from gru_core.formats.onnx.wire import looks_like_onnx
from tests.core.test_hostile_files import measured
from tests.support.files import sentence_of

CASES = Path(__file__).parent.parent / "cases"
ONNX = CASES / "fw_onnx"
PLAIN = (ONNX / "hand_lbr0_forward.onnx").read_bytes()


def parsed() -> onnx.ModelProto:
    return onnx.ModelProto.FromString(PLAIN)


def field(number: int, content: bytes) -> bytes:
    """A field of bytes as it stands on the wire."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def sentence(content: bytes) -> str:
    """What reading ends in, within a few seconds."""
    started = time.monotonic()
    with pytest.raises(GateScopeError) as caught:
        load(content)
    assert time.monotonic() - started < 10
    return str(caught.value)


# What an ONNX file is ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(ONNX.glob("*.onnx")), ids=lambda path: path.stem)
def test_an_onnx_file_is_told_by_its_bytes(path: Path) -> None:
    content = path.read_bytes()
    assert looks_like_onnx(content[:512], len(content))
    assert inspect_file(content).format == "onnx"


def test_a_long_description_before_the_graph_is_no_obstacle() -> None:
    model = parsed()
    model.doc_string = "A description.\n" * 100
    assert list(load(model.SerializeToString())) == ["gru"]


OTHERS = sorted(
    path
    for path in CASES.rglob("*")
    if path.is_file() and path.suffix not in (".onnx", ".md") and "reference" not in path.name
)


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_files_of_other_formats_are_left_alone(path: Path) -> None:
    content = path.read_bytes()
    assert not looks_like_onnx(content[:512], len(content))


@pytest.mark.parametrize(
    "content",
    [
        b"\x08\x01\x12" + varint(4000) + b"\n\x05\n\x03abc" + bytes(4000),  # TensorFlow's SavedModel
        b"\x08\x05\x12\x08\n\x01x\x12\x03abc",  # Core ML
        b"\x12\x01" + bytes(200),  # MXNet's list of arrays
        b"\x08\x07",
        b"\x08\x07:\x00",
        b":dRuby or any other text that begins with a colon",
    ],
)
def test_other_files_with_fields_are_not_onnx(content: bytes) -> None:
    assert not looks_like_onnx(content[:512], len(content))


# Sizes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dims", [(10**9, 10**9), (2**62, 4), (1, 10**9, 4), (-1, 18, 4), (1,) * 40, (0, 0)])
def test_shapes_that_the_numbers_do_not_bear_out(dims: tuple[int, ...]) -> None:
    model = parsed()
    model.graph.initializer[0].dims[:] = dims
    assert re.search(
        "impossible shape|says it is .* the file has 72 numbers", sentence(model.SerializeToString())
    )


def test_one_by_one_numbers_are_counted_too() -> None:
    model = parsed()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.float_data[:] = [1.0] * 71
    assert "72 numbers, and the file has 71 numbers" in sentence(model.SerializeToString())


def test_a_graph_of_a_million_nodes_is_refused_before_it_is_parsed() -> None:
    graph = field(1, b"") * 1_000_000
    assert "at most 500,000 parts" in sentence(b"\x08\x08" + field(7, graph))
    graph = field(1, b"") * 60_000
    assert "at most 50,000 nodes" in sentence(b"\x08\x08" + field(7, graph))


def test_nested_graphs_end_in_a_sentence() -> None:
    def nested(depth: int) -> bytes:
        graph = b""
        for _ in range(depth):
            graph = field(
                1, field(4, b"If") + field(5, field(1, b"then_branch") + field(6, graph) + b"\xa0\x01\x05")
            )
        return b"\x08\x08" + field(7, graph)

    assert "nests graphs or types more than" in sentence(nested(3000))
    assert "nested more than 16 deep" in sentence(nested(18))
    assert "There is no GRU" in sentence(nested(10))


def test_functions_that_call_each_other_unfold_no_further_than_allowed() -> None:
    names = [f"F{index}" for index in range(15)]
    functions = [
        helper.make_function(
            "own", name, ["x"], ["y"],
            [helper.make_node(below, ["x"], ["y"], domain="own") for _ in range(10)],
            [helper.make_opsetid("own", 1)],
        )
        for name, below in zip(names, [*names[1:], "End"], strict=True)
    ]  # fmt: skip
    graph = helper.make_graph([helper.make_node("F0", ["X"], ["Y"], domain="own")], "g", [], [])
    model = helper.make_model(graph, functions=functions)
    assert "its functions unfold to more" in sentence(model.SerializeToString())
    functions[-1].node[0].op_type = "F0"
    model = helper.make_model(graph, functions=functions)
    assert re.search("nested more than 16 deep|unfold to more", sentence(model.SerializeToString()))


def test_constants_that_double_are_bounded() -> None:
    model = parsed()
    last = "W"
    for index in range(40):
        node = helper.make_node("Concat", [last, last], [f"W{index}"], axis=1)
        model.graph.node.insert(index, node)
        last = f"W{index}"
    model.graph.node[-1].input[1] = last
    assert "may take at most 400 MB" in sentence(model.SerializeToString())


def test_a_spread_constant_is_bounded() -> None:
    model = parsed()
    model.graph.initializer.append(
        numpy_helper.from_array(np.array([10**6, 10**6, 10**6], np.int64), "shape")
    )
    for maker in ("Expand", "ConstantOfShape"):
        changed = onnx.ModelProto.FromString(model.SerializeToString())
        inputs = ["B", "shape"] if maker == "Expand" else ["shape"]
        changed.graph.node.insert(0, helper.make_node(maker, inputs, ["large"]))
        changed.graph.node[-1].input[1] = "large"
        assert re.search("may take at most 400 MB|does not fit", sentence(changed.SerializeToString()))


def test_a_value_that_is_made_of_itself_is_not_known() -> None:
    model = parsed()
    model.graph.node.insert(0, helper.make_node("Identity", ["W2"], ["W2"]))
    model.graph.node[-1].input[1] = "W2"
    assert "are computed or given while the model runs" in sentence(model.SerializeToString())


# Files and code ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("location", ["../../../etc/passwd", "/etc/passwd", "weights.bin"])
@pytest.mark.parametrize("where", ["initializer", "constant"])
def test_weights_in_another_file_are_refused_and_none_is_opened(
    location: str, where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = parsed()
    tensor = model.graph.initializer[0]
    if where == "constant":
        tensor = TensorProto(name="c", data_type=TensorProto.FLOAT, dims=[1])
        model.graph.node.insert(0, helper.make_node("Constant", [], ["c"], value=tensor))
        tensor = model.graph.node[0].attribute[0].t
    else:
        tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    (tmp_path / "weights.bin").write_bytes(bytes(1000))
    opened = []
    monkeypatch.setattr("builtins.open", lambda *arguments, **_: opened.append(arguments))
    with pytest.raises(ModelFileError, match="keeps its weights in another file, and no file is opened"):
        load(path)
    assert opened == []


@pytest.mark.slow
def test_a_bomb_of_small_messages_costs_little_memory(tmp_path: Path) -> None:
    """60 MB of empty nodes would become gigabytes; so would numbers of one byte each."""
    path = tmp_path / "bomb.onnx"
    path.write_bytes(b"\x08\x08" + field(7, field(1, b"") * 30_000_000))
    outcome, grown = measured(path, "model")
    assert (outcome, grown < 200) == ("LimitError", True)
    path.write_bytes(b"\x08\x08" + field(7, field(5, field(7, bytes(60_000_000)))))
    outcome, grown = measured(path, "model")
    assert (outcome, grown < 200) == ("LimitError", True)


@pytest.mark.slow
def test_many_nodes_that_read_one_array_cost_no_more_than_a_large_model(tmp_path: Path) -> None:
    """Each layer has a copy of what it reads: 256 GRUs of one stored matrix would be 12 GB."""
    path = tmp_path / "shared.onnx"
    weights = [numpy_helper.from_array(np.zeros((1, 6000, 2000), np.float32), name) for name in "WR"]
    nodes = [helper.make_node("GRU", ["X", "W", "R"], [f"Y{index}"]) for index in range(256)]
    path.write_bytes(helper.make_model(helper.make_graph(nodes, "g", [], [], weights)).SerializeToString())
    outcome, grown = measured(path, "model")
    assert (outcome, grown < 1000) == ("read", True)


def test_layers_beyond_the_budget_are_named_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_constants, "MAX_PARAMETERS", 2 * 18 * (4 + 6) + 10)
    model = parsed()
    for index in range(2):
        model.graph.node.add().CopyFrom(model.graph.node[0])
        model.graph.node[-1].output[:] = [f"A{index}", f"B{index}"]
    found = inspect_file(model.SerializeToString())
    assert [gru.name for gru in found.grus] == ["gru", "gru (2)"]
    (refused,) = (layer for layer in found.others if layer.refused)
    assert "at most 370 weights together, and with the GRU node 'gru' they have more" in refused.note


REFERENCES = {
    name: (ONNX / f"{name}.onnx").read_bytes() for name in ("hand_lbr1_bidirectional", "chains", "others")
}


def end_in_a_model_or_a_sentence(content: bytes) -> None:
    sentence = sentence_of(lambda: load(content))
    assert sentence is None or re.match(r"[A-Z'\w].*\S", sentence, re.S)


@pytest.mark.parametrize("name", REFERENCES)
@given(data=st.data())
def test_damaged_files_end_in_a_model_or_a_sentence(name: str, data: st.DataObject) -> None:
    content = bytearray(REFERENCES[name])
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        match data.draw(st.sampled_from(["flip", "cut", "insert", "zero", "end"])):
            case "flip":
                content[place] ^= 1 << data.draw(st.integers(0, 7))
            case "cut":
                del content[place : place + data.draw(st.integers(1, 64))]
            case "insert":
                content[place:place] = data.draw(st.binary(min_size=1, max_size=16))
            case "zero":
                content[place : place + 8] = bytes(min(8, len(content) - place))
            case "end":
                del content[place:]
        if not content:
            break
    end_in_a_model_or_a_sentence(bytes(content))


@pytest.mark.slow
@pytest.mark.parametrize("name", REFERENCES)
def test_many_damaged_files_end_in_a_model_or_a_sentence(name: str) -> None:
    random = np.random.default_rng(0)
    for _ in range(1000):
        content = np.frombuffer(REFERENCES[name], np.uint8).copy()
        places = random.integers(0, len(content), random.integers(1, 6))
        content[places] = random.integers(0, 256, len(places))
        keep = len(content) if random.random() < 0.7 else int(random.integers(1, len(content)))
        end_in_a_model_or_a_sentence(content[:keep].tobytes())


def test_the_limits_are_those_that_the_sentences_say() -> None:
    assert onnx_wire.MAX_NODES < onnx_wire.MAX_FIELDS
    assert onnx_constants.MAX_BYTES <= 400_000_000
    assert issubclass(LimitError, GateScopeError)
