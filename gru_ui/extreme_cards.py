"""The parts of the page on extremes: a card per setting with its equation and proof, and their pictures."""

import streamlit as st

from gru_core.analysis.answer import number_text
from gru_core.analysis.extremes import TERMS
from gru_core.overrides import EXTREMES
from gru_core.symbols import H
from gru_ui import cache
from gru_ui.components.heatmaps import Panel
from gru_ui.pictures import outputs, show_panels
from gru_ui.texts import say
from gru_ui.view import View
from gru_ui.words import answer_sentence, number_in_tens, percent


def equation(setting: str, reset_mode: str) -> str:
    """The two equations of the new state as LaTeX, terms that are exactly 0 at this setting struck out."""
    terms = TERMS[setting]
    recurrent = {
        "before": r"(R_t \odot H_{t-1}) W_{hh}",
        "after": r"R_t \odot (H_{t-1} W_{hh} + b_{hh})",
    }[reset_mode]

    def shown(text: str, alive: bool) -> str:
        return text if alive else rf"\cancel{{{text}}}"

    kept, written = (
        shown(r"Z_t \odot H_{t-1}", terms.old_state),
        shown(r"(1 - Z_t) \odot \tilde H_t", terms.candidate),
    )
    rows = (
        rf"H_t &= {kept} + {written}",
        r"\tilde H_t &= \tanh(X_t W_{xh} + b_h",
        rf"&\qquad + {shown(recurrent, terms.recurrent)})",
    )
    return r"\small\begin{aligned}" + r" \\ ".join(rows) + r"\end{aligned}"


def draw_card(view: View, setting: str) -> None:
    """One setting: what it means, its equation, what the model then answers, and the proof as numbers."""
    with st.container(border=True, key=f"card_{setting}", height="stretch", gap="small"):
        st.markdown(f"**{say(f'extremes.{setting}_title')}**  \n{say(f'extremes.{setting}_means')}")
        st.latex(equation(setting, view.model.gru.reset_mode))
        st.text(answer_words(view, setting))
        proof = cache.proof(view.model, view.x, view.x_fingerprint, setting)
        against = proof.against.replace(".", "").replace(" ", "")
        verdict = say("extremes.holds" if proof.holds else "extremes.fails")
        badge = ":green-badge" if proof.holds else ":red-badge"
        lines = [
            f"{say(f'extremes.proof_{against}')}: **{number_in_tens(proof.difference)}** {badge}[{verdict}]"
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
        return answer_sentence(None)
    if found.confidence is None:
        if found.error is not None and found.counted > 1:
            return say("extremes.answer_number_error", error=number_text(found.error))
        kind = "answer_number" if found.expected is not None else "answer_number_open"
        return say(f"extremes.{kind}", answer=found.answer, expected=found.expected)
    kind = {True: "answer_right", False: "answer_wrong", None: "answer_open"}[found.is_right]
    words = say(
        f"extremes.{kind}", answer=found.answer, expected=found.expected, confidence=percent(found.confidence)
    )
    if found.counted > 1:
        words += "; " + say("answer.counted_short", right=found.right, counted=found.counted)
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

    With the gates set free, the state under the sliders comes first.
    """
    learned = view.traces(())[view.layer].H[0]
    panels = []
    settings = dict(EXTREMES)
    if view.workspace.gates == "custom":
        settings = {"custom": view.overrides} | settings
    for setting, overrides in settings.items():
        state = learned if setting == "learned" else view.traces(overrides)[view.layer].H[0]
        name = say(f"extremes.{setting}_title")
        if not differences:
            panels.append(
                Panel(H.name, say("extremes.state_of", name=name), state, "state", say("extremes.state_hint"))
            )
        elif setting != "learned":
            title = say("extremes.difference_of", name=name)
            panels.append(Panel("ΔH", title, state - learned, "difference", say("extremes.difference_hint")))
    facts = " ".join(
        f"{say(f'extremes.{setting}_title')}: {answer_words(view, setting)}." for setting in EXTREMES
    )
    summary = say("extremes.summary", units=learned.shape[1], steps=learned.shape[0], facts=facts)
    answered = outputs(view, under=say(f"extremes.{view.workspace.gates}_title"))
    show_panels(view, panels, key="extreme_heatmaps", summary=summary, filename="extremes", outputs=answered)
