"""The frame every page shares: model, sequence and gate setting, chosen once."""

from functools import partial

import streamlit as st

from gru_core.demos import DEMOS
from gru_core.errors import GateScopeError, OverrideError
from gru_core.limits import MOST_INDEX_CHARACTERS
from gru_core.model import SequenceModel
from gru_core.sequences.probes import PROBES
from gru_ui import state, view
from gru_ui.brush import draw_brush
from gru_ui.cache import demo_model
from gru_ui.language.sentences import together, translated
from gru_ui.navigation import navigate, page_file
from gru_ui.proof_badge import draw_proof
from gru_ui.texts import say
from gru_ui.view import View
from gru_ui.words import escape
from gru_ui.workspace import SETTINGS, Workspace


def frame(*, sliders: bool = True) -> View:
    """Draw the frame and give what it shows; where there is nothing to show, say why and end the page.

    `sliders` False leaves the sliders of a free setting to the page.
    """
    through_the_router()
    try:
        return draw_frame(sliders=sliders)
    except OverrideError as error:
        st.error(escape(translated(error)))
        before = state.shown_before()
        if before is not None:
            # Units or steps that cannot be: the picture stays as it was until they are corrected.
            return view.build(before)
        if not sliders:
            # The page will not get to draw them, and they are where this can be corrected.
            draw_sliders("frame")
        state.write_link()
        st.stop()
    except GateScopeError as error:
        st.error(escape(translated(error)))
        st.page_link(page_file("your_data"), label=say("frame.go_to_data"), icon=":material/arrow_forward:")
        state.write_link()
        st.stop()


def try_frame() -> View | None:
    """Draw the frame and go on without a view, the reason on screen, where there is nothing to show."""
    through_the_router()
    try:
        return draw_frame()
    except GateScopeError as error:
        st.error(escape(translated(error)))
        return None


def through_the_router() -> None:
    """Streamlit runs a file in pages/ by itself when a new server is first asked for that address.

    Once the menu has been drawn, it goes through app.py.
    """
    if not state.is_open():
        navigate()
        st.rerun()


def draw_frame(*, sliders: bool = True) -> View:
    """Draw the frame and give what it shows. Raises a GateScopeError that says why there is nothing."""
    for message in state.messages():
        st.warning(escape(translated(message)))
    model = _model()
    _leave_out_what_is_not_there(model)
    with st.container(key="frame", horizontal=True, vertical_alignment="bottom", gap="small"):
        _pick_model()
        badge = st.container(key="proof", width="content")
        # With a layer to choose, all of it still stands in one row of a projector.
        has_layers = len(model.gru.cells) > 1
        _pick_sequence(model, width=255 if has_layers else 300)
        if has_layers:
            _pick_layer(model)
        _pick_gates()
    if sliders and state.workspace().gates == "custom":
        draw_sliders("frame")
    shown = view.build(state.workspace())
    state.remember_shown()
    if state.workspace().gates == "painted":
        draw_brush(shown)
    state.after_the_page(partial(draw_proof, badge, shown))
    return shown


def _model() -> SequenceModel:
    """The chosen model; the first demo, and a sentence, when it is gone."""
    try:
        return view.model_of(state.workspace().model)
    except GateScopeError as error:
        st.warning(escape(together([translated(error), say("app.model_gone")])))
        state.choose(model=DEMOS[0], sequence="example.0")
        return view.model_of(DEMOS[0])


def _leave_out_what_is_not_there(model: SequenceModel) -> None:
    """Say which layer or unit of the link this model does not have, and take it out of the link."""
    chosen, layers, units = state.workspace(), len(model.gru.cells), model.gru.hidden_size
    if chosen.layer >= layers:
        st.warning(say("frame.no_layer", layer=chosen.layer, layers=layers))
        state.choose(layer=0)
    if chosen.unit >= units:
        st.warning(say("frame.no_unit", unit=chosen.unit, last=units - 1))
        state.choose(unit=-1)


def draw_sliders(where: str) -> None:
    """The sliders of a free setting; moving one makes the setting free on every page."""
    columns = st.columns([2, 2, 2, 2, 1.5, 1.5], gap="medium")
    for column, field in zip(columns, ("z_blend", "z", "r_blend", "r", "units", "steps"), strict=True):
        with column:
            if field in ("units", "steps"):
                _text(field, where)
            else:
                _slider(field, where)


def _text(field: str, where: str) -> None:
    tied = state.widget(field, where=where, apply=partial(_free, field))
    label, about = say(f"frame.{field}"), say(f"frame.{field}_help")
    st.text_input(label, placeholder=say("frame.all"), help=about, max_chars=MOST_INDEX_CHARACTERS, **tied)


def _slider(field: str, where: str) -> None:
    label = say(f"frame.{field}" if field.endswith("_blend") else f"frame.{field}_value")
    tied = state.widget(
        field,
        where=where,
        shows=state.workspace().sliders[field],
        apply=lambda chosen, value: chosen.with_slider(field, value),
    )
    st.slider(label, 0.0, 1.0, step=0.05, **tied)


def _free(field: str, chosen: Workspace, value: str) -> Workspace:
    return chosen.with_gates("custom").but(**{field: value})


def _pick_model() -> None:
    titles = model_titles(state.workspace().model)
    st.selectbox(
        say("frame.model"),
        list(titles),
        format_func=titles.__getitem__,
        help=say("frame.model_help"),
        width=260,
        **state.widget("model", apply=take_model),
    )


def model_titles(chosen: str) -> dict[str, str]:
    """The models a person can choose by reference, the chosen one among them, with what they are called."""
    titles = {name: translated(demo_model(name).card.title) for name in DEMOS}
    titles |= state.my_uploads("file") | state.my_uploads("run") | state.my_uploads("gallery")
    if chosen not in titles:
        known = view.trained_title(chosen) or view.uploaded_title(chosen)
        titles[chosen] = known or say("frame.model_in_link")
    return titles


def take_model(chosen: Workspace, reference: str) -> Workspace:
    """Another model; a sequence of one's own that it cannot read is not dropped in silence."""
    changed = view.with_model(chosen, reference)
    if chosen.sequence.startswith(("data.", "text.")) and changed.sequence != chosen.sequence:
        state.tell(say("frame.sequence_left", model=translated(view.model_of(reference).card.title)))
    return changed


def _pick_sequence(model: SequenceModel, *, width: int) -> None:
    titles = sequence_titles(model, state.workspace().sequence)
    st.selectbox(
        say("frame.sequence"),
        list(titles),
        format_func=titles.__getitem__,
        help=say("frame.sequence_help"),
        width=width,
        **state.widget("sequence"),
    )


def sequence_titles(model: SequenceModel, chosen: str) -> dict[str, str]:
    """The sequences a person can choose by reference, the chosen one too, with what they are called."""
    words = str if state.workspace().model.startswith("file.") else translated
    titles = {f"example.{i}": words(example.title) for i, example in enumerate(model.card.examples)}
    if not titles:
        titles = {f"probe.{kind}": say(f"frame.probe_{kind}") for kind in PROBES}
    titles |= state.my_uploads("data") | state.my_uploads("text")
    if chosen not in titles:
        unnamed = say("frame.in_link" if chosen.startswith("text.") else "frame.upload_in_link")
        titles[chosen] = view.uploaded_title(chosen) or unnamed
    return titles


def _pick_layer(model: SequenceModel) -> None:
    directions = model.gru.num_directions
    names = [
        say(
            "frame.layer_name",
            layer=index // directions,
            direction=say(f"frame.{model.gru.directions[index % directions]}"),
        )
        for index in range(len(model.gru.cells))
    ]
    st.selectbox(
        say("frame.layer"),
        range(len(names)),
        format_func=names.__getitem__,
        width=170,
        **state.widget("layer"),
    )


def _pick_gates() -> None:
    st.segmented_control(
        say("frame.gates"),
        SETTINGS,
        format_func=lambda name: say(f"frame.gates_{name}"),
        required=True,
        wrap=True,
        help=say("frame.gates_help"),
        **state.widget("gates", apply=Workspace.with_gates),
    )
