"""Work done before the first person comes: the default page's model is read and traced once."""

from gru_core.demos import DEMOS
from gru_core.overrides import EXTREMES
from gru_ui import view
from gru_ui.cache import demo_model
from gru_ui.workspace import Workspace


def warm() -> None:
    """Read every demo model and trace the default one under each setting."""
    for name in DEMOS:
        demo_model(name)
    default = view.build(Workspace())
    for overrides in EXTREMES.values():
        default.answers(overrides)
    _ = default.orders
