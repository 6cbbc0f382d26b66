"""Files are read where they can do no harm: whatever the reader meets is one sentence for one person."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from torch import nn

from gru_core.demos import DEMOS, demo_path
from gru_core.errors import JobError, LimitError, ModelFileError
from gru_core.formats import FORMATS, Choices, load_models
from gru_core.reading_room import ReadingRoom
from gru_core.reading_room.work import order_of
from tests.support import bad_readers
from tests.support.files import sentence_of, torch_file
from tests.support.fuzz import damaged
from tests.support.server import ROOT
from tests.support.told import runs, until

CASES = Path(__file__).parent.parent / "cases"
GOOD = (CASES / "fw_torch" / "gru2bi.safetensors").read_bytes()
SECONDS = 2.0

# Each starts a reader, which imports torch.
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def room() -> Iterator[ReadingRoom]:
    """A room whose reader can be misled by the name of a file."""
    made = ReadingRoom(work=bad_readers.misled, packages=bad_readers.PACKAGES, seconds=SECONDS)
    yield made
    made.close()


@pytest.fixture(scope="module")
def patient_room() -> Iterator[ReadingRoom]:
    """The same with time enough to fill the memory, however busy the machine is."""
    made = ReadingRoom(work=bad_readers.misled, packages=bad_readers.PACKAGES, seconds=120.0)
    yield made
    made.close()


@pytest.fixture(scope="module")
def true_room() -> Iterator[ReadingRoom]:
    """The room as the app has it."""
    made = ReadingRoom(packages=bad_readers.PACKAGES)
    yield made
    made.close()


def said(room: ReadingRoom, name: str) -> str:
    """The sentence that reading a file of that name ends in."""
    sentence = sentence_of(lambda: room.load_models({name: b"bytes"}))
    assert sentence is not None
    return sentence


def same(room: ReadingRoom, files: dict[str, bytes], choices: Choices) -> None:
    """A reading in the room gives what a direct one gives, to the last bit and note."""
    here = sentence_of(lambda: load_models(files, choices))
    if here is not None:
        assert sentence_of(lambda: room.load_models(files, choices)) == here
        return
    inspection, models = load_models(files, choices)
    other, read = room.load_models(files, choices)
    assert other == inspection
    assert list(read) == list(models)
    for name, model in models.items():
        assert read[name].gru.fingerprint() == model.gru.fingerprint()
        assert (read[name].gru.convention, read[name].gru.notes) == (model.gru.convention, model.gru.notes)
        assert vars(read[name].card).keys() == vars(model.card).keys()
        assert str(read[name].card) == str(model.card)
        assert [str(e) for e in read[name].card.examples] == [str(e) for e in model.card.examples]
        assert read[name].encoder == model.encoder
        assert not read[name].training
        readout, ours = read[name].readout, model.readout
        assert (readout is None) == (ours is None)
        if readout is not None and ours is not None:
            assert torch.equal(readout.weight, ours.weight)
            assert torch.equal(readout.bias, ours.bias)
    for layer, ours in zip(other.others, inspection.others, strict=True):
        for mine, theirs in ((layer.weight, ours.weight), (layer.bias, ours.bias)):
            assert (mine is None) == (theirs is None)
            assert mine is None or torch.equal(mine, theirs)
        assert type(layer.core) is type(ours.core)


def reference_files() -> list[Path]:
    return sorted(file for file in CASES.rglob("*") if file.is_file() and file.suffix != ".md")


def test_every_reference_file_is_read_there_as_it_is_here(true_room: ReadingRoom) -> None:
    for file in reference_files():
        same(true_room, {file.name: file.read_bytes()}, Choices())
    for folder in CASES.rglob("*"):
        if folder.is_dir():
            names = [file for file in folder.rglob("*") if file.is_file() and file.suffix != ".md"]
            same(true_room, {f.relative_to(folder).as_posix(): f.read_bytes() for f in names}, Choices())


def test_own_files_keep_their_card_and_readout(true_room: ReadingRoom) -> None:
    for name in list(DEMOS)[:2]:
        path = demo_path(name)
        same(true_room, {path.name: path.read_bytes()}, Choices())
    inspection, models = true_room.load_models(demo_path(next(iter(DEMOS))))
    assert inspection.complete
    assert next(iter(models.values())).readout is not None


def test_double_precision_learned_starts_and_other_layers(true_room: ReadingRoom) -> None:
    state = {f"gru.{k}": v for k, v in nn.GRU(3, 4, 2).double().state_dict().items()}
    linear = {"out.weight": torch.randn(2, 4).half(), "out.bias": torch.randn(2)}
    huge = {"big.weight": torch.zeros(1).expand(10**6, 10**6)}
    same(true_room, {"m.pt": torch_file(state | linear)}, Choices())
    inspection, _ = true_room.load_models({"m.pt": torch_file(state | linear | huge)})
    assert [layer.weight is None for layer in inspection.others] == [False, True]


def test_a_file_object_and_bytes_are_taken_too(true_room: ReadingRoom) -> None:
    file = io.BytesIO(GOOD)
    file.name = "mine.safetensors"
    assert true_room.load_models(file)[0].source == "mine.safetensors"
    assert true_room.load_models(GOOD)[1]["gru"].gru.num_layers == 2
    with pytest.raises(ModelFileError, match=r"'x\.pt' is empty \(0 bytes\)"):
        true_room.load_models({"x.pt": b""})


@pytest.mark.parametrize("form", [form.name for form in FORMATS])
def test_damaged_files_end_there_as_they_end_here(true_room: ReadingRoom, form: str) -> None:
    """A child may open no file, so an import in the middle of a reading would end in another sentence."""
    files: dict[str, bytes] = {}
    for number in range(60):
        _, damage = damaged(form, number)
        if len(damage) == 1:
            files |= {f"{number}": content for content in damage.values()}
    order = order_of(files, Choices())
    there = true_room._pool.submit(bad_readers.new_imports, order, seconds=60).result(120).head
    here = [sentence_of(lambda one=one: load_models({one: files[one]})) for one in files]
    assert there == {"ends": here, "imported": []}


BROKE = (
    "The reader of such files broke on {!r}, so it is damaged, or of a kind that is not known here: save it "
    "again, or save the weights alone."
)
MEMORY = (
    "Reading this file needed more than 1,000 MB of memory and was ended: save the weights alone, or a "
    "smaller model."
)
TIME = "Reading {!r} took longer than 2 s and was ended: save the weights alone, or a smaller model."


@pytest.mark.parametrize("name", ["segfault", "abort", "exit", "leave", "fault"])
def test_a_reader_that_breaks_is_one_sentence(room: ReadingRoom, name: str) -> None:
    assert said(room, name) == BROKE.format(name)
    assert room.load_models({"good": GOOD})[1]


@pytest.mark.parametrize("name", ["loop", "loop in C"])
def test_a_reader_that_never_ends_is_ended(room: ReadingRoom, name: str) -> None:
    start = time.monotonic()
    assert said(room, name) == TIME.format(name)
    assert time.monotonic() - start < 60
    assert room.load_models({"good": GOOD})[1]


@pytest.mark.parametrize("name", ["numpy", "numpy, damaged", "torch", "many"])
def test_a_reader_that_takes_memory_is_ended(patient_room: ReadingRoom, name: str) -> None:
    sentence = sentence_of(lambda: patient_room.load_models({name: b"bytes"}))
    assert sentence == MEMORY
    with pytest.raises(LimitError):
        patient_room.load_models({name: b"bytes"})
    assert patient_room.load_models({"good": GOOD})[1]


def test_an_answer_that_is_none_is_refused(room: ReadingRoom) -> None:
    assert said(room, "ill") == "What the reader of this file found cannot be used: save it again."


def test_a_reader_reaches_no_file_and_no_network(room: ReadingRoom) -> None:
    for name in ("file", "write", "connect"):
        assert said(room, name) == "Too many open files"


def test_what_a_reader_prints_goes_nowhere(room: ReadingRoom) -> None:
    assert said(room, "flood") == "Done."


def test_the_reader_stays_whatever_becomes_of_its_children(room: ReadingRoom) -> None:
    child, reader = said(room, "who").split()
    said(room, "segfault")
    after, still = said(room, "who").split()
    assert still == reader
    assert after != child
    assert not runs(int(child))


def test_one_persons_bad_file_does_not_hold_up_another(room: ReadingRoom) -> None:
    # Two readers are warm.
    with ThreadPoolExecutor(2) as two:
        until(lambda: len(set(two.map(lambda _: said(room, "nap and who"), range(2)))) == 2)
    bad = threading.Thread(target=said, args=(room, "loop"))
    bad.start()
    until(lambda: room._pool._busy == 1)
    start = time.monotonic()
    assert room.load_models({"good": GOOD})[1]
    took = time.monotonic() - start
    assert bad.is_alive()
    bad.join()
    assert took < SECONDS


def test_thirty_uploads_wait_in_line_and_are_told(room: ReadingRoom) -> None:
    told: list[list[int]] = [[] for _ in range(30)]

    def read(number: int) -> int:
        return len(room.load_models({"nap" if number < 2 else "good": GOOD}, waits=told[number].append)[1])

    with ThreadPoolExecutor(30) as people:
        naps = [people.submit(sentence_of, lambda n=n: read(n)) for n in range(2)]
        until(lambda: room._pool._busy >= 1)
        others = list(people.map(read, range(2, 30)))
        assert [nap.result() for nap in naps] == [
            "What the reader of this file found cannot be used: save it again."
        ] * 2
    assert others == [1] * 28
    lines = [line for line in told if line]
    assert lines
    assert all(line == sorted(line, reverse=True) for line in lines)
    assert max(map(max, lines)) >= 20


def test_more_than_may_wait_are_sent_away() -> None:
    room = ReadingRoom(work=bad_readers.misled, packages=bad_readers.PACKAGES, seconds=SECONDS)
    try:
        for _ in range(62):
            room._pool.submit(bad_readers.misled, order_of({"nap": b""}, Choices()))
        with pytest.raises(JobError, match="At most 60 model files may wait to be read, and as many do"):
            room.load_models(GOOD)
    finally:
        room.close()


SERVER = """
import sys, threading, time
from gru_core.errors import GateScopeError
from gru_core.reading_room import ReadingRoom
from tests.support import bad_readers
room = ReadingRoom(work=bad_readers.misled, packages=bad_readers.PACKAGES, seconds=100)
try:
    room.load_models({"who": b"x"})
except GateScopeError as error:
    print(str(error).split()[1], flush=True)
room.load_models({"loop": b"x"})
"""


def test_the_reader_and_its_child_are_gone_when_the_server_is() -> None:
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, cwd=ROOT, text=True)
    assert server.stdout is not None
    with server.stdout:
        reader = int(server.stdout.readline())
        children = Path(f"/proc/{reader}/task/{reader}/children")
        until(lambda: children.read_text().strip())
        child = int(children.read_text())
        assert runs(reader)
        assert runs(child)
        server.send_signal(signal.SIGKILL)
        server.wait()
    until(lambda: not runs(reader) and not runs(child))
