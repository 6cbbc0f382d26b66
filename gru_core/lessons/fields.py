"""Reads the fields of a lesson's tables; what is missing, wrong or not known is said with its line."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

from gru_core.errors import LessonError
from gru_core.lessons.toml_lines import Path, line_of

_KINDS = {str: "a text in quotes", bool: "true or false", int: "a whole number", float: "a number"}


@dataclass
class Table:
    """One table of a lesson file; `done` refuses what nobody has asked for."""

    values: Mapping[str, Any]
    path: Path
    lines: Mapping[Path, int]
    asked: set[str] = field(default_factory=set)

    def line(self, key: str | None = None) -> int:
        """The line of a key, or of the table."""
        return line_of(self.lines, self.path if key is None else (*self.path, key))

    def fail(self, rule: str, key: str | None = None) -> NoReturn:
        """Raise LessonError with the line of a key, or of the table."""
        raise LessonError(f"Line {self.line(key)}: {rule}")

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self.values

    def text(self, key: str, most: int, default: str | None = None) -> str:
        """A text of at most so many characters."""
        value = self._value(key, (str,), default)
        if len(value) > most:
            self.fail(f"{key} may have at most {most:,} characters, and this one has {len(value):,}.", key)
        if default is None and not value.strip():
            self.fail(f"{key} is empty: write something, or leave the key out where that is allowed.", key)
        return str(value)

    def whole(self, key: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number between two."""
        value = self._value(key, (int,), default)
        if not least <= value <= most:
            self.fail(f"{key} must be a whole number from {least} to {most}, got {value}.", key)
        return int(value)

    def number(self, key: str, least: float, most: float, default: float | None = None) -> float:
        """A number between two."""
        value = self._value(key, (float, int), default)
        if not least <= value <= most:
            self.fail(f"{key} must be a number from {least:g} to {most:g}, got {value}.", key)
        return float(value)

    def flag(self, key: str, default: bool) -> bool:
        """true or false."""
        return bool(self._value(key, (bool,), default))

    def one_of(self, key: str, allowed: Sequence[str], default: str | None = None) -> str:
        """One of some words."""
        value = self._value(key, (str,), default)
        if value not in allowed and value != default:
            self.fail(
                f"{key} must be one of {', '.join(allowed)}, got {value[:40]!r}{_near(value, allowed)}.", key
            )
        return str(value)

    def several_of(self, key: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """A list of some words."""
        values = self._value(key, (list,), [])
        for value in values:
            if value not in allowed:
                self.fail(f"{key} may list {', '.join(allowed)}, got {str(value)[:40]!r}.", key)
        return tuple(dict.fromkeys(values))

    def table(self, key: str) -> "Table":
        """A table, empty where there is none."""
        return Table(self._value(key, (dict,), {}), (*self.path, key), self.lines)

    def tables(self, key: str, most: int) -> list["Table"]:
        """A list of tables."""
        values = self._value(key, (list,), [])
        if len(values) > most:
            self.fail(f"{key} may be at most {most}, and there are {len(values)}.", key)
        for value in values:
            if not isinstance(value, dict):
                self.fail(f"{key} must be tables, each with [[{self._name(key)}]] above it.", key)
        return [Table(value, (*self.path, key, index), self.lines) for index, value in enumerate(values)]

    def done(self) -> None:
        """Refuse keys that nobody has asked for."""
        for key in self.values:
            if key not in self.asked:
                near = _near(key, sorted(self.asked))
                known = "" if near else f"; known here: {', '.join(sorted(self.asked))}"
                self.fail(f"The key {key[:40]!r} is not known here{near}{known}.", key)

    def _value(self, key: str, kinds: tuple[type, ...], default: Any) -> Any:
        self.asked.add(key)
        if key not in self.values:
            if default is None:
                self.fail(f"{self._where()} has no {key}: add a line {key} = ...")
            return default
        value = self.values[key]
        # bool is an int in Python, and true is not a number to a person.
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            kind = _KINDS.get(kinds[0], "a list in square brackets" if list in kinds else "a table")
            self.fail(f"{key} must be {kind}, got {str(value)[:40]!r}.", key)
        return value

    def _name(self, key: str) -> str:
        return ".".join(str(part) for part in (*self.path, key) if not isinstance(part, int))

    def _where(self) -> str:
        """The table in words: "The lesson", "Step 3"."""
        if not self.path:
            return "The lesson"
        inner = [part for part in self.path[2:] if isinstance(part, str)]
        place = f"step {int(self.path[1]) + 1}" if len(self.path) > 1 else str(self.path[0])
        return f"The {inner[-1]} of {place}" if inner else place[0].upper() + place[1:]


def _near(word: str, known: Sequence[str]) -> str:
    found = difflib.get_close_matches(str(word), known, 1)
    return f" (did you mean {found[0]}?)" if found else ""
