"""The page of puzzles, run by Streamlit itself: the link paints, the page judges."""

import string

import pytest
from streamlit.testing.v1 import AppTest

from gru_core.puzzles import PUZZLES
from gru_core.puzzles.finding import KINDS
from gru_ui.puzzles.words import HINTS
from gru_ui.texts import catalogue
from tests.ui.test_pages import link, opened, payloads, words


def puzzle(name: str, R: str = "", Z: str = "") -> AppTest:
    """The page with that puzzle painted like this."""
    app = opened("puzzles", puzzle=name, puzzler=R, puzzlez=Z)
    assert not app.exception
    return app


def verdict(app: AppTest) -> str:
    """The word of the verdict, "" where none is given."""
    said = [word for word in ("not yet", "solved") if any(f"{word}]" in text.value for text in app.markdown)]
    assert len(said) < 2
    return "".join(said)


def press(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception
    return app


@pytest.mark.parametrize("name", list(PUZZLES))
def test_every_puzzle_is_solved_by_its_answer_and_by_nothing_less(name: str) -> None:
    app = press(puzzle(name), "check")
    assert verdict(app) == "not yet"
    for number in range(1, HINTS + 1):
        press(app, "hint")
        assert f"Hint {number}:" in words(app)
    assert "hint" not in {button.key for button in app.button}
    # The answer that is shown is right, but looking it up is not solving.
    press(press(app, "answer"), "check")
    assert verdict(app) == "solved"
    assert "✓" not in app.pills(key="puzzles_puzzle").options[list(PUZZLES).index(name)]
    press(app, "own")
    assert link(app) == ({} if name == next(iter(PUZZLES)) else {"puzzle": name})
    R, Z = PUZZLES[name].answer.texts
    app = press(puzzle(name, R, Z), "check")
    assert app.pills(key="puzzles_puzzle").options[list(PUZZLES).index(name)].startswith("✓")
    assert verdict(app) == "solved"
    assert "{" not in words(app)


def test_the_answer_is_shown_only_after_a_try() -> None:
    app = puzzle("only_one")
    assert "answer" not in {button.key for button in app.button}
    assert "answer" in {button.key for button in press(app, "check").button}


def test_the_famous_wrong_answers_are_diagnosed() -> None:
    said = words(press(puzzle("only_one", "0x9", "0x9"), "check")).replace("\\", "")
    assert "The input of step 8 (‘C’) still reaches the last state: it has 100.0% of all influence" in said
    assert "The input of step 3 (‘E’) does not reach the last state at all" in said
    assert "Step 4 (‘B’) erases it: Z and R are 0 there" in said
    said = words(press(puzzle("only_one", "", "1x9"), "check")).replace("\\", "")
    assert "The state before the first step still reaches the last one: it has 100.0%" in said
    assert "The input of step 3 (‘E’) is never written into the state, because Z is 1 there" in said
    said = words(press(puzzle("only_one", "lx3_1", "1x3_0_1x5"), "check")).replace("\\", "")
    assert (
        "The candidate at step 3 (‘E’) still reads the state before it through W_hh, because R is 1" in said
    )


def test_the_answer_of_the_model_follows_the_gates() -> None:
    """The model says which letter came first: of the last chapter, if it has forgotten the one before."""
    assert "answers B" in words(puzzle("chapter"))
    assert "answers C" in words(puzzle("chapter", *PUZZLES["chapter"].answer.texts))
    assert "answers E" in words(puzzle("only_one", *PUZZLES["only_one"].answer.texts))


def test_going_to_another_puzzle_and_back_keeps_what_was_painted_and_solved() -> None:
    app = press(puzzle("plain_rnn", "1x8", "0x8"), "check")
    app.pills(key="puzzles_puzzle").set_value("skip").run()
    assert link(app) == {"puzzle": "skip"}
    assert verdict(app) == ""
    app.pills(key="puzzles_puzzle").set_value("plain_rnn").run()
    assert link(app) == {"puzzle": "plain_rnn", "puzzler": "1x8", "puzzlez": "0x8"}
    assert verdict(app) == "solved"
    press(app, "clear")
    assert link(app) == {"puzzle": "plain_rnn"}


def test_the_gates_page_opens_with_the_painted_gates() -> None:
    R, Z = PUZZLES["only_one"].answer.texts
    app = press(puzzle("only_one", R, Z), "open_gates")
    shown = link(app)
    assert (shown["gates"], shown["paintr"], shown["paintz"]) == ("painted", R, Z)
    header = next(header for header, _ in payloads(app) if header["key"] == "brush")
    assert "".join(header["labels"]) == PUZZLES["only_one"].text
    assert header["rows"][1]["values"] == [1, 1, 1, 0, 1, 1, 1, 1, 1]
    # The strip says on that page, too, that nothing but the input of step 3 is in the last state.
    assert header["strip"] == {"start": 0, "inputs": [0, 0, 0, 1, 0, 0, 0, 0, 0]}


def test_a_link_with_a_longer_painting_still_opens() -> None:
    app = puzzle("skip", "", "0x900")
    assert not app.warning
    header = next(header for header, _ in payloads(app) if header["key"] == "puzzle_paint")
    assert header["rows"][1]["values"] == [0] * 9


def test_gates_painted_for_more_steps_than_there_are_are_refused() -> None:
    app = opened(gates="painted", paintz="1x31")
    assert "There is no step 30: this trace has 30 steps" in words(app).replace("\\", "")
    assert not app.exception


def test_long_sequences_are_not_painted_cell_by_cell() -> None:
    app = opened(model="parity", seq="example.4", gates="painted", paintz="1x3")
    assert "up to 400 steps, and this sequence has 1,000" in words(app)
    assert "brush" not in {header["key"] for header, _ in payloads(app)}


def test_every_puzzle_and_every_finding_has_its_words() -> None:
    texts = catalogue()
    for name in PUZZLES:
        for kind in ("title", "task", "why", *(f"hint_{n}" for n in range(1, HINTS + 1))):
            assert f"puzzles.{name}_{kind}" in texts
    said = {kind for kind in KINDS if kind != "steps_differ"}
    likes = {f"{like}_{verb}" for like in ("rnn", "input_only", "average") for verb in ("differs", "differ")}
    known = {"step", "label", "count", "steps", "size", "share", "most", "seen", "value"}
    known |= {"wanted", "wanted_share"}
    for key in said | likes:
        fields = {field for _, field, _, _ in string.Formatter().parse(texts[f"puzzles.{key}"]) if field}
        assert fields <= known
