"""The models of the gallery against what the original packages and frameworks computed with their weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gru_core import EXTREMES, GRU, GateOverride, trace
from gru_core.errors import InputError, LimitError
from gru_core.gallery import GALLERY
from gru_core.gallery.morphology import Analyser
from gru_core.gallery.segmenter import Segmenter
from gru_core.gallery.walking import Walker, window
from gru_core.sequences import Sequence
from tests.support.gallery import TOLERANCE, TRACED, agree, apart, model, reference, swapped, texts

# --- jieba ---


@pytest.mark.parametrize("sentence", ["s0", "s1"])
def test_the_segmenter_finds_the_words_that_paddle_finds(sentence: str) -> None:
    case, text = reference("jieba_lac"), str(reference("jieba_lac")[f"{sentence}/text"])
    segmenter = model("jieba")
    assert isinstance(segmenter, Segmenter)
    run = segmenter.run(text)
    assert "/".join(texts(run)) == str(case[f"{sentence}/segmented"]).strip("/")
    assert [p.note for p in run.said] == [
        str(tag).partition("-")[0]
        for tag, begins in zip(
            case[f"{sentence}/tags"], np.char.endswith(case[f"{sentence}/tags"], "-B"), strict=True
        )
        if begins
    ]
    top = [t.H[0] for t in run.parts[0].traces if t.layer == 1]
    emission = np.concatenate(top, axis=1) @ segmenter.weight.T + segmenter.bias
    assert apart(emission, case[f"{sentence}/emission"]) < TOLERANCE
    assert [segmenter.ids.get(c, segmenter.ids["OOV"]) for c in text] == case[f"{sentence}/ids"].tolist()


def test_the_gates_of_the_segmenter_are_those_of_paddle_in_both_layers_and_directions() -> None:
    case = reference("jieba_lac")
    run = model("jieba").run(str(case["s1/text"]))
    for t in run.parts[0].traces:
        backwards = slice(None, None, -1 if t.direction == "backward" else 1)
        prefix = f"s1/l{t.layer}_{t.direction[0]}wd" if t.direction == "forward" else f"s1/l{t.layer}_bwd"
        agree(t, {name: case[f"{prefix}_{key}"][backwards] for name, key in TRACED.items()})


def test_a_wrong_reading_of_the_segmenter_would_be_seen() -> None:
    case, segmenter = reference("jieba_lac"), model("jieba")
    assert isinstance(segmenter, Segmenter)
    wrong = trace(swapped(segmenter.gru), segmenter.embed(str(case["s1/text"])))[0]
    assert apart(wrong.H[0], case["s1/l0_fwd_H"]) > 0.1


def test_a_word_begins_where_a_word_is_found() -> None:
    run = model("jieba").run("我们去公园玩")
    steps = run.parts[0].steps
    assert steps is not None
    assert (steps.values >= 0).all()
    assert (steps.values <= 1 + 1e-6).all()
    starts = [piece.first for piece in run.said]
    assert [at for at, chance in enumerate(steps.values[:, 0]) if chance > 0.5] == starts


def test_characters_that_are_not_in_the_dictionary_are_shown_as_typed() -> None:
    assert "".join(texts(model("jieba").run("我\U0001f600你"))) == "我\U0001f600你"


def test_a_held_gate_changes_the_words() -> None:
    segmenter = model("jieba")
    learned = texts(segmenter.run("这个门把手坏了"))
    assert learned == ["这个", "门把手", "坏", "了"]
    held = {name: texts(segmenter.run("这个门把手坏了", EXTREMES[name])) for name in EXTREMES}
    assert held["learned"] == learned
    assert held["copy"] == ["这个门把手坏了"]
    assert held["input_only"] == ["这", "个", "门", "把", "手", "坏", "了"]
    one = segmenter.run("这个门把手坏了", (GateOverride("Z", 1.0, layers=(1,), direction="backward"),))
    assert texts(one) != learned
    assert (one.parts[0].traces[0].Z == segmenter.run("这个门把手坏了").parts[0].traces[0].Z).all()


# --- g2p_en ---


@pytest.mark.parametrize("word", ["activationist", "recurrent", "gating"])
def test_the_phonemes_are_those_of_the_package(word: str) -> None:
    assert texts(model("g2p_en").run(word)) == reference("g2p_en")[f"{word}/phonemes"].tolist()


@pytest.mark.parametrize(("part", "prefix"), [("encoder", "enc"), ("decoder", "dec")])
def test_the_gates_of_encoder_and_decoder_are_those_of_the_package(part: str, prefix: str) -> None:
    case = reference("g2p_en")
    (t,) = model("g2p_en").run("gating").part(part).traces
    wanted = {name: case[f"gating/{prefix}_{key}"] for name, key in TRACED.items()}
    agree(t, wanted)
    speller = model("g2p_en")
    wrong = trace(swapped(speller.grus[part]), t.X, h0=t.H0[None])[0]
    assert apart(wrong.H[0], wanted["H"]) > 0.1


def test_the_decoder_reads_what_it_wrote_and_stops_by_itself() -> None:
    run = model("g2p_en").run("gating")
    assert run.part("decoder").tokens == ("<s>", *texts(run))
    assert run.part("encoder").tokens == (*"gating", "</s>")
    assert run.facts["stopped"] == 1.0
    steps = run.part("decoder").steps
    assert steps is not None
    np.testing.assert_allclose(steps.values.sum(axis=1), 1.0, atol=1e-5)
    assert [steps.names[row] for row in steps.values.argmax(axis=1)] == [*texts(run), "</s>"]


def test_held_gates_of_the_decoder_change_the_word_that_it_writes() -> None:
    speller = model("g2p_en")
    frozen = speller.run("gating", EXTREMES["copy"], only="decoder")
    assert texts(frozen) == ["G"] * 20
    assert frozen.facts["stopped"] == 0.0
    (t,) = frozen.part("decoder").traces
    assert (t.H[0] == t.H0).all()
    assert (frozen.part("encoder").traces[0].Z < 1).any()
    deaf = speller.run("gating", EXTREMES["copy"], only="encoder")
    assert (deaf.part("decoder").traces[0].H0 == 0).all()
    assert texts(deaf) == texts(speller.run("recurrent", EXTREMES["copy"], only="encoder"))


def test_gates_of_the_decoder_can_be_held_at_a_step() -> None:
    held = model("g2p_en").run("gating", (GateOverride("Z", 1.0, steps=2),), only="decoder")
    (t,) = held.part("decoder").traces
    assert (t.Z[0, 2] == 1.0).all()
    assert (t.Z[0, [0, 1, 3]] < 1.0).any(axis=1).all()
    assert (t.Z_proposed[0, 2] < 1.0).any()


def test_a_word_is_read_without_capitals_and_accents() -> None:
    speller = model("g2p_en")
    assert texts(speller.run(" Café ")) == texts(speller.run("cafe"))


# --- uzmorph ---


@pytest.mark.parametrize(
    ("word", "parts", "endings"),
    [
        # As the package's own `analyze` takes them apart.
        ("kitobim", ["kitob", "im"], "SUFF-NOUN-possession=1|singular=1"),
        ("maktabda", ["maktab", "da"], "SUFF-NOUN-cases=Locative|singular=1"),
        ("yozyapmiz", ["yoz", "yapmiz"], "SUFF-VERB-tense=Present|person=1|verb_func=Finite|plural=1"),
        ("kitoblarimizdan", ["kitob", "larimizdan"], "SUFF-NOUN-possession=1|cases=Ablative|plural=1"),
    ],
)
def test_the_parts_of_a_word_are_those_that_the_package_finds(
    word: str, parts: list[str], endings: str
) -> None:
    run = model("uzmorph").run(word)
    assert texts(run) == parts
    assert [piece.note for piece in run.said] == ["ROOT", endings]


def test_the_states_of_the_analyser_are_those_of_torchs_own_layer() -> None:
    """The package's weights in torch.nn.GRU, on the word with its padding."""
    analyser = model("uzmorph")
    assert isinstance(analyser, Analyser)
    state = torch.load(GALLERY["uzmorph"].folder / "data" / "morph_bigru.pth", weights_only=True)
    layer = torch.nn.GRU(64, 64, num_layers=2, bidirectional=True, batch_first=True)
    layer.load_state_dict({k.removeprefix("gru."): v for k, v in state.items() if k.startswith("gru.")})
    word = "kitobim"
    numbers = [analyser.ids[letter] for letter in word] + [0] * (30 - len(word))
    with torch.no_grad():
        H, _ = layer(state["char_embeddings.weight"][numbers].unsqueeze(0))
    traces = model("uzmorph").run(word).parts[0].traces
    top = np.concatenate([t.H[0] for t in traces if t.layer == 1], axis=1)
    assert apart(top, H[0, : len(word)].numpy()) < TOLERANCE
    # What is shown is whole: from the states it began with, the same steps follow in both directions.
    start = np.stack([t.H0 for t in traces])
    again = trace(analyser.gru, traces[0].X, h0=start)
    assert max(apart(one.H, other.H) for one, other in zip(again, traces, strict=True)) < TOLERANCE
    assert apart(trace(swapped(analyser.gru), traces[0].X, h0=start)[0].H, traces[0].H) > 0.1


# --- reactionrnn ---


@pytest.mark.parametrize("number", range(5))
def test_the_published_reactions_to_four_decimals(number: int) -> None:
    case = reference("reactionrnn")
    run = model("reactionrnn").run(str(case[f"t{number}/text"]))
    shares = {piece.text: piece.value for piece in run.said}
    found = np.array([shares.get(str(label), 0.0) for label in case["labels"]])
    assert apart(found, case[f"t{number}/prediction"]) < TOLERANCE
    assert (np.round(found, 4) == case[f"t{number}/published_prediction"]).all()


def test_the_gates_of_the_reactions_are_those_of_keras() -> None:
    case = reference("reactionrnn")
    run = model("reactionrnn").run(str(case["t3/text"]))
    (t,) = run.parts[0].traces
    agree(t, {name: case[f"t3/{key}"] for name, key in TRACED.items()})
    assert run.facts == {"padding": 140 - len(str(case["t3/text"])), "left_out": 0}
    # What is shown is a whole trace: its steps follow from the state it began with.
    gru = model("reactionrnn").grus[""]
    again = trace(gru, t.X, h0=t.H0[None])[0]
    assert apart(again.H, t.H) < 1e-6
    assert apart(trace(swapped(gru), t.X, h0=t.H0[None])[0].H[0], case["t3/H"]) > 0.1


@pytest.mark.parametrize("activation", ["sigmoid", "hard_sigmoid_sixth"])
def test_with_other_gates_the_published_reactions_would_be_missed(activation: str) -> None:
    gru = model("reactionrnn").grus[""]
    assert gru.gate_activation == "hard_sigmoid_fifth"
    wrong = GRU(gru.input_size, gru.hidden_size, reset_mode="before", gate_activation=activation)
    wrong.load_state_dict(gru.state_dict())
    (t,) = model("reactionrnn").run("He was only 41.").parts[0].traces
    assert apart(trace(wrong, t.X, h0=t.H0[None])[0].H, t.H) > 0.1


def test_a_text_that_leaves_every_score_below_zero_has_no_reaction() -> None:
    run = model("reactionrnn").run("He was only 41.", EXTREMES["copy"])
    assert run.said == ()
    steps = run.parts[0].steps
    assert steps is not None
    assert (steps.values == 0).all()


def test_of_a_long_text_the_last_140_characters_are_read() -> None:
    long = "Everyone loves autoplaying videos! " * 10
    run = model("reactionrnn").run(long)
    assert "".join(run.parts[0].tokens) == long[-140:]
    assert run.facts["padding"] == 0


# --- what cannot be read ---


@pytest.mark.parametrize(
    ("name", "given", "error", "says"),
    [
        ("jieba", "  ", InputError, "reads a sentence, got nothing"),
        ("jieba", "好" * 301, LimitError, "at most 300 characters here, and this one has 301"),
        ("g2p_en", "two words", InputError, "Give one English word, .* got 'two words'"),
        ("g2p_en", "你好", InputError, "in the letters a to z"),
        ("g2p_en", "a" * 61, LimitError, "at most 60 letters here, and this one has 61"),
        ("uzmorph", "ikki soz", InputError, "Give one Uzbek word .* got 'ikki soz'"),
        ("uzmorph", "a" * 31, LimitError, "at most 30 letters here, and this one has 31"),
        ("reactionrnn", "", InputError, "reads a text, got nothing"),
        ("reactionrnn", "\u4f60\u597d", InputError, "knows none of the characters"),
        ("reactionrnn", "a" * 2_001, LimitError, "at most 2,000 characters"),
        ("walking", "a text", InputError, "reads two columns of numbers"),
        (
            "walking",
            Sequence(np.zeros((9, 1)), ("",) * 9, ("a",)),
            InputError,
            "reads two columns of numbers",
        ),
        ("walking", Sequence(np.zeros((2_001, 2)), ("",) * 2_001, ("a", "b")), LimitError, "2,000 samples"),
    ],
)
def test_what_cannot_be_read_is_said(name: str, given: str | Sequence, error: type, says: str) -> None:
    with pytest.raises(error, match=says):
        model(name).run(given)


@pytest.mark.parametrize("name", ["jieba", "g2p_en", "uzmorph", "reactionrnn"])
def test_every_example_is_changed_by_held_gates(name: str) -> None:
    entry = GALLERY[name]
    assert entry.examples
    for text in (entry.given, *entry.examples):
        learned = texts(model(name).run(text))
        assert any(texts(model(name).run(text, EXTREMES[setting])) != learned for setting in EXTREMES), text


@pytest.mark.parametrize("name", GALLERY)
def test_every_entry_runs_what_it_opens_with(name: str) -> None:
    entry, found = GALLERY[name], model(name)
    given: str | Sequence = entry.given
    if isinstance(found, Walker):
        given = window(found.recording(entry.given), 1_000, 400)
    run = found.run(given)
    assert run.said
    for part in run.parts:
        assert found.grus[part.name].num_layers * found.grus[part.name].num_directions == len(part.traces)
        for t in part.traces:
            assert t.steps == len(part.tokens)
            np.testing.assert_allclose(t.H, t.Z * t.H_prev + (1 - t.Z) * t.H_tilde, atol=1e-6)
