"""The lines of a view: at once where that is quick, by a worker where it is not; kept either way."""

from collections.abc import Mapping

from gru_core.analysis.flow_lines import QUICK, FlowLine, Question, lines, received, seconds, send, work_out
from gru_core.overrides import GateOverride
from gru_ui import cache
from gru_ui.gradients.beside import Beside
from gru_ui.meaning import worked_out
from gru_ui.view import View

Settings = Mapping[str, tuple[GateOverride, ...]]


def lines_of(
    view: View, settings: Settings, question: Question, others: Beside, what: str
) -> dict[str, FlowLine] | None:
    """The lines by name; None as long as a worker is at them, which then stands on the page.

    what  tells apart two of these on one page
    """
    model, x = view.model, view.x
    key = (cache.fingerprint(model), view.x_fingerprint, tuple(settings.items()), question, others.key)
    expected = seconds(model, len(x), len(settings) + len(others.models), question.of)
    if expected <= QUICK:
        return cache.kept().get(
            ("flow", *key), lambda: lines(model, x, settings, question, others.models), _bytes
        )
    return worked_out(
        what, key, work_out, lambda: send(model, x, settings, question, others.models), received, size=_bytes
    )


def _bytes(made: dict[str, FlowLine]) -> int:
    return 1_000 + sum(line.norms.nbytes + line.parts.nbytes + line.shares.nbytes for line in made.values())
