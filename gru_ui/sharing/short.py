"""Short links: making one of what is shown, and deleting one's own."""

import time
from datetime import UTC, datetime

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.limits import megabytes
from gru_core.sharing.records import Share
from gru_ui import cache, state
from gru_ui.language.sentences import translated
from gru_ui.person import owner
from gru_ui.sharing.holds import model_title
from gru_ui.sharing.keeping import keep_view
from gru_ui.sharing.keys import pointers, shared_part
from gru_ui.store import uploads
from gru_ui.texts import say
from gru_ui.words import escape
from gru_ui.workspace import to_link


def make_short(page: str, name: str) -> None:
    """A button that keeps the view of the page called `name`, and why it could not be kept."""
    if not st.button(
        say("share.make_short"),
        icon=":material/link:",
        help=say("share.make_short_help"),
        key="share_make_short",
    ):
        return
    chosen = state.workspace()
    title = say("share.title", model=model_title(chosen.model), page=say(f"app.{name}"))
    try:
        with st.spinner(say("share.make_short")):
            key = keep_view(to_link(chosen), title, owner())
    except GateScopeError as error:
        st.error(escape(translated(error)))
        return
    state.remember_short(page, key)
    st.rerun()


def own_views(page: str) -> None:
    """The views that this person has shared, each with a button that deletes it."""
    try:
        mine = cache.share_store().of_owner(owner(), time.time())
    except GateScopeError:
        # Who wants to keep a view is told so there.
        return
    if not mine:
        return
    with st.expander(f"{say('share.own')} ({len(mine)})", key="own_views"):
        for share in mine:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                opened = datetime.fromtimestamp(share.opened, UTC).date()
                size = megabytes(share.bytes)
                st.text(say("share.own_line", title=share.title, bytes=size, date=opened), width="stretch")
                st.button(
                    say("share.delete"),
                    icon=":material/delete:",
                    on_click=_delete,
                    args=(page, share),
                    key=f"delete_{share.key}",
                )


def _delete(page: str, share: Share) -> None:
    state.touched()
    try:
        cache.share_store().delete(share.key, owner())
    except GateScopeError as error:
        state.tell(translated(error))
        return
    for pointer in pointers(share.query).values():
        if shared_part(pointer.key) is not None:
            uploads().forget(pointer.key)
    if state.short_of(page) == share.key:
        state.remember_short(page, "")
