"""How a link points to an upload, and to one that is kept with a shared view."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from gru_core.runs.records import KEY_PATTERN

_REFERENCE = re.compile(r"(?P<kind>file|data|own)\.(?P<key>[A-Za-z0-9_-]{16,64})(?:\.(?P<number>\d{1,3}))?")
_SHARED = re.compile(rf"shared-(?P<share>{KEY_PATTERN.pattern})-(?P<part>[a-z]{{1,16}})")


@dataclass(frozen=True)
class Pointer:
    """An entry of a link that points to an upload: kind "file" (a model), "data" or "own" (a lesson)."""

    kind: str
    key: str
    text: str

    @property
    def is_shared(self) -> bool:
        """Whether it is kept with a shared view, not in memory alone."""
        return shared_part(self.key) is not None


def pointers(query: Mapping[str, str]) -> dict[str, Pointer]:
    """The entries of a link that point to uploads, by their names."""
    found = {name: _REFERENCE.fullmatch(text) for name, text in query.items()}
    return {name: Pointer(match["kind"], match["key"], query[name]) for name, match in found.items() if match}


def shared_key(share: str, part: str) -> str:
    """The key of an upload that is kept with a shared view.

    >>> shared_part(shared_key("abcdefghjk", "model"))
    ('abcdefghjk', 'model')
    """
    return f"shared-{share}-{part}"


def shared_part(key: str) -> tuple[str, str] | None:
    """The shared view and its part that a key names; None for the key of something in memory.

    >>> shared_part("shared-' or 1=1-model") is None
    True
    """
    match = _SHARED.fullmatch(key)
    return None if match is None else (match["share"], match["part"])
