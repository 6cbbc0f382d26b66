"""The parts of the page on extremes: a card per setting with its equation and proof, and their pictures."""

import streamlit as st

from gru_core.analysis.answer import number_text
from gru_core.analysis.extremes import TERMS
from gru_core.overrides import EXTREMES
from gru_core.symbols import SYMBOLS, H
from gru_ui import cache
from gru_ui.components.heatmaps import Panel
from gru_ui.language.sentences import together
from gru_ui.look import theme
from gru_ui.pictures import outputs, show_panels
from gru_ui.texts import say
from gru_ui.view import View
from gru_ui.words import answer_sentence, number_in_tens, percent

PICTURE_HEIGHT = 540
"""Pixels: with the sliders above, all of it is on a projector's 768 lines."""

INKS = {
    "light": {symbol.name: symbol.colour for symbol in SYMBOLS.values()}
    | {"X": "#9A6700", "H_tilde": "#A8478A"},
    "dark": {symbol.name: symbol.colour for symbol in SYMBOLS.values()} | {"Z": "#56A8E0", "R": "#F07B2E"},
}
"""The symbols' colours as text: darker or lighter where the colour is too faint to be read."""


def equation(setting: str, reset_mode: str, theme: str) -> str:
    """The two equations of the new state as LaTeX: symbols in their colours, what is exactly 0 struck out.

    Where R is 1 it is left out, so that the plain RNN is there to be read.
    """
    terms = TERMS[setting]
    inks = {name: rf"\textcolor{{{INKS[theme][name]}}}" for name in INKS[theme]}
    X, R, Z, N = (
        f"{inks[s]}{{{t}}}" for s, t in (("X", "X_t"), ("R", "R_t"), ("Z", "Z_t"), ("H_tilde", r"\tilde H_t"))
    )
    H, H_prev = (f"{inks['H']}{{{t}}}" for t in ("H_t", "H_{t-1}"))
    reset = "" if setting == "rnn" else rf"{R} \odot "
    recurrent = (
        rf"({reset}{H_prev}) W_{{hh}}"
        if reset_mode == "before"
        else rf"{reset}({H_prev} W_{{hh}} + b_{{hh}})"
    )
    if not reset:
        recurrent = rf"{H_prev} W_{{hh}}" + ("" if reset_mode == "before" else " + b_{hh}")

    def shown(text: str, alive: bool) -> str:
        return text if alive else rf"\cancel{{{text}}}"

    kept = shown(rf"{Z} \odot {H_prev}", terms.old_state)
    written = shown(rf"(1 - {Z}) \odot {N}", terms.candidate)
    if setting in ("rnn", "input_only"):
        written = N
    if setting == "copy":
        kept = H_prev
    rows = (
        rf"{H} &= {kept} + {written}",
        rf"{N} &= \tanh({X} W_{{xh}} + b_h",
        rf"&\qquad + {shown(recurrent, terms.recurrent)})",
    )
    return r"\small\begin{aligned}" + r" \\ ".join(rows) + r"\end{aligned}"


def draw_card(view: View, setting: str) -> None:
    """One setting: what it means, its equation, what the model then answers, and the proof as numbers."""
    with st.container(border=True, key=f"card_{setting}", height="stretch", gap="small"):
        st.markdown(f"**{say(f'extremes.{setting}_title')}**  \n{say(f'extremes.{setting}_means')}")
        st.latex(equation(setting, view.model.gru.reset_mode, theme()))
        st.text(answer_words(view, setting))
        proof = cache.proof(view.model, view.x, view.x_fingerprint, setting)
        against = proof.against.replace(".", "").replace(" ", "")
        verdict = say("extremes.holds" if proof.holds else "extremes.fails")
        badge = ":green-badge" if proof.holds else ":red-badge"
        lines = [
            say(f"extremes.proof_{against}"),
            f"**{number_in_tens(proof.difference)}** {badge}[{verdict}]",
        ]
        if proof.when_learned is not None:
            lines.append(say("extremes.when_learned", value=number_in_tens(proof.when_learned)))
        if proof.whole_run is not None:
            lines.append(say("extremes.whole_run", value=number_in_tens(proof.whole_run)))
        st.markdown("  \n".join(lines))


def answer_words(view: View, setting: str) -> str:
    """What the model answers under a setting, in a few words."""
    found = view.verdict(EXTREMES[setting])
    if found is None:
        return answer_sentence(view, None)
    said = {
        "answer": view.in_words(found.answer),
        "expected": found.expected and view.in_words(found.expected),
    }
    if found.confidence is None:
        if found.error is not None and found.counted > 1:
            return say("extremes.answer_number_error", error=number_text(found.error))
        kind = "answer_number" if found.expected is not None else "answer_number_open"
        return say(f"extremes.{kind}", **said)
    kind = {True: "answer_right", False: "answer_wrong", None: "answer_open"}[found.is_right]
    words = say(f"extremes.{kind}", **said, confidence=percent(found.confidence))
    if found.counted > 1:
        words += say("language.between") + say(
            "answer.counted_short", right=found.right, counted=found.counted
        )
    return words


def pick_differences() -> bool:
    """Whether the person wants to see differences to the learned state rather than the states."""
    shown = st.segmented_control(
        say("extremes.show"),
        ("states", "differences"),
        format_func=lambda name: say(f"extremes.show_{name}"),
        default="states",
        required=True,
        label_visibility="collapsed",
        key="extremes_show",
    )
    return shown == "differences"


def show_settings(view: View, *, differences: bool) -> None:
    """The state under each setting, or how far it is from the learned one, on one time axis.

    With the gates set free or painted, the state under those comes first.
    """
    learned = view.traces(())[view.layer].H[0]
    panels: list[Panel] = []
    settings = dict(EXTREMES)
    if view.workspace.gates not in EXTREMES:
        settings = {view.workspace.gates: view.overrides} | settings
    for setting, overrides in settings.items():
        state = learned if setting == "learned" else view.traces(overrides)[view.layer].H[0]
        name = say(f"extremes.{setting}_title")
        # Said once, beside the first of them.
        hint = "" if panels else say("extremes.difference_hint" if differences else "extremes.state_hint")
        if not differences:
            panels.append(Panel(H.name, say("extremes.state_of", name=name), state, "state", hint))
        elif setting != "learned":
            title = say("extremes.difference_of", name=name)
            panels.append(Panel("ΔH", title, state - learned, "difference", hint))
    facts = together(
        f"{say(f'extremes.{setting}_title')}: {answer_words(view, setting)}." for setting in EXTREMES
    )
    summary = say("extremes.summary", units=learned.shape[1], steps=learned.shape[0], facts=facts)
    answered = outputs(view, under=say(f"extremes.{view.workspace.gates}_title"))
    show_panels(
        view,
        panels,
        key="extreme_heatmaps",
        summary=summary,
        filename=f"{view.model.card.name}-extremes",
        outputs=answered,
        height=PICTURE_HEIGHT,
    )
