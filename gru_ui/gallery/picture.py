"""The live heatmaps of a model of the gallery, and what they say in words."""

import streamlit as st

from gru_core.analysis.fact import Fact
from gru_core.analysis.facts import facts
from gru_core.gallery import Part
from gru_ui import cache, state
from gru_ui.components.heatmaps import Outputs, heatmaps
from gru_ui.gallery.controls import layer_name
from gru_ui.gallery.said import plain_words, say_or
from gru_ui.gallery.shown import Shown
from gru_ui.language.core_tables import FACT_TEXTS
from gru_ui.language.sentences import together
from gru_ui.pictures import gate_panels
from gru_ui.texts import say

HEIGHT = 405
"""Pixels: with what the model says above, all of it is on a projector's 768 lines."""


def draw_picture(shown: Shown) -> None:
    """R, Z, H~ and H of the chosen layer over what the model read, and what it says at every step."""
    form, part, trace = shown.form, shown.part, shown.trace()
    event = heatmaps(
        key=f"gallery_heatmaps_{shown.entry.name}_{shown.number}",
        panels=gate_panels(trace),
        ticks=part.tokens,
        outputs=outputs(shown, part),
        orders=shown.orders,
        cursor=form.cursor,
        unit=form.unit if form.unit >= 0 else None,
        order=form.order,
        passes_back=True,
        on_change=state.touched,
        summary=say(
            "gallery.summary",
            title=say(f"gallery.{shown.entry.name}_title"),
            layer=layer_name(shown.layer),
            units=trace.units,
            steps=trace.steps,
            said=plain_words(shown, shown.run()),
            facts=together(fact_sentences(shown)),
        ),
        filename=f"{shown.entry.name}-{form.gates}",
        height=HEIGHT,
    )
    unit = -1 if event.unit is None else event.unit
    state.change(lambda now: now.with_gallery(cursor=event.cursor, unit=unit, order=event.order))


def outputs(shown: Shown, part: Part) -> Outputs | None:
    """What the model says at every step, where this GRU is the one that says it."""
    steps = part.steps
    if steps is None:
        return None
    names = tuple(say_or(f"gallery.step_{name}", name) for name in steps.names)
    return Outputs(
        steps.kind, names, steps.values, steps.truth, say(f"gallery.{shown.entry.name}_steps"), steps.span
    )


def fact_sentences(shown: Shown) -> tuple[str, ...]:
    """What the trace of the chosen layer shows."""
    tokens = shown.part.tokens
    key = (*shown.key, "facts", shown.form.gates, shown.form.where_held, shown.number)

    def make() -> tuple[Fact, ...]:
        return facts(shown.trace(), tokens)

    found = cache.kept().get(key, make, lambda _: 4_000)
    return tuple(fact.said_by(FACT_TEXTS) for fact in found)


def draw_facts(shown: Shown) -> None:
    """The text twin of the picture, and what is to be known of the model."""
    with st.container(key="facts", gap="small"):
        st.subheader(say("gates.facts"), anchor=False)
        for sentence in fact_sentences(shown):
            st.text(sentence)
        for signs in ("padding", "filled"):
            if count := int(shown.run().facts.get(signs, 0)):
                st.text(say(f"gallery.{signs}", steps=count))
        st.subheader(say("gallery.of_model"), anchor=False)
        st.markdown(say(f"gallery.{shown.entry.name}_more"))
        st.caption(say("gallery.source", source=shown.entry.source.replace("_", r"\_")))
