"""Names of files inside archives that no archive of a model has."""

from __future__ import annotations

from pathlib import Path

import pytest

from gru_core.formats import load
from tests.support.files import sentence_of, zipped

CASES = Path(__file__).parent.parent / "cases"
LEGACY = sorted(path for path in (CASES / "fw_paddle_legacy").iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", LEGACY, ids=lambda folder: folder.name)
@pytest.mark.parametrize("begin", ["/etc/", "../", "C:\\", "a/../../", "//", "./"])
def test_parameters_of_which_one_lies_elsewhere(folder: Path, begin: str) -> None:
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    names = list(load(zipped(files)))
    for moved in files:
        other = {begin + name if name == moved else name: content for name, content in files.items()}
        # Where a name leads is never looked at; that it is another name may leave a GRU incomplete.
        sentence = sentence_of(lambda other=other: load(zipped(other)))
        assert sentence or list(load(zipped(other)))
    assert names
