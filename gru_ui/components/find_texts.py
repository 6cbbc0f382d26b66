"""Every word of the picture in which units are found."""

from __future__ import annotations

from typing import Final

from gru_ui.language.tables import Texts

FIND_PICTURE_TEXTS: Final = Texts(
    "find_picture_texts",
    {
        "title": "What every unit does over the steps",
        "how to use": (
            "Drag over the picture to brush steps. Arrow keys move the edge or the threshold that has the "
            "focus, Page Up and Page Down move it faster, Home and End to the end; with Shift the whole "
            "stretch moves."
        ),
        "view": "Steps in view",
        "in view": "Steps {first} to {last} of {steps}",
        "from": "First step of the stretch",
        "to": "Last step of the stretch",
        "threshold": "Threshold",
        "level above": "{name} at {value} or above",
        "level below": "{name} at {value} or below",
        "on above": "Steps {first} to {last}: {count} of {units} units have {name} at {level} or above.",
        "on below": "Steps {first} to {last}: {count} of {units} units have {name} at {level} or below.",
        "on above once": "Step {first}: {count} of {units} units have {name} at {level} or above.",
        "on below once": "Step {first}: {count} of {units} units have {name} at {level} or below.",
        "units": "Units on",
        "nothing": "none",
        "add": "Add a unit",
        "drop unit": "Unit {unit}: look for the others only",
        "take unit": "Unit {unit}: look for it again",
        "need": "At least",
        "need all": "all {count}",
        "places": "Other places",
        "place": "{on} of {of} units · {steps} steps",
        "open": "Open it on the page Gates",
        "open place": "Place {rank}: {text}. {on} of {of} units, {steps} steps. Opens it on the page Gates.",
    },
)
"""Words in braces are filled in by the browser."""
