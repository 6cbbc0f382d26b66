"""What is chosen on the page of gradient flow, with its own part of the link."""

from dataclasses import dataclass
from typing import Literal

from gru_ui.properties import Property, one_of


@dataclass(frozen=True)
class GradientsForm:
    """Which gradient is followed, and to which step.

    of     "state": || d H_T / d H_t ||, "answer": || d Y_T / d X_t ||
    until  T: the "last" step that was read, or the workspace's "cursor"
    """

    of: Literal["state", "answer"] = "state"
    until: Literal["last", "cursor"] = "last"


GRADIENTS_PROPERTIES = (
    Property("of", "flow", one_of(("state", "answer"))),
    Property("until", "flowto", one_of(("last", "cursor"))),
)
"""The choices of this page."""
