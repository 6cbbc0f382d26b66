"""What happens before the first visitor: everything slow is done once, then the server says it is ready."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import streamlit as st

from gru_ui.serve.garbage import Activity, collect_when_quiet, freeze
from gru_ui.serve.static_files import StaticFiles

# What the pages import, heaviest first; frozen out of the collector's sight once loaded.
IMPORTS: Final = ("torch", "pandas", "pyarrow", "plotly.graph_objects", "orjson", "gru_core")
STATE_KEY: Final = "readiness"


@dataclass(frozen=True)
class Readiness:
    """What the warm-up did: objects set aside from the collector, bytes of static files, seconds taken."""

    frozen_objects: int
    static_bytes: int
    static_packed_bytes: int
    seconds: float


def warm() -> None:
    """Load what the pages need, compile or load the kernels, and compute the default page's numbers."""
    import torch

    # One visitor's trace must not take the cores from everybody else.
    torch.set_num_threads(1)
    for name in IMPORTS:
        import_module(name)
    from gru_core.scan import warm_kernels
    from gru_ui.warm import warm as warm_default_page

    warm_kernels()
    warm_default_page()


def lifespan(
    files: StaticFiles, activity: Activity, announce: Callable[[], None]
) -> Callable[[st.App], AbstractAsyncContextManager[dict[str, Any] | None]]:
    """The app's lifespan: warm up, freeze, announce; then collect garbage on a timer until the end."""

    @asynccontextmanager
    async def warmed(_app: st.App) -> AsyncIterator[dict[str, Any]]:
        started = time.monotonic()
        # Compression runs beside the imports: zlib works without holding the interpreter.
        packing = asyncio.create_task(asyncio.to_thread(files.pack_all))
        await asyncio.to_thread(warm)
        plain, packed = await packing
        frozen = freeze()
        collecting = asyncio.create_task(collect_when_quiet(activity))
        announce()
        try:
            yield {STATE_KEY: Readiness(frozen, plain, packed, time.monotonic() - started)}
        finally:
            collecting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await collecting

    return warmed
