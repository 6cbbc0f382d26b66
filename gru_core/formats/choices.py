"""What a person knows about a model's file that the file itself does not say."""

from dataclasses import dataclass
from typing import Literal

from gru_core.equations import GateActivation


@dataclass(frozen=True)
class Choices:
    """None everywhere: as the file says, and where it does not, as its framework usually does.

    gate_activation  of files that hold weights alone, which do not name it
    z_sense          of legacy PaddlePaddle parameters: "update" is origin_mode=False, its default
    """

    gate_activation: GateActivation | None = None
    z_sense: Literal["keep", "update"] | None = None


NO_CHOICES = Choices()
