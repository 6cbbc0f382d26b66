"""The button Share on every page: the link, its QR code, what it holds and how long it works."""

import streamlit as st

from gru_core.limits import SHARE_DAYS
from gru_ui import state
from gru_ui.components.part import Drawn, take_drawn
from gru_ui.navigation import PAGES
from gru_ui.sharing.address import URL_VARIABLE
from gru_ui.sharing.here import here
from gru_ui.sharing.holds import held, lifetimes, needs_keeping
from gru_ui.sharing.opening import ENTRY
from gru_ui.sharing.qr import qr_svg
from gru_ui.sharing.short import make_short, own_views
from gru_ui.sharing.take_along import offer_model, offer_page
from gru_ui.texts import say
from gru_ui.words import escape
from gru_ui.workspace import to_link

OPEN, LARGE = "share", "large_qr"


def draw_share(page: str) -> None:
    """The button and, where it is open, what is behind it; `page` as it is named in the address."""
    if state.was_asked(LARGE):
        _show_large(page)
    opened = st.popover(say("share.button"), icon=":material/share:", key=OPEN, on_change="rerun")
    drawn = take_drawn()
    if opened.open:
        with opened:
            _contents(page, drawn)


def _contents(page: str, drawn: Drawn | None) -> None:
    chosen, query = state.workspace(), to_link(state.workspace())
    address, link, short = here(page), _link(page), state.short_of(page)
    drawing = qr_svg(link)
    name = page or PAGES[0].name
    if drawing is None:
        st.info(say("share.too_long", characters=f"{len(link):,}"))
    with st.container(horizontal=True, gap="medium", key="share_code"):
        if drawing is not None:
            with st.container(width=200, gap="small"):
                st.image(drawing, width=200, alt=say("share.qr_alt", link=link))
                st.button(
                    say("share.large"),
                    icon=":material/fullscreen:",
                    width="stretch",
                    on_click=_ask_large,
                    key="share_large",
                )
        with st.container(width=330, gap="small"):
            st.markdown(f"**{say('share.shows')}**")
            st.text("\n".join(held(chosen, name, query)))
    st.code(link, language=None, wrap_lines=True)
    if address.is_private:
        st.caption(f":material/warning: {escape(say('share.private', variable=URL_VARIABLE))}")
    lives = [say("share.lives_short", days=SHARE_DAYS)] if short else lifetimes(chosen, name, query)
    for sentence in lives:
        st.caption(escape(sentence))
    if not short and (drawing is None or needs_keeping(query)):
        make_short(page, name)
    if drawn is not None:
        offer_page(drawn, name, link, lives)
    offer_model(chosen)
    own_views(page)


def _link(page: str) -> str:
    """The link that is handed out: the short one where there is one."""
    short = state.short_of(page)
    return here(page).link(page, {ENTRY: short} if short else to_link(state.workspace()))


def _ask_large() -> None:
    state.ask(LARGE)
    state.close(OPEN)


def _show_large(page: str) -> None:
    address = here(page)
    drawing = qr_svg(_link(page))
    if drawing is None:
        return

    # The whole screen, black on white in the dark theme too: what is not white around a code is lost to it.
    @st.dialog(say("share.large_title"), width="large")
    def show() -> None:
        st.html(
            "<style>[data-testid=stDialog] :has(> [role=dialog]) { padding: 0; }"
            " [data-testid=stDialog] [role=dialog] { position: fixed; inset: 0; width: auto; max-width: none;"
            " max-height: none; margin: 0; border: 0; border-radius: 0; background: #fff; }"
            " [data-testid=stDialog] [role=dialog] * { color: #000; }"
            " .st-key-large_qr, .st-key-large_qr > * { align-items: center; }"
            " .st-key-large_qr img { display: block; margin: 0 auto; max-width: none !important;"
            " width: min(calc(100vw - 3.2rem), calc(100dvh - 9.2rem)) !important; }"
            " .st-key-large_qr :has(> img, > * > img, > * > * > img) { width: 100%; }"
            " .st-key-large_qr [data-testid=stText] { font-size: 1.4rem; }</style>"
        )
        with st.container(key="large_qr", gap="small"):
            st.image(drawing, width="stretch", alt=say("share.qr_alt", link=address.base))
            st.text(address.base)

    show()
