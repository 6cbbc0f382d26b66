"""Sentences that pages share, made from computed values."""

import math
import re

import streamlit as st

from gru_core.analysis.answer import Verdict, number_text
from gru_core.analysis.fact import Fact, visible
from gru_core.analysis.facts import facts
from gru_ui import cache
from gru_ui.language.core_tables import FACT_TEXTS
from gru_ui.language.sentences import together, translated
from gru_ui.navigation import page_file
from gru_ui.texts import say
from gru_ui.view import View, readouts_of


def fact_sentences(view: View) -> tuple[str, ...]:
    """What the trace of the chosen layer shows."""

    def make() -> tuple[Fact, ...]:
        labels = view.ticks if any(view.sequence.labels) else None
        return facts(view.trace, labels, override_name=view.setting_name())

    key = ("facts", *view.key, view.layer, view.sequence.labels)
    found = cache.kept().get(key, make, lambda _: 2_000 + 100 * len(view.sequence.labels))
    return tuple(fact.said_by(FACT_TEXTS) for fact in found)


def answer_sentence(view: View, found: Verdict | None) -> str:
    """What the model answers, and whether that is right; why it answers nothing where `found` is None."""
    if found is None:
        return _no_answer(view.workspace.model)
    entries = {
        "answer": visible(view.in_words(found.answer)),
        "expected": found.expected and visible(view.in_words(found.expected)),
        "step": found.step,
        "name": view.in_words(found.name),
        "confidence": "" if found.confidence is None else percent(found.confidence),
    }
    if found.confidence is None:
        sentence = say("answer.number" if found.expected is not None else "answer.number_open", **entries)
    else:
        verdict = {True: "right", False: "wrong", None: "open"}[found.is_right]
        sentence = say(f"answer.{verdict}", **entries)
    if found.counted > 1 and found.error is not None:
        return together(
            [sentence, say("answer.error", counted=found.counted, error=number_text(found.error))]
        )
    if found.counted > 1:
        return together([sentence, say("answer.counted", right=found.right, counted=found.counted)])
    return sentence


def _no_answer(reference: str) -> str:
    """Why the model of a reference answers nothing here, and where it would."""
    if reference.startswith("gallery."):
        return say("answer.in_gallery")
    layers = readouts_of(reference)
    if len(layers) == 1:
        return say("answer.one_to_attach", name=layers[0])
    return say("answer.some_to_attach", count=len(layers)) if layers else say("answer.none")


def draw_answer(view: View) -> None:
    """The task, and in front of the answer one word on whether it is right."""
    found = view.verdict()
    with st.container(key="answer", horizontal=True, vertical_alignment="center", gap="small"):
        if view.model.card.task:
            st.caption(escape(translated(view.model.card.task)), width="content")
        if found is not None and found.is_right is not None:
            st.badge(
                say("answer.badge_right" if found.is_right else "answer.badge_wrong"),
                icon=":material/check:" if found.is_right else ":material/close:",
                color="green" if found.is_right else "red",
            )
        st.text(answer_sentence(view, found), width="content")
        if found is None and readouts_of(view.workspace.model):
            label = say("answer.attach")
            st.page_link(
                page_file("your_data"), label=label, icon=":material/arrow_forward:", width="content"
            )


def draw_primer() -> None:
    """What a GRU is, for who opens it; closed it costs the page nothing, and every toggle draws the page."""
    opened = st.expander(say("gates.primer"), icon=":material/school:", on_change="rerun", key="primer")
    if opened.open:
        opened.markdown(say("gates.primer_text"))


def escape(text: str) -> str:
    """People's text so that Markdown shows it as it is: no formatting, images, links or HTML."""
    # Addresses become links even where every sign is escaped, unless something invisible parts them.
    text = re.sub(r"(?i)(https?:|www)(?=[/.])|(?=@)", "\\1\u2060", text)
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~:$&^=])", r"\\\1", text)


def number_in_tens(value: float) -> str:
    """A difference: exactly 0 as 0, a small one as 1.5 × 10⁻⁷, else in two decimals."""
    if value == 0:
        return "0"
    if not math.isfinite(value):
        return str(value)
    if abs(value) >= 0.01:
        return f"{value:.2f}"
    digits, power = f"{value:.1e}".split("e")
    return f"{digits}\u00a0×\u00a010{str(int(power)).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}"


def percent(share: float) -> str:
    """A share in per cent; close to the ends never rounded onto them."""
    text = f"{100 * share:.1f}"
    if text == "100.0" and share < 1:
        text = "> 99.9"
    if text == "0.0" and share > 0:
        text = "< 0.1"
    return f"{text}%"
