"""Keeps the garbage collector from stopping everybody.

A full collection walks every object in the process while it holds the interpreter: 165 ms once torch is
imported, for every visitor at once. So what the imports and the warm-up made is set aside for good
(`gc.freeze`), Streamlit's collection after each rerun is off (`runner.postScriptGC`), and the rest is
collected on a timer, in a moment when nobody waits.
"""

from __future__ import annotations

import asyncio
import gc
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

INTERVAL_SECONDS: Final = 60.0
QUIET_SECONDS: Final = 0.5
# A server that is never quiet must collect too.
PATIENCE_SECONDS: Final = 60.0


def freeze() -> int:
    """Collect once and set aside all that is left; return how many objects are set aside."""
    gc.collect()
    gc.freeze()
    return gc.get_freeze_count()


class Activity:
    """When a visitor last asked for something or was answered, on the monotonic clock."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def note(self) -> None:
        self._last = time.monotonic()

    def quiet_seconds(self) -> float:
        """How long nothing has been going on."""
        return time.monotonic() - self._last


class WatchActivity:
    """Middleware that notes every message of every websocket and request."""

    def __init__(self, app: ASGIApp, *, activity: Activity) -> None:
        self._app = app
        self._activity = activity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noted_receive() -> Message:
            message = await receive()
            self._activity.note()
            return message

        async def noted_send(message: Message) -> None:
            self._activity.note()
            await send(message)

        await self._app(scope, noted_receive, noted_send)


async def collect_when_quiet(
    activity: Activity,
    interval: float = INTERVAL_SECONDS,
    quiet: float = QUIET_SECONDS,
    patience: float = PATIENCE_SECONDS,
) -> None:
    """Collect garbage about every `interval` seconds, in a moment with `quiet` seconds of silence.

    Waits at most `patience` seconds for such a moment. Runs until cancelled.
    """
    while True:
        await asyncio.sleep(interval)
        deadline = time.monotonic() + patience
        while activity.quiet_seconds() < quiet and time.monotonic() < deadline:
            await asyncio.sleep(quiet / 5)
        gc.collect()
