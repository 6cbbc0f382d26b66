"""What a job tells, kept for a test that waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gru_core.jobs import Parcel

PATIENCE = 60.0


class Told:
    """Give it as `on_parcel`."""

    def __init__(self) -> None:
        self.parcels: list[Parcel] = []
        self._changed = threading.Condition()

    def __call__(self, parcel: Parcel) -> None:
        with self._changed:
            self.parcels.append(parcel)
            self._changed.notify_all()

    @property
    def heads(self) -> list[Any]:
        with self._changed:
            return [parcel.head for parcel in self.parcels]

    def first(self, name: str) -> Any:
        """The first value told under that name, once there is one."""

        def there() -> bool:
            return any(name in parcel.head for parcel in self.parcels)

        with self._changed:
            assert self._changed.wait_for(there, PATIENCE), f"{name} was not told"
            return next(parcel.head[name] for parcel in self.parcels if name in parcel.head)


def until(holds: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Return once it holds; fail when that takes too long."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"{holds} did not come true within {seconds} s"
        time.sleep(0.01)


def runs(pid: int) -> bool:
    """Whether there is a process of that number that has not ended (Linux)."""
    try:
        gone = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        # Its first thread may have ended while others are being ended: until then nobody can wait for it.
        return not gone or len(list(Path(f"/proc/{pid}/task").iterdir())) > 1
    except (FileNotFoundError, ProcessLookupError):
        return False
