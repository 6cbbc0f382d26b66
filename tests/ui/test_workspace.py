"""A link says everything that is chosen, and a damaged one still opens with a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru_core.errors import OverrideError
from gru_core.gallery import GALLERY
from gru_core.overrides import EXTREMES, GateOverride
from gru_core.painting import Painting
from gru_core.puzzles import PUZZLES
from gru_ui.cell_form import CellForm
from gru_ui.gallery.form import WHERE, GalleryForm
from gru_ui.puzzles.form import PuzzleForm
from gru_ui.workspace import ORDERS, PROPERTIES, SETTINGS, TABLES, Workspace, from_link, to_link

SHARE = st.integers(0, 20).map(lambda n: n / 20)
WORKSPACES = st.builds(
    Workspace,
    model=st.sampled_from(
        [
            "remember",
            "parity",
            "file.abcdefghijklmnopqrstuv.0",
            "run.abcdefghjk.1.600",
            "gallery.jieba..eJw_-9",
        ]
    ),
    sequence=st.sampled_from(
        ["example.0", "example.3", "probe.noise", "data.abcdefghijklmnopqrstuv", "text.eJw_-9"]
    ),
    gates=st.sampled_from(SETTINGS),
    z=SHARE,
    z_blend=SHARE,
    r=SHARE,
    r_blend=SHARE,
    units=st.sampled_from(["", "0, 3-5", "-1"]),
    steps=st.sampled_from(["", "2:9", "::2", "4"]),
    paint_r=st.sampled_from(["", "1x3_0_lx2_0.5"]),
    paint_z=st.sampled_from(["", "l_0.25x40"]),
    puzzle=st.builds(
        PuzzleForm,
        name=st.sampled_from(list(PUZZLES)),
        r=st.sampled_from(["", "0x7"]),
        z=st.sampled_from(["", "l_0.5_1x3"]),
    ),
    layer=st.integers(0, 9),
    cursor=st.integers(0, 99_999),
    unit=st.integers(-1, 4_000),
    order=st.sampled_from(ORDERS),
    run=st.sampled_from(["", "abcdefghjk"]),
    lane=st.integers(0, 5),
    gallery=st.builds(
        GalleryForm,
        name=st.sampled_from(list(GALLERY)),
        text=st.text(max_size=20),
        recording=st.sampled_from(["", "J_5km", "data.abcdefghijklmnopqrstuv"]),
        start=st.integers(0, 900),
        gates=st.sampled_from(list(EXTREMES)),
        where=st.sampled_from([None, *WHERE]),
        part=st.sampled_from([None, 0, 3]),
        cursor=st.integers(0, 399),
        unit=st.integers(-1, 255),
        order=st.sampled_from(ORDERS),
    ),
    cell=st.builds(
        CellForm,
        depth=st.sampled_from(["box", "gates", "arithmetic"]),
        lit=st.sampled_from(["", "Z", "H_tilde"]),
        z_means=st.sampled_from(["keeps", "updates"]),
        shows_reset=st.sampled_from(["own", "other"]),
        edits=st.sampled_from(["", "Z2_9_0.3-5_1", "s4_2~whr_3_0_0.25"]),
    ),
    columns=st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=8), max_size=4).map(tuple),
)


@given(WORKSPACES)
def test_a_link_reads_back(workspace: Workspace) -> None:
    assert from_link(to_link(workspace)) == (workspace, ())


def test_an_untouched_workspace_needs_no_link() -> None:
    assert to_link(Workspace()) == {}


def test_the_table_has_every_field_once() -> None:
    assert sorted(entry.field for entry in PROPERTIES) == sorted(
        set(Workspace.__dataclass_fields__) - {part for part in TABLES if part}
    )
    names = [entry.name for table in TABLES.values() for entry in table]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("model", "gpt", "must be one of remember"),
        ("model", "file.../../etc.0", "must be one of remember"),
        ("seq", "example.x", "must be an example"),
        ("seq", "text.<script>", "must be an example"),
        ("gates", "open", "must be one of learned"),
        ("z", "2", "number in [0, 1]"),
        ("zmix", "nan", "number in [0, 1]"),
        ("t", "-4", "at least 0"),
        ("t", "9" * 30, "whole number"),
        ("units", "one", "Cannot read"),
        ("order", "colour", "must be one of index"),
        ("paintz", "open", "must be runs of values in [0, 1]"),
        ("paintr", "1x3000", "must be runs of values in [0, 1]"),
        ("paintr", "1_" * 2_000, "at most 2,000 characters"),
        ("puzzle", "sudoku", "must be one of feed_forward"),
        ("puzzlez", "7", "must be runs"),
        ("run", "../../etc", "must be the key of a training"),
        ("model", "run.abcdefghjk.1", "must be one of remember"),
        ("task", "chess", "must be one of remember"),
        ("rate", "-1", "number in"),
        ("racers", "gru|ferrari", "must be one of gru"),
        ("lesson", "../etc", "must be one of 1-what-a-gru-is"),
        ("projector", "2", "at most 1"),
        ("edits", "Z9~rm", "must be a list of changes"),
        ("depth", "deeper", "must be one of box"),
        ("colour", "red", "does not know"),
    ],
)
def test_an_unknown_value_is_said_and_the_rest_holds(name: str, text: str, says: str) -> None:
    workspace, messages = from_link({name: text, "unit": "3"})
    assert workspace == Workspace(unit=3)
    assert len(messages) == 1
    assert says in messages[0]


def test_settings_by_name_are_the_extremes() -> None:
    for name, overrides in EXTREMES.items():
        assert Workspace(gates=name).overrides == overrides


def test_sliders_as_overrides() -> None:
    free = Workspace(gates="custom", z=1.0, z_blend=0.5, units="0, 2-3", steps="2:9")
    assert free.overrides == (GateOverride("Z", 1.0, units=(0, 2, 3), steps=slice(2, 9), blend=0.5),)
    with pytest.raises(OverrideError):
        _ = Workspace(gates="custom", z_blend=1.0, units="some").overrides


def test_painted_gates_are_overrides_and_do_not_outlive_their_sequence() -> None:
    painted = Workspace().painted(Painting.of("", "1x2_0"))
    assert painted.gates == "painted"
    assert painted.overrides == (GateOverride("Z", 0.0, steps=2), GateOverride("Z", 1.0, steps=(0, 1)))
    assert painted.but(cursor=3).paint_z == "1x2_0"
    assert painted.but(sequence="example.1").overrides == ()
    assert painted.but(model="parity").overrides == ()
    assert painted.with_gates("custom").overrides == ()
    assert painted.with_slider("z", 0.5).overrides == (GateOverride("Z", 0.5),)


def test_a_puzzle_takes_of_a_painting_what_it_has_steps_for() -> None:
    form = from_link({"puzzle": "plain_rnn", "puzzlez": "0x900"})[0].puzzle
    assert form.painting == Painting(Z=(0.0,) * 8)
    assert form.painted(Painting.of("", "1x2")).z == "1x2"


def test_sliders_stand_at_the_extreme_and_a_moved_one_starts_from_there() -> None:
    rnn = Workspace(gates="rnn")
    assert rnn.sliders == {"z": 0.0, "z_blend": 1.0, "r": 1.0, "r_blend": 1.0}
    moved = rnn.with_slider("z", 0.3)
    assert moved.gates == "custom"
    assert moved.overrides == (GateOverride("Z", 0.3), GateOverride("R", 1.0))
    assert Workspace(gates="copy").with_gates("custom").overrides == EXTREMES["copy"]


def test_moving_the_value_of_a_learned_gate_forces_it() -> None:
    assert Workspace().with_slider("r", 0.2).overrides == (GateOverride("R", 0.2),)


def test_another_model_or_sequence_starts_its_own_choices_anew() -> None:
    busy = Workspace(
        layer=2, cursor=7, unit=3, units="1", steps="2", columns=("a",), gates="copy", order="similarity"
    )
    other = busy.but(model="parity")
    assert (other.layer, other.cursor, other.unit, other.units, other.columns) == (0, 0, -1, "", ())
    assert (other.gates, other.order) == ("copy", "similarity")
    assert busy.but(sequence="example.1").cursor == 0
    assert busy.but(model=busy.model) == busy
