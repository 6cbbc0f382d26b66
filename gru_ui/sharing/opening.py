"""A link that names a shared view, as the link that the view was made from."""

import time
from collections.abc import Mapping

from gru_core.errors import StoreError
from gru_core.limits import SHARE_DAYS
from gru_ui import cache
from gru_ui.language.sentences import translated
from gru_ui.texts import say

ENTRY = "view"
"""The entry of a link that names a shared view."""


def followed(query: Mapping[str, str]) -> tuple[dict[str, str], tuple[str, ...]]:
    """The entries of the view that a link names, and those beside it; and a sentence where there is none."""
    rest = {name: text for name, text in query.items() if name != ENTRY}
    if ENTRY not in query:
        return rest, ()
    try:
        share = cache.share_store().open(query[ENTRY], time.time())
    except StoreError as error:
        return rest, (translated(error),)
    if share is None:
        return rest, (say("share.gone", days=SHARE_DAYS),)
    return {**share.query, **rest}, ()
