"""PaddlePaddle 1's dynamic_gru: the numbers of PaddlePaddle's own kernels, from folders, zips and arrays."""

import io
import re
import struct
import zipfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch

from gru_core import trace
from gru_core.cli import main
from gru_core.errors import ModelFileError
from gru_core.formats import Choices, inspect_file, load
from gru_core.formats.open_choices import BACKWARDS
from gru_core.model import GRU
from tests.support.files import npz, sentence_of

CASES = Path(__file__).parent.parent / "cases"
CASE = CASES / "fw_paddle_legacy"
BOTH_WAYS = Choices(backwards=("gru_1",))


def largest(got: np.ndarray, expected: np.ndarray) -> float:
    assert got.shape == expected.shape
    return float(np.abs(got - expected).max())


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def zipped(files: dict[str, bytes], folder: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(folder + name, content)
    return out.getvalue()


@pytest.mark.parametrize("origin", [0, 1])
@pytest.mark.parametrize("reverse", [0, 1])
def test_the_bare_op_gives_the_gates_that_paddlepaddle_gave(origin: int, reverse: int) -> None:
    case = np.load(CASE / f"gru_op_origin{origin}_rev{reverse}.npz")
    file = npz(weight=case["weight"], bias=case["bias"])
    senses = ("update", "keep")
    backwards = ("gru",) if reverse else ()
    order = slice(None, None, -1) if reverse else slice(None)

    def traced(sense: str) -> object:
        gru = load(file, Choices(projected_gru=True, z_sense=sense, backwards=backwards))["gru"]
        assert (gru.reset_mode, gru.input_size) == ("before", 18)
        assert gru.convention == ("paddle_legacy" if sense == "update" else "paddle_legacy_origin")
        return trace(gru, torch.from_numpy(case["pre_projected_input"])[None])[0]

    t = traced(senses[origin])
    keeps = case["u"] if origin else 1 - case["u"]
    for got, expected in ((t.R, case["R"]), (t.Z, keeps), (t.H_tilde, case["Hcand"])):
        assert largest(got[0][order], expected) < 1e-5
    assert largest(t.H[0], case["H"]) < 1e-5
    assert largest(traced(senses[1 - origin]).H[0], case["H"]) > 1e-2


def test_the_declared_shape_is_not_how_the_numbers_lie() -> None:
    case = np.load(CASE / "gru_op_origin0_rev0.npz")
    # As columns of (D, 3D), the way the shape suggests, put where the right reading takes them from.
    u, r, c = np.split(case["weight"], 3, axis=1)
    wrong = np.concatenate([np.concatenate([u, r], axis=1).reshape(-1), c.reshape(-1)]).reshape(6, 18)
    gru = load(npz(weight=wrong, bias=case["bias"]), Choices(projected_gru=True))["gru"]
    with torch.no_grad():
        output = gru(torch.from_numpy(case["pre_projected_input"])[None])[0][0].numpy()
    assert largest(output, case["H"]) > 1e-2


def two_grus(source: object) -> dict[str, GRU]:
    grus = load(source, BOTH_WAYS)
    assert list(grus) == ["gru_0", "gru_1"]
    return grus


def check_two_grus(grus: dict[str, GRU]) -> None:
    case = np.load(CASE / "two_grus_reference.npz")
    x = torch.from_numpy(case["X"])[None]
    for name, gates, order in (
        ("gru_0", case["gru_0_gates"], slice(None)),
        ("gru_1", case["gru_1_gates_in_processing_order"], slice(None, None, -1)),
    ):
        t = trace(grus[name], x)[0]
        u, r, c = np.split(gates[order], 3, axis=1)
        assert largest(t.H[0], case[f"{name}_H"]) < 1e-5
        assert largest(t.R[0], r) < 1e-5
        assert largest(t.Z[0], 1 - u) < 1e-5
        assert largest(t.H_tilde[0], c) < 1e-5
        assert grus[name].convention == "paddle_legacy"


def test_a_folder_a_zip_several_files_and_other_containers_give_the_same() -> None:
    files = files_of(CASE / "two_grus")
    for source in (
        CASE / "two_grus",
        files,
        zipped(files),
        zipped(files, "model/params/"),
        CASE / "two_grus_static.pdparams",
        npz(**load_arrays(files)),
    ):
        check_two_grus(two_grus(source))


def load_arrays(files: dict[str, bytes]) -> dict[str, np.ndarray]:
    """Each file's numbers, from the end: the description of a float32 parameter ends where they begin."""
    arrays = {}
    for name, content in files.items():
        (size,) = struct.unpack_from("<i", content, 16)
        dims = re.findall(rb"\x10(.)", content[22 : 20 + size], re.S)
        arrays[name] = np.frombuffer(content[20 + size :], "<f4").reshape([dim[0] for dim in dims])
    return arrays


def test_wrong_readings_of_a_folder_would_be_noticed() -> None:
    case = np.load(CASE / "two_grus_reference.npz")
    x = torch.from_numpy(case["X"])[None]
    files = files_of(CASE / "two_grus")
    crossed = files | {"fc_0.w_0": files["fc_1.w_0"]}
    assert largest(trace(load(crossed)["gru_0"], x)[0].H[0], case["gru_0_H"]) > 1e-2
    forwards, kept = load(files), load(files, Choices(z_sense="keep"))
    assert largest(trace(kept["gru_0"], x)[0].H[0], case["gru_0_H"]) > 1e-2
    assert largest(trace(forwards["gru_1"], x)[0].H[0], case["gru_1_H"]) > 1e-2
    without = {name: content for name, content in files.items() if name not in ("fc_0.b_0", "fc_1.b_0")}
    assert largest(trace(load(without)["gru_0"], x)[0].H[0], case["gru_0_H"]) > 1e-2


def test_what_the_files_do_not_say_is_said() -> None:
    found = inspect_file(CASE / "two_grus")
    assert (found.format, [gru.backwards for gru in found.grus]) == ("paddle_legacy", [False, False])
    gates = "The file does not say the activation of the gates: they are read as a sigmoid, the usual one."
    assert found.grus[0].notes == (
        gates,
        "The file does not say whether u keeps or writes (origin_mode): as by default, it writes.",
        "The file does not say which way it reads: taken as forwards.",
    )
    said = inspect_file(CASE / "two_grus", Choices(z_sense="update", backwards=("gru_1",)))
    assert [gru.notes for gru in said.grus] == [
        (gates, "The file does not say which way it reads: taken as forwards."),
        (gates, BACKWARDS),
    ]
    assert [gru.backwards for gru in said.grus] == [False, True]
    with pytest.raises(ModelFileError, match=r"'gru_7' is none in this file: it has 'gru_0', 'gru_1'"):
        load(CASE / "two_grus", Choices(backwards=("gru_7",)))


def test_other_layers_beside_the_grus() -> None:
    found = inspect_file(CASE / "two_grus")
    assert [(layer.name, layer.kind, layer.sizes, layer.fits) for layer in found.others] == [
        ("fc_2", "Linear", "12 -> 4", ()),
        ("word_emb", "Embedding", "11 x 5", ("gru_0", "gru_1")),
    ]
    case = np.load(CASE / "two_grus_reference.npz")
    states = np.concatenate([case["gru_0_H"], case["gru_1_H"]], axis=1)
    layer = found.others[0]
    assert largest(states @ layer.weight.numpy().T + layer.bias.numpy(), case["fc_2"]) < 1e-5
    assert "side by side" in layer.note


def test_which_layer_projects_for_which_gru() -> None:
    files = files_of(CASE / "two_grus")
    # Layers are numbered over the whole program: what counts is their order.
    moved = {
        name.replace("fc_1", "fc_12").replace("fc_0", "fc_9"): content for name, content in files.items()
    }
    check_two_grus(two_grus(moved))
    extra = dict(files) | {name.replace("fc_0", "fc_7"): files[name] for name in ("fc_0.w_0", "fc_0.b_0")}
    check_two_grus(two_grus(extra))
    unclear = dict(moved) | {name.replace("fc_0", "fc_7"): files[name] for name in ("fc_0.w_0", "fc_0.b_0")}
    with pytest.raises(
        ModelFileError, match=r"which one that is among 'fc_7', 'fc_9', 'fc_12' the files do not tell"
    ):
        load(unclear)
    bare = {name: content for name, content in files.items() if not name.startswith(("fc_0", "fc_1"))}
    gru = load(bare)["gru_0"]
    assert gru.input_size == 18
    assert "it reads 18 projected numbers, u, r, c, per step" in gru.notes[0]


def test_parameters_without_names_are_refused() -> None:
    combined = (CASE / "combined.pdiparams").read_bytes()
    with pytest.raises(ModelFileError, match="holds parameters of PaddlePaddle without their names"):
        load(combined)
    with pytest.raises(
        ModelFileError, match=r"'a\.pdiparams' holds parameters without their names: give its"
    ):
        load({"a.pdiparams": combined, "b.txt": b"x"})
    with pytest.raises(ModelFileError, match=r"bytes behind 'gru_0\.w_0' belong to no parameter"):
        load({"gru_0.w_0": (CASE / "combined.pdiparams").read_bytes(), "gru_0.b_0": b"x"})
    with pytest.raises(ModelFileError, match="without their names: give all files of the folder together"):
        load(CASE / "two_grus" / "gru_0.w_0")


def test_a_program_beside_the_parameters_tells_names_direction_and_sense() -> None:
    combined, program = ((CASE / f"combined.{end}").read_bytes() for end in ("pdiparams", "pdmodel"))
    folder = files_of(CASE / "two_grus") | {"__model__": program}
    # The fc of another number: the program tells whose it is where numbers do not.
    moved = {name.replace("fc_0", "fc_9"): content for name, content in folder.items()}
    moved["__model__"] = program.replace(b"fc_0", b"fc_9")
    for source in (
        CASE / "combined.pdiparams",
        {"model.pdiparams": combined, "model.pdmodel": program},
        zipped({"m/__params__": combined, "m/__model__": program}),
        folder,
        zipped(folder, "deep/er/"),
        moved,
    ):
        grus = load(source)
        assert [(name, gru.backwards, gru.notes) for name, gru in grus.items()] == [
            ("gru_0", False, ()),
            ("gru_1", True, ()),
        ]
        check_two_grus(grus)
    keeps = program.replace(b"origin_mode\x10\x06P\x00", b"origin_mode\x10\x06P\x01")
    assert keeps != program
    assert {gru.convention for gru in load(folder | {"__model__": keeps}).values()} == {
        "paddle_legacy_origin"
    }
    relu = program.replace(b"*\x04tanh", b"*\x04relu")
    with pytest.raises(ModelFileError, match="has gates of sigmoid and a candidate of relu"):
        load(folder | {"__model__": relu})


def test_damaged_programs_end_in_a_model_or_a_sentence() -> None:
    random = np.random.default_rng(3)
    combined, program = ((CASE / f"combined.{end}").read_bytes() for end in ("pdiparams", "pdmodel"))
    for _ in range(400):
        changed = bytearray(program)
        for place in random.integers(0, len(changed), random.integers(1, 5)):
            changed[place] = random.integers(256)
        cut = len(changed) if random.random() < 0.8 else int(random.integers(1, len(changed)))
        files = {"m.pdiparams": combined, "m.pdmodel": bytes(changed[:cut])}
        sentence = sentence_of(lambda files=files: load(files))
        assert sentence is None or len(sentence) > 20


def header(dims: list[int], kind: int = 5, packed: bool = False) -> bytes:
    def number(value: int) -> bytes:
        out = b""
        while value > 127:
            out, value = out + bytes([value & 127 | 128]), value >> 7
        return out + bytes([value])

    body = b"".join(map(number, dims))
    description = b"\x08" + number(kind)
    description += (
        b"\x12" + number(len(body)) + body if packed else b"".join(b"\x10" + number(d) for d in dims)
    )
    return bytes(16) + struct.pack("<i", len(description)) + description


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (header([10**9] * 9) + bytes(40), r"needs 4,000,000,.* bytes, it has 40"),
        (header([1] * 200), "its shape of 200 axes cannot be"),
        (header([2**63]), "its shape of 1 axes cannot be"),
        (header([6, 18], kind=99), "its number type 99 is not read here"),
        (bytes(4) + struct.pack("<Q", 10**18), "version 0, 1,000,000,000,000,000,000 levels"),
        (bytes(4) + struct.pack("<QQ", 3, 10**18) + bytes(9), "its levels reach beyond its end"),
        (bytes(16) + struct.pack("<i", 2**31 - 1) + b"\x08\x05", "its description reaches beyond its end"),
        (bytes(16) + struct.pack("<i", 4) + b"\x08\xff\xff\xff", "its description cannot be read"),
        (bytes(16) + struct.pack("<i", 4) + b"\x12\x7f\x01\x01", "its description cannot be read"),
        (bytes(16) + struct.pack("<i", 2) + b"\x0d\x05", "its description cannot be read"),
        (bytes(7), "is no whole parameter"),
    ],
)
def test_descriptions_that_cannot_be(content: bytes, says: str) -> None:
    files = files_of(CASE / "two_grus") | {"gru_0.w_0": content}
    with pytest.raises(ModelFileError, match=says):
        load(files)


def test_packed_dims_and_other_number_types() -> None:
    files = files_of(CASE / "two_grus")
    weight = load_arrays(files)["gru_0.w_0"]
    for kind, dtype in ((6, "<f8"), (4, "<f2")):
        packed = header([6, 18], kind, packed=True) + weight.astype(dtype).tobytes()
        gru = load(files | {"gru_0.w_0": packed})["gru_0"]
        assert gru.dtype == (torch.float64 if kind == 6 else torch.float32)
    short = header([6, 18], 22) + (weight.view("<u4") >> 16).astype("<u2").tobytes()
    assert "bfloat16" in " ".join(load(files | {"gru_0.w_0": short})["gru_0"].notes)


@pytest.mark.parametrize("mutation", range(12))
def test_damaged_folders_end_in_a_model_or_a_sentence(mutation: int) -> None:
    random = np.random.default_rng(mutation)
    files = files_of(CASE / "two_grus")
    for _ in range(40):
        changed = {name: bytearray(content) for name, content in files.items()}
        for content in changed.values():
            for place in random.integers(0, min(40, len(content)), random.integers(0, 3)):
                content[place] = random.integers(256)
            if random.random() < 0.1:
                del content[random.integers(1, len(content)) :]
        damaged = {name: bytes(content) for name, content in changed.items()}
        sentence = sentence_of(lambda damaged=damaged: load(damaged))
        assert sentence is None or len(sentence) > 20


def test_the_segmenter_of_jieba() -> None:
    folder = Path(find_spec("jieba").origin).parent / "lac_small" / "model_baseline"
    grus = load(folder, Choices(backwards=("gru_1", "gru_3")))
    layers = {layer.name: layer for layer in inspect_file(folder).others}
    case = np.load(CASES / "jieba_lac" / "reference.npz")
    below = layers["word_emb"].weight[case["s1/ids"]][None]
    for layer in (0, 1):
        traces = {}
        for way, order in (("fwd", slice(None)), ("bwd", slice(None, None, -1))):
            t = traces[way] = trace(grus[f"gru_{2 * layer + (way == 'bwd')}"], below)[0]
            for name, stored in (("R", "R"), ("Z", "Z"), ("H_tilde", "Hcand"), ("H", "H")):
                assert largest(getattr(t, name)[0], case[f"s1/l{layer}_{way}_{stored}"][order]) < 1e-5
        below = torch.from_numpy(np.concatenate([traces["fwd"].H, traces["bwd"].H], axis=2))
    answers = below[0] @ layers["fc_4"].weight.T + layers["fc_4"].bias
    assert largest(answers.numpy(), case["s1/emission"]) < 1e-5
    wrong = load(folder, Choices(z_sense="keep"))
    got = trace(wrong["gru_0"], layers["word_emb"].weight[case["s1/ids"]][None])[0].H[0]
    assert largest(got, case["s1/l0_fwd_H"]) > 1e-2


def test_the_command_is_told_direction_and_sense(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = np.load(CASE / "two_grus_reference.npz")
    np.save(tmp_path / "x.npy", case["X"])
    command = ["trace", str(CASE / "two_grus"), str(tmp_path / "x.npy"), "--out", str(tmp_path / "out.npz")]
    assert main([*command, "--gru", "gru_1", "--backwards", "--z", "update"]) == 0
    assert largest(np.load(tmp_path / "out.npz")["H"][0], case["gru_1_H"]) < 1e-5
    assert "does not say which way" not in capsys.readouterr().out
    assert main([*command, "--backwards"]) == 2
    assert "--backwards is said of one GRU of the file: name it too, --gru NAME." in capsys.readouterr().err
