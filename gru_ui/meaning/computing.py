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
    person = state.session_token()
    found = running.look(whole, person)
    outcome = found.result() if found is not None else None
    if isinstance(outcome, Parcel):
        running.forget(whole)
        value = read(outcome)
        return ready.get(whole, lambda: value, size)
    if isinstance(outcome, GateScopeError):
        st.error(escape(translated(outcome)))
    begin = f"{what}_begin"
    if found is None or found.is_over or not found.is_awaited_by(person):
        # What others wait for is waited for too; what was stopped here begins again when it is asked to.
        was_stopped = state.has_stopped(whole)
        if not state.was_asked(begin) and (ask or was_stopped or outcome is not None):
            label = ask if ask and found is None else say("meaning.again")
            st.button(label, icon=":material/play_arrow:", key=begin, on_click=_begin, args=(begin, whole))
            return None
        try:
            running.begin(whole, person, work, parcel)
        except GateScopeError as error:
            st.error(escape(translated(error)))
            return None
    st.fragment(_watch, run_every=LOOK_SECONDS)(what, whole)
    return None


def _begin(begin: str, whole: Hashable) -> None:
    state.let_go_on(whole)
    state.ask(begin)


def _stop(whole: Hashable, found: Analysis) -> None:
    state.stop(whole)
    found.leave(state.session_token())


def _watch(what: str, whole: Hashable) -> None:
    person = state.session_token()
    found = cache.analyses().look(whole, person)
    if found is None or found.is_over or not found.is_awaited_by(person):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{what}_under_way"):
        st.progress(found.done, text=_stands(found), width=420)
        st.button(
            say("meaning.stop"),
            icon=":material/stop:",
            key=f"{what}_stop",
            on_click=_stop,
            args=(whole, found),
        )


def _stands(found: Analysis) -> str:
    before = found.position
    if before:
        return say("meaning.waits", before=before)
    return say("meaning.under_way", done=f"{found.done:.0%}")
