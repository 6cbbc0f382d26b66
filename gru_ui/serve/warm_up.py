"""What happens before the first visitor: everything slow is done once, then the server says it is ready."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

import streamlit as st

from gru_ui.serve.garbage import Activity, collect_when_quiet, freeze
from gru_ui.serve.static_files import StaticFiles

# What the pages import, heaviest first; frozen out of the collector's sight once loaded.
IMPORTS: Final = ("torch", "pandas", "pyarrow", "plotly.graph_objects", "orjson", "gru_core")
STATE_KEY: Final = "readiness"
# Streamlit warns here of every spinner that has no page to spin on.
_NO_PAGE_LOG: Final = "streamlit.runtime.scriptrunner_utils.script_run_context"


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
    from gru_ui.cache import reading_room
    from gru_ui.warm import warm as warm_default_page

    with _without_a_page():
        # A process of its own, which gets ready beside this one.
        reading_room().warm()
    warm_kernels()
    with _without_a_page():
        warm_default_page()


@contextmanager
def _without_a_page() -> Iterator[None]:
    """The caches are filled before there is any page: that is the point here, and no reason for a warning."""
    log = logging.getLogger(_NO_PAGE_LOG)
    log.addFilter(_drop)
    try:
        yield
    finally:
        log.removeFilter(_drop)


def _drop(_record: logging.LogRecord) -> bool:
    return False


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
