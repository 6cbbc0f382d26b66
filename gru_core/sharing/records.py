"""What is kept of a shared view, as frozen values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["model", "sequence", "lesson"]
"""What a part is."""

PART_PATTERN = re.compile("[a-z]{1,16}")
"""What the name of a part looks like; use `fullmatch`."""


@dataclass(frozen=True)
class SharePart:
    """Something that a link points to and does not hold.

    name   the entry of the link that points to it
    head   plain JSON values: what must be known to read `data`
    """

    name: str
    kind: Kind
    title: str
    head: Mapping[str, Any]
    data: bytes


@dataclass(frozen=True)
class Share:
    """One shared view. Times are seconds since 1970.

    owner   who may delete it; not shown to others
    query   the entries of the link
    opened  when somebody last opened it
    bytes   room that it takes in the store; counted by the store
    """

    key: str
    owner: str
    title: str
    query: Mapping[str, str] = field(default_factory=dict)
    created: float = 0.0
    opened: float = 0.0
    bytes: int = 0
