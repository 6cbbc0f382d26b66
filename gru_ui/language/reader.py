"""Whose page is being drawn, and in which language they read it."""

from collections.abc import Callable

from gru_ui.language.catalogue import ENGLISH

_who_knows: list[Callable[[], str]] = []


def ask(who: Callable[[], str]) -> None:
    """Say who knows: the door to session state, which knows of texts as little as they of it."""
    _who_knows[:] = [who]


def language() -> str:
    """The language of the person whose page is being drawn; English where nobody's is."""
    return _who_knows[0]() if _who_knows else ENGLISH
