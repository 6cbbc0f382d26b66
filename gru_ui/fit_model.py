"""What a person adds to the uploaded model in use: how its inputs are made, and what reads its answers."""

import hashlib

import streamlit as st

from gru_core.errors import GateScopeError
from gru_core.fitting import Fitting, fit
from gru_ui import state, view
from gru_ui.fit_inputs import choose_inputs, key_of
from gru_ui.fit_readout import choose_readout
from gru_ui.frame import take_model
from gru_ui.language.sentences import listed, translated
from gru_ui.navigation import page_file
from gru_ui.store import FittedModel, UploadedModel, uploads
from gru_ui.texts import say
from gru_ui.words import escape


def fit_model() -> None:
    """Choices for the uploaded model in use; nothing where a demo or a trained model is."""
    chosen = view.upload_of(state.workspace().model)
    if chosen is None:
        return
    upload, name, now = chosen
    if upload.inspection.complete:
        return
    model = upload.models[name]
    # Keys of this very model: what is shown for another one, or after Back, starts from what that one has.
    where = f"fit_{hashlib.sha256(state.workspace().model.encode()).hexdigest()[:8]}"
    with st.container(border=True, key="fit", gap="small"):
        st.markdown(f"**{say('inputs.title', name=escape(name))}**")
        st.text(say("inputs.needed", width=f"{model.gru.input_size:,}"))
        try:
            inputs = choose_inputs(upload, name, now, where)
            readout = choose_readout(upload, name, now, where)
            fitting = Fitting(inputs, readout)
            fit(model, upload.inspection.others, fitting)
        except GateScopeError as error:
            st.error(escape(translated(error)))
            return
        same = fitting == now
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(
                say("inputs.take"),
                key="fit_take",
                on_click=_take,
                args=(upload, name, fitting),
                icon=":material/check:",
                disabled=same,
            )
            st.caption(say("inputs.taken" if same else "inputs.not_yet"), width="content")
            if same:
                label = say("your_data.see")
                st.page_link(
                    page_file("gates"), label=label, icon=":material/arrow_forward:", width="content"
                )


def _take(upload: UploadedModel, name: str, fitting: Fitting) -> None:
    """Use the model with these inputs and this readout on every page; called in a button's callback."""
    origin = view.origin_of(state.workspace().model)
    if origin is None:
        return
    key, number = origin
    if fitting == Fitting():
        reference = f"file.{key}.{number}"
    else:
        title = f"{view.model_of(f'file.{key}.{number}').card.title} ({words_of(fitting)})"
        tokens = () if fitting.inputs is None else fitting.inputs.tokens
        size = 10_000 + 150 * len(tokens)
        fitted = uploads().put(FittedModel(title, key, number, fitting, size), (key, number, fitting))
        reference = f"file.{fitted}.{number}"
        state.remember_upload(reference, title)
    state.change(lambda chosen: take_model(chosen, reference))


def words_of(fitting: Fitting) -> str:
    """A fitting in two or three words, for the list of models."""
    parts = []
    if fitting.inputs is not None:
        parts.append(say(f"inputs.short_{key_of(fitting.inputs.kind)}"))
    if fitting.readout is not None:
        parts.append(say("inputs.short_readout", layer=fitting.readout.layer))
    return listed(parts)
