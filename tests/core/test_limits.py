"""Every limit has one place, is enforced there, and is what the documentation and the configuration say."""

import tomllib
from pathlib import Path

import pytest

from gru_core import limits
from gru_core.conventions import CONVENTIONS
from gru_core.errors import LimitError
from gru_core.formats import FORMATS, MODEL_SUFFIXES
from gru_core.sequences import SEQUENCE_SUFFIXES


def test_the_documentation_states_every_limit_format_and_convention(repository: Path) -> None:
    text, formats = (
        (repository / "docs" / name).read_text(encoding="utf-8") for name in ("files.md", "formats.md")
    )
    for name in ("TENSORS", "UNITS", "INPUTS", "PARAMETERS", "STEPS", "FEATURES", "CELLS", "TRACE_CELLS"):
        assert f"{getattr(limits, 'MAX_' + name):,}" in text
    for size in (limits.MAX_MODEL_BYTES, limits.MAX_SEQUENCE_BYTES, limits.MAX_UPLOAD_BYTES):
        assert limits.megabytes(size) in text
    for suffix in MODEL_SUFFIXES:
        assert suffix in text + formats
    for kind in ("CSV", "TSV", "JSON", ".npy", ".npz", "Parquet", ".txt"):
        assert kind in text
    for row in CONVENTIONS:
        assert f"`{row}`" in formats
    assert len({form.name for form in FORMATS}) == len(FORMATS)
    assert {".csv", ".tsv", ".json", ".npy", ".npz", ".parquet", ".txt"} <= set(SEQUENCE_SUFFIXES)


def test_the_server_accepts_what_the_limits_say(repository: Path) -> None:
    configured = tomllib.loads((repository / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert configured["server"]["maxUploadSize"] * limits.MEGABYTE == limits.MAX_UPLOAD_BYTES


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ((2, 4097, 1, 1), "at most 4,096 units, and 'g' has 4,097"),
        ((65_537, 2, 1, 1), "at most 65,536 inputs per step, and 'g' has 65,537"),
        ((2, 2, 65, 1), "at most 64 layers, and 'g' has 65"),
        ((4096, 4096, 1, 1), "at most 50,000,000 weights, and 'g' has 100,687,872"),
    ],
)
def test_sizes_of_a_gru(sizes: tuple[int, int, int, int], says: str) -> None:
    with pytest.raises(LimitError) as caught:
        limits.check_gru_size("g", *sizes)
    assert says in str(caught.value)
    limits.check_gru_size("g", 512, 1024, 2, 2)


def test_sizes_of_a_sequence_and_a_trace() -> None:
    limits.check_sequence_size(limits.MAX_STEPS, limits.MAX_CELLS // limits.MAX_STEPS)
    with pytest.raises(LimitError, match=r"50,000 x 101 = 5,050,000: use fewer steps or fewer columns"):
        limits.check_sequence_size(50_000, 101)
    limits.check_trace_size(10_000, 256, 4)
    with pytest.raises(
        LimitError, match=r"in 4 layers and directions are 40,960,000: use at most 15,625 steps"
    ):
        limits.check_trace_size(40_000, 256, 4)


def test_sizes_in_words() -> None:
    assert [limits.megabytes(size) for size in (400_000, 50_000_000, 1_234_000_000)] == [
        "0.4 MB",
        "50 MB",
        "1,234 MB",
    ]
