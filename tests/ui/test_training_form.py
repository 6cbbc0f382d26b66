"""What is chosen to be trained: its part of the link, and the run it makes."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gru_core.errors import GateScopeError, InputError
from gru_core.overrides import EXTREMES
from gru_core.runs.example import EXAMPLES
from gru_core.runs.spec import RunSpec
from gru_core.sequences import read_pasted
from gru_core.tasks.catalogue import TASKS
from gru_core.training_spec import TrainSpec
from gru_ui.training.form import COMPETITORS, FROZEN, TRAINING_PROPERTIES, TrainingForm, racer_of
from gru_ui.workspace import Workspace, from_link, to_link

GATE = st.sampled_from([-1.0, 0.0, 0.25, 1.0])
FORMS = st.builds(
    TrainingForm,
    task=st.sampled_from(list(TASKS)),
    length=st.none() | st.integers(10, 60),
    cell=st.sampled_from(["gru", "rnn", "lstm"]),
    hidden=st.none() | st.integers(1, 128),
    layers=st.integers(1, 3),
    reset_mode=st.sampled_from(["before", "after"]),
    rate=st.none() | st.sampled_from([0.001, 0.02, 1.5]),
    batch=st.integers(1, 256),
    updates=st.none() | st.integers(1, 20_000),
    clip=st.sampled_from([0.5, 1.0, 100.0]),
    bias=st.sampled_from(["chrono", "standard"]),
    frozen=st.sampled_from(FROZEN),
    frozen_z=GATE,
    frozen_r=GATE,
    stop_at=st.sampled_from([0.0, 0.99]),
    seed=st.integers(0, 2**31 - 1),
    racers=st.lists(st.sampled_from(list(COMPETITORS)), max_size=6, unique=True).map(tuple),
)


@given(FORMS)
def test_a_link_reads_back(form: TrainingForm) -> None:
    chosen = Workspace(training=form)
    assert from_link(to_link(chosen)) == (chosen, ())


def test_the_table_has_every_field_once() -> None:
    assert sorted(entry.field for entry in TRAINING_PROPERTIES) == sorted(
        f.name for f in fields(TrainingForm)
    )


@given(FORMS.filter(lambda form: TASKS[form.task].kind != "own"))
def test_every_choice_makes_a_run_that_travels(form: TrainingForm) -> None:
    for run in (form.training(), replace(form, racers=form.racers or ("gru",)).race()):
        assert RunSpec.from_dict(run.to_dict()) == run
    spec = form.training().lanes[0]
    assert (spec.cell, spec.num_layers, spec.seed) == (form.cell, form.layers, form.seed)
    assert len(spec.evaluations) <= 402


def test_an_untouched_form_takes_what_the_task_recommends() -> None:
    for name, entry in TASKS.items():
        form = TrainingForm(task=name)
        spec = form.spec()
        assert (spec.hidden_size, spec.learning_rate) == (entry.hidden, entry.learning_rate)
        assert spec.steps == entry.updates
        longest = replace(form, length=entry.length.most) if entry.length else form
        assert longest.spec().steps >= entry.updates


def test_another_task_brings_its_own_settings() -> None:
    form = TrainingForm(hidden=7, updates=5, rate=0.5, length=9, layers=2)
    other = form.but(task="digits")
    assert (other.hidden, other.updates, other.rate, other.length, other.layers) == (
        None,
        None,
        None,
        None,
        2,
    )
    assert form.but(seed=3) == replace(form, seed=3)


@pytest.mark.parametrize("setting", list(EXTREMES))
def test_gates_can_be_held_at_each_extreme(setting: str) -> None:
    assert TrainingForm(frozen=setting).spec().overrides == EXTREMES[setting]
    assert TrainingForm(frozen=setting, cell="rnn").spec().overrides == ()


def test_one_gate_can_be_held_at_any_value() -> None:
    spec = TrainingForm(frozen="custom", frozen_z=0.25).spec()
    assert (spec.frozen_z, spec.frozen_r) == (0.25, None)


def test_racers_differ_in_what_sets_them_apart_and_nothing_else() -> None:
    form = TrainingForm(cell="rnn", frozen="copy", seed=4, hidden=9)
    lanes = [replace(form, racers=(name,)).race().lanes[0] for name in COMPETITORS]
    assert [racer_of(lane) for lane in lanes] == list(COMPETITORS)
    plain = {"cell": "gru", "frozen_z": None, "frozen_r": None, "gate_bias": "chrono"}
    assert len({replace(lane, **plain) for lane in lanes}) == 1
    assert lanes[0].seed == 4
    assert lanes[0].hidden_size == 9


def test_own_data_become_the_task() -> None:
    text = read_pasted("to be or not to be, that is the question " * 20, text_unit="characters")
    task = TrainingForm(task="text").training(text).task
    assert task.text.startswith("to be or not to be, that")
    series = read_pasted("\n".join(str(n % 7) for n in range(90)))
    run = TrainingForm(task="forecast").training(series)
    assert run.task.values[:3] == ((0.0,), (1.0,), (2.0,))
    with pytest.raises(InputError, match="data of yours"):
        TrainingForm(task="text").training(None)
    with pytest.raises(InputError, match="needs numbers"):
        TrainingForm(task="forecast").training(text)


@pytest.mark.parametrize("field", ["hidden", "batch", "updates", "layers"])
def test_sizes_beyond_the_limits_are_refused(field: str) -> None:
    with pytest.raises(GateScopeError, match="at most"):
        replace(TrainingForm(), **{field: 10**6}).spec()
    name = next(entry.name for entry in TRAINING_PROPERTIES if entry.field == field)
    chosen, messages = from_link({name: str(10**6)})
    assert chosen == Workspace()
    assert "at most" in messages[0]


def test_the_default_run_is_the_one_that_the_readme_speaks_of() -> None:
    run = TrainingForm().training()
    assert (run.task.name, run.task.length) == ("remember", 50)
    assert run.lanes == EXAMPLES["remember"].spec.lanes == (TrainSpec(seed=1),)


def test_the_race_that_is_shown_before_there_is_one_is_that_of_the_untouched_page() -> None:
    assert TrainingForm().race() == EXAMPLES["race"].spec
