"""What is in a model's file, in plain words: every GRU with what is around it, other layers, and arrays."""

from collections.abc import Callable

import streamlit as st

from gru_core.formats import FoundGRU, Inspection, OtherLayer
from gru_ui.how_read import explain_reading
from gru_ui.language.sentences import together, translated
from gru_ui.navigation import page_file
from gru_ui.texts import say
from gru_ui.words import escape

CARDS = 4
"""Most GRUs that have a card each; of more, one is chosen from a list."""

ROWS = 8
"""Rows of a table that are seen without scrolling."""

COLOURS = {"GRU": "green", "Linear": "blue", "Embedding": "orange", "LSTM": "violet", "RNN": "violet"}


def show_contents(
    inspection: Inspection, use: Callable[[int], None], is_in_use: Callable[[int], bool]
) -> None:
    """Everything that was found; `use` takes the GRU of a number to every page."""
    with st.container(key="inspection", gap="small"):
        st.markdown(f"**{say('your_data.found')}**: {escape(translated(inspection.format_title))}")
        for note in inspection.notes:
            st.text(f"· {translated(note)}")
        numbers = list(range(len(inspection.grus)))
        if len(numbers) > CARDS:
            st.text(say("contents.many", count=len(numbers)))
            st.dataframe(gru_rows(inspection), height=_height(len(numbers)), hide_index=True)
            numbers = [
                st.selectbox(
                    say("contents.which"),
                    numbers,
                    format_func=lambda number: inspection.grus[number].name,
                    key="which_gru",
                    width=400,
                )
            ]
        for number in numbers:
            _card(inspection, number, use, is_in_use(number))
        _others(inspection)
    with st.expander(say("your_data.tensors")):
        rows = [
            {
                say("contents.column_name"): t.name,
                say("contents.column_shape"): " × ".join(map(str, t.shape)),
                say("contents.column_type"): t.dtype,
            }
            for t in inspection.tensors
        ]
        st.dataframe(rows, hide_index=True)


def gru_words(gru: FoundGRU) -> str:
    """The sizes of a GRU in one line."""
    return say(
        "your_data.gru",
        inputs=f"{gru.input_size:,}",
        units=f"{gru.hidden_size:,}",
        layers=say("your_data.layer")
        if gru.num_layers == 1
        else say("your_data.layers", count=gru.num_layers),
        directions=_direction(gru),
        parameters=f"{gru.parameters:,}",
    )


def function_words(gru: FoundGRU) -> str:
    """Which function a GRU is: where R acts, what its gates are, where it starts."""
    sentences = [say(f"contents.reset_{gru.reset_mode}")]
    if gru.gate_activation != "sigmoid":
        sentences.append(say(f"contents.{gru.gate_activation}"))
    if gru.learned_start:
        sentences.append(say("contents.learned_start"))
    return together(sentences)


def chain(inspection: Inspection, gru: FoundGRU) -> list[tuple[str, str]]:
    """What could feed a GRU, the GRU, and what could follow: (kind, words), in the order of the data."""
    width = gru.hidden_size * (2 if gru.bidirectional else 1)
    at = inspection.grus.index(gru)

    def found(kind: str) -> list[tuple[str, str]]:
        """The first of a kind that fits, and how many more do."""
        layers = [layer for layer in inspection.others if layer.kind == kind and gru.name in layer.fits]
        if not layers:
            return []
        words = f"{layers[0].name} {layers[0].sizes} {layers[0].activation}".strip()
        more = "" if len(layers) == 1 else " " + say("contents.or_others", count=len(layers) - 1)
        return [(kind, words + more)]

    below = [g for g in inspection.grus[:at] if _gives(g) == gru.input_size][-1:]
    above = [g for g in inspection.grus[at + 1 :] if g.input_size == width][:1]
    feeds: list[tuple[str, str]] = found("Embedding") or [("GRU", _arrow(g)) for g in below]
    follows = [("GRU", _arrow(g)) for g in above] + found("Linear")
    return [*feeds, ("this", _arrow(gru)), *follows]


def gru_rows(inspection: Inspection) -> list[dict[str, object]]:
    """The GRUs of a file as rows of a table."""
    return [
        {
            say("contents.column_name"): gru.name,
            say("contents.column_inputs"): gru.input_size,
            say("contents.column_units"): gru.hidden_size,
            say("contents.column_layers"): gru.num_layers,
            say("contents.column_direction"): _direction(gru),
            say("contents.column_reset"): say(f"contents.{gru.reset_mode}"),
            say("contents.column_weights"): gru.parameters,
        }
        for gru in inspection.grus
    ]


def _card(inspection: Inspection, number: int, use: Callable[[int], None], in_use: bool) -> None:
    gru = inspection.grus[number]
    with st.container(border=True, key=f"gru_card_{number}", gap="small"):
        st.markdown(f"**{escape(gru.name)}**: {gru_words(gru)}")
        parts = chain(inspection, gru)
        if len(parts) > 1:
            st.markdown(" → ".join(_badge(kind, words) for kind, words in parts))
        st.text(function_words(gru))
        for note in gru.notes:
            st.text(f"· {translated(note)}")
        opened = st.expander(say("contents.how_read"), key=f"how_read_{number}", on_change="rerun")
        if opened.open:
            with opened:
                explain_reading(gru)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(
                say("your_data.use_model", name=escape(gru.name)),
                key=f"use_model_{number}",
                on_click=use,
                args=(number,),
                icon=":material/play_arrow:",
                disabled=in_use,
            )
            if in_use:
                st.page_link(
                    page_file("gates"),
                    label=say("your_data.see"),
                    icon=":material/arrow_forward:",
                    width="content",
                )
                st.caption(say("your_data.used"), width="content")


def _others(inspection: Inspection) -> None:
    """Layers that are not GRUs, as a table with what each could be for."""
    named = [layer for layer in inspection.others if layer.kind != "other" or layer.note or layer.refused]
    if not named:
        return
    st.markdown(f"**{say('contents.others')}**")
    st.dataframe([_row(layer) for layer in named], height=_height(len(named)), hide_index=True)


def _row(layer: OtherLayer) -> dict[str, str]:
    what = "GRU" if layer.refused else layer.kind
    return {
        say("contents.column_name"): layer.name or "·",
        say("contents.column_what"): what,
        say("contents.column_sizes"): translated(layer.sizes),
        say("contents.column_activation"): translated(layer.activation),
        say("contents.column_where"): translated(layer.refused or layer.note),
    }


def _badge(kind: str, words: str) -> str:
    if kind == "this":
        return f"**:green-badge[GRU {escape(words)}]**"
    return f":{COLOURS[kind]}-badge[{kind} {escape(words)}]"


def _arrow(gru: FoundGRU) -> str:
    return f"{gru.name} {gru.input_size} -> {_gives(gru)}"


def _gives(gru: FoundGRU) -> int:
    return gru.hidden_size * (2 if gru.bidirectional else 1)


def _direction(gru: FoundGRU) -> str:
    if gru.bidirectional:
        return say("your_data.both")
    return say("your_data.backwards" if gru.backwards else "your_data.one_way")


def _height(rows: int) -> int:
    """Pixels of a table of so many rows, its head included."""
    return 36 * (min(rows, ROWS) + 1)
