"""Bringing a model: upload its file, see what is in it, use one of its GRUs everywhere."""

from typing import BinaryIO

import streamlit as st

from gru_core.conventions import CONVENTIONS
from gru_core.errors import GateScopeError
from gru_core.formats import MODEL_SUFFIXES, Inspection, load_models
from gru_core.limits import MAX_UPLOAD_BYTES, megabytes
from gru_ui import cache, state
from gru_ui.frame import take_model
from gru_ui.store import UploadedModel, uploads
from gru_ui.texts import say
from gru_ui.words import escape


def bring_model() -> None:
    """A chooser for a file, what `inspect_file` finds in it, and a button for each GRU."""
    limits = say("your_data.limits_model", bytes=megabytes(MAX_UPLOAD_BYTES))
    file = st.file_uploader(
        say("your_data.model_label"), type=[s.removeprefix(".") for s in MODEL_SUFFIXES], key="model_file"
    )
    st.caption(limits)
    if file is None:
        return
    try:
        upload = cache.kept().get(("model", file.file_id), lambda: _read(file), lambda made: made.size)
    except GateScopeError as error:
        st.error(escape(str(error)))
        return
    _show(upload.inspection)
    for number, name in enumerate(upload.models):
        st.button(
            say("your_data.use_model", name=escape(name)),
            key=f"use_model_{number}",
            on_click=_use,
            args=(upload, number),
            icon=":material/play_arrow:",
        )
    if state.workspace().model in state.my_uploads("file"):
        st.caption(say("your_data.used"))


def _read(file: BinaryIO) -> UploadedModel:
    """Everything in an uploaded file; raises a GateScopeError that says what is wrong with it."""
    inspection, models = load_models(file)
    size = sum(p.numel() * p.element_size() for model in models.values() for p in model.parameters())
    return UploadedModel(inspection.source, models, inspection, size + 100_000)


def _show(inspection: Inspection) -> None:
    with st.container(border=True, key="inspection", gap="small"):
        st.markdown(f"**{say('your_data.found')}**: {escape(inspection.format_title)}")
        for gru in inspection.grus:
            st.text(
                say(
                    "your_data.gru",
                    name=gru.name,
                    inputs=gru.input_size,
                    units=gru.hidden_size,
                    layers=say("your_data.layer")
                    if gru.num_layers == 1
                    else say("your_data.layers", count=gru.num_layers),
                    directions=say("your_data.both" if gru.bidirectional else "your_data.one_way"),
                    mode=gru.reset_mode,
                    convention=CONVENTIONS[gru.convention].framework,
                    parameters=f"{gru.parameters:,}",
                )
            )
            for note in gru.notes:
                st.text(f"  {note}")
        for other in (layer for layer in inspection.others if layer.kind != "other"):
            st.text(f"{other.name or '·'}: {other.kind} {other.sizes} {other.note}".rstrip())
        for note in inspection.notes:
            st.text(f"· {note}")
    with st.expander(say("your_data.tensors")):
        st.dataframe(
            [
                {"name": t.name, "shape": " × ".join(map(str, t.shape)), "type": t.dtype}
                for t in inspection.tensors
            ]
        )


def _use(upload: UploadedModel, number: int) -> None:
    key = uploads().put(upload)
    for index, name in enumerate(upload.models):
        title = upload.title if len(upload.models) == 1 else f"{upload.title}: {name}"
        state.remember_upload(f"file.{key}.{index}", title)
    state.change(lambda chosen: take_model(chosen, f"file.{key}.{number}"))
