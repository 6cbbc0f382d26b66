"""The badge beside the model: on every page with the frame, for what is shown there, red when it fails."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from gru_core.analysis.proof import prove_model
from gru_core.conventions import CONVENTIONS
from gru_core.demos import DEMOS
from gru_core.model import GRU
from gru_core.trace import trace
from gru_ui import cache, proof_badge
from gru_ui.proof_badge import badge_words, evidence
from gru_ui.words import escape
from tests.ui.test_pages import opened


def proof(gru: GRU):
    return prove_model(gru, trace(gru, torch.randn(1, 300, 3)))


@pytest.mark.parametrize("model", DEMOS)
def test_the_evidence_of_every_demo(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof_badge, "AFTER_PICTURE_SECONDS", 20.0)
    app = opened(model=model)
    (said,) = [element.value for element in app.markdown if "right for these weights" in element.value]
    by_torch = cache.demo_model(model).gru.reset_mode == "after"
    assert ("given to PyTorch's own" in said) == by_torch
    assert all(f"| {label} |" in said for label in ("R", "Z", "H̃", "H"))
    assert "10⁻" in said


def test_it_says_against_what_on_how_many_steps_and_how_exactly() -> None:
    torch.manual_seed(31)
    by_torch, by_equations = GRU(3, 8, reset_mode="after"), GRU(3, 8)
    said = evidence(proof(by_torch), by_torch, "waves *.csv")
    assert badge_words(proof(by_torch)).startswith("Proof: equals PyTorch to ")
    assert "200 of 300 steps of *waves \\*\\.csv*" in said
    assert "Rounding of float32 may leave 3.1\u00a0×\u00a010⁻⁵" in said
    assert "from the first to the last step" in said
    said = evidence(proof(by_equations), by_equations, "waves")
    assert badge_words(proof(by_equations)).startswith("Proof: equals equations to ")
    assert "its reset gate acts before the product" in said
    hard = GRU(3, 8, reset_mode="after", gate_activation="hard_sigmoid_fifth")
    assert "its gates are hard sigmoid fifth" in evidence(proof(hard), hard, "waves")


def test_it_says_what_it_does_not_prove_and_what_was_assumed() -> None:
    """The trace is compared with the weights as read; whether they were read right it cannot tell."""
    gru = GRU(3, 8, reset_mode="after")
    gru.convention = "keras_after"
    plain = evidence(proof(gru), gru, "waves")
    read = escape(CONVENTIONS["keras_after"].framework)
    assert f"right for these weights, read as {read}" in plain
    assert "right reading of the file is not proved" in plain
    assert "assumed" not in plain
    gru.notes = ("The file does not say the *activation* of the gates.", "Z is turned round here.")
    said = evidence(proof(gru), gru, "waves")
    assert "assumed" in said
    assert "- The file does not say the \\*activation\\* of the gates\\." in said
    assert "- Z is turned round here" in said


@pytest.mark.parametrize("wrong", [0.25, np.nan])
def test_it_is_plain_spoken_when_it_does_not_hold(wrong: float) -> None:
    gru = GRU(3, 8)
    (good,) = trace(gru, torch.zeros(1, 20, 3))
    changed = good.R.copy()
    changed[0, 3, 3] += wrong
    failed = prove_model(gru, [replace(good, R=changed)])
    assert badge_words(failed) == f"Proof fails: off by {wrong}"
    assert "Do not trust these numbers" in evidence(failed, gru, "waves")


def test_it_is_computed_once_for_all_gate_settings() -> None:
    model = cache.demo_model("elnino")
    x = np.random.default_rng(6).standard_normal((40, 1)).astype(np.float32)
    first = cache.model_proof(model, x, "once", 20.0)
    assert first is not None
    assert cache.model_proof(model, x, "once", 0.0) is first


def test_nobody_waits_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    model = cache.demo_model("elnino")
    monkeypatch.setattr(cache, "WAITING", 0)
    assert cache.model_proof(model, np.zeros((5, 1), np.float32), "never asked", 0.0) is None
