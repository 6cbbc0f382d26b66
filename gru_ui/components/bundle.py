"""Joins the plain ES modules of a component into the one script that Streamlit's components take.

The modules stay what the browser's own `import` would accept; joining them means leaving out the import
lines and the word `export`, in an order in which everything is defined before it is used. Nothing is
rewritten or minified: only indentation and lines that are comments are left out, because the script travels
with every update.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

_IMPORT = re.compile(
    r'^import\s*\{(?P<names>[^}]*)\}\s*from\s*"(?P<place>\./|\.\./[\w-]+/)(?P<module>[\w-]+)\.js";[ \t]*$',
    re.MULTILINE,
)
_EXPORT = re.compile(r"^export (?=(?:async function|function|class|const|let)\b)", re.MULTILINE)
_DECLARATION = re.compile(r"^(?:export )?(?:async function|function|class|const|let)\s+(\w+)", re.MULTILINE)
_COMMENT_LINE = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)


class BundleError(ValueError):
    """Modules that cannot be joined: a missing or circular import, or one name declared twice."""


@lru_cache(maxsize=8)
def bundle(folder: Path, entry: str = "main") -> str:
    """One script out of `folder/entry.js` and everything it imports; its default export stays.

    Raises:
        BundleError: an import that nothing exports, a circle, or a name that two modules declare.
    """
    sources: dict[Path, str] = {}
    _visit(folder / f"{entry}.js", sources, ())
    owners: dict[str, Path] = {}
    for file, source in sources.items():
        for name in _DECLARATION.findall(source):
            if name in owners:
                raise BundleError(f"{name} is declared in {owners[name].name} and in {file.name}.")
            owners[name] = file
    return "\n".join(_flatten(source) for source in sources.values())


def stylesheet(folder: Path, *shared: str) -> str:
    """The component's own rules after those of the named files in `shared`, which they may overrule."""
    own = folder / f"{folder.name}.css"
    parts = sorted(file for file in folder.glob("*.css") if file != own)
    files = [*(folder.parent / "shared" / f"{name}.css" for name in shared), own, *parts]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def _visit(file: Path, sources: dict[Path, str], path: tuple[Path, ...]) -> None:
    """Adds `file` to `sources` after everything it imports."""
    if file in path:
        raise BundleError(f"{' -> '.join(step.stem for step in (*path, file))} is a circle of imports.")
    if file in sources:
        return
    if not file.is_file():
        asking = path[-1].name if path else "The component"
        raise BundleError(f"{asking} asks for {file.name}, which does not exist.")
    source = file.read_text(encoding="utf-8")
    for match in _IMPORT.finditer(source):
        home = file.parent / match["place"]
        imported = (home / f"{match['module']}.js").resolve()
        _visit(imported, sources, (*path, file))
        exported = set(_DECLARATION.findall(sources[imported]))
        for name in (part.strip() for part in match["names"].split(",")):
            if name and name not in exported:
                raise BundleError(f"{file.name} imports {name}, which {imported.name} does not declare.")
    sources[file] = source


def _flatten(source: str) -> str:
    """A module's text without imports, `export`, comment lines and indentation."""
    bare = _COMMENT_LINE.sub("", _EXPORT.sub("", _IMPORT.sub("", source)))
    return _INDENTATION.sub("", bare).strip() + "\n"
