"""What a person knows about a model's file that the file itself does not say."""

from dataclasses import dataclass
from typing import Literal

from gru_core.equations import GateActivation
from gru_core.formats.readings.reading import Reading


@dataclass(frozen=True)
class Choices:
    """None everywhere: as the file says, and where it does not, as its framework usually does.

    What a file leaves open of a GRU is in its `open_choices`, by the names of these fields.

    gate_activation  of GRUs whose file does not name it
    z_sense          of legacy PaddlePaddle parameters: "update" is origin_mode=False, its default; and of
                     parameters called W_z, U_z, which two papers use in opposite senses
    readings         how the arrays of a file with other names are packed: each gives one GRU, and only these
                     are read. None looks for names that are known; () looks for nothing
    backwards        the GRUs that read from the last step to the first, by their names in the file
    projected_gru    True: `weight` and `bias` are of PaddlePaddle's op gru, which reads projected inputs
    """

    gate_activation: GateActivation | None = None
    z_sense: Literal["keep", "update"] | None = None
    readings: tuple[Reading, ...] | None = None
    backwards: tuple[str, ...] = ()
    projected_gru: bool = False


NO_CHOICES = Choices()
