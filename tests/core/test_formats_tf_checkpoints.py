"""TensorFlow checkpoints: version 1's cells and Keras layers, as TensorFlow computes them; damage is said."""

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from gru_core.errors import GateScopeError, ModelFileError
from gru_core.formats import Choices, inspect_file, load
from gru_core.formats.tensorflow.crc32c import crc32c
from gru_core.formats.tensorflow.sstable import read_table
from gru_core.model import GRU

CASES = Path(__file__).parent.parent / "cases"
HERE = CASES / "fw_tf_checkpoints"
ONE = CASES / "fw_tf1_grucell"
PARTS = ("model.ckpt.index", "model.ckpt.data-00000-of-00001")


def states(gru: GRU, x: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return gru(torch.from_numpy(np.ascontiguousarray(x)))[0].numpy()


def assert_same(got: np.ndarray, expected: np.ndarray) -> None:
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-5)


def files(folder: Path = ONE) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in PARTS}


def zipped(content: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in content.items():
            archive.writestr(f"run/{name}", data)
    return file.getvalue()


def sources() -> dict[str, object]:
    return {
        "folder": ONE,
        "index": ONE / PARTS[0],
        "data": ONE / PARTS[1],
        "together": files(),
        "zip": zipped(files()),
    }


@pytest.mark.parametrize("how", ["folder", "index", "data", "together", "zip"])
def test_a_checkpoint_of_one_cell_however_it_is_given(how: str) -> None:
    expected = np.load(ONE / "reference.npz")
    (gru,) = load(sources()[how]).values()
    assert (gru.convention, gru.reset_mode) == ("tf1", "before")
    assert_same(states(gru, expected["X"]), expected["H"])


@pytest.mark.parametrize("name", ["tf1_stack", "tf1_stack_params.npz", "tf1_both", "tf1_both_params.npz"])
def test_stacks_and_directions_are_one_gru(name: str) -> None:
    kind = name.removesuffix("_params.npz")
    expected = np.load(HERE / f"{kind}_reference.npz")
    (gru,) = load(HERE / name).values()
    assert (gru.num_layers, gru.bidirectional) == {"tf1_stack": (2, False), "tf1_both": (1, True)}[kind]
    assert_same(states(gru, expected["X"]), expected["H"])


def test_what_an_optimiser_keeps_is_left_out() -> None:
    found = inspect_file(HERE / "tf1_stack")
    assert found.notes == ("18 arrays of the optimiser belong to the training and are left out.",)
    assert not found.others


def test_a_stack_of_uneven_cells_is_one_gru_each() -> None:
    expected = np.load(HERE / "tf1_uneven_reference.npz")
    lower, upper = load(HERE / "tf1_uneven").values()
    assert_same(states(upper, states(lower, expected["X"])), expected["H"])


def test_two_stacks_in_two_directions_read_apart() -> None:
    expected = np.load(HERE / "tf1_both_stack_reference.npz")
    grus = load(HERE / "tf1_both_stack")
    forward, backward = (grus[f"bidirectional_rnn/{way}/multi_rnn_cell"] for way in ("fw", "bw"))
    assert (forward.backwards, backward.backwards) == (False, True)
    both = np.concatenate([states(gru, expected["X"]) for gru in (forward, backward)], axis=-1)
    assert_same(both, expected["H"])


@pytest.mark.parametrize(
    ("folder", "case"),
    [("tfk_weights", "tfk"), ("tfk_sm", "tfk"), ("tfk_trained", "tfk"), ("k3_ckpt", "k3")],
)
def test_keras_layers_in_a_checkpoint_under_their_own_names(folder: str, case: str) -> None:
    expected = np.load(HERE / f"{case}_reference.npz")
    grus = load(HERE / folder)
    assert {name: (gru.convention, gru.bidirectional) for name, gru in grus.items()} == {
        "first": ("keras_after", False),
        "both": ("keras_before", True),
    }
    assert_same(states(grus["first"], expected["X"]), expected["H_first"])
    assert_same(states(grus["both"], expected["H_first"]), expected["H_both"])
    assert "does not say the activation of the gates" in grus["first"].notes[0]
    layers = {layer.name: layer.kind for layer in inspect_file(HERE / folder).others}
    assert layers["head"] == "Linear"


def test_the_gates_activation_can_be_chosen() -> None:
    expected = np.load(HERE / "tfk_reference.npz")
    chosen = Choices(gate_activation="hard_sigmoid_fifth")
    gru = load(HERE / "tfk_weights", chosen)["first"]
    assert gru.gate_activation == "hard_sigmoid_fifth"
    assert np.abs(states(gru, expected["X"]) - expected["H_first"]).max() > 1e-2


def test_the_latest_of_several_checkpoints_is_read_where_it_is_said() -> None:
    old, new = files(), files()
    both = {name.replace("ckpt", f"ckpt-{step}"): data for step in (1, 2) for name, data in old.items()}
    assert new == old
    with pytest.raises(ModelFileError, match="holds 2 checkpoints"):
        load(both)
    state = b'model_checkpoint_path: "/somewhere/else/model.ckpt-2"\nall_model_checkpoint_paths: "x"\n'
    assert len(load(both | {"checkpoint": state})) == 1


def message(source: object) -> str:
    with pytest.raises(GateScopeError) as caught:
        load(source)
    return str(caught.value)


def test_what_is_missing_is_said() -> None:
    index, data = files().values()
    assert "give the .index and all .data files together" in message(index)
    assert "the file 'model.ckpt.data-00000-of-00001' is missing" in message(
        {PARTS[0]: index, "other.txt": b"x"}
    ).replace("The file", "the file")
    cut = {PARTS[0]: index, PARTS[1]: data[:-4]}
    assert "its index lists 1,092 bytes of numbers, and its data files hold 1,088" in message(cut)
    assert "its list of arrays cannot be read" in message(
        {PARTS[0]: b"\x00" * 40 + index[-48:], PARTS[1]: data}
    )


def entry(shared: int, key: bytes, value: bytes) -> bytes:
    return bytes([shared, len(key), len(value)]) + key + value


def table(block: bytes, handles: list[bytes], kind: int = 0) -> bytes:
    """A table of one data block and an index block with these handles."""
    ends = struct.pack("<II", 0, 1)
    data = block + ends + bytes([kind]) + bytes(4)
    index = b"".join(entry(0, bytes([97 + i]), handle) for i, handle in enumerate(handles)) + ends
    handle = bytes([len(data), len(index)])
    return (
        data + index + bytes(5) + (bytes(2) + handle).ljust(40, b"\0") + struct.pack("<Q", 0xDB4775248B80FB57)
    )


def test_the_table_by_hand() -> None:
    block = entry(0, b"gate/a", b"1") + entry(5, b"b", b"2")
    handle = bytes([0, len(block) + 8])
    assert read_table(table(block, [handle]), "x") == {b"gate/a": b"1", b"gate/b": b"2"}
    assert "is compressed" in sentence(table(block, [handle], kind=1))
    for handles in ([handle, handle], [bytes([0, 255, 1])], [b"\xff" * 10], [b"\xff" * 12], [b""]):
        assert "cannot be read" in sentence(table(block, handles))
    shared_too_much = entry(0, b"a", b"1") + entry(9, b"b", b"2")
    assert "cannot be read" in sentence(table(shared_too_much, [bytes([0, len(shared_too_much) + 8])]))


def sentence(data: bytes) -> str:
    with pytest.raises(GateScopeError) as caught:
        read_table(data, "x")
    return str(caught.value)


def test_the_checksum_of_known_texts() -> None:
    """Values of RFC 3720, appendix B.4, and of the same data gone through in pieces and byte by byte."""
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43
    assert crc32c(bytes(range(32))) == 0x46DD794E
    data = np.random.default_rng(0).bytes(30_001)
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        table.append(value)
    crc = 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 255] ^ crc >> 8
    assert crc32c(data) == crc ^ 0xFFFFFFFF


def test_a_flipped_bit_is_noticed_by_the_checksums() -> None:
    # The block of entries is 156 bytes; behind it are parts of the table that say nothing of the arrays.
    for name, end in ((PARTS[0], 156), (PARTS[1], len(files()[PARTS[1]]))):
        for place in range(0, end, 5):
            changed = bytearray(files()[name])
            changed[place] ^= 4
            assert "damaged" in message(files() | {name: bytes(changed)})
