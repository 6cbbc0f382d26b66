"""The badge beside the model: that its numbers are right, as one number, and the evidence behind it."""

from typing import Any

import streamlit as st

from gru_core.analysis.proof import ModelProof
from gru_core.conventions import CONVENTIONS
from gru_core.errors import GateScopeError
from gru_core.model import GRU
from gru_core.symbols import SYMBOLS
from gru_ui import cache
from gru_ui.language.sentences import together, translated
from gru_ui.texts import say
from gru_ui.view import View
from gru_ui.words import escape, number_in_tens

AFTER_PICTURE_SECONDS = 0.15
"""How long the end of a run waits for a proof, once the picture has been sent."""

LOOK_SECONDS = 0.5
"""How often a proof that takes longer is looked for."""


def draw_proof(place: Any, view: View) -> None:
    """The badge in its place: green with the largest difference, red where the proof does not hold."""
    found = cache.model_proof(view.model, view.x, view.x_fingerprint, AFTER_PICTURE_SECONDS)
    with place:
        if found is None:
            st.fragment(_wait, run_every=LOOK_SECONDS)(view)
        else:
            _badge(view, found)


def _wait(view: View) -> None:
    """A grey badge until the proof is there; then the page is drawn once more, and asks no longer."""
    if cache.model_proof(view.model, view.x, view.x_fingerprint, 0.0) is not None:
        st.rerun()
    st.badge(say("proof.waits"), color="gray")


def _badge(view: View, found: ModelProof | GateScopeError) -> None:
    if isinstance(found, GateScopeError):
        opened = st.popover(f":gray-badge[{say('proof.open')}]", type="tertiary", key="proof_badge")
        opened.markdown(escape(translated(found)))
        return
    colour, icon = ("green", "check") if found.holds else ("red", "warning")
    label = f":{colour}-badge[:material/{icon}: {badge_words(found, bool(view.overrides))}]"
    opened = st.popover(label, type="tertiary", key="proof_badge")
    opened.markdown(evidence(found, view.model.gru, view.sequence.source))


def badge_words(proof: ModelProof, gates_held: bool = False) -> str:
    """The proof in a few words: "Proof: equals PyTorch to 3.0 × 10⁻⁷".

    gates_held  the picture beside it shows held gates, and the proof is of the learned ones
    """
    if not proof.holds:
        apart = [value for entry in proof.differences for value in (entry.first, entry.double)]
        return say("proof.fails", value=number_in_tens(max(*apart, proof.chain)))
    kind = "torch" if proof.against == "torch.nn.GRU" else "equations"
    what = say("proof.what_learned" if gates_held else "proof.what")
    if proof.largest == 0:
        return say(f"proof.{kind}_exact", what=what)
    return say(f"proof.{kind}", what=what, value=number_in_tens(proof.largest))


def evidence(proof: ModelProof, gru: GRU, sequence: str) -> str:
    """Everything that was compared, as Markdown: a verdict, a row per symbol, and how it was done."""
    by_torch = proof.against == "torch.nn.GRU"
    framework = escape(translated(CONVENTIONS[gru.convention].framework))
    if not proof.holds:
        verdict = say("proof.fails_text")
    elif by_torch:
        verdict = say("proof.holds_torch", framework=framework)
    else:
        verdict = say("proof.holds_equations", framework=framework, why=_why(gru), dtype=proof.dtype)
    first = say("proof.column_torch") if by_torch else say("proof.column_equations", dtype=proof.dtype)
    rows = [
        f"| {say('proof.symbol')} | {first} | {say('proof.column_double')} |",
        "| :-- | --: | --: |",
        *(
            f"| {SYMBOLS[entry.symbol].label} | {number_in_tens(entry.first)} "
            f"| {number_in_tens(entry.double)} |"
            for entry in proof.differences
        ),
    ]
    steps = {
        "steps": f"{proof.steps:,}",
        "all": f"{proof.of_steps:,}",
        "sequence": escape(translated(sequence)),
    }
    lines = [
        say("proof.where", **steps),
        say("proof.tolerance", dtype=proof.dtype, tolerance=number_in_tens(proof.tolerance)),
        say("proof.chained")
        if proof.chain == 0
        else say("proof.not_chained", value=number_in_tens(proof.chain)),
    ]
    if proof.whole_run is not None:
        lines.append(say("proof.whole_run", value=number_in_tens(proof.whole_run)))
    return "\n\n".join([verdict, *_assumed(gru), "\n".join(rows), together(lines)])


def _assumed(gru: GRU) -> list[str]:
    """That a file may have been misread, which no proof of a trace can show, and what its reader assumed."""
    parts = [] if gru.convention == "gatescope" else [say("proof.reading")]
    if gru.notes:
        notes = "\n".join(f"- {escape(translated(note))}" for note in gru.notes)
        parts.append(f"{say('proof.assumed')}\n{notes}")
    return parts


def _why(gru: GRU) -> str:
    """Why torch.nn.GRU cannot be the second opinion."""
    if gru.reset_mode == "before":
        return say("proof.why_before")
    return say("proof.why_gates", gates=gru.gate_activation.replace("_", " "))
