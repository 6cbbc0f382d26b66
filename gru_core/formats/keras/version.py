"""What a Keras model's version decides where the file leaves something open."""

import re
from dataclasses import dataclass

from gru_core.equations import GateActivation


@dataclass(frozen=True)
class Written:
    """By what a file was written.

    version  of Keras, as the file says it: "2.2.4-tf" inside TensorFlow, "3.15.1"; "" where it does not
    keras3   whether it is laid out as only Keras 3 (and late Keras 2) does
    tfjs     whether TensorFlow.js runs it, whatever wrote it
    """

    version: str = ""
    keras3: bool = False
    tfjs: bool = False

    @property
    def number(self) -> tuple[int, int]:
        """Main and minor version; files without one are of Keras 1, or of Keras 3 by their layout."""
        match = re.match(r"(\d{1,4})\.(\d{1,4})", self.version)
        if match is None:
            return (3, 0) if self.keras3 else (1, 0)
        return int(match[1]), int(match[2])

    @property
    def in_words(self) -> str:
        """ "Keras 2.0.6"."""
        if self.tfjs:
            return "TensorFlow.js"
        main = self.number[0]
        return f"Keras {self.version[:24]}" if self.version else f"Keras {main}"

    @property
    def hard_sigmoid(self) -> GateActivation:
        """What is meant by "hard_sigmoid": Keras 3 changed its slope."""
        return "hard_sigmoid_sixth" if self.number[0] >= 3 and not self.tfjs else "hard_sigmoid_fifth"

    def default_gates(self, reset_after: bool) -> GateActivation:
        """The activation of a GRU's gates where nothing was said.

        Keras had the hard sigmoid until 2.3, and so had TensorFlow 1, which calls itself 2.1 or 2.2 with
        "-tf". TensorFlow 2 began under the same number with sigmoid and reset_after=True, and
        reset_after=True of Keras 2.1 and 2.2 was for cuDNN, whose gates are sigmoids.
        """
        if self.tfjs:
            return "hard_sigmoid_fifth"
        return "hard_sigmoid_fifth" if self.number < (2, 3) and not reset_after else "sigmoid"

    @property
    def default_reset_after(self) -> bool:
        """Where a GRU multiplies by R when nothing was said: TensorFlow 2 and Keras 3 do it after."""
        if self.tfjs:
            return False
        return (
            self.number >= (3, 0)
            or self.number >= (2, 4)
            or ("-tf" in self.version and self.number >= (2, 3))
        )
