"""The set-up is what the README says it is: pinned, self-made, the same for people and for CI."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.support.browser import NAMES, VARIABLE, NoBrowserError, find_browser, launch_arguments


def pins(file: Path) -> dict[str, str]:
    """Package -> version of a list of requirements, refusing anything that is not pinned exactly."""
    found = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        words = line.partition("#")[0].strip()
        if not words or words.startswith("-r "):
            continue
        requirement = Requirement(words)
        assert re.fullmatch(r"==[\w.]+", str(requirement.specifier)), f"{words!r} is not an exact pin"
        found[requirement.name.lower()] = str(requirement.specifier).removeprefix("==")
    return found


def imported_packages(root: Path) -> set[str]:
    """Top-level names of everything imported by the app's own code."""
    names = set()
    for folder in ("gru_core", "gru_ui", "pages"):
        for file in (root / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    names |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.level == 0:
                    names.add((node.module or "").partition(".")[0])
    return names


def test_every_requirement_is_pinned_and_installed(repository: Path) -> None:
    every = pins(repository / "requirements.txt") | pins(repository / "requirements-dev.txt")
    installed = {name: version(name).partition("+")[0] for name in every}
    assert installed == every


def test_the_models_of_the_gallery_are_pinned_installed_and_never_imported(repository: Path) -> None:
    every = pins(repository / "requirements-gallery.txt")
    assert {name: version(name) for name in every} == every
    assert not set(every) & set(pins(repository / "requirements-dev.txt"))
    assert not {name.replace("-", "_") for name in every} & imported_packages(repository)


def test_the_set_up_of_the_tests_brings_the_models_of_the_gallery(repository: Path) -> None:
    planned = subprocess.run(
        ["make", "--dry-run", "test-quick", "VENV=somewhere-new"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "--no-deps -r requirements-gallery.txt" in planned.stdout


def test_everything_that_the_app_imports_is_a_requirement(repository: Path) -> None:
    ours = {"gru_core", "gru_ui", "pages", "app", "__future__"}
    foreign = imported_packages(repository) - ours - set(sys.stdlib_module_names)
    called = {"google": "protobuf"}
    assert {called.get(name, name) for name in foreign} <= set(pins(repository / "requirements.txt"))


def test_the_runtime_does_not_need_the_test_tools(repository: Path) -> None:
    assert not set(pins(repository / "requirements.txt")) & {"pytest", "playwright", "ruff", "mypy"}


def test_the_metadata_takes_its_dependencies_from_the_one_list(repository: Path) -> None:
    settings = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))
    assert settings["project"]["requires-python"] == ">=3.11"
    assert settings["project"]["dynamic"] == ["dependencies"]
    assert settings["tool"]["setuptools"]["dynamic"]["dependencies"] == {"file": ["requirements.txt"]}
    assert settings["tool"]["pytest"]["ini_options"]["filterwarnings"][0] == "error"


def test_ci_runs_the_commands_that_people_run(repository: Path) -> None:
    script = repository / ".ci" / "run"
    lines = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "set -euo pipefail"
    assert [line for line in lines if "make" in line] == ["exec make check test </dev/null"]
    assert script.stat().st_mode & 0o111, ".ci/run must be executable"


@pytest.mark.parametrize("target", ["run", "test", "test-quick", "check", "bench", "gallery", "models"])
def test_make_knows_every_command_of_the_contributing_page(repository: Path, target: str) -> None:
    assert f"`make {target}`" in (repository / "CONTRIBUTING.md").read_text(encoding="utf-8")
    planned = subprocess.run(
        ["make", "--dry-run", target, "VENV=somewhere-new"], cwd=repository, capture_output=True, text=True
    )
    assert planned.returncode == 0, planned.stderr
    # On a machine where nothing is set up, the command starts by setting up.
    assert planned.stdout.index("venv somewhere-new") < planned.stdout.index("-r requirements.txt")


def test_a_python_that_is_too_old_is_refused_in_one_sentence(repository: Path, tmp_path: Path) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python"):
        fake = tmp_path / name
        fake.write_text("#!/bin/sh\nexit 1\n")
        fake.chmod(0o755)
    done = subprocess.run(
        ["make", "run", f"VENV={tmp_path / 'venv'}"],
        cwd=repository,
        capture_output=True,
        text=True,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
    )
    assert done.returncode != 0
    assert "GateScope needs Python 3.11 or newer and found none" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_the_browser_named_by_the_environment_is_taken_first(tmp_path: Path) -> None:
    mine = executable(tmp_path / "my-browser")
    executable(tmp_path / "chromium")
    assert find_browser({VARIABLE: str(mine), "PATH": str(tmp_path)}) == mine


def test_a_browser_that_does_not_exist_is_an_error_and_not_replaced(tmp_path: Path) -> None:
    executable(tmp_path / "chromium")
    with pytest.raises(NoBrowserError, match=r"GATESCOPE_BROWSER must name a program .*'/nowhere/chrome'"):
        find_browser({VARIABLE: "/nowhere/chrome", "PATH": str(tmp_path)})


@pytest.mark.parametrize("name", NAMES)
def test_the_usual_names_are_found_on_the_path(tmp_path: Path, name: str) -> None:
    found = find_browser({"PATH": str(executable(tmp_path / name).parent)})
    assert found is not None
    assert found.name == name


def test_without_any_browser_the_set_up_fails_with_one_sentence(repository: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.ensure_browser"],
        cwd=repository,
        capture_output=True,
        text=True,
        env={"PATH": str(tmp_path)},
    )
    if sys.platform == "linux":
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1
        assert done.stderr.startswith("The browser tests need Chromium, Chrome or Edge and none was found")


def test_the_browser_stays_at_home() -> None:
    assert {"--disable-background-networking", "--disable-component-update"} <= set(launch_arguments())


def executable(file: Path) -> Path:
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return file
