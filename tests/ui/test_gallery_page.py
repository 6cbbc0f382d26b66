"""The page Gallery, run by Streamlit itself: what it says is what the core says of the same words."""

from __future__ import annotations

import json
import re
import struct
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from gru_core import EXTREMES, GateOverride, trace
from gru_core.gallery import GALLERY, INSTALL, read_model
from gru_core.gallery.walking import RECORDINGS, Walker, window
from gru_core.model import SequenceModel
from gru_ui import view
from gru_ui.gallery.as_model import shown_of
from gru_ui.gallery.form import GalleryForm
from gru_ui.gallery.shown import show
from gru_ui.workspace import from_link, to_link

ROOT = Path(__file__).resolve().parents[2]
OTHER = "我们去公园玩"


def opened(page: str = "gallery", **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    return app if page == "gates" else app.switch_page(f"pages/{page}.py").run()


def header(app: AppTest) -> dict:
    """The header of the live picture, as it is sent."""
    data = next(found.proto.bytes for found in app.get("bidi_component") if found.proto.bytes)
    (length,) = struct.unpack_from("<I", data)
    return json.loads(data[4 : 4 + length])


def said(app: AppTest) -> list[str]:
    """The pieces that the page says large."""
    html = next(element.value for element in app.get("html") if "class='said'" in element.value)
    large = html.partition("class='said small'")[0]
    return re.findall(r"class='piece(?: other)?'>([^<]*)<", large)


def words(app: AppTest) -> str:
    kinds = ("text", "markdown", "caption", "error", "warning", "info", "code")
    return "\n".join(str(element.value) for kind in kinds for element in getattr(app, kind))


def link(app: AppTest) -> dict[str, str]:
    return to_link(app.session_state["workspace"])


@pytest.mark.parametrize("name", GALLERY)
@pytest.mark.parametrize("gates", EXTREMES)
@pytest.mark.parametrize("where", ["all", "one"])
def test_every_model_under_every_setting(name: str, gates: str, where: str) -> None:
    app = opened(real=name, hold=gates, where=where)
    assert not app.exception
    assert not app.error
    assert not app.warning
    entry = GALLERY[name]
    assert f"Package {entry.distribution}" in words(app).replace("\\", "")
    assert entry.licence in words(app).replace("\\", "")
    assert entry.title in app.segmented_control(key="gallery_name").options
    assert [panel["symbol"] for panel in header(app)["panels"]] == ["R", "Z", "H_tilde", "H"]
    if gates == "learned" and entry.kind in ("sentence", "word"):
        assert said(app) == [piece.text for piece in read_model(name).run(entry.given).said]


def test_the_licence_of_the_segmenters_files_is_said_beside_its_packages() -> None:
    """jieba is MIT; what lies in jieba/lac_small bears Baidu's Apache-2.0 header."""
    place = find_spec("jieba").submodule_search_locations[0]
    assert "Apache License, Version 2.0" in (Path(place) / "lac_small" / "nets.py").read_text("utf-8")
    assert "MIT, its LAC model files Apache-2.0 (Baidu)" in words(opened(real="jieba")).replace("\\", "")


def test_it_opens_with_the_words_of_a_sentence_and_their_gates() -> None:
    app = opened()
    model = read_model("jieba")
    given = GALLERY["jieba"].given
    assert said(app) == [piece.text for piece in model.run(given).said]
    shown = header(app)
    assert shown["levels"][0]["ticks"] == list(given)
    assert (shown["units"], shown["steps"]) == (128, len(given))
    assert link(app) == {}


def test_a_sentence_that_is_typed_is_read_and_stands_in_the_link() -> None:
    app = opened()
    app.text_input(key="gallery_text").set_value(f" {OTHER} ").run()
    assert said(app) == [piece.text for piece in read_model("jieba").run(OTHER).said]
    assert header(app)["levels"][0]["ticks"] == list(OTHER)
    assert link(app) == {"say": OTHER}
    again = opened(**link(app))
    assert said(again) == said(app)
    app.text_input(key="gallery_text").set_value(GALLERY["jieba"].given).run()
    assert link(app) == {}


def test_held_gates_change_the_words_beside_the_learned_ones() -> None:
    app = opened(say=OTHER)
    learned = said(app)
    app.segmented_control(key="gallery_gates").set_value("copy").run()
    assert said(app) == [OTHER] != learned
    html = next(element.value for element in app.get("html") if "class='said'" in element.value)
    small = html.partition("class='said small'")[2]
    assert re.findall(r"class='piece'>([^<]*)<", small) == learned
    assert header(app)["summary"].count("Z is 1 at every step") == 1
    assert link(app) == {"say": OTHER, "hold": "copy"}


def test_an_example_is_taken_with_one_click() -> None:
    app = opened()
    app.session_state["examples"] = True
    app.run()
    text = GALLERY["jieba"].examples[1]
    app.button(key=f"example_{text}").click().run()
    assert not app.exception
    assert app.text_input(key="gallery_text").value == text
    assert "".join(said(app)) == text
    assert link(app) == {"say": text}


def test_gates_are_held_in_the_layer_that_is_shown() -> None:
    app = opened(say=OTHER, part="3", hold="copy", where="one")
    override = (GateOverride("Z", 1.0, layers=(1,), direction="backward"),)
    run = read_model("jieba").run(OTHER, override)
    assert said(app) == [piece.text for piece in run.said]
    app.selectbox(key="gallery_part").set_value(0).run()
    override = (GateOverride("Z", 1.0, layers=(0,), direction="forward"),)
    assert said(app) == [piece.text for piece in read_model("jieba").run(OTHER, override).said]


def test_the_decoder_writes_another_word_when_its_gates_are_held() -> None:
    app = opened(real="g2p_en", say="gating")
    assert said(app) == ["G", "EY1", "T", "IH0", "NG"]
    assert header(app)["levels"][0]["ticks"] == ["<s>", "G", "EY1", "T", "IH0", "NG"]
    app.segmented_control(key="gallery_gates").set_value("copy").run()
    assert said(app) == ["G"] * 20
    assert "stopped after 20 phonemes" in app.get("html")[0].value
    app.selectbox(key="gallery_part").set_value(0).run()
    assert header(app)["levels"][0]["ticks"] == [*"gating", "</s>"]
    assert said(app) == [
        piece.text for piece in read_model("g2p_en").run("gating", EXTREMES["copy"], "encoder").said
    ]


def test_the_endings_of_a_word_and_what_they_mean() -> None:
    app = opened(real="uzmorph", say="maktabda")
    assert said(app) == ["maktab", "da"]
    assert "noun: locative (in), singular" in app.get("html")[0].value
    assert header(app)["outputs"]["names"] == ["stem", "ending"]
    assert "22 padding signs" in words(app)
    app.segmented_control(key="gallery_gates").set_value("input_only").run()
    assert len(said(app)) == 8


def test_reactions_in_per_cent() -> None:
    app = opened(real="reactionrnn", say="This is scary AF!😱😱")
    assert said(app) == ["wow", "sad"]
    assert "91.1%" in app.get("html")[0].value
    assert header(app)["outputs"]["names"] == ["love", "wow", "haha", "sad", "angry"]
    assert "121 padding signs" in words(app)


def test_a_recording_and_the_second_it_is_shown_from() -> None:
    app = opened(real="walking")
    app.selectbox(key="gallery_recording").set_value("J_stopgo").run()
    app.slider(key="gallery_start").set_value(30).run()
    walker = read_model("walking")
    assert isinstance(walker, Walker)
    run = walker.run(window(walker.recording("J_stopgo"), 3_000, 400))
    assert said(app) == [f"{run.said[0].value:.0f}%"]
    assert f"{run.facts['error']:.1f}% of a cycle" in app.get("html")[0].value
    assert link(app) == {"real": "walking", "rec": "J_stopgo", "from": "30"}
    app.selectbox(key="gallery_recording").set_value("test").run()
    assert "Mean error" not in app.get("html")[0].value
    assert len(app.selectbox(key="gallery_recording").options) == len(RECORDINGS)


def test_a_signal_of_ones_own() -> None:
    walker = read_model("walking")
    assert isinstance(walker, Walker)
    mine = walker.recording("H_4km").values[5_000:5_600, :2]
    rows = "\n".join(f"{angle:.6f},{speed:.6f}" for angle, speed in mine)
    app = opened(real="walking")
    app.session_state["own_signal"] = True
    app.run()
    app.file_uploader(key="gallery_file").upload(
        "mine.csv", f"angle,speed\n{rows}".encode(), "text/csv"
    ).run()
    assert "600 samples, columns angle, speed" in words(app)
    next(button for button in app.button if button.label == "Use this signal").click().run()
    assert not app.exception
    given = window(walker.recording("H_4km"), 5_000, 400)
    expected = walker.run(given).said[0].value
    assert said(app) == [f"{expected:.0f}%"]
    assert link(app)["rec"].startswith("data.")
    assert "mine.csv" in app.selectbox(key="gallery_recording").options


def test_text_of_people_is_text() -> None:
    evil = "<b>好</b>&'天"
    app = opened(say=evil)
    assert not app.exception
    html = app.get("html")[0].value
    assert "<b>" not in html
    assert "&lt;" in html


@pytest.mark.parametrize(
    ("query", "typed", "says"),
    [
        ({"real": "g2p_en"}, "two words", "Give one English word"),
        ({"real": "reactionrnn"}, "你好", "knows none of the characters"),
        ({}, "好" * 301, "at most 300 characters"),
    ],
)
def test_what_cannot_be_read_is_said_and_what_was_shown_stays(
    query: dict[str, str], typed: str, says: str
) -> None:
    app = opened(**query)
    before = said(app)
    app.text_input(key="gallery_text").set_value(typed).run()
    assert not app.exception
    assert says in app.error[0].value.replace("\\", "")
    assert said(app) == before
    assert "Still shown" in words(app)
    assert app.text_input(key="gallery_text").value == typed
    app.text_input(key="gallery_text").set_value("bed" if query else OTHER).run()
    assert not app.error
    assert "Still shown" not in words(app)


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ({"real": "lac"}, "In this link real is 'lac'"),
        ({"hold": "open"}, "In this link hold is 'open'"),
        ({"say": "x" * 2_001}, "must be at most 2,000 characters"),
        ({"real": "walking", "rec": "data.abcdefghijklmnopqrstuv"}, "no longer has"),
        ({"real": "walking", "rec": "moon"}, "In this link rec is 'moon'"),
        ({"part": "77", "row": "9999", "at": "9999"}, ""),
        ({"real": "walking", "from": "99999"}, ""),
    ],
)
def test_a_link_to_what_is_not_there_says_so_and_the_page_stays_usable(
    query: dict[str, str], says: str
) -> None:
    app = opened(**query)
    assert not app.exception
    assert says in words(app).replace("\\", "")
    app.segmented_control(key="gallery_name").set_value("g2p_en").run()
    assert not app.exception
    assert not app.error
    assert said(app)


@pytest.mark.parametrize("name", GALLERY)
def test_without_its_package_the_page_says_the_one_command(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = [folder for folder in sys.path if not (Path(folder) / "jieba").is_dir()]
    monkeypatch.setattr(sys, "path", kept)
    app = opened(real=name)
    assert not app.exception
    assert [code.value for code in app.code] == [INSTALL]
    assert GALLERY[name].distribution in app.info[0].value.replace("\\", "")
    assert "(not installed)" in words(app).replace("\\", "")
    for page in ("gates", "extremes"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
    monkeypatch.undo()
    assert said(opened(real=name))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"say": OTHER, "part": "2"}, "jieba"),
        ({"real": "g2p_en", "say": "gating", "part": "1", "hold": "rnn"}, "g2p_en"),
        ({"real": "uzmorph", "part": "3"}, "uzmorph"),
        ({"real": "reactionrnn"}, "reactionrnn"),
        ({"real": "walking", "rec": "J_5km"}, "walking"),
    ],
)
def test_a_gru_of_the_gallery_opens_on_the_gates_page_with_what_it_read(
    query: dict[str, str], expected: str
) -> None:
    app = opened(**query)
    ticks, gates = header(app)["levels"][0]["ticks"], query.get("hold", "learned")
    app.button(key="on_gates").click().run()
    assert not app.exception
    chosen = app.session_state["workspace"]
    assert chosen.model.startswith(f"gallery.{expected}.")
    assert (chosen.sequence, chosen.gates) == ("example.0", gates)
    again = opened("gates", **to_link(chosen))
    assert not again.exception
    assert not again.warning
    assert "its answer is shown in the Gallery" in words(again)
    # The decoder's input on the other pages is what it wrote with learned gates.
    assert header(again)["levels"][0]["ticks"] == (
        ["<s>", "G", "EY1", "T", "IH0", "NG"] if expected == "g2p_en" else ticks
    )
    extremes = opened("extremes", **to_link(chosen))
    assert not extremes.exception
    assert not extremes.error


@pytest.mark.parametrize(
    "query", [{"real": "g2p_en", "say": "gating"}, {"real": "reactionrnn"}, {"real": "uzmorph"}]
)
def test_a_gru_from_the_gallery_starts_from_the_state_it_had_there(query: dict[str, str]) -> None:
    app = opened(**query)
    app.button(key="on_gates").click().run()
    reference = app.session_state["workspace"].model
    model = view.model_of(reference)
    assert isinstance(model, SequenceModel)
    shown, part = shown_of(reference)
    wanted = shown.run("learned").part(part).traces
    found = trace(model.gru, wanted[0].X)
    for one, other in zip(found, wanted, strict=True):
        assert np.abs(one.H - other.H).max() < 1e-5
    assert max(np.abs(t.H0).max() for t in wanted) > 0.01


@pytest.mark.parametrize("query", [{"model": "gallery.jieba..abc"}, {"model": "gallery.jieba.decoder.eJw"}])
def test_a_damaged_reference_is_said(query: dict[str, str]) -> None:
    app = opened("gates", **query)
    assert not app.exception
    assert "damaged" in words(app)


@pytest.mark.parametrize(
    "query",
    [
        {"say": OTHER, "part": "3", "hold": "input_only"},
        {"real": "g2p_en", "say": "gating", "hold": "copy"},
        {"real": "walking", "rec": "J_5km", "from": "30"},
    ],
)
def test_the_python_lines_give_the_numbers_of_the_page(query: dict[str, str], repository: Path) -> None:
    app = opened(**query)
    app.session_state["python"] = True
    app.run()
    code = next(element.value for element in app.code)
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nprint(repr(float(t.H.sum())), t.direction)"],
        cwd=repository,
        capture_output=True,
        text=True,
        check=True,
    )
    number, direction = done.stdout.splitlines()[-1].split()
    found, _ = from_link(query)
    wanted = show(found.gallery).trace()
    assert direction == wanted.direction
    assert float(number) == pytest.approx(float(wanted.H.sum()), abs=1e-4)


def test_another_model_starts_anew_and_keeps_the_gates() -> None:
    form = GalleryForm(text="abc", part=2, unit=5, gates="copy", where="one")
    other = form.but(name="g2p_en")
    assert (other.text, other.part, other.unit, other.gates, other.where) == ("", None, -1, "copy", None)
    assert other.where_held == "one"
    assert other.part_shown == 1
