"""What reads the answers of an uploaded GRU: a Linear of its file, attached by the person."""

from typing import get_args

import streamlit as st

from gru_core.fitting import Answer, Fitting, ReadoutChoice, When, readouts, usual_answer, usual_names
from gru_core.sequences import read_vocabulary
from gru_ui.fit_inputs import key_of
from gru_ui.store import UploadedModel
from gru_ui.texts import say


def choose_readout(upload: UploadedModel, name: str, now: Fitting, where: str) -> ReadoutChoice | None:
    """What the person chooses, at first what is in use; None is no readout.

    `where` begins the keys of the widgets. Raises a GateScopeError for names that cannot be read.
    """
    layers = {layer.name: layer for layer in readouts(upload.inspection.others, name)}
    if not layers:
        st.text(say("inputs.no_readout"))
        return None
    attached = now.readout.layer if now.readout is not None else ""
    names = ["", *layers]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.selectbox(
            say("inputs.readout"),
            names,
            index=names.index(attached) if attached in names else 0,
            format_func=lambda one: f"{one} ({layers[one].sizes})" if one else say("inputs.readout_none"),
            key=f"{where}_readout",
            help=say("inputs.readout_help"),
            width=300,
        )
        if not chosen:
            return None
        layer, number = layers[chosen], names.index(chosen)
        before = now.readout if chosen == attached else None
        answer: Answer = st.segmented_control(
            say("inputs.answer"),
            get_args(Answer),
            format_func=lambda kind: say(f"inputs.answer_{key_of(kind)}"),
            default=(before.answer if before else None) or usual_answer(layer),
            required=True,
            key=f"{where}_answer_{number}",
        )
        when: When = st.segmented_control(
            say("inputs.when"),
            get_args(When),
            format_func=lambda one: say(f"inputs.when_{key_of(one)}"),
            default=before.when if before else "every step",
            required=True,
            key=f"{where}_when_{number}",
        )
    said = (
        say("inputs.activation", name=layer.activation) if layer.activation else say("inputs.no_activation")
    )
    st.caption(said)
    pasted = st.text_area(
        say("inputs.outputs", count=len(usual_names(layer, answer))),
        value="\n".join(before.outputs) if before else "",
        height=90,
        key=f"{where}_outputs_{number}",
    )
    outputs = _names(pasted)
    return ReadoutChoice(chosen, outputs, answer, when)


def _names(pasted: str) -> tuple[str, ...]:
    """Names of outputs: one per line, or between commas; a JSON list or object as a vocabulary has it."""
    text = pasted.strip()
    if not text:
        return ()
    if text[0] in "[{":
        return read_vocabulary(text.encode(), "pasted")
    parts = text.split("\n") if "\n" in text else text.split(",")
    return tuple(part.strip()[:200] for part in parts if part.strip())
