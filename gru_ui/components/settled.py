"""Who has the last word on what is chosen in a picture: the page that draws it, or the person at it."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any


def settle(
    store: MutableMapping[Any, Any],
    key: str,
    wanted: dict[str, Any],
    reported: dict[str, Any],
    *,
    passes_back: bool = False,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the browser shall set, and what holds now: the later of the page's order and the person's doing.

    `wanted` is what the page passed in this run, `reported` what the browser has told so far; `store` keeps
    both under a name made from `key` until the next run. A value that the page passes is an order only if it
    differs from the run before (or, where the page always `passes_back` what held, from that); otherwise the
    command, and with it the whole message to the browser, stays the same and Streamlit does not send it
    again.

    The command is `{"serial", "set", "changed"}`: `serial` grows with each order, `changed` names the fields
    of `set` that are new.
    """
    name = f"{key} settled"
    before = store.get(name)
    if before is None:
        now = wanted | {field: reported[field] for field in wanted if field in reported}
        command = {"serial": 1, "set": dict(now), "changed": list(now)}
    else:
        now, command = dict(before["now"]), before["command"]
        moved = {
            field
            for field in wanted
            if field in reported and reported[field] != before["reported"].get(field, before["now"][field])
        }
        now.update((field, reported[field]) for field in moved)
        changed = [
            field
            for field in wanted
            if field not in moved
            and wanted[field] != now[field]
            and (passes_back or wanted[field] != before["wanted"][field])
        ]
        if changed:
            now.update((field, wanted[field]) for field in changed)
            command = {"serial": command["serial"] + 1, "set": dict(now), "changed": changed}
    store[name] = {"command": command, "wanted": wanted, "reported": reported, "now": now}
    return command, now
