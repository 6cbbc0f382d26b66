"""Work done before the first person comes: the default page's model is read and traced once."""

import torch

from gru_core.analysis.proof import prove_model
from gru_core.demos import DEMOS
from gru_core.model import GRU
from gru_core.overrides import EXTREMES
from gru_core.trace import trace
from gru_ui import view
from gru_ui.cache import demo_model
from gru_ui.workspace import Workspace


def warm() -> None:
    """Read every demo model, trace the default one under each setting, look once inside torch's own layer.

    That first look loads much of torch that nothing else needs.
    """
    for name in DEMOS:
        demo_model(name)
    default = view.build(Workspace())
    for overrides in EXTREMES.values():
        default.answers(overrides)
    _ = default.orders
    tiny = GRU(1, 1, reset_mode="after")
    prove_model(tiny, trace(tiny, torch.zeros(1, 1, 1)))
