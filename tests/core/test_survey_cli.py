"""`python -m gru_core survey` and `merge`, as people type them; and a survey on a real cluster."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from gru_core.cli import main
from gru_core.demos import demo_path
from gru_core.formats import save_model
from gru_core.jobs import open_jobs
from gru_core.jobs.cluster import ClusterJobs
from gru_core.survey import chunks as pieces
from gru_core.survey import read_survey, survey
from tests.core.test_survey import SHAPES, model_of, same, some
from tests.support.cluster import two_workers


@pytest.fixture
def bits(tmp_path: Path) -> Path:
    """A folder of 30 texts of 0 and 1, and one of other letters."""
    folder = tmp_path / "bits"
    folder.mkdir()
    draw = np.random.default_rng(0)
    for number in range(30):
        text = "".join(draw.choice(["0", "1"], size=draw.integers(2, 40)))
        (folder / f"{number:02d}.txt").write_text(text)
    (folder / "words.txt").write_text("hello")
    return folder


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def test_a_folder_is_surveyed_and_parts_of_it_are_merged(
    tmp_path: Path, bits: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, parity = tmp_path / "whole.npz", demo_path("parity")
    assert run("survey", parity, bits, "--out", out, "--workers", 1) == 0
    said = capsys.readouterr().out
    assert said.startswith("left out: words.txt: This model knows the symbols '0', '1'")
    whole = read_survey(out)
    assert (
        f"whole.npz: 30 sequences of {whole.shortest} to {whole.longest} steps, {whole.steps} steps" in said
    )
    share = whole.left_saturated("Z")[0].mean()
    assert f"Z below 0.1 at {share:.1%}" in said
    assert json.loads((tmp_path / "whole.json").read_text())["data"] == ["bits"]

    (bits / "words.txt").unlink()
    parts = []
    for half in (0, 1):
        folder = tmp_path / f"half{half}"
        folder.mkdir()
        for file in sorted(bits.iterdir())[half::2]:
            (folder / file.name).write_text(file.read_text())
        parts.append(tmp_path / f"half{half}.npz")
        assert run("survey", parity, folder, "--out", parts[-1], "--workers", 1, "--batch", 3) == 0
    both = tmp_path / "both.npz"
    assert run("merge", *parts, "--out", both) == 0
    merged = read_survey(both)
    assert merged.about.data == ("half0", "half1")
    assert run("survey", parity, bits, "--out", out, "--workers", 1) == 0
    assert same(merged, read_survey(out))


def test_gates_are_set_and_columns_chosen(tmp_path: Path) -> None:
    model = model_of(*SHAPES[3])
    save_model(model, tmp_path / "two.safetensors")
    draw = np.random.default_rng(0)
    x = draw.normal(size=(6, 10, 3)).astype(np.float32)
    np.savez(tmp_path / "x.npz", x=x)
    options = ("--columns", "column 3,column 1", "--set", "R=0.5:steps=..3", "--workers", 1)
    assert (
        run("survey", tmp_path / "two.safetensors", tmp_path / "x.npz", *options, "--out", tmp_path / "s.npz")
        == 0
    )
    found = read_survey(tmp_path / "s.npz")
    assert (found.sequences, found.steps) == (6, 60)
    assert found.tally.unit_square[0, 0, 8].sum() >= 24
    assert json.loads(found.about.settings[0])["value"] == 0.5


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--strict"], "words.txt: This model knows the symbols '0', '1'"),
        (["--set", "Z=1:units=9"], "There is no unit 9"),
        (["--workers", "0"], "--workers must be at least 1"),
        (["--batch", "0"], "--batch must be at least 1"),
        (["--id", "who"], "An id column is said of a Parquet file"),
        (["--gru", "other"], "There is no GRU 'other'"),
        (["--out", "s.json"], "--out is the name of an .npz file"),
        (["--out", "{gone}/s.npz"], "'s.npz' cannot be written"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(
    options: list[str], says: str, tmp_path: Path, bits: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [option.format(gone=tmp_path / "gone") for option in options]
    given = given if "--workers" in given else [*given, "--workers", "1"]
    given = given if "--out" in given else [*given, "--out", str(tmp_path / "s.npz")]
    assert run("survey", demo_path("parity"), bits, *given) == 2
    said = capsys.readouterr().err
    assert said.startswith(says)
    assert said.count("\n") == 1
    assert not (tmp_path / "s.npz").exists()


@pytest.mark.slow
def test_a_cluster_counts_the_same(
    tmp_path: Path, bits: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(pieces.chunks, "__defaults__", (5,))
    here, there = tmp_path / "here.npz", tmp_path / "there.npz"
    assert run("survey", demo_path("parity"), bits, "--out", here, "--workers", 1) == 0
    with two_workers() as cluster:
        monkeypatch.setitem(os.environ, "GATESCOPE_SCHEDULER", cluster.address)
        assert run("survey", demo_path("parity"), bits, "--out", there) == 0
        model, data = model_of(*SHAPES[0]), some(5)
        with open_jobs() as jobs:
            assert isinstance(jobs, ClusterJobs)
            counted = survey(model, data, jobs=jobs)
    assert here.read_bytes() == there.read_bytes()
    assert same(counted, survey(model, data))
