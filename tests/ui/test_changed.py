"""What is saved on the page of the cell is what its picture shows: the layer with the changes by hand."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from gru_core.overrides import GateOverride
from gru_core.trace import trace
from gru_ui.changed import changed_trace
from gru_ui.saving import python_code
from gru_ui.texts import say
from gru_ui.view import build
from gru_ui.workspace import from_link
from tests.ui.test_pages import opened, words

KEPT, EDITS = GateOverride("Z", 1.0, steps=slice(3, 5)), "Z3_5_a_1~s6_0"


def test_a_changed_layer_is_the_one_with_the_same_gates_and_symbols_in_front_of_it() -> None:
    view = build(from_link({"gates": "rnn"})[0])
    x = view.x.copy()
    x[6] = np.eye(x.shape[1])[0]
    expected = trace(view.model.gru, x, overrides=(*view.overrides, KEPT))[0]
    found = changed_trace(view, EDITS)
    assert (found.name, found.reset_mode) == (expected.name, expected.reset_mode)
    for name in ("X", "R", "Z", "H_tilde", "H", "Z_proposed"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), abs=1e-6)
    assert np.abs(found.H - view.trace.H).max() > 0.1


@pytest.mark.slow
def test_the_page_of_the_cell_saves_what_it_shows(repository: Path) -> None:
    plain = opened("cell")
    assert say("save.changed") not in words(plain)
    app = opened("cell", edits=EDITS)
    assert say("save.changed") in words(app)
    app.session_state["python"] = True
    app.run()
    view = build(app.session_state["workspace"])
    code = next(element.value for element in app.code)
    assert code == python_code(view, EDITS).strip()
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nprint(repr(float(abs(t.H).sum())), answers.shape)"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    total, shape = done.stdout.strip().split(" ", 1)
    assert float(total) == pytest.approx(float(np.abs(changed_trace(view, EDITS).H).sum()), abs=1e-3)
    assert shape == str((view.trace.steps, len(view.model.card.outputs)))
