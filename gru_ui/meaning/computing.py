"""A value that takes longer than a page may: worked out by a worker, with progress and a way to stop it."""

from collections.abc import Callable, Hashable
from typing import TypeVar

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.jobs import Parcel
from gru_core.jobs.names import Work
from gru_ui import cache, state
from gru_ui.analyses import Analysis
from gru_ui.language.sentences import translated
from gru_ui.texts import say
from gru_ui.words import escape

Value = TypeVar("Value")

LOOK_SECONDS = 0.4
"""How often one under way is looked at."""

ROOM = 1_000_000


def worked_out(
    what: str,
    key: Hashable,
    work: Work,
    parcel: Callable[[], Parcel],
    read: Callable[[Parcel], Value],
    *,
    size: Callable[[Value], int] = lambda _: ROOM,
    ask: str = "",
) -> Value | None:
    """The value of a key, kept once it was worked out; None, and how it stands on the page, until then.

    what    a short name of letters and _, for the keys of what is drawn: one place on a page
    key     what decides the value, as a cache key
    work    `work(parcel, tell, heard)`, a function at the top of a module of gru_core, see gru_core.jobs; it
            tells Parcel({"done": 0.3}) as it goes, and may end as soon as it hears "stop"
    parcel  makes what is sent; called only where it has to be
    read    makes the value of what the work returns
    size    its bytes in the cache
    ask     the words of a button that begins it; "" begins at once

    What the work raises for people stands on the page, with a button to try again.
    """
    ready, running = cache.kept(), cache.analyses()
    whole = ("worked_out", what, key)
    kept: Value | None = ready.find(whole)
    if kept is not None:
        return kept
    found = running.look(whole)
    outcome = found.result() if found is not None else None
    if isinstance(outcome, Parcel):
        running.forget(whole)
        value = read(outcome)
        return ready.get(whole, lambda: value, size)
    begin = f"{what}_begin"
    if isinstance(outcome, GateScopeError):
        st.error(escape(translated(outcome)))
    wanted = state.was_asked(begin) or (found is None and not ask)
    if found is None or found.is_over:
        if not wanted:
            label = ask if found is None else say("meaning.again")
            st.button(label, icon=":material/play_arrow:", key=begin, on_click=state.ask, args=(begin,))
            return None
        try:
            running.begin(whole, work, parcel)
        except GateScopeError as error:
            st.error(escape(translated(error)))
            return None
    st.fragment(_watch, run_every=LOOK_SECONDS)(what, whole)
    return None


def _watch(what: str, whole: Hashable) -> None:
    found = cache.analyses().look(whole)
    if found is None or found.is_over:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{what}_under_way"):
        st.progress(found.done, text=_stands(found), width=420)
        st.button(say("meaning.stop"), icon=":material/stop:", key=f"{what}_stop", on_click=found.stop)


def _stands(found: Analysis) -> str:
    before = found.position
    if before:
        return say("meaning.waits", before=before)
    return say("meaning.under_way", done=f"{found.done:.0%}")
