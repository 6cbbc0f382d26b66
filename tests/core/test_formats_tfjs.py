"""TensorFlow.js layers models against the numbers of TensorFlow.js itself."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from gru_core.errors import ModelFileError
from gru_core.formats import inspect_file, load

ROOT = Path(__file__).parent.parent / "cases"
CASES = [
    ROOT / "fw_tfjs" / "gru_sigmoid",
    *sorted(p for p in (ROOT / "fw_tfjs_layers").iterdir() if p.is_dir()),
]
PLAIN = ROOT / "fw_tfjs" / "gru_sigmoid"


def zipped(folder: Path, prefix: str = "") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("model.json", "weights.bin"):
            archive.write(folder / name, prefix + name)
    return file.getvalue()


def together(folder: Path = PLAIN, **changes: object) -> dict[str, bytes]:
    description = json.loads((folder / "model.json").read_text()) | changes
    return {
        "model.json": json.dumps(description).encode(),
        "weights.bin": (folder / "weights.bin").read_bytes(),
    }


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_the_states_are_those_of_tensorflow_js(folder: Path) -> None:
    expected = json.loads((folder / "reference.json").read_text())
    sources = (folder, folder / "model.json", together(folder), zipped(folder), zipped(folder, "model/"))
    for source in sources:
        grus = load(source)
        values = np.array(expected["X"], np.float32)
        outputs = expected["Y"] if "names" in expected else [expected["Y"]]
        for (name, gru), output in zip(grus.items(), outputs, strict=False):
            assert name in expected.get("names", [name])
            assert (gru.convention, gru.reset_mode) == ("tfjs", "before")
            theirs = np.array(output, np.float32)
            with torch.no_grad():
                ours = gru(torch.from_numpy(values))[0].numpy()
            turned = theirs[:, ::-1] if gru.backwards else theirs
            np.testing.assert_allclose(ours, turned, rtol=0, atol=1e-5)
            values = theirs


def test_the_default_gates_are_hard() -> None:
    (gru,) = load(ROOT / "fw_tfjs_layers" / "default").values()
    assert gru.gate_activation == "hard_sigmoid_fifth"
    expected = json.loads((ROOT / "fw_tfjs_layers" / "default" / "reference.json").read_text())
    gru.gate_activation = "sigmoid"
    with torch.no_grad():
        wrong = gru(torch.tensor(expected["X"]))[0].numpy()
    assert np.abs(wrong - np.array(expected["Y"][0])).max() > 1e-2


def test_a_readout_is_found() -> None:
    (dense,) = inspect_file(ROOT / "fw_tfjs_layers" / "stack").others
    assert (dense.kind, dense.activation, dense.fits) == ("Linear", "softmax", ("b",))


@pytest.mark.parametrize(("bits", "worst"), [(8, 0.02), (16, 1e-4)])
def test_rounded_weights_are_brought_back_and_it_is_said(bits: int, worst: float) -> None:
    """Each weight comes back within half a step of its rounding."""
    plain = np.frombuffer((PLAIN / "weights.bin").read_bytes(), np.float32)
    description = json.loads((PLAIN / "model.json").read_text())
    packed, position = b"", 0
    for entry in description["weightsManifest"][0]["weights"]:
        count = int(np.prod(entry["shape"]))
        part = plain[position : position + count].astype(np.float64)
        scale = max(float(np.ptp(part)) / (2**bits - 1), 1e-9)
        packed += np.round((part - part.min()) / scale).astype(f"uint{bits}").tobytes()
        entry["quantization"] = {"dtype": f"uint{bits}", "scale": scale, "min": float(part.min())}
        position += count
    files = {"model.json": json.dumps(description).encode(), "weights.bin": packed}
    ((name, rounded),), (exact,) = load(files).items(), load(PLAIN).values()
    assert name == "gru_GRU1"
    assert f"rounded to {bits} bits" in rounded.notes[-1]
    assert 0 < float((rounded.cell(0).weight_x - exact.cell(0).weight_x).detach().abs().max()) < worst


def test_half_precision_weights() -> None:
    plain = np.frombuffer((PLAIN / "weights.bin").read_bytes(), np.float32)
    description = json.loads((PLAIN / "model.json").read_text())
    for entry in description["weightsManifest"][0]["weights"]:
        entry["quantization"] = {"dtype": "float16", "original_dtype": "float32"}
    files = {
        "model.json": json.dumps(description).encode(),
        "weights.bin": plain.astype(np.float16).tobytes(),
    }
    (gru,) = load(files).values()
    assert gru.notes == ("Its weights are stored as float16; they are computed with as float32.",)


def test_shards_are_put_together() -> None:
    files = together()
    whole = files.pop("weights.bin")
    description = json.loads(files["model.json"])
    names = [f"group1-shard{number}of3.bin" for number in (1, 2, 3)]
    description["weightsManifest"][0]["paths"] = [f"./{names[0]}", *names[1:]]
    cuts = [whole[:100], whole[100:101], whole[101:]]
    files = {"model.json": json.dumps(description).encode(), **dict(zip(names, cuts, strict=True))}
    assert load(files)["gru_GRU1"].fingerprint() == load(PLAIN)["gru_GRU1"].fingerprint()


@pytest.mark.parametrize(
    "path", ["../weights.bin", "/etc/passwd", "https://example.org/w.bin", "a\\b.bin", "..", 7]
)
def test_weights_elsewhere_are_refused(path: object) -> None:
    manifest = json.loads((PLAIN / "model.json").read_text())["weightsManifest"]
    manifest[0]["paths"] = [path]
    with pytest.raises(ModelFileError, match=r"must be named by a plain name"):
        load(together(weightsManifest=manifest))


def test_what_cannot_be_read_is_said() -> None:
    with pytest.raises(ModelFileError, match=r"is a TensorFlow.js graph model"):
        load(together(format="graph-model", modelTopology={"node": []}))
    with pytest.raises(ModelFileError, match=r"give them together, model.json and its .bin files"):
        load((PLAIN / "model.json").read_bytes())
    files = together()
    files["weights.bin"] = files["weights.bin"][:-4]
    with pytest.raises(ModelFileError, match=r"is cut off: it declares the shape"):
        load(files)
    topology = json.loads((PLAIN / "model.json").read_text())["modelTopology"]
    topology["config"]["layers"][0]["config"]["reset_after"] = True
    with pytest.raises(ModelFileError, match=r"bias has the shape"):
        load(together(modelTopology=topology))
    topology["config"]["layers"][0]["config"]["use_bias"] = False
    manifest = json.loads((PLAIN / "model.json").read_text())["weightsManifest"]
    manifest[0]["weights"].pop()
    with pytest.raises(ModelFileError, match=r"resetAfter: true, which TensorFlow.js does not run"):
        load(together(modelTopology=topology, weightsManifest=manifest))
