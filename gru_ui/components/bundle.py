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
    r'^import\s*\{(?P<names>[^}]*)\}\s*from\s*"\./(?P<module>[\w-]+)\.js";[ \t]*$', re.MULTILINE
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
    order: list[str] = []
    sources: dict[str, str] = {}
    _visit(folder, entry, order, sources, ())
    owners: dict[str, str] = {}
    for module in order:
        for name in _DECLARATION.findall(sources[module]):
            if name in owners:
                raise BundleError(f"{name} is declared in {owners[name]}.js and in {module}.js.")
            owners[name] = module
    return "\n".join(_flatten(sources[module]) for module in order)


def _visit(
    folder: Path, module: str, order: list[str], sources: dict[str, str], path: tuple[str, ...]
) -> None:
    """Appends `module` to `order` after everything it imports."""
    if module in path:
        raise BundleError(f"{' -> '.join((*path, module))} is a circle of imports.")
    if module in sources:
        return
    file = folder / f"{module}.js"
    if not file.is_file():
        asking = f"{path[-1]}.js" if path else "The component"
        raise BundleError(f"{asking} asks for {module}.js, which does not exist.")
    sources[module] = source = file.read_text(encoding="utf-8")
    for match in _IMPORT.finditer(source):
        _visit(folder, match["module"], order, sources, (*path, module))
        exported = set(_DECLARATION.findall(sources[match["module"]]))
        for name in (part.strip() for part in match["names"].split(",")):
            if name and name not in exported:
                raise BundleError(f"{module}.js imports {name}, which {match['module']}.js does not declare.")
    order.append(module)


def _flatten(source: str) -> str:
    """A module's text without imports, `export`, comment lines and indentation."""
    bare = _COMMENT_LINE.sub("", _EXPORT.sub("", _IMPORT.sub("", source)))
    return _INDENTATION.sub("", bare).strip() + "\n"
