"""The house rules, read from the code itself: who may import whom, where state lives, what never appears."""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import gru_core

ROOT = Path(__file__).resolve().parent.parent
CODE = ("gru_core", "gru_ui", "pages", "assets", "benchmarks", "tests", "docs")
OURS = ("gru_core", "gru_ui", "pages", "app")

# What a layer may import of ours. Lower layers never know of the ones above them.
MAY_IMPORT = {
    "gru_core": {"gru_core"},
    "gru_core.figures": {"gru_core", "gru_core.figures"},
    "gru_ui": {"gru_core", "gru_core.figures", "gru_ui"},
    "pages": {"gru_core", "gru_core.figures", "gru_ui"},
    "app": {"gru_ui"},
}
# The names that the rest of the world relies on.
PUBLIC = {
    "EXTREMES",
    "GRU",
    "GateOverride",
    "GateTrace",
    "load",
    "memory_ledger",
    "read_sequence",
    "trace",
}
STATE_DOOR = {"gru_ui/state.py"}
CACHES = {"gru_ui/cache.py", "gru_ui/store.py"}
LONGEST = 400


def python_files(*folders: str) -> list[Path]:
    """Our Python files below `folders` (all of them where none is named), the router included."""
    found = [file for folder in folders or CODE for file in sorted((ROOT / folder).rglob("*.py"))]
    return found if folders else [ROOT / "app.py", *found]


def name_of(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def imports_of(file: Path) -> Iterator[str]:
    """Dotted names of everything a file imports, wherever in the file it does so."""
    package = file.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            # `from gru_core import figures` imports a module as much as `import gru_core.figures` does.
            yield module
            yield from (f"{module}.{alias.name}" for alias in node.names)


def layer_of(dotted: str) -> str | None:
    """Which layer a module belongs to, or None where it is not ours."""
    if dotted == "gru_core.figures" or dotted.startswith("gru_core.figures."):
        return "gru_core.figures"
    top = dotted.partition(".")[0]
    return top if top in OURS else None


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def files_of_layer(layer: str) -> list[Path]:
    return [file for file in python_files() if layer_of(module_of(file)) == layer]


def core_modules() -> list[str]:
    found = pkgutil.walk_packages(gru_core.__path__, "gru_core.")
    return ["gru_core", *(info.name for info in found if not info.name.endswith("__main__"))]


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_imports_run_one_way(layer: str) -> None:
    files = files_of_layer(layer)
    assert files, f"nothing belongs to {layer}"
    wrong = [
        f"{name_of(file)} imports {imported}"
        for file in files
        for imported in imports_of(file)
        if layer_of(imported) not in {None, *MAY_IMPORT[layer]}
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("layer", "never"),
    [
        ("gru_core", {"streamlit", "plotly"}),
        ("gru_core.figures", {"streamlit", "torch"}),
        ("pages", {"torch", "numpy", "pandas", "plotly", "pickle"}),
    ],
)
def test_a_layer_leaves_what_is_not_its_business(layer: str, never: set[str]) -> None:
    wrong = [
        f"{name_of(file)} imports {imported}"
        for file in files_of_layer(layer)
        for imported in imports_of(file)
        if imported.partition(".")[0] in never
    ]
    assert not wrong


def test_importing_the_core_loads_neither_a_screen_nor_a_compiler() -> None:
    """`import gru_core` is what a notebook pays for: torch, and nothing that only the app needs."""
    script = (
        "import json, sys, gru_core; print(json.dumps(sorted({m.partition('.')[0] for m in sys.modules})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(done.stdout))
    assert "torch" in loaded
    assert not loaded & {"streamlit", "numba", "llvmlite", "plotly", "gru_ui", "pandas", "pyarrow"}


def test_the_public_names_are_there_and_listed() -> None:
    assert set(gru_core.__all__) >= PUBLIC
    assert len(gru_core.__all__) == len(set(gru_core.__all__))
    public = {
        alias.asname or alias.name
        for node in tree_of(ROOT / "gru_core" / "__init__.py").body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert {name for name in public if not name.startswith("_")} == set(gru_core.__all__) - {"__version__"}


@pytest.mark.parametrize("module", core_modules())
def test_a_list_of_public_names_is_complete(module: str) -> None:
    """Where a module says what is public, every name exists and nothing public is missing from the list."""
    loaded = importlib.import_module(module)
    listed = getattr(loaded, "__all__", None)
    if listed is None:
        return
    assert [name for name in listed if not hasattr(loaded, name)] == []
    defined = {
        node.name
        for node in tree_of(Path(str(loaded.__file__))).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    }
    assert defined <= set(listed)


@pytest.mark.parametrize("module", core_modules())
def test_every_module_of_the_core_says_what_it_is(module: str) -> None:
    assert (importlib.import_module(module).__doc__ or "").strip()


def attributes(file: Path) -> set[str]:
    return {node.attr for node in ast.walk(tree_of(file)) if isinstance(node, ast.Attribute)}


def test_state_has_one_door() -> None:
    users = {name_of(file) for file in python_files("gru_ui", "pages") if "session_state" in attributes(file)}
    # A component of ours reports to, and is commanded through, the state that bears its own key.
    assert {user for user in users if not user.startswith("gru_ui/components/")} <= STATE_DOOR
    assert "session_state" not in attributes(ROOT / "app.py")


def test_what_is_kept_is_kept_in_one_place_and_bounded() -> None:
    for file in python_files("gru_ui", "pages"):
        names = attributes(file) & {"cache_data", "cache_resource"}
        assert not names or name_of(file) in CACHES, f"{name_of(file)} uses {names}"
    for file in (ROOT / name for name in CACHES):
        for node in ast.walk(tree_of(file)):
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Attribute) and called.attr in {"cache_data", "cache_resource"}:
                assert {"max_entries", "ttl", "scope"} & {word.arg for word in node.keywords}, name_of(file)


@pytest.mark.parametrize("page", python_files("pages"), ids=lambda file: file.stem)
def test_a_page_says_its_question_first(page: Path) -> None:
    assert (ast.get_docstring(tree_of(page)) or "").strip()


def test_every_file_can_be_read_in_one_go() -> None:
    sources = [*python_files(), *(ROOT / "assets").rglob("*.js"), *(ROOT / "assets").rglob("*.css")]
    lengths = {name_of(file): len(file.read_text(encoding="utf-8").splitlines()) for file in sources}
    assert {name: lines for name, lines in lengths.items() if lines >= LONGEST} == {}


# Put together, so that this file does not contain what it forbids.
FORBIDDEN_TEXT = {
    "a place on somebody's machine": r"(?<![\w.])/(?:home|Users|root|work|" + r"tmp)/\w|[A-Z]:\\\\?Users",
    "a silenced linter": "no" + r"qa\b",
    "a silenced type checker": "type:" + r"\s*ignore",
    "a test that does not run": r"\b(?:x"
    + r"fail|importor"
    + r"skip|skip"
    + r"if)\b|\bpytest\.(?:mark\.)?s"
    + "kip",
    "a note to oneself": r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b",
}


@pytest.mark.parametrize("what", FORBIDDEN_TEXT)
def test_no_file_contains(what: str) -> None:
    pattern = re.compile(FORBIDDEN_TEXT[what])
    suffixes = {".py", ".js", ".css", ".md", ".toml", ".txt", ".html"}
    named = [ROOT / "Makefile", ROOT / ".ci" / "run", ROOT / "README.md", ROOT / "CHANGELOG.md"]
    files = [
        *(file for file in named if file.exists()),
        ROOT / "pyproject.toml",
        *python_files(),
        *(file for folder in CODE for file in (ROOT / folder).rglob("*") if file.suffix in suffixes),
    ]
    found = [
        f"{name_of(file)}:{number}: {line.strip()[:120]}"
        for file in sorted(set(files))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]
    assert not found


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an expression made of names and attributes, else an empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else ""
    return ""


def test_nothing_executes_what_people_upload() -> None:
    """No eval, no pickle, no object arrays, no markup from strings: anywhere in what is served."""
    wrong = []
    for file in [ROOT / "app.py", *python_files("gru_core", "gru_ui", "pages")]:
        for node in ast.walk(tree_of(file)):
            if not isinstance(node, ast.Call):
                continue
            place = f"{name_of(file)}:{node.lineno}"
            called = dotted(node.func)
            words = {word.arg: word.value for word in node.keywords}
            true = {
                name
                for name, value in words.items()
                if isinstance(value, ast.Constant) and value.value is True and name is not None
            }
            if called in {"eval", "exec", "compile", "__import__", "os.system"}:
                wrong.append(f"{place} calls {called}")
            if called.startswith(("pickle.", "marshal.", "shelve.", "joblib.", "dill.", "cloudpickle.")):
                wrong.append(f"{place} calls {called}")
            if called == "torch.load" and "weights_only" not in true:
                wrong.append(f"{place} calls torch.load without weights_only=True")
            if true & {"allow_pickle", "unsafe_allow_html", "shell", "unsafe_allow_javascript"}:
                wrong.append(f"{place} passes {sorted(true)}")
    assert not wrong
