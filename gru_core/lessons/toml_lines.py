"""On which line of a TOML text each key stands: what `tomllib` reads but does not tell."""

import re
from collections.abc import Mapping

Path = tuple[str | int, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]\s][^\]]*?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_\-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*[A-Za-z0-9_\-]+)*\s*=\s*(.*)$")
TEXT = "the text"
_QUOTES = ('"""', "'''")


def key_lines(text: str) -> Mapping[Path, int]:
    """The line, from 1, of every table and key of a text that `tomllib` has read.

    A path is the names and indices that lead to the value: ("steps", 2, "view", "model"). Keys inside an
    array or an inline table are not listed: they stand on the line of the key that they belong to, or near.
    A text in three quotes that begins on the line after them is also listed below itself, as TEXT.
    """
    lines: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    here: Path = ()
    inside = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if inside:
            inside = "" if inside in line else inside
            continue
        header = _HEADER.match(line)
        if header and not _KEY.match(line):
            here = _enter(
                tuple(part.strip().strip("\"'") for part in header[2].split(".")), header[1], counts
            )
            lines.setdefault(here, number)
            continue
        key = _KEY.match(line)
        if key:
            lines.setdefault((*here, key[1].strip("\"'")), number)
            inside = next((q for q in _QUOTES if key[2].startswith(q) and q not in key[2][3:]), "")
            if inside and key[2].strip() == inside:
                lines[(*here, key[1].strip("\"'"), TEXT)] = number + 1
    return lines


def line_of(lines: Mapping[Path, int], path: Path) -> int:
    """The line of a value, or of the innermost table around it that is known; 1 where none is."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _enter(names: tuple[str, ...], brackets: str, counts: dict[Path, int]) -> Path:
    """The path of a table's header; inside a list of tables it is of the last one."""
    path: Path = ()
    for index, name in enumerate(names):
        path = (*path, name)
        if brackets == "[[" and index == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path
